"""Several processes file at the same moment: no number twice, none left out, one ticket for one draft."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from aid.cases.kinds import SUMMARY
from aid.cases.office import Office, open_office
from aid.cli.ticket import office
from aid.privacy.vault import open_vault
from aid.settings import Settings
from aid.store import open_store
from aid.store.messages import Messages

EACH = 12
FACTS = {
    "event": "长春国际汽车博览会",
    "booth": "A3馆B12",
    "exhibit": "车灯",
    "right_kind": "外观设计专利",
    "consent": "yes",
    "name": "王小强",
    "phone": "13900007001",
}


def settings_in(folder: str) -> Settings:
    return Settings(var_dir=Path(folder))


def ready(desk: Office, messages: Messages) -> tuple[str, str]:
    """A draft that lacks nothing, and the message that confirms it."""
    conversation = messages.open_conversation("web").id
    first, _ = messages.add_inbound(conversation, "first", "投诉")
    draft = desk.drafts.open(conversation, "expo_complaint", first.id)
    desk.drafts.save(draft, facts=FACTS, asked=SUMMARY, inbound_id=first.id, failures=0)
    return conversation, messages.add_inbound(conversation, "confirm", "确认")[0].id


def file_many(folder: str) -> list[str]:
    """One process: each complaint in a conversation of its own."""
    settings = settings_in(folder)
    store, vault = open_store(settings, busy_seconds=30), open_vault(settings)
    desk, messages = open_office(settings, store, vault, settings.clock()), Messages(store, vault, settings.clock())
    numbers = []
    for _ in range(EACH):
        conversation, confirming = ready(desk, messages)
        draft = desk.drafts.current(conversation)
        assert draft is not None
        numbers.append(desk.tickets.file(draft, confirming)[0].number)
    store.close()
    return numbers


def file_one(task: tuple[str, str, str]) -> tuple[str, bool]:
    """One process: the draft that all of them were given."""
    folder, conversation, confirming = task
    with office(settings_in(folder)) as desk:
        draft = desk.drafts.current(conversation)
        if draft is None:
            known = desk.tickets.filed_by(confirming)
            assert known is not None
            return known.number, False
        ticket, created = desk.tickets.file(draft, confirming)
        return ticket.number, created


@pytest.fixture
def migrated(tmp_path: Path) -> str:
    settings = settings_in(str(tmp_path))
    open_vault(settings)
    store = open_store(settings)
    store.migrate()
    store.close()
    return str(tmp_path)


def test_two_processes_that_file_at_once_give_every_number_once(migrated: str) -> None:
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        numbers = sorted(number for made in pool.map(file_many, [migrated] * 2) for number in made)
    assert [int(number[-6:]) for number in numbers] == list(range(1, 2 * EACH + 1))


def test_two_processes_that_file_one_draft_make_one_ticket(migrated: str) -> None:
    settings = settings_in(migrated)
    store, vault = open_store(settings), open_vault(settings)
    desk = open_office(settings, store, vault, settings.clock())
    conversation, confirming = ready(desk, Messages(store, vault, settings.clock()))
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        made = list(pool.map(file_one, [(migrated, conversation, confirming)] * 2))
    assert [ticket.number for ticket in desk.tickets.of(conversation)] == [made[0][0]]
    assert [number for number, _ in made] == [made[0][0]] * 2
    assert sum(created for _, created in made) == 1
    store.close()
