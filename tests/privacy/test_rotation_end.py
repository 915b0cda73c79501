"""The end of a rotation: when the old key goes, what holds it up, and what is told."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select

from aid.privacy.errors import CannotUnseal, NotRotated, RotationRunning
from aid.privacy.rotation import begin, finish, retire
from aid.privacy.vault import Vault
from aid.store.models import InboundRow, PrivacyEventRow
from tests.privacy.conftest import House
from tests.privacy.rotating import OVER, filled, key_file, keys, rotate, work


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
