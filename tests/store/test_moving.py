"""The tables go back to every revision and forwards again, and what both sides know comes through; what would be lost is told first."""

from __future__ import annotations

from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from aid.cli import migrate as cli
from aid.settings import Settings
from aid.store import Store
from aid.store.engine import migration_config
from aid.store.errors import UnknownRevision, WouldLose
from aid.store.losses import LOSSES
from aid.store.models import Base
from aid.store.moving import known_steps, move, pending, revision
from tests.store.rows import contents, fill

REVISIONS = [step.revision for step in known_steps()]
# What the way back itself takes away, or makes anew; everything else that both forms have must be the same.
EMPTIED = {"0004": {"unanswered"}, "0003": {"unanswered"}, "0002": {"unanswered"}, "0001": {"unanswered"}}


@pytest.fixture
def full(store: Store) -> Store:
    """A store with a row in every table."""
    with store.moving() as connection:
        fill(connection)
    return store


def _count(store: Store, where: str) -> int:
    with store.reading() as session:
        return int(session.execute(text(f"SELECT count(*) FROM {where}")).scalar_one())


def _all(store: Store) -> dict[str, list[dict[str, Any]]]:
    with store.reading() as session:
        return contents(session.connection())


def _in_both(one: dict[str, list[dict[str, Any]]], other: dict[str, list[dict[str, Any]]], without: set[str]) -> tuple[Any, Any]:
    """What two contents say of the tables and columns that both have."""
    tables = sorted((set(one) & set(other)) - without)
    kept = []
    for content in (one, other):
        shared = {t: {c for c in one[t][0] if c in other[t][0]} if one[t] and other[t] else set() for t in tables}
        kept.append({t: [{c: row[c] for c in sorted(shared[t])} for row in content[t]] for t in tables})
    return kept[0], kept[1]


@pytest.mark.parametrize("to", REVISIONS[:-1])
def test_back_to_a_revision_and_forwards_again_keeps_what_both_forms_know(full: Store, to: str) -> None:
    before = _all(full)
    assert all(before.values()), "every table has a row"
    assert move(full, to, lose_data=True) == (REVISIONS[-1], to)
    back, without = _all(full), EMPTIED.get(to, set())
    assert _in_both(before, back, without)[0] == _in_both(before, back, without)[1]
    assert all(len(rows) == 1 for table, rows in back.items() if table not in without)
    move(full)
    again = _all(full)
    lost = without | (set(before) - set(back))
    first, second = _in_both(back, again, lost)
    assert first == second
    assert set(again) == set(before)
    with full.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), Base.metadata) == []
        if connection.dialect.name == "sqlite":
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []


@pytest.mark.parametrize("to", REVISIONS[:-1])
def test_the_logs_refuse_changes_in_every_form(full: Store, to: str) -> None:
    move(full, to, lose_data=True)
    with full.reading() as session:
        there = set(inspect(session.connection()).get_table_names())
    for log in sorted({"ticket_event", "evidence_access", "privacy_event", "staff_event", "sight", "knowledge_event"} & there):
        with pytest.raises(IntegrityError, match="append-only"), full.session() as session:
            session.execute(text(f"DELETE FROM {log}"))


@pytest.mark.parametrize("step", REVISIONS[1:])
def test_a_step_that_would_lose_something_is_refused_and_says_what(full: Store, step: str) -> None:
    to = REVISIONS[REVISIONS.index(step) - 1]
    move(full, step, lose_data=True)
    before = _all(full)
    expected = [loss for loss in LOSSES[step] if not loss.never]
    if not expected:
        assert move(full, to) == (step, to), "nothing is lost: nothing need be said"
        return
    here = [loss for loss in expected if _count(full, loss.where)]
    assert here, "the rows of this test do not show the loss"
    with pytest.raises(WouldLose) as caught:
        move(full, to)
    assert all(f"1 {loss.what} ({step})" in str(caught.value) for loss in here)
    assert (revision(full), _all(full)) == (step, before), "nothing was changed"


def test_what_was_reckoned_heard_or_forgotten_soon_needs_no_word(store: Store) -> None:
    with store.moving() as connection:
        fill(connection, {"station", "conversation"})
        connection.execute(text("UPDATE conversation SET generation = 0"))
    assert move(store, REVISIONS[0])[1] == REVISIONS[0]


@pytest.mark.parametrize(
    ("to", "change", "said"),
    [
        ("0010", "INSERT INTO ticket_event SELECT ticket_id, 9, 'merged', at, actor, detail_sealed, NULL FROM ticket_event", "logs of tickets"),
        ("0004", "UPDATE ticket SET parties_sealed = NULL, erased_at = created_at", "personal data was deleted"),
        ("0001", "UPDATE ticket SET consent_at = NULL, consent_version = NULL", "anonymous tickets"),
    ],
)
def test_a_case_its_log_and_a_deletion_are_lost_by_no_word(full: Store, to: str, change: str, said: str) -> None:
    with full.session() as session:
        session.execute(text(change.replace("INTO ticket_event SELECT", f"INTO ticket_event ({EVENT}) SELECT")))
    before = _all(full)
    with pytest.raises(WouldLose, match=said) as caught:
        move(full, to, lose_data=True)
    assert "restoring a backup" in str(caught.value)
    assert _all(full) == before


EVENT = "ticket_id, seq, kind, at, actor, detail_sealed, idempotency_key"


def test_every_revision_says_what_going_back_from_it_loses() -> None:
    assert sorted(LOSSES) == REVISIONS[1:], "below the first there is nothing to go back to"


def test_tables_of_a_newer_program_are_left_alone(store: Store) -> None:
    with store.session() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for attempt in (store.migrate, lambda: move(store), lambda: pending(store)):
        with pytest.raises(UnknownRevision, match="9999"):
            attempt()


def test_a_revision_that_is_not_there_is_named(store: Store) -> None:
    with pytest.raises(UnknownRevision, match="no revision 0099"):
        move(store, "0099")


@pytest.mark.usefixtures("empty_database")
def test_the_command_makes_the_tables_goes_back_and_says_where_they_are(settings: Settings) -> None:
    said: list[str] = []
    cli.status(settings, said.append)
    assert said[-1] == "there are no tables yet: aid migrate makes them"
    cli.migrate(settings, "head", False, said.append)
    assert said[-1] == f"the tables have revision {REVISIONS[-1]}, before none"
    cli.migrate(settings, "0012", False, said.append)
    assert "start the earlier program" in said[-1]
    said.clear()
    cli.status(settings, said.append)
    assert next(line for line in said if line.startswith("->")).startswith("-> 0012  What reports count from")


def test_steps_forward_that_are_missing_are_known(store: Store) -> None:
    assert pending(store) == []
    with store.moving() as connection:
        command.downgrade(migration_config(connection), "0013")
    assert [step.revision for step in pending(store)] == REVISIONS[REVISIONS.index("0013") + 1 :]
