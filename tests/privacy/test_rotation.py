"""Rotation of the data key: begun, broken off, gone on with, beside a running system."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import textwrap
import threading
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import String, select

from aid.privacy import rotation as rotations
from aid.privacy.errors import KeyUnusable, NotRotated
from aid.privacy.rotation import FINGERPRINTS, Rotation, begin, finish, retire
from aid.privacy.vault import Vault, open_vault
from aid.store.access import Access
from aid.store.followers import Followers
from aid.store.models import Base, TicketEventRow, TicketRow
from aid.store.sealed import in_batches, sealed_columns, sealed_tables
from tests.privacy.conftest import PHONE, House
from tests.privacy.rotating import OVER, filled, key_file, keys, rotate, seals, the_log_refuses_changes, work


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
    assert Followers(house.store, alone, house.clock, Access(house.store, house.clock)).find("oANN4Kd5ggOC-bXrbNODIiE3bGY1") is not None
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
    the_log_refuses_changes(house)


def test_nobody_can_change_the_log_after_a_rotation(house: House) -> None:
    house.filed()
    rotate(house)
    the_log_refuses_changes(house)


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
