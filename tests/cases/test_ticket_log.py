"""The log of a ticket: by whom, once, to which center; and what the store refuses."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from aid.cases.errors import ForbiddenTransition, IncompleteEvent, NotTheirs, UnknownReceiver
from aid.cases.life import PERSON, Actor

HANDLER = Actor("handler", "李四")


def test_a_transfer_names_who_gave_and_why_and_moves_the_case(office: Any) -> None:
    ticket = office.filed()
    office.log.add(ticket, "transferred", HANDLER, {"receiver": "subcenter-2", "reason": "是光电产品"})
    event = office.log.events(ticket)[-1]
    assert (event.actor, event.detail["reason"]) == ("handler:李四", "是光电产品")
    assert office.log.receiver(ticket) == "subcenter-2"
    card = office.cards.status(ticket)
    assert "光电信息产业" in card.receiver
    assert "是光电产品" in card.events[-1]
    assert "李四" not in card.model_dump_json()


@pytest.mark.parametrize("receiver", ["subcenter-9", "subcenter-1"])
def test_a_transfer_goes_to_another_center_that_exists(office: Any, receiver: str) -> None:
    ticket = office.filed()
    with pytest.raises(UnknownReceiver):
        office.log.add(ticket, "transferred", HANDLER, {"receiver": receiver, "reason": "转"})
    assert len(office.log.events(ticket)) == 2


def test_the_same_message_brings_an_event_once(office: Any) -> None:
    ticket = office.filed()
    first = office.log.add(ticket, "supplemented", PERSON, {"text": "还有一张照片"}, key="message-1")
    assert office.log.add(ticket, "supplemented", PERSON, {"text": "还有一张照片"}, key="message-1") == first
    assert office.log.done_by("message-1") == (ticket.id, first)
    assert office.log.done_by("message-2") is None
    office.log.add(ticket, "supplemented", PERSON, {"text": "还有一张照片"}, key="message-2")
    assert [e.kind for e in office.log.events(ticket)].count("supplemented") == 2


@pytest.mark.parametrize(
    ("kind", "actor", "detail", "error"),
    [
        ("accepted", PERSON, {}, NotTheirs),
        ("mediated", HANDLER, {"outcome": "和解"}, ForbiddenTransition),
        ("returned", HANDLER, {"missing": ""}, IncompleteEvent),
    ],
)
def test_what_may_not_be_is_refused_and_leaves_no_trace(office: Any, kind: str, actor: Actor, detail: dict[str, str], error: type[Exception]) -> None:
    ticket = office.filed()
    with pytest.raises(error):
        office.log.add(ticket, kind, actor, detail)
    assert len(office.log.events(ticket)) == 2


def test_what_staff_note_for_themselves_is_not_shown(office: Any) -> None:
    ticket = office.filed()
    office.log.add(ticket, "noted", HANDLER, {"text": "像是同行之间的纠纷"})
    office.log.add(ticket, "returned", HANDLER, {"missing": "专利证书复印件"})
    said = office.cards.status(ticket).model_dump_json()
    assert "同行" not in said
    assert "专利证书复印件" in said


@pytest.mark.parametrize("kind", ["closed", ""])
def test_the_store_refuses_an_unknown_event(office: Any, kind: str) -> None:
    ticket = office.filed()
    with pytest.raises(IntegrityError), office.store.session() as session:
        session.execute(
            text("INSERT INTO ticket_event (ticket_id, seq, kind, at, actor, detail_sealed) VALUES (:t, 9, :k, '2026-11-23', 'system', 'x')"),
            {"t": ticket.id, "k": kind},
        )


@pytest.mark.parametrize("change", ["UPDATE ticket_event SET actor = 'person'", "DELETE FROM ticket_event"])
def test_nobody_changes_the_log(office: Any, change: str) -> None:
    ticket = office.filed()
    with pytest.raises(IntegrityError), office.store.session() as session:
        session.execute(text(change))
    assert len(office.log.events(ticket)) == 2
