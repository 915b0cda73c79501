"""The engine: durable, checked, migrated by code, and clear when it cannot be reached."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError, StatementError

from aid.clock import CHANGCHUN, FixedClock
from aid.settings import Settings
from aid.store import Store, open_store
from aid.store.engine import MIGRATIONS, _tables_may_move, migration_config
from aid.store.errors import StoreUnavailable
from aid.store.models import Base, ConversationRow, PrivacyEventRow, TicketEventRow, TicketRow, columns

NEWEST = ScriptDirectory(str(MIGRATIONS)).get_heads()
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=CHANGCHUN)


def test_models_and_migrations_agree(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_migrating_again_changes_nothing(store: Store) -> None:
    store.migrate()
    with store.reading() as session:
        assert session.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == NEWEST


def test_processes_that_migrate_at_once_do_not_disturb_each_other(settings: Settings) -> None:
    stores = [open_store(settings) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(Store.migrate, stores))
    with stores[0].reading() as session:
        assert session.execute(text("SELECT count(*) FROM conversation")).scalar_one() == 0
    for store in stores:
        store.close()


def test_sqlite_is_durable_and_checked(store: Store) -> None:
    with store.reading() as session:
        values = {
            p: session.execute(text(f"PRAGMA {p}")).scalar_one()
            for p in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert values == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}


def test_a_moment_is_kept_and_comes_back_in_changchun_time(store: Store) -> None:
    with store.session() as session:
        session.add(_conversation("a", NOON))
    with store.reading() as session:
        found = session.get_one(ConversationRow, "a").created_at
    assert (found, found.tzinfo) == (NOON, CHANGCHUN)


def test_a_moment_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(StatementError, match="without a time zone"), store.session() as session:
        session.add(_conversation("a", datetime(2026, 11, 23)))


def test_an_exception_rolls_the_whole_session_back(store: Store) -> None:
    def write_and_fail() -> None:
        with store.session() as session:
            session.add(_conversation("a", NOON))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()
    with store.reading() as session:
        assert session.get(ConversationRow, "a") is None


def test_a_locked_database_is_a_typed_error_and_nothing_is_written(settings: Settings, store: Store) -> None:
    impatient = open_store(settings, busy_seconds=0.05)
    holder = sqlite3.connect(settings.var_dir / "aid.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable), impatient.session() as session:
        session.add(_conversation("a", NOON))
    with impatient.reading() as session:
        assert session.get(ConversationRow, "a") is None, "reading goes on beside a writer"
    holder.rollback()
    holder.close()
    with impatient.session() as session:
        session.add(_conversation("a", NOON))
    impatient.close()


def test_a_database_that_cannot_be_opened_is_a_typed_error(tmp_path: Path) -> None:
    store = open_store(Settings(database_url=f"sqlite:///{tmp_path}"))  # a folder, not a file
    with pytest.raises(StoreUnavailable):
        store.migrate()
    store.close()


@pytest.mark.parametrize("change", ["UPDATE ticket_event SET actor = 'x'", "DELETE FROM ticket_event"])
def test_the_event_log_refuses_changes(store: Store, clock: FixedClock, change: str) -> None:
    with store.session() as session:
        session.add(_ticket(clock))
        session.flush()
        session.add(TicketEventRow(ticket_id="t", seq=1, kind="received", at=NOON, actor="system", detail_sealed=""))
    with pytest.raises(IntegrityError, match="append-only"), store.session() as session:
        session.execute(text(change))


def test_one_conversation_has_one_open_draft(store: Store) -> None:
    with store.reading() as session:
        rows = session.execute(text("SELECT sql FROM sqlite_master WHERE name = 'uq_draft_open'")).scalar_one()
    assert "UNIQUE" in rows
    assert "state = 'open'" in rows


def _conversation(id_: str, at: datetime) -> ConversationRow:
    return ConversationRow(id=id_, door="web", created_at=at)


def _ticket(clock: FixedClock) -> TicketRow:
    sealed = {"lookup_code_sealed": "x", "parties_sealed": "x", "facts_sealed": "x", "lookup_code_hash": "x"}
    texts = {"number": "x", "kind": "x", "draft_id": "x", "idempotency_key": "x", "conversation_id": "x"}
    more = {"receiver": "x", "consent_version": "x", **sealed, **texts}
    return TicketRow(id="t", copies=[], reasons=[], consent_at=clock.now(), created_at=clock.now(), **more)


def test_a_ticket_of_the_first_form_comes_through_with_its_log(store: Store, clock: FixedClock) -> None:
    with store.engine.connect() as connection, _tables_may_move(connection), connection.begin():
        command.downgrade(migration_config(connection), "0001")
    first_form = {name: value for name, value in columns(_ticket(clock)).items() if name != "erased_at"}
    with store.session() as session:
        session.execute(insert(TicketRow).values(**first_form))
        session.add(TicketEventRow(ticket_id="t", seq=1, kind="received", at=clock.now(), actor="system", detail_sealed="x"))
    store.migrate()
    with store.reading() as session:
        assert session.get_one(TicketRow, "t").consent_version == "x"
        assert session.get_one(TicketEventRow, ("t", 1)).kind == "received"
        assert session.execute(text("PRAGMA foreign_key_check")).all() == []
        assert session.execute(text("PRAGMA foreign_keys")).scalar_one() == 1


def test_a_consent_has_version_and_moment_or_neither(store: Store, clock: FixedClock) -> None:
    row = _ticket(clock)
    row.consent_version = None
    with pytest.raises(IntegrityError, match="consent_whole"), store.session() as session:
        session.add(row)


def test_a_ticket_has_parties_or_the_moment_of_their_deletion(store: Store, clock: FixedClock) -> None:
    for parties, erased_at in (("x", clock.now()), (None, None)):
        row = _ticket(clock)
        row.parties_sealed, row.erased_at = parties, erased_at
        with pytest.raises(IntegrityError, match="erased_whole"), store.session() as session:
            session.add(row)


@pytest.mark.parametrize("change", ["UPDATE privacy_event SET actor = 'x'", "DELETE FROM privacy_event"])
def test_the_log_of_privacy_refuses_changes(store: Store, clock: FixedClock, change: str) -> None:
    with store.session() as session:
        session.add(PrivacyEventRow(at=clock.now(), actor="x", action="erased", reason="request", counts={}))
    with pytest.raises(IntegrityError, match="append-only"), store.session() as session:
        session.execute(text(change))
