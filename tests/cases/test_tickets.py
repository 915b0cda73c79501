"""Tickets: filed once, found by who holds the code, told by their log."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from aid.cases.errors import DraftNotReady, ForbiddenTransition, TicketNotFound, TooManyAttempts
from aid.cases.kinds import SUMMARY
from aid.cases.life import Actor
from aid.cases.tickets import CODE_SIGNS, new_lookup_code
from aid.clock import CHANGCHUN
from aid.settings import Settings
from aid.store.engine import open_store
from aid.store.errors import StoreUnavailable
from aid.store.models import DraftRow

CLERK = Actor("handler", "clerk")


def test_a_draft_becomes_a_ticket_with_its_route_and_log(office: Any) -> None:
    draft, confirming = office.ready_draft()
    ticket, created = office.tickets.file(draft, confirming)
    assert created
    assert (ticket.number, ticket.receiver, ticket.copies) == ("CC-2026-000001", "subcenter-1", ["main", "subcenter-4"])
    assert (ticket.idempotency_key, ticket.consent_version) == (confirming, "2026-11-22")
    assert ticket.parties == {"name": "王小强", "phone": "13812345678"}
    assert not {"name", "phone"} & set(ticket.facts)
    assert [e.kind for e in office.log.events(ticket)] == ["received", "routed"]
    assert office.log.state(ticket) == "received"
    assert office.drafts.current(draft.conversation_id) is None
    assert office.tickets.latest_of(draft.conversation_id) == ticket


def test_who_chose_to_be_anonymous_after_agreeing_leaves_no_consent_and_no_name(office: Any) -> None:
    conversation, inbound = office.inbound()
    draft = office.drafts.open(conversation, "infringement_report", inbound)
    told = {"exhibit": "运动鞋", "right_kind": "商标", "channel": "线下", "place": "远东批发三楼", "respondent": "", "quantity": ""}
    agreed = {**told, "contact": "留联系方式", "consent": "yes", "name": "王小强"}
    draft = office.drafts.save(draft, facts=agreed, asked="phone", inbound_id=inbound, failures=0)
    assert draft.consent_at is not None
    draft = office.drafts.save(draft, facts={**agreed, "contact": "匿名举报"}, asked=SUMMARY, inbound_id=inbound, failures=0)
    ticket, _ = office.tickets.file(draft, inbound)
    assert (ticket.consent_version, ticket.consent_at, ticket.parties) == (None, None, {})
    assert "王小强" not in str(ticket.facts)


def test_filing_twice_gives_the_first_ticket(office: Any) -> None:
    draft, confirming = office.ready_draft()
    first, _ = office.tickets.file(draft, confirming)
    _, other_message = office.inbound(draft.conversation_id)
    assert office.tickets.file(draft, confirming) == (first, False)
    assert office.tickets.file(draft, other_message) == (first, False)


def test_filing_at_the_same_moment_makes_one_ticket(office: Any) -> None:
    draft, confirming = office.ready_draft()
    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(lambda _n: office.tickets.file(draft, confirming), range(6)))
    assert sum(created for _, created in made) == 1
    assert len({ticket.number for ticket, _ in made}) == 1


def test_numbers_have_no_gap_and_begin_anew_each_year(office: Any) -> None:
    with pytest.raises(DraftNotReady):
        office.tickets.file(*office.ready_draft(phone="-"))
    numbers = [office.filed().number for _ in range(2)]
    office.clock.advance(timedelta(days=60))
    assert [*numbers, office.filed().number] == ["CC-2026-000001", "CC-2026-000002", "CC-2027-000001"]


@pytest.mark.parametrize("key", ["phone", "name", "exhibit", "event", "booth", "right_kind", "consent"])
def test_nothing_is_filed_without_a_needed_fact(office: Any, key: str) -> None:
    draft, confirming = office.ready_draft(**{key: "-"})
    with pytest.raises(DraftNotReady) as caught:
        office.tickets.file(draft, confirming)
    assert key in caught.value.missing
    assert office.drafts.current(draft.conversation_id) == draft
    assert office.tickets.latest_of(draft.conversation_id) is None


def test_when_the_database_is_locked_nothing_is_filed_and_the_draft_stays(
    office: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft, confirming = office.ready_draft()
    impatient = open_store(Settings(var_dir=tmp_path), busy_seconds=0.05)
    monkeypatch.setattr(office.tickets, "_store", impatient)
    with office.store.session() as holder:
        holder.get(DraftRow, draft.id, with_for_update=True)
        with pytest.raises(StoreUnavailable):
            office.tickets.file(draft, confirming)
    assert office.drafts.current(draft.conversation_id) == draft
    assert office.tickets.file(draft, confirming)[1]
    impatient.close()


def test_nothing_personal_and_no_code_stand_in_the_file(office: Any) -> None:
    ticket = office.filed()
    with office.store.reading() as session:
        dump = "".join(
            str(tuple(r))
            for t in ("ticket", "ticket_event", "draft")
            for r in session.execute(text(f"SELECT * FROM {t}"))
        )
    for secret in ("13812345678", "王小强", "车灯", ticket.lookup_code):
        assert secret not in dump


def test_a_lookup_code_has_no_look_alikes() -> None:
    codes = {new_lookup_code() for _ in range(300)}
    assert len(codes) == 300
    assert all(len(code) == 8 and set(code) <= set(CODE_SIGNS) for code in codes)
    assert not set("0O1IL2Z5S8BV") & set(CODE_SIGNS)


def test_the_code_is_known_for_one_by_the_entity_finder(finder: Any) -> None:
    for _ in range(50):
        code = new_lookup_code()
        assert [(e.kind, e.value) for e in finder.find(code)] == [("lookup_code", code)]
        found = finder.find(f"CC-2026-000001 {code}")
        assert [e.value for e in found] == ["CC-2026-000001", code]


def test_number_and_code_find_the_ticket_however_they_are_typed(office: Any) -> None:
    ticket = office.filed()
    typed = f"{ticket.lookup_code[:4]} {ticket.lookup_code[4:]}".lower()
    assert office.tickets.find(" ｃｃ-2026-000001", typed, "someone") == ticket


def test_a_wrong_code_and_an_unknown_number_are_the_same_error(office: Any) -> None:
    ticket = office.filed()
    messages = set()
    for number, code in ((ticket.number, "WRONG234"), ("CC-2026-999999", ticket.lookup_code)):
        with pytest.raises(TicketNotFound) as caught:
            office.tickets.find(number, code, "someone")
        messages.add(str(caught.value))
    assert len(messages) == 1


@pytest.mark.parametrize("same", ["conversation", "number"])
def test_after_five_wrong_lookups_even_the_right_code_waits_ten_minutes(office: Any, same: str) -> None:
    ticket = office.filed()
    for n in range(5):
        number = ticket.number if same == "number" else f"CC-2026-{n:06d}9"
        with pytest.raises(TicketNotFound):
            office.tickets.find(number, "WRONG234", "me" if same == "conversation" else f"someone{n}")
    with pytest.raises(TooManyAttempts):
        office.tickets.find(ticket.number, ticket.lookup_code, "me")
    office.clock.advance(timedelta(minutes=10, seconds=1))
    assert office.tickets.find(ticket.number, ticket.lookup_code, "me") == ticket


def test_wrong_lookups_at_the_same_moment_are_all_counted(office: Any) -> None:
    ticket = office.filed()

    def guess(n: int) -> type[Exception] | None:
        try:
            office.tickets.find(ticket.number, "WRONG234", f"guesser{n}")
        except (TicketNotFound, TooManyAttempts) as fault:
            return type(fault)
        return None

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(guess, range(16)))
    assert (made.count(TicketNotFound), made.count(TooManyAttempts)) == (5, 11)


def test_others_are_not_held_up_by_ones_wrong_lookups(office: Any) -> None:
    ticket = office.filed()
    for n in range(5):
        with pytest.raises(TicketNotFound):
            office.tickets.find(f"CC-2025-00000{n}", "WRONG234", "guesser")
    assert office.tickets.find(ticket.number, ticket.lookup_code, "me") == ticket


def test_the_log_carries_the_state_and_refuses_what_cannot_be(office: Any) -> None:
    ticket = office.filed()
    with pytest.raises(ForbiddenTransition):
        office.log.add(ticket, "mediated", CLERK)
    for event, state in (("accepted", "accepted"), ("started", "in_progress"), ("mediated", "mediated")):
        office.log.add(ticket, event, CLERK, {"outcome": "说明"})
        assert office.log.state(ticket) == state
    log = office.log.events(ticket)
    assert [e.seq for e in log] == [1, 2, 3, 4, 5]
    assert log[-1].detail == {"outcome": "说明"}


def test_the_receipt_says_who_when_and_whom_to_call(office: Any) -> None:
    card = office.cards.receipt(office.filed())
    assert card.receiver == "维权援助分中心（对口：汽车产业；正式名称、地址由中心核实后告知）"
    assert card.reasons[0] == "侵权发生在长春国际汽车博览会上，由对口汽车产业的分中心办理。"
    assert card.phones == ["12345", "12315"]
    assert (card.expected, card.expected_is_estimate) == (date(2026, 11, 24), True)


@pytest.mark.parametrize(
    ("filed_at", "expected"),
    [
        (datetime(2026, 11, 27, 9), date(2026, 11, 30)),  # Friday
        (datetime(2026, 9, 30, 23, 59), date(2026, 10, 8)),  # over the national holiday
        (datetime(2026, 2, 13, 9), date(2026, 2, 14)),  # a worked Saturday
    ],
)
def test_the_expected_day_is_a_working_day(office: Any, filed_at: datetime, expected: date) -> None:
    office.clock.advance(filed_at.replace(tzinfo=CHANGCHUN) - office.clock.now())
    assert office.cards.receipt(office.filed()).expected == expected


def test_the_read_back_masks_and_names_the_receiver(office: Any) -> None:
    draft, _ = office.ready_draft()
    card = office.cards.summary(draft)
    lines = {line.field: line.value for line in card.lines}
    assert lines["name"] == "王**"
    assert lines["phone"] == "138****5678"
    assert lines["respondent"] == "（没有填）"
    assert lines["right_number"] == "ZL202330123456.8（号码未核对，以证书为准）"
    assert lines["leaves_on"] == "11月24日（周二）"
    assert "汽车产业" in card.receiver
    assert "13812345678" not in card.model_dump_json()


def test_the_status_says_the_state_and_nothing_personal(office: Any) -> None:
    ticket = office.filed()
    office.log.add(ticket, "accepted", CLERK, {"note": "王小强"})
    card = office.cards.status(ticket)
    assert (card.state, card.state_label, card.received) == ("accepted", "已受理", date(2026, 11, 23))
    assert card.events[0] == "2026-11-23 09:00 收到您提交的内容"
    assert len(card.events) == 3
    assert "王" not in card.model_dump_json()
