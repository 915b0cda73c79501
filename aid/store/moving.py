"""The tables from one revision to another, forwards and back."""

from __future__ import annotations

from dataclasses import dataclass

from alembic import command
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from aid.store.engine import MIGRATIONS, Store, migration_config
from aid.store.errors import UnknownRevision, WouldLose
from aid.store.losses import losses

BASE = ""
"""The revision of a database without tables."""


@dataclass(frozen=True)
class Step:
    """A revision that this program knows, and what it is about."""

    revision: str
    about: str


def known_steps() -> list[Step]:
    """All revisions, oldest first."""
    scripts = [*ScriptDirectory(str(MIGRATIONS)).walk_revisions()]
    return [Step(script.revision, (script.doc or "").splitlines()[0]) for script in reversed(scripts)]


def revision(store: Store) -> str:
    """The revision of the tables; ``BASE`` where there are none. Raises ``StoreUnavailable``."""
    with store.reading() as session:
        return _revision(session.connection())


def pending(store: Store) -> list[Step]:
    """The steps forward that the tables lack.

    Raises:
        UnknownRevision: the tables are of a newer program.
        StoreUnavailable
    """
    steps, now = known_steps(), revision(store)
    return steps[_place(steps, now) :]


def move(store: Store, to: str = "head", lose_data: bool = False) -> tuple[str, str]:
    """Bring the tables to a revision, all of the way or not at all; gives from where to where.

    Args:
        store: whose tables.
        to: a revision of ``known_steps``, or ``head``.
        lose_data: go back even where something is lost; a ticket, its log and a deletion never are.

    Raises:
        UnknownRevision: there is no such revision, or the tables are of a newer program.
        WouldLose: the way back would lose something; says what.
        StoreUnavailable
    """
    steps = known_steps()
    target = steps[-1].revision if to == "head" else to
    if target not in {step.revision for step in steps}:
        raise UnknownRevision(f"there is no revision {to}: they go from {steps[0].revision} to {steps[-1].revision}")
    with store.moving() as connection:
        now = _revision(connection)
        here, there = _place(steps, now), _place(steps, target)
        if there < here:
            _see_losses(connection, [step.revision for step in reversed(steps[there:here])], lose_data)
            command.downgrade(migration_config(connection), target)
        else:
            command.upgrade(migration_config(connection), target)
    return now, target


def _see_losses(connection: Connection, steps: list[str], lose_data: bool) -> None:
    found = losses(connection, steps)
    never = [one for one in found if one[2].never]
    told = "; ".join(f"{count} {loss.what} ({revision})" for revision, count, loss in (never or found))
    if never:
        raise WouldLose(f"the earlier form has no place for: {told}. This is never lost: go back by restoring a backup of that time instead")
    if found and not lose_data:
        raise WouldLose(f"going back would lose: {told}. Take a backup, then say --lose-data")


def _revision(connection: Connection) -> str:
    return MigrationContext.configure(connection).get_current_revision() or BASE


def _place(steps: list[Step], at: str) -> int:
    """How many steps lead to a revision."""
    if at == BASE:
        return 0
    for place, step in enumerate(steps, 1):
        if step.revision == at:
            return place
    raise UnknownRevision(f"the tables have revision {at}, this program knows them up to {steps[-1].revision}: take a newer program")
