"""Drafts: kept at every step, one at a time, emptied when they end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import text

from aid.cases.errors import AnotherDraftOpen, DraftGone


def test_the_same_message_opens_the_same_draft(office: Any) -> None:
    conversation, inbound = office.inbound()
    first = office.drafts.open(conversation, "expo_complaint", inbound)
    assert office.drafts.open(conversation, "expo_complaint", inbound) == first == office.drafts.current(conversation)


def test_the_same_message_at_the_same_moment_opens_one_draft(office: Any) -> None:
    for _ in range(10):
        conversation, inbound = office.inbound()
        with ThreadPoolExecutor(6) as pool:
            made = list(pool.map(lambda _n, c=conversation, i=inbound: office.drafts.open(c, "expo_complaint", i).id, range(6)))
        assert len(set(made)) == 1


def test_another_start_goes_on_with_the_open_draft_and_another_kind_is_told(office: Any) -> None:
    conversation, inbound = office.inbound()
    first = office.drafts.open(conversation, "expo_complaint", inbound)
    _, later = office.inbound(conversation)
    assert office.drafts.open(conversation, "expo_complaint", later).id == first.id
    with pytest.raises(AnotherDraftOpen) as caught:
        office.drafts.open(conversation, "mediation_request", later)
    assert caught.value.kind == "expo_complaint"


def test_what_was_said_is_kept_sealed(office: Any) -> None:
    draft, _ = office.ready_draft()
    assert office.drafts.current(draft.conversation_id) == draft
    assert draft.facts["phone"] == "13812345678"
    with office.store.reading() as session:
        row = str(tuple(session.execute(text("SELECT * FROM draft")).one()))
    assert "13812345678" not in row
    assert "车灯" not in row


def test_consent_is_noted_once_with_version_and_moment(office: Any) -> None:
    conversation, inbound = office.inbound()
    draft = office.drafts.open(conversation, "expo_complaint", inbound)
    kept = {"asked": "name", "inbound_id": inbound, "failures": 0}
    draft = office.drafts.save(draft, facts={"event": "x"}, **kept)
    assert (draft.consent_version, draft.consent_at) == (None, None)
    draft = office.drafts.save(draft, facts={"consent": "yes"}, **kept)
    given = draft.consent_at
    assert (draft.consent_version, given) == ("2026-11-22", office.clock.now())
    office.clock.advance(given - given.replace(hour=8))
    assert office.drafts.save(draft, facts={"consent": "yes", "name": "王强"}, **kept).consent_at == given


@pytest.mark.parametrize("end", ["cancel", "refuse_consent"])
def test_an_ended_draft_keeps_nothing_and_takes_nothing(office: Any, end: str) -> None:
    draft, inbound = office.ready_draft()
    ended = getattr(office.drafts, end)(draft, inbound)
    assert (ended.state, ended.facts, ended.consent_at) == ("cancelled", {}, None)
    assert office.drafts.current(draft.conversation_id) is None
    assert office.drafts.ended_by(inbound) == ended
    with pytest.raises(DraftGone):
        office.drafts.save(draft, facts={}, asked=None, inbound_id=inbound, failures=0)
    with pytest.raises(DraftGone):
        office.drafts.cancel(draft, inbound)
    with pytest.raises(DraftGone):
        office.tickets.file(draft, inbound)


def test_after_one_ended_another_can_begin(office: Any) -> None:
    draft, inbound = office.ready_draft()
    office.drafts.cancel(draft, inbound)
    _, later = office.inbound(draft.conversation_id)
    assert office.drafts.open(draft.conversation_id, "expo_complaint", later).id != draft.id
    assert office.drafts.ended_by(later) is None
