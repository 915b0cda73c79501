"""Evidence is deleted, added and read by who may, and each reading by staff is noted."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from aid.cases.errors import ForbiddenTransition
from aid.cases.life import PERSON
from aid.evidence.errors import EvidenceFiled, TooManyFiles, UnknownEvidence
from aid.evidence.rights import Staff, Visitor, may_read
from aid.evidence.types import MOST_FILES
from tests.evidence.made import colours, picture


def test_a_file_that_is_not_wanted_is_deleted_by_its_own_conversation_only(desk: Any) -> None:
    conversation = desk.conversation()
    sent = desk.send(conversation, picture()).evidence_id
    desk.files.drop(sent, desk.conversation())
    assert len(desk.on_disk()) == 2
    desk.files.drop(sent, conversation)
    desk.files.drop(sent, conversation)
    assert (desk.on_disk(), desk.files.find(sent)) == ([], None)


def test_after_the_filing_a_file_is_added_with_a_line_in_the_log(desk: Any) -> None:
    conversation = desk.conversation()
    ticket = desk.file(desk.draft(conversation))
    sent = desk.send(conversation, picture()).evidence_id
    assert desk.additions.add(sent, conversation, ticket.id) is True
    assert desk.additions.add(sent, conversation, ticket.id) is False
    [*_others, last] = desk.log.events(ticket)
    assert (last.kind, last.actor, last.detail["evidence"]) == ("evidence_added", "person", sent)
    assert [event.kind for event in desk.log.events(ticket)].count("evidence_added") == 1
    assert desk.log.state(ticket) == "received"
    twin = desk.send(conversation, picture()).evidence_id
    assert twin != sent
    assert desk.additions.add(twin, conversation, ticket.id) is False
    assert [one.id for one in desk.files.of_ticket(ticket.id)] == [sent]


def test_a_file_is_added_to_no_strange_closed_or_full_ticket(desk: Any) -> None:
    conversation, other = desk.conversation(), desk.conversation()
    ticket, strange = desk.file(desk.draft(conversation)), desk.file(desk.draft(other))
    sent = desk.send(conversation, picture()).evidence_id
    for evidence_id, ticket_id in ((sent, strange.id), (sent, "x"), ("x", ticket.id)):
        with pytest.raises(UnknownEvidence):
            desk.additions.add(evidence_id, conversation, ticket_id)
    desk.log.add(ticket, "withdrawn", PERSON)
    with pytest.raises(ForbiddenTransition):
        desk.additions.add(sent, conversation, ticket.id)
    desk.log.add(ticket, "reopened", PERSON, {"reason": "还要办"})
    for content in colours(MOST_FILES):
        desk.additions.add(desk.send(conversation, content).evidence_id, conversation, ticket.id)
    with pytest.raises(TooManyFiles):
        desk.additions.add(sent, conversation, ticket.id)
    second = desk.file(desk.draft(conversation))
    with pytest.raises(EvidenceFiled, match=second.number):
        desk.additions.add(sent, conversation, ticket.id)


def test_only_its_own_conversation_and_staff_with_a_reason_read_a_file(desk: Any) -> None:
    conversation = desk.conversation()
    sent = desk.send(conversation, picture()).evidence_id
    unfiled = desk.files.find(sent)
    staff = Staff("li", "现场核实")
    assert may_read(Visitor(conversation), unfiled)
    assert not any(may_read(reader, unfiled) for reader in (Visitor(desk.conversation()), Visitor(""), staff))
    desk.file(desk.draft(conversation))
    filed = desk.files.find(sent)
    assert may_read(Visitor(conversation), filed)
    assert may_read(staff, filed)
    assert not any(may_read(reader, filed) for reader in (Visitor("x"), Staff("li", " "), Staff("", "x")))
    for reader in (Visitor("x"), Staff("li", "")):
        for read in (desk.files.original, desk.files.preview):
            with pytest.raises(UnknownEvidence):
                read(reader, sent)
    for guessed in ("A" * 22, "../../etc/passwd", "", sent[:-1], sent + "x"):
        with pytest.raises(UnknownEvidence):
            desk.files.original(Visitor(conversation), guessed)


def test_each_reading_by_staff_is_noted_and_the_note_cannot_be_changed(desk: Any) -> None:
    conversation = desk.conversation()
    sent = desk.send(conversation, picture()).evidence_id
    desk.file(desk.draft(conversation))
    desk.files.original(Visitor(conversation), sent)
    desk.files.original(Staff("li", "现场核实王小强的展位"), sent)
    desk.files.preview(Staff("zhao", "复核"), sent)
    with desk.store.reading() as session:
        rows = session.execute(text("SELECT evidence_id, actor, reason_sealed FROM evidence_access ORDER BY id")).all()
    assert [(row[0], row[1], desk.vault.decrypt(row[2])) for row in rows] == [(sent, "li", "现场核实王小强的展位"), (sent, "zhao", "复核")]
    for change in ("UPDATE evidence_access SET actor = 'x'", "DELETE FROM evidence_access"):
        with pytest.raises(IntegrityError, match="append-only"), desk.store.session() as session:
            session.execute(text(change))
