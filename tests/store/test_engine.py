"""The engine: durable, checked, migrated by code, and clear when it cannot be reached."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Table, insert, inspect, text
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import Session

from aid.clock import CHANGCHUN, FixedClock
from aid.errors import SettingsError
from aid.settings import Settings
from aid.store import Store, open_store
from aid.store.engine import MIGRATIONS, _tables_may_move, migration_config
from aid.store.errors import StoreUnavailable
from aid.store.models import Base, ConversationRow, DraftRow, InboundRow, PrivacyEventRow, TicketEventRow, TicketRow, columns
from tests.postgres import on

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


@pytest.mark.usefixtures("empty_database")
def test_processes_that_migrate_at_once_do_not_disturb_each_other(settings: Settings) -> None:
    stores = [open_store(settings) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(Store.migrate, stores))
    with stores[0].reading() as session:
        assert session.execute(text("SELECT count(*) FROM conversation")).scalar_one() == 0
    for store in stores:
        store.close()


@on("sqlite")
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
    with store.session() as session:
        session.add(_conversation("a", NOON))
    change = text("UPDATE conversation SET last_seq = last_seq + 1")
    impatient = open_store(settings, busy_seconds=0.05)
    with store.session() as holder:
        holder.execute(change)
        with pytest.raises(StoreUnavailable), impatient.session() as session:
            session.execute(change)
        with impatient.reading() as session:
            assert session.get_one(ConversationRow, "a").last_seq == 0, "reading goes on beside a writer"
    with impatient.session() as session:
        session.execute(change)
    with impatient.reading() as session:
        assert session.get_one(ConversationRow, "a").last_seq == 2
    impatient.close()


def test_a_database_that_cannot_be_opened_is_a_typed_error(tmp_path: Path) -> None:
    for address in (f"sqlite:///{tmp_path}", f"postgresql://nobody@/none?host={tmp_path}"):  # folders in which nothing answers
        store = open_store(Settings(database_url=address))
        with pytest.raises(StoreUnavailable):
            store.migrate()
        store.close()


@pytest.mark.parametrize("address", ["no address", "mysql://secret@host/name"])
def test_an_address_of_no_known_database_is_refused_without_showing_it(address: str) -> None:
    with pytest.raises(SettingsError, match="AID_DATABASE_URL") as caught:
        open_store(Settings(database_url=address))
    assert "secret" not in str(caught.value)


TRUNCATE = pytest.param("TRUNCATE ticket_event", marks=on("postgresql"))


@pytest.mark.parametrize("change", ["UPDATE ticket_event SET actor = 'x'", "DELETE FROM ticket_event", TRUNCATE])
def test_the_event_log_refuses_changes(store: Store, clock: FixedClock, change: str) -> None:
    with store.session() as session:
        session.add(_ticket(clock))
        session.flush()
        session.add(TicketEventRow(ticket_id="t", seq=1, kind="received", at=NOON, actor="system", detail_sealed=""))
    with pytest.raises(IntegrityError, match="append-only"), store.session() as session:
        session.execute(text(change))


def test_one_conversation_has_one_open_draft(store: Store) -> None:
    with store.session() as session:
        session.add(_conversation("a", NOON))
        session.flush()
        session.add_all(_inbound(f"i{n}", n) for n in range(3))
        session.flush()
        session.add_all([_draft("d0", "i0"), _draft("d1", "i1", state="cancelled")])
    with pytest.raises(IntegrityError), store.session() as session:
        session.add(_draft("d2", "i2"))
    with store.session() as session:
        session.get_one(DraftRow, "d0").state = "filed"
        session.flush()
        session.add(_draft("d2", "i2"))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE conversation SET state = 'lost'",
        "UPDATE inbound SET status = 'lost'",
        "UPDATE inbound SET client_id = 'same'",
        "UPDATE inbound SET seq = 1",
        "UPDATE inbound SET text_sealed = NULL",
        "UPDATE draft SET state = 'lost'",
        "UPDATE draft SET conversation_id = 'another'",
        "UPDATE draft SET origin_inbound_id = 'i0'",
        "UPDATE ticket SET consent_at = NULL",
        "UPDATE ticket SET consent_version = NULL",
        "UPDATE ticket SET number = NULL",
        "UPDATE ticket SET number = 'same'",
        "UPDATE ticket SET draft_id = 'same'",
        "UPDATE ticket SET idempotency_key = 'same'",
    ],
)
def test_a_bad_state_is_impossible(store: Store, clock: FixedClock, change: str) -> None:
    with store.session() as session:
        session.add(_conversation("a", NOON))
        session.flush()
        session.add_all(_inbound(f"i{n}", n) for n in range(2))
        session.add_all([_ticket(clock), _ticket(clock, "u")])
        session.flush()
        session.add_all([_draft("d0", "i0"), _draft("d1", "i1", state="cancelled")])
    with pytest.raises(IntegrityError), store.session() as session:
        session.execute(text(change))


def _conversation(id_: str, at: datetime) -> ConversationRow:
    return ConversationRow(id=id_, door="web", created_at=at)


def _inbound(id_: str, seq: int) -> InboundRow:
    return InboundRow(id=id_, conversation_id="a", client_id=id_, seq=seq, text_sealed="x", received_at=NOON)


def _draft(id_: str, inbound_id: str, state: str = "open") -> DraftRow:
    texts = {"kind": "x", "facts_sealed": "x", "last_inbound_id": inbound_id, "origin_inbound_id": inbound_id}
    return DraftRow(id=id_, conversation_id="a", state=state, created_at=NOON, **texts)


def _ticket(clock: FixedClock, id_: str = "t") -> TicketRow:
    sealed = {"lookup_code_sealed": "x", "parties_sealed": "x", "facts_sealed": "x", "lookup_code_hash": "x"}
    texts = {"number": id_, "kind": "x", "draft_id": id_, "idempotency_key": id_, "conversation_id": "x"}
    more = {"receiver": "x", "consent_version": "x", **sealed, **texts}
    return TicketRow(id=id_, copies=[], reasons=[], consent_at=clock.now(), created_at=clock.now(), **more)


def _insert(session: Session, row: Base, without: tuple[str, ...]) -> None:
    """Write a row into a table of an earlier form, which lacks some columns."""
    given = {key: value for key, value in columns(row).items() if key not in without}
    table = row.__table__
    assert isinstance(table, Table)
    session.execute(insert(table).values(given))


def test_a_ticket_of_the_first_form_comes_through_with_its_log(store: Store, clock: FixedClock) -> None:
    with store.engine.connect() as connection, _tables_may_move(connection), connection.begin():
        command.downgrade(migration_config(connection), "0001")
    old_ticket, old_event = ("person_hash", "erased_at"), ("idempotency_key",)
    with store.session() as session:
        _insert(session, _ticket(clock), without=old_ticket)
        event = TicketEventRow(ticket_id="t", seq=1, kind="received", at=clock.now(), actor="system", detail_sealed="x")
        _insert(session, event, without=old_event)
    store.migrate()
    with pytest.raises(IntegrityError, match="append-only"), store.session() as session:
        session.execute(text("DELETE FROM ticket_event"))
    with store.reading() as session:
        assert session.get_one(TicketRow, "t").consent_version == "x"
        assert session.get_one(TicketEventRow, ("t", 1)).kind == "received"
        if store.engine.dialect.name == "sqlite":
            assert session.execute(text("PRAGMA foreign_key_check")).all() == []
            assert session.execute(text("PRAGMA foreign_keys")).scalar_one() == 1


def test_the_tables_go_down_to_nothing_and_up_again(store: Store) -> None:
    with store.engine.connect() as connection, _tables_may_move(connection), connection.begin():
        command.downgrade(migration_config(connection), "base")
    with store.engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
    store.migrate()
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


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
