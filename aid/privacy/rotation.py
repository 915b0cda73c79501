"""Rotation of the data key: a new key first, everything sealed anew while the system runs, the old key retired when nothing needs it.

How many keys there are tells how far a rotation has come: one, none is under way; more, it was begun. So it is gone on with after a
crash at any point by running it again.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy import Column, RowMapping, Table, update

from aid.cases.likeness import phone_digits
from aid.clock import Clock
from aid.privacy.audit import Audit
from aid.privacy.errors import CannotUnseal, NotRotated
from aid.privacy.keepers import Keeper
from aid.privacy.keys import KeyFile
from aid.privacy.vault import Vault
from aid.store.engine import Store
from aid.store.sealed import guard_lifted, in_batches, sealed_columns, sealed_tables

RETIRE_AFTER = timedelta(minutes=10)
"""A running process seals with the new key from its next word on; by then every transaction of before has ended."""
PAUSE_SECONDS = 0.01
"""Between two batches, so that the system's own writing goes on."""
def _person(vault: Vault, row: Mapping[str, Any]) -> str | None:
    digits = phone_digits(vault.decrypt_json(row["parties_sealed"])) if row["parties_sealed"] else ""
    return vault.fingerprint(digits) if digits else None


FINGERPRINTS: Mapping[str, Mapping[str, Callable[[Vault, Mapping[str, Any]], str | None]]] = {
    "ticket": {
        "lookup_code_hash": lambda vault, row: vault.fingerprint(vault.decrypt(row["lookup_code_sealed"])),
        "person_hash": _person,
    },
    "wechat_follower": {"openid_hash": lambda vault, row: vault.fingerprint(vault.decrypt(row["openid_sealed"]))},
}
"""By table and column: how a fingerprint is made anew, from the row's sealed columns. A test holds that every ``…_hash`` has its row."""


class Rotation:
    """Seals everything with the newest key of ``vault``."""

    def __init__(self, store: Store, vault: Vault, keepers: Sequence[Keeper] = (), pause_seconds: float = PAUSE_SECONDS) -> None:
        self._store, self._vault, self._keepers, self._pause = store, vault, keepers, pause_seconds

    def reseal(self) -> Counter[str]:
        """Seal anew what the newest key did not seal; gives the rows changed, by table. What no key opens is left as it is.

        Raises:
            StoreUnavailable: the database does not answer; what was done stays done, run it again.
        """
        done: Counter[str] = Counter()
        for table in sealed_tables():
            for rows in in_batches(self._store, table, _read(table)):
                done[table.name] += self._reseal_rows(table, rows)
                time.sleep(self._pause)
        for keeper in self._keepers:
            done[keeper.name] += keeper.reseal(self._vault)
        return +done

    def stale(self) -> Counter[str]:
        """How many rows, by table, the newest key did not seal; those that no key opens are among them."""
        found: Counter[str] = Counter()
        for table in sealed_tables():
            for rows in in_batches(self._store, table, _read(table)):
                found[table.name] += sum(self._is_stale(table, row) for row in rows)
        for keeper in self._keepers:
            found[keeper.name] += keeper.stale(self._vault)
        return +found

    def _reseal_rows(self, table: Table, rows: Sequence[RowMapping]) -> int:
        changes = [(row, values) for row in rows if (values := self._renewed(table, row))]
        if not changes:
            return 0
        changed = 0
        with self._store.session() as session, guard_lifted(session.connection(), table):
            for row, values in changes:
                # A row that was written meanwhile is sealed with the new key already and stays as it is.
                same = [table.columns[name] == row[name] for name in (*(key.name for key in table.primary_key.columns), *values)]
                result = session.connection().execute(update(table).where(*same).values(**values))
                changed += result.rowcount
        return changed

    def _renewed(self, table: Table, row: RowMapping) -> dict[str, str | None]:
        """The columns to change, with their new values; none when the row is up to date or cannot be opened."""
        try:
            values: dict[str, str | None] = {
                column.name: self._vault.resealed(row[column.name])
                for column in sealed_columns(table)
                if row[column.name] is not None and not self._vault.is_newest(row[column.name])
            }
            marks = {name: make(self._vault, dict(row)) for name, make in FINGERPRINTS.get(table.name, {}).items()}
        except CannotUnseal:
            return {}
        return values | {name: mark for name, mark in marks.items() if mark != row[name]}

    def _is_stale(self, table: Table, row: RowMapping) -> bool:
        sealed = [row[column.name] for column in sealed_columns(table) if row[column.name] is not None]
        return bool(self._renewed(table, row)) or not all(map(self._vault.is_newest, sealed))


def begin(file: KeyFile, audit: Audit) -> bool:
    """Put a new key before the one in the file; ``False`` when a rotation was begun before and is to be gone on with.

    Raises:
        KeyUnusable: the file cannot be read or written.
    """
    keys = file.read()
    if len(keys) > 1:
        return False
    audit.note("rotation_begun", "key", {})  # first: an old end of a rotation never passes for this one's
    file.write([Fernet.generate_key().decode("ascii"), *keys])
    return True


def finish(rotation: Rotation, audit: Audit) -> Counter[str]:
    """Seal everything anew and write it down; gives the rows changed, by table.

    Raises:
        NotRotated: something cannot be opened by any key; all else was sealed anew.
        StoreUnavailable: run it again.
    """
    done = rotation.reseal()
    if left := rotation.stale():
        raise NotRotated(f"not all was sealed with the new key; no known key opens: {_told(left)}. Put the missing key into the key file")
    if done or audit.last("rotated") is None or _begun_since_finished(audit):
        audit.note("rotated", "key", done)
    return done


def retire(file: KeyFile, rotation: Rotation, store: Store, audit: Audit, clock: Clock) -> int:
    """Drop the old keys from the file, once nothing is sealed with them; gives how many were dropped.

    Raises:
        NotRotated: there is no old key, something is still sealed with it, or the rotation is too fresh; says which.
    """
    keys = file.read()
    old = may_retire(len(keys), rotation, audit, clock)
    with store.session() as session:
        audit.note_in(session, "retired", "key", {"keys": old})
        file.write(keys[:1])
    return old


def may_retire(keys: int, rotation: Rotation, audit: Audit, clock: Clock) -> int:
    """How many old keys nothing needs any more. Raises ``NotRotated`` when they are needed still, or there is none."""
    if keys < 2:
        raise NotRotated("there is no old key to retire")
    rotated = audit.last("rotated")
    if rotated is None or _begun_since_finished(audit):
        raise NotRotated("the rotation is not finished: run `aid privacy rotate` first")
    if clock.now() - rotated < RETIRE_AFTER:
        raise NotRotated(f"the rotation ended a moment ago: try again after {rotated + RETIRE_AFTER:%H:%M}, when nothing of before is under way")
    if left := rotation.stale():
        raise NotRotated(f"still sealed with an old key: {_told(left)}. Run `aid privacy rotate` again")
    return keys - 1


def _begun_since_finished(audit: Audit) -> bool:
    begun, finished = audit.last("rotation_begun"), audit.last("rotated")
    return begun is not None and (finished is None or begun > finished)


def _told(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} in {name}" for name, count in counts.items())


def _read(table: Table) -> list[Column[str | None]]:
    return [*sealed_columns(table), *(table.columns[name] for name in FINGERPRINTS.get(table.name, {}))]
