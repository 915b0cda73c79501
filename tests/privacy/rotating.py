"""A record that is sealed under one key, and its rotation to another."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from aid.evidence.rights import Staff
from aid.privacy.keys import KeyFile
from aid.privacy.rotation import Rotation, begin, finish
from aid.store.people_rows import SightRow, StaffRow
from aid.store.sealed import in_batches, sealed_columns, sealed_tables
from tests.privacy.conftest import House

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
    house.draft(talk := house.talk("你好"))
    house.follows(talk)
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


def the_log_refuses_changes(house: House) -> None:
    for change in ("UPDATE ticket_event SET actor = 'x'", "UPDATE ticket_event SET detail_sealed = 'x'", "DELETE FROM ticket_event"):
        with pytest.raises(IntegrityError, match="append-only"), house.store.session() as session:
            session.execute(text(change))
