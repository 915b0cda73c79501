"""Deletion of a person's data: all of it, only his, and never of a case that still needs him."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any, get_args

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from aid.cases.life import CLOSED, TRANSITIONS, Actor, State
from aid.privacy.erasure import OF_TICKETS, Plan
from aid.privacy.vault import Vault
from aid.store.models import Base, ConversationRow, PrivacyEventRow, TicketRow
from aid.store.sealed import sealed_columns, sealed_tables, tables_with
from tests.privacy.conftest import BOOTH, FACTS, NAME, PHONE, House

SECRETS = (PHONE, NAME, BOOTH, FACTS["right_number"])

SAYS = dict.fromkeys(("outcome", "reason", "missing", "to"), "说明")


def erase(house: House, *, withdraw: bool = False, phone: str = PHONE) -> Plan:
    erasure = house.erasure()
    plan = erasure.plan(house.persons().by_phone(phone), withdraw=withdraw)
    erasure.carry_out(plan, "erased", "consent" if withdraw else "request")
    return plan


def everything(house: House) -> str:
    """The whole record as text, all seals opened."""
    sealed = {(t.name, c.name) for t in sealed_tables() for c in sealed_columns(t)}
    words = []
    with house.store.reading() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(select(table)).mappings():
                words += [house.vault.decrypt(v) if v and (table.name, n) in sealed else str(v) for n, v in row.items()]
    return "\n".join(words)


def conversations(house: House) -> list[str]:
    with house.store.reading() as session:
        return list(session.scalars(select(ConversationRow.id)))


def test_nothing_that_tells_who_he_is_stays_anywhere(house: House) -> None:
    house.close(house.filed())
    house.draft(house.talk(f"电话{PHONE}"))
    assert all(secret in everything(house) for secret in SECRETS)
    erase(house)
    left = everything(house)
    for secret in SECRETS:
        assert secret not in left
    assert conversations(house) == []


def test_number_kind_receiver_matter_and_steps_of_the_case_stay(house: House) -> None:
    ticket = house.close(house.filed())
    before = house.office.log.events(ticket)
    card = house.office.cards.status(ticket)
    erase(house)
    left = house.office.tickets.find(ticket.number, ticket.lookup_code, "someone")
    assert (left.parties, left.erased_at) == ({}, house.clock.now())
    assert left.facts == {"event": "长春国际汽车博览会", "right_kind": "外观设计专利", "leaves_on": "2026-11-24"}
    assert (left.kind, left.receiver, left.reasons) == (ticket.kind, ticket.receiver, ticket.reasons)
    after = house.office.log.events(left)
    assert [(e.seq, e.kind, e.at, e.actor) for e in after] == [(e.seq, e.kind, e.at, e.actor) for e in before]
    assert [e.detail for e in after] == [{}, before[1].detail, {}, {}, {}]
    told = [re.sub("：.*", "", line.split(" ", 2)[2]) for line in card.events]
    assert house.office.cards.status(left) == card.model_copy(update={"events": [" ".join([*line.split(" ", 2)[:2], words]) for line, words in zip(card.events, told, strict=True)]})
    assert house.office.cards.receipt(left).number == ticket.number
    assert house.office.tickets.of(ticket.conversation_id) == [left]
    assert house.office.tickets.latest_of(ticket.conversation_id) == left
    assert house.office.tickets.numbered(ticket.number) == left


def test_the_next_number_goes_on_and_the_log_is_guarded_as_before(house: House) -> None:
    house.close(house.filed())
    erase(house)
    assert house.filed().number == "CC-2026-000002"
    for change in ("UPDATE ticket_event SET actor = 'x'", "UPDATE ticket_event SET detail_sealed = 'x'", "DELETE FROM ticket_event"):
        with pytest.raises(IntegrityError, match="append-only"), house.store.session() as session:
            session.execute(text(change))


def test_others_keep_everything(house: House) -> None:
    house.close(house.filed())
    other = house.close(house.filed(house.talk("我叫王强"), phone="13900007002", name="王强"))
    before = house.copies().copy(house.persons().by_phone("13900007002"))
    erase(house)
    assert house.copies().copy(house.persons().by_phone("13900007002")) == before
    assert conversations(house) == [other.conversation_id]


def test_a_case_under_way_keeps_its_data_and_its_talk_while_the_rest_goes(house: House) -> None:
    under_way, over, other_talk = house.filed(), house.close(house.filed()), house.talk("你好")
    house.draft(other_talk)
    plan = erase(house)
    assert [ticket.number for ticket in plan.refused] == [under_way.number]
    assert plan.kept == [under_way.conversation_id]
    assert house.office.tickets.numbered(under_way.number) == under_way
    assert house.office.tickets.numbered(over.number).parties == {}  # type: ignore[union-attr]
    assert conversations(house) == [under_way.conversation_id]


@pytest.mark.parametrize("steps", [[], ["accepted"], ["returned"], ["accepted", "started"], ["referred"]])
def test_with_withdrawal_a_case_under_way_is_withdrawn_first(house: House, steps: list[Any]) -> None:
    ticket = house.filed()
    for step in steps:
        house.office.log.add(ticket, step, Actor("supervisor", "clerk"), SAYS)
    plan = erase(house, withdraw=True)
    left = house.office.tickets.numbered(ticket.number)
    assert left is not None
    assert (plan.refused, left.parties, house.office.log.state(left)) == ([], {}, "withdrawn")
    assert house.office.log.events(left)[-1].actor == "supervisor:officer"
    assert PHONE not in everything(house)


def test_every_state_is_over_or_can_be_withdrawn() -> None:
    for state in get_args(State):
        assert (state in CLOSED) != ("withdrawn" in TRANSITIONS[state])


def test_a_case_that_is_taken_up_again_meanwhile_keeps_its_data(house: House) -> None:
    ticket = house.close(house.filed())
    erasure = house.erasure()
    plan = erasure.plan(house.persons().by_ticket(ticket.number))
    house.office.log.add(ticket, "reopened", Actor("supervisor", "clerk"), SAYS)
    done = erasure.carry_out(plan, "erased", "request")
    assert "ticket" not in done
    assert house.office.tickets.numbered(ticket.number) == ticket


def test_a_second_deletion_changes_nothing(house: House) -> None:
    ticket = house.close(house.filed())
    erase(house)
    emptied_at = house.clock.now()
    house.clock.advance(timedelta(days=1))
    erasure = house.erasure()
    plan = erasure.plan(house.persons().by_ticket(ticket.number))
    assert [planned.verdict for planned in plan.tickets] == ["erased"]
    assert erasure.carry_out(plan, "erased", "request") == {}
    assert house.office.tickets.numbered(ticket.number).erased_at == emptied_at  # type: ignore[union-attr]


def test_a_deletion_that_breaks_off_leaves_whole_tickets_and_is_run_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = house.close(house.filed()), house.close(house.filed())
    erasure = house.erasure()
    plan = erasure.plan(house.persons().by_phone(PHONE))
    stock, calls = type(erasure)._empty_log, iter(range(9))

    def breaking(self: Any, *arguments: Any) -> None:
        stock(self, *arguments)
        if next(calls) == 1:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(type(erasure), "_empty_log", breaking)
        with pytest.raises(KeyboardInterrupt):
            erasure.carry_out(plan, "erased", "request")
    gone = [house.office.tickets.numbered(ticket.number).parties == {} for ticket in (first, second)]  # type: ignore[union-attr]
    assert sorted(gone) == [False, True]
    with house.store.reading() as session:
        assert [row.counts for row in session.scalars(select(PrivacyEventRow))] == [{"ticket": 1}], "what was done is written down"
    erasure.carry_out(plan, "erased", "request")
    assert PHONE not in everything(house)


def test_the_log_of_privacy_tells_what_was_done_and_no_personal_data(house: House) -> None:
    house.close(house.filed())
    erase(house)
    with house.store.reading() as session:
        [row] = session.scalars(select(PrivacyEventRow))
        assert (row.action, row.reason, row.actor, row.at) == ("erased", "request", "officer", house.clock.now())
    assert (row.counts["ticket"], row.counts["conversation"], row.counts["unanswered"], row.counts["talk"]) == (1, 1, 1, 1)
    assert not any(secret in json.dumps(row.counts) for secret in SECRETS)


def test_a_table_that_is_added_has_its_deletion() -> None:
    """Tables of a conversation go with it; those of a ticket are written into the deletion by hand, and named here."""
    of_tickets = {table.name for table in tables_with("ticket_id")}
    assert of_tickets == OF_TICKETS
    known = {*of_tickets, *(table.name for table in tables_with("conversation_id")), "conversation"}
    sealed = {table.name for table in sealed_tables()} - {"staff"}  # the second factor's secret, which goes when it is ended or reset
    assert sealed <= known, "a sealed table that belongs to no conversation and no ticket would never be deleted"


class Files:
    """A keeper of files, who counts the ones that he was told to delete."""

    name = "evidence"
    tables = frozenset({"talk"})

    def __init__(self) -> None:
        self.gone: list[str] = []

    def stale(self, _vault: Vault) -> int:
        return 0

    def reseal(self, _vault: Vault) -> int:
        return 0

    def listed(self, _tickets: Any, _conversations: Any) -> list[dict[str, Any]]:
        return []

    def erase(self, tickets: Any, conversations: Any) -> int:
        new = [id_ for id_ in (*tickets, *conversations) if id_ not in self.gone]
        self.gone += new
        return len(new)


def test_files_go_with_their_ticket_and_their_talk_and_those_of_a_case_under_way_stay(house: House) -> None:
    under_way, over, files = house.filed(), house.close(house.filed()), Files()
    erasure = house.erasure(files)
    done = erasure.carry_out(erasure.plan(house.persons().by_phone(PHONE)), "erased", "request")
    assert (files.gone, done["evidence"]) == ([over.id, over.conversation_id], 2)
    assert not {under_way.id, under_way.conversation_id} & set(files.gone)


def test_files_that_a_crash_left_behind_go_when_it_is_run_again(house: House) -> None:
    ticket, files = house.close(house.filed()), Files()
    house.erasure().carry_out(house.erasure().plan(house.persons().by_ticket(ticket.number)), "erased", "request")
    erasure = house.erasure(files)
    assert erasure.carry_out(erasure.plan(house.persons().by_ticket(ticket.number)), "erased", "request") == {"evidence": 1}
    assert files.gone == [ticket.id]


def test_an_anonymous_ticket_loses_what_was_told(house: House) -> None:
    conversation = house.talk("举报")
    draft = house.office.drafts.open(conversation, "infringement_report", house.says(conversation, "我要举报"))
    facts = {"exhibit": "冒牌鞋", "right_kind": "商标", "channel": "线下", "place": "远东批发三楼", "respondent": "", "quantity": "", "contact": "匿名举报"}
    draft = house.office.drafts.save(draft, facts=facts, asked="summary", inbound_id=draft.origin_inbound_id, failures=0)
    ticket, _ = house.office.tickets.file(draft, house.says(conversation, "确认"))
    house.office.log.add(ticket, "not_accepted", Actor("supervisor", "clerk"), SAYS)
    erasure = house.erasure()
    erasure.carry_out(erasure.plan(house.persons().by_ticket(ticket.number)), "erased", "request")
    with house.store.reading() as session:
        assert session.get_one(TicketRow, ticket.id).parties_sealed is None
    left = house.office.tickets.numbered(ticket.number)
    assert left is not None
    assert left.facts == {"right_kind": "商标", "channel": "线下", "contact": "匿名举报"}
