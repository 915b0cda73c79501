"""Every table of the workbench goes and comes back over a record in use: nothing else is lost by it."""

from __future__ import annotations

import pytest
from alembic import command
from sqlalchemy import text

from aid.desk.filters import Filters
from aid.people.accounts import Accounts
from aid.people.passwords import Passwords
from aid.people.rights import Grant
from aid.people.sights import Reason, Sights, Subject
from aid.store.engine import _tables_may_move, migration_config
from aid.store.models import Base
from aid.takeover.desk import open_desk
from aid.takeover.staff import Staff
from tests.desk.house import House

MADE_LATER = (
    "staff", "staff_role", "recovery_code", "staff_session", "sign_in_count", "staff_event", "sight", "board", "board_center", "presence",
    "report_case", "report_talk", "report_tally", "database_mark", "knowledge_change", "knowledge_event", "knowledge_day", "service", "attendance",
)  # fmt: skip


def counted(house: House) -> dict[str, int]:
    with house.store.reading() as session:
        kept = [table.name for table in Base.metadata.sorted_tables if table.name not in MADE_LATER]
        return {name: session.scalar(text(f"SELECT count(*) FROM {name}")) or 0 for name in kept}


def down(house: House, target: str) -> None:
    with house.store.engine.connect() as connection, _tables_may_move(connection), connection.begin():
        command.downgrade(migration_config(connection), target)


@pytest.mark.parametrize("target", ["0013", "0012", "0011", "0010", "0009"])
def test_down_and_up_again_the_record_is_whole(house: House, target: str) -> None:
    ticket = house.filed()
    accounts = Accounts(house.store, house.clock, Passwords([], time_cost=1, memory_kib=8, lanes=1), ["main"])
    accounts.add("wang", "王", [Grant.read("handler@main")], by="test")
    subject = Subject(ticket.id, ticket.number, "main")
    Sights(house.store, house.vault, house.clock).note(accounts.named("wang"), "handler", "seen", subject, ["name"], Reason("own", "核对"))
    service = open_desk(house.settings, house.store, house.vault, house.clock, house.office)
    staff = Staff(accounts.named("wang").id, "main")
    service.takeovers.take(ticket.conversation_id, staff)
    service.takeovers.say(ticket.conversation_id, staff, "您好")
    house.desk.presence.beat(ticket.id, "wang")
    before, said = counted(house), [reply.body["text"] for reply in house.messages.replies_after(ticket.conversation_id)]
    down(house, target)
    house.store.migrate()
    assert counted(house) == before
    assert [reply.body["text"] for reply in house.messages.replies_after(ticket.conversation_id)] == said
    house.desk.catch_up()
    assert [line.number for line in house.desk.queue.page(Filters(), None).lines] == [ticket.number]
    assert house.messages.conversation(ticket.conversation_id).is_bots, "who had it is not known any more"
    with pytest.raises(Exception, match="append-only"), house.store.session() as session:
        session.execute(text("DELETE FROM ticket_event"))
