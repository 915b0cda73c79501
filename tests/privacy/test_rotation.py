"""Rotation of the data key: begun, broken off, gone on with, beside a running system, and ended only when nothing needs the old key."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import textwrap
import threading
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import String, select, text
from sqlalchemy.exc import IntegrityError

from aid.evidence.rights import Staff
from aid.privacy import rotation as rotations
from aid.privacy.errors import CannotUnseal, KeyUnusable, NotRotated, RotationRunning
from aid.privacy.keys import KeyFile
from aid.privacy.rotation import FINGERPRINTS, Rotation, begin, finish, retire
from aid.privacy.vault import Vault, open_vault
from aid.store.models import Base, InboundRow, PrivacyEventRow, TicketEventRow, TicketRow
from aid.store.people_rows import SightRow, StaffRow
from aid.store.sealed import in_batches, sealed_columns, sealed_tables
from tests.privacy.conftest import PHONE, House

OVER = timedelta(minutes=10)


def key_file(house: House) -> KeyFile:
    return KeyFile(house.settings.keys_dir)


def keys(house: House) -> list[str]:
    return key_file(house).read()


def work(house: House, *keepers: Any) -> Rotation:
    return Rotation(house.store, house.vault, [*house.keepers(), *keepers], pause_seconds=0)


def seals(house: House) -> list[tuple[str, str]]:
    """Every sealed text of the record, with its table."""
    found = []
    for table in sealed_tables():
        for rows in in_batches(house.store, table, sealed_columns(table)):
            found += [(table.name, row[c.name]) for row in rows for c in sealed_columns(table) if row[c.name] is not None]
    return found


def filled(house: House) -> Any:
    """A record with something in every table that seals, and the ticket in it."""
    ticket = house.close(house.filed())
    house.draft(house.talk("你好"))
    house.office.evidence.original(Staff("clerk", "核对"), house.photo(ticket))
    _staff(house, ticket.id)
    assert {table for table, _ in seals(house)} == {table.name for table in sealed_tables()}
    return ticket


def _staff(house: House, ticket_id: str) -> None:
    """A member of staff with a second factor, and a line of the access log with words of his own."""
    now = house.clock.now()
    with house.store.session() as session:
        secret = house.vault.encrypt("secret")
        session.add(StaffRow(id="s" * 22, name="clerk", shown="Clerk", password="x", must_change=False, password_at=now, totp_sealed=secret, created_at=now))
        session.add(
            SightRow(
                at=now, staff_name="clerk", role="handler", act="seen", ticket_id=ticket_id, what=["name"], reason="own",
                words_sealed=house.vault.encrypt("核对"),
            )
        )  # fmt: skip


def rotate(house: House) -> Counter[str]:
    begin(key_file(house), house.audit)
    return finish(work(house), house.audit)


def test_everything_is_sealed_with_the_new_key_alone_and_says_the_same(house: House) -> None:
    ticket = filled(house)
    before = [(table, house.vault.decrypt(sealed)) for table, sealed in seals(house)]
    old = keys(house)
    done = rotate(house)
    new, kept = keys(house)
    assert [kept] == old
    alone = Vault([new])
    assert [(table, alone.decrypt(sealed)) for table, sealed in seals(house)] == before
    assert set(done) == {table.name for table in sealed_tables()}
    found = house.office.tickets.find(ticket.number, ticket.lookup_code, "someone")
    assert (found.number, found.parties) == (ticket.number, ticket.parties)
    with house.store.reading() as session:
        assert alone.matches(ticket.lookup_code, session.get_one(TicketRow, ticket.id).lookup_code_hash)


def test_a_second_run_finds_nothing_to_do(house: House) -> None:
    filled(house)
    rotate(house)
    again = seals(house)
    assert begin(key_file(house), house.audit) is False
    assert finish(work(house), house.audit) == Counter()
    assert seals(house) == again
    assert house.audit.last("rotated") is not None


def test_every_fingerprint_column_is_made_anew_by_a_rotation() -> None:
    """A column named …_hash that is missing in FINGERPRINTS would be worth nothing once the old key is retired."""
    named = {(t.name, c.name) for t in Base.metadata.sorted_tables for c in t.columns if c.name.endswith("_hash") and isinstance(c.type, String)}
    assert named == {(table, column) for table, columns in FINGERPRINTS.items() for column in columns}


def test_the_key_file_is_replaced_whole_for_its_owner_alone(house: House) -> None:
    rotate(house)
    path = house.settings.keys_dir / "data.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["data.key"]


@pytest.mark.parametrize("stopped_after", range(8))
def test_a_rotation_that_breaks_off_anywhere_is_gone_on_with(house: House, monkeypatch: pytest.MonkeyPatch, stopped_after: int) -> None:
    ticket = filled(house)
    begin(key_file(house), house.audit)
    stock, batches = Rotation._reseal_rows, iter(range(100))

    def breaking(self: Rotation, *table_and_rows: Any) -> int:
        if next(batches) >= stopped_after:
            raise KeyboardInterrupt
        return stock(self, *table_and_rows)

    with monkeypatch.context() as patch:
        patch.setattr(Rotation, "_reseal_rows", breaking)
        with pytest.raises(KeyboardInterrupt):
            finish(work(house), house.audit)
    assert house.office.tickets.find(ticket.number, ticket.lookup_code, "someone").parties["phone"] == PHONE
    with pytest.raises(NotRotated, match="not finished"):
        retire(key_file(house), work(house), house.store, house.audit, house.clock)
    assert begin(key_file(house), house.audit) is False
    finish(work(house), house.audit)
    assert not work(house).stale()
    assert len(keys(house)) == 2


def test_a_break_in_the_middle_of_a_batch_leaves_the_log_guarded_and_unchanged(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.close(house.filed())
    begin(key_file(house), house.audit)
    with house.store.reading() as session:
        before = session.scalars(select(TicketEventRow.detail_sealed)).all()
    log = Base.metadata.tables["ticket_event"]
    [rows] = in_batches(house.store, log, sealed_columns(log))
    monkeypatch.setattr(rotations, "update", lambda *_args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        work(house)._reseal_rows(log, rows)
    with house.store.reading() as session:
        assert session.scalars(select(TicketEventRow.detail_sealed)).all() == before
    _the_log_refuses_changes(house)


def test_nobody_can_change_the_log_after_a_rotation(house: House) -> None:
    house.filed()
    rotate(house)
    _the_log_refuses_changes(house)


def _the_log_refuses_changes(house: House) -> None:
    for change in ("UPDATE ticket_event SET actor = 'x'", "UPDATE ticket_event SET detail_sealed = 'x'", "DELETE FROM ticket_event"):
        with pytest.raises(IntegrityError, match="append-only"), house.store.session() as session:
            session.execute(text(change))


def test_a_killed_process_is_gone_on_with_by_the_next(house: House) -> None:
    """A real process is killed in the middle of its batches."""
    filled(house)
    for _ in range(300):
        house.talk("你好")
    code = """
        from aid.cli.privacy import rotate
        from aid.settings import read_settings
        from aid.privacy import rotation
        rotation.Rotation.__init__.__defaults__ = ((), 0.05)
        print("begins", flush=True)
        rotate(read_settings(), "officer", lambda line: print(line, flush=True))
    """
    environment = {**os.environ, "AID_VAR_DIR": str(house.settings.var_dir)}
    process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "begins\n"
    assert "new key" in process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    process.stdout.close()
    assert work(house).stale(), "killed before it was done"
    assert begin(key_file(house), house.audit) is False, "the lock of a dead process holds nobody up"
    finish(work(house), house.audit)
    assert not work(house).stale()


def test_a_running_system_goes_on_beside_a_rotation_and_learns_the_new_key(house: House) -> None:
    """Another vault, as another process has it, writes and reads all the while; afterwards the old key opens nothing and is not needed."""
    filled(house)
    other, ended, faults = open_vault(house.settings), threading.Event(), list[BaseException]()
    running = House(house.settings, house.store, other, house.clock, house.office, house.messages, house.audit)
    running.messages = type(house.messages)(house.store, other, house.clock)

    def talks() -> None:
        try:
            while not ended.is_set():
                conversation = running.talk("你好", "我想问问")
                assert running.messages.replies_after(conversation)
        except BaseException as fault:
            faults.append(fault)

    thread = threading.Thread(target=talks)
    thread.start()
    try:
        rotate(house)
    finally:
        ended.set()
        thread.join(30)
    assert faults == []
    assert not work(house).stale()
    house.clock.advance(OVER)
    assert retire(key_file(house), work(house), house.store, house.audit, house.clock) == 1
    alone = Vault(keys(house))
    assert all(alone.decrypt(sealed) for _table, sealed in seals(house))


def test_a_vault_seals_with_a_new_key_from_its_next_word_on(house: House) -> None:
    running = open_vault(house.settings)
    old = running.encrypt("words")
    begin(key_file(house), house.audit)
    assert Vault(keys(house)[:1]).decrypt(running.encrypt("words")) == "words"
    assert running.decrypt(old) == "words"


def test_a_key_file_that_goes_away_stops_the_sealing_instead_of_losing_words(house: House) -> None:
    running = open_vault(house.settings)
    (house.settings.keys_dir / "data.key").rename(house.settings.keys_dir / "elsewhere")
    with pytest.raises(KeyUnusable, match=r"data\.key"):
        running.encrypt("words")


def test_the_old_key_is_kept_until_ten_minutes_after_the_end(house: House) -> None:
    filled(house)
    with pytest.raises(NotRotated, match="no old key"):
        retire(key_file(house), work(house), house.store, house.audit, house.clock)
    rotate(house)
    house.clock.advance(OVER - timedelta(seconds=1))
    with pytest.raises(NotRotated, match="a moment ago"):
        retire(key_file(house), work(house), house.store, house.audit, house.clock)
    house.clock.advance(timedelta(seconds=1))
    assert retire(key_file(house), work(house), house.store, house.audit, house.clock) == 1
    assert len(keys(house)) == 1
    assert not work(house).stale()


def test_the_old_key_is_kept_while_anything_is_sealed_with_it(house: House) -> None:
    filled(house)
    old = Vault(keys(house))
    rotate(house)
    house.clock.advance(OVER)
    with house.store.session() as session:
        row = session.scalars(select(InboundRow)).first()
        assert row is not None
        row.text_sealed = old.encrypt("a straggler")
    with pytest.raises(NotRotated, match="1 in inbound"):
        retire(key_file(house), work(house), house.store, house.audit, house.clock)
    assert len(keys(house)) == 2


def test_what_no_key_opens_is_told_and_left_as_it_is(house: House) -> None:
    filled(house)
    strange = Vault([Fernet.generate_key().decode()]).encrypt("of a lost key")
    with house.store.session() as session:
        row = session.scalars(select(InboundRow)).first()
        assert row is not None
        row.text_sealed, lost = strange, row.id
    begin(key_file(house), house.audit)
    with pytest.raises(NotRotated, match="1 in inbound"):
        finish(work(house), house.audit)
    with house.store.reading() as session:
        assert session.get_one(InboundRow, lost).text_sealed == strange
    assert work(house).stale() == Counter(inbound=1)


def test_a_new_rotation_does_not_take_the_end_of_an_old_one_for_its_own(house: House) -> None:
    rotate(house)
    house.clock.advance(OVER)
    retire(key_file(house), work(house), house.store, house.audit, house.clock)
    house.clock.advance(OVER)
    begin(key_file(house), house.audit)
    with pytest.raises(NotRotated, match="not finished"):
        retire(key_file(house), work(house), house.store, house.audit, house.clock)


def test_two_rotations_at_once_are_refused(house: House) -> None:
    with key_file(house).alone(), pytest.raises(RotationRunning), key_file(house).alone():
        raise AssertionError("two at once")
    with key_file(house).alone():
        pass


def test_the_log_of_privacy_tells_the_steps_and_no_key(house: House) -> None:
    filled(house)
    rotate(house)
    house.clock.advance(OVER)
    retire(key_file(house), work(house), house.store, house.audit, house.clock)
    with house.store.reading() as session:
        rows = list(session.scalars(select(PrivacyEventRow).order_by(PrivacyEventRow.id)))
    assert [(row.action, row.reason, row.actor) for row in rows] == [
        (action, "key", "officer") for action in ("rotation_begun", "rotated", "retired")
    ]
    assert rows[1].counts["ticket"] == 1
    assert keys(house)[0] not in json.dumps([row.counts for row in rows])


class Files:
    """Evidence as it might be kept: sealed files in a folder."""

    name = "evidence"
    tables: frozenset[str] = frozenset()

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def stale(self, vault: Vault) -> int:
        return sum(not vault.is_newest(path.read_text()) for path in self._folder.iterdir())

    def reseal(self, vault: Vault) -> int:
        done = [path.write_text(vault.resealed(path.read_text())) for path in self._folder.iterdir() if not vault.is_newest(path.read_text())]
        return len(done)

    def listed(self, _tickets: Any, _conversations: Any) -> list[dict[str, Any]]:
        return []

    def erase(self, _tickets: Any, _conversations: Any) -> int:
        return 0


def test_files_beside_the_database_are_sealed_anew_and_hold_the_old_key_up(house: House, tmp_path: Path) -> None:
    (tmp_path / "evidence").mkdir()
    photo = tmp_path / "evidence" / "photo"
    photo.write_text(house.vault.encrypt("a photo"))
    files = Files(tmp_path / "evidence")
    begin(key_file(house), house.audit)
    assert work(house, files).stale()["evidence"] == 1
    assert finish(work(house, files), house.audit)["evidence"] == 1
    assert Vault(keys(house)[:1]).decrypt(photo.read_text()) == "a photo"
    old = Vault(keys(house)[1:])
    with pytest.raises(CannotUnseal):
        old.decrypt(photo.read_text())
    photo.write_text(old.encrypt("a photo"))
    house.clock.advance(OVER)
    with pytest.raises(NotRotated, match="1 in evidence"):
        retire(key_file(house), work(house, files), house.store, house.audit, house.clock)
