"""Evidence is kept as it came, once, sealed, bound to its case, and given only to who may read it."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, text
from sqlalchemy.exc import IntegrityError

from aid.cases.errors import ForbiddenTransition
from aid.cases.life import PERSON
from aid.evidence import files as module
from aid.evidence.errors import EvidenceDamaged, EvidenceFiled, NoRoom, TooManyFiles, TooMuchData, UnknownEvidence
from aid.evidence.files import EvidenceFiles, Stored
from aid.evidence.rights import Staff, Visitor, may_read
from aid.evidence.sealed import SealedFiles
from aid.evidence.types import MOST_FILES
from aid.evidence.words import load_evidence_words
from aid.faults import KnowledgeError
from aid.store.models import ConversationRow, EvidenceRow
from tests.evidence.made import film, pdf, photo_with_place, picture

KNOWLEDGE = Path(__file__).parents[2] / "knowledge"


def colours(count: int) -> list[bytes]:
    return [picture(size=(8 + n, 8)) for n in range(count)]


def test_what_was_sent_comes_back_to_the_byte_and_lies_sealed_on_the_disk(desk: Any) -> None:
    conversation, content = desk.conversation(), photo_with_place()
    inbound = desk.send(conversation, content, "王小强的展位.jpg")
    evidence, given = desk.files.original(Visitor(conversation), inbound.evidence_id)
    assert given == content
    assert (evidence.sha256, evidence.size, evidence.type) == (hashlib.sha256(content).hexdigest(), len(content), "jpeg")
    assert (evidence.received_at, evidence.name) == (desk.clock.now(), "王小强的展位.jpg")
    on_disk = desk.on_disk()
    assert [path.relative_to(desk.folder).as_posix() for path in on_disk] == [
        f"{evidence.id[:2]}/{evidence.id}",
        f"{evidence.id[:2]}/{evidence.id}.preview",
    ]
    for path in on_disk:
        assert b"SECRET-CAMERA" not in path.read_bytes()
        assert path.stat().st_mode & 0o777 == 0o600
    with desk.store.reading() as session:
        assert "王小强" not in str(session.execute(text("SELECT * FROM evidence")).all())


def test_a_preview_is_there_for_pictures_and_pages_and_not_for_films(desk: Any) -> None:
    conversation = desk.conversation()
    seen = [desk.files.preview(Visitor(conversation), desk.send(conversation, c).evidence_id) for c in (picture(), pdf(), film())]
    assert [bool(one and one.startswith(b"\xff\xd8\xff")) for one in seen] == [True, True, False]


def test_the_same_file_twice_in_one_case_is_one_file(desk: Any) -> None:
    conversation, content = desk.conversation(), picture()
    first, again = desk.send(conversation, content, "甲.jpg"), desk.send(conversation, content, "乙.jpg")
    assert first.id != again.id
    assert first.evidence_id == again.evidence_id
    assert len(desk.files.waiting(conversation)) == 1
    other = desk.conversation()
    assert desk.send(other, content).evidence_id != first.evidence_id


def test_a_message_that_comes_twice_keeps_one_file(desk: Any) -> None:
    conversation = desk.conversation()
    first, again = (desk.send(conversation, picture(), client="client-1") for _ in range(2))
    assert first == again


def test_files_that_come_at_the_same_moment_are_each_kept_once_and_never_more_than_nine(desk: Any) -> None:
    conversation = desk.conversation()

    def send(content: bytes) -> str:
        try:
            return str(desk.send(conversation, content).evidence_id)
        except TooManyFiles:
            return "refused"

    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(send, [*colours(12), *colours(3)]))
    assert len(desk.files.waiting(conversation)) == MOST_FILES
    assert len(set(made) - {"refused"}) == MOST_FILES


def test_a_tenth_file_is_refused_and_no_message_of_it_is_kept(desk: Any) -> None:
    conversation = desk.conversation()
    sent = [desk.send(conversation, content) for content in colours(MOST_FILES)]
    with pytest.raises(TooManyFiles):
        desk.send(conversation, picture(size=(99, 99)))
    assert desk.send(conversation, colours(1)[0]).evidence_id == sent[0].evidence_id
    assert len(desk.messages.pending()) == MOST_FILES + 1


def test_a_conversation_may_send_only_so_many_bytes(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CONVERSATION_BYTES", 2 * len(picture()))
    conversation = desk.conversation()
    desk.send(conversation, picture())
    with pytest.raises(TooMuchData):
        desk.send(conversation, picture() + b"\0" * len(picture()))


def test_a_file_sent_before_a_case_belongs_to_it_and_is_filed_with_it(desk: Any) -> None:
    conversation = desk.conversation()
    early = desk.send(conversation, picture(colour="blue")).evidence_id
    draft = desk.draft(conversation)
    middle = desk.send(conversation, picture(colour="green")).evidence_id
    desk.files.take_into(middle, draft.id)
    late = desk.send(conversation, picture(colour="white")).evidence_id  # its turn has not come when the draft is filed
    assert {one.id for one in desk.files.of_draft(draft.id)} == {early, middle}
    ticket = desk.file(draft)
    assert {one.id for one in desk.files.of_ticket(ticket.id)} == {early, middle}
    assert [one.id for one in desk.files.waiting(conversation)] == [late]
    assert desk.files.of_draft(draft.id) == []


def test_a_filing_that_fails_leaves_the_files_with_the_draft(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    conversation = desk.conversation()
    desk.send(conversation, picture())
    draft = desk.draft(conversation)

    def broken(*_args: object) -> None:
        raise RuntimeError("the process dies here")

    with monkeypatch.context() as patch:
        patch.setattr("aid.cases.tickets.ticket_of", broken)
        with pytest.raises(RuntimeError):
            desk.file(draft)
    assert len(desk.files.of_draft(draft.id)) == 1
    assert len(desk.files.of_ticket(desk.file(draft).id)) == 1


def test_a_cancelled_case_takes_its_files_with_it(desk: Any) -> None:
    conversation = desk.conversation()
    desk.send(conversation, picture())
    draft = desk.draft(conversation)
    files = desk.files.of_draft(draft.id)
    desk.drafts.cancel(draft, draft.last_inbound_id)
    assert desk.files.find(files[0].id) is None
    desk.files.erase(files)
    assert desk.on_disk() == []


def test_files_of_a_filed_case_are_not_erased(desk: Any) -> None:
    conversation = desk.conversation()
    desk.send(conversation, picture())
    files = desk.files.waiting(conversation)
    ticket = desk.file(desk.draft(conversation))
    desk.files.erase(files)
    with pytest.raises(EvidenceFiled, match=ticket.number):
        desk.files.drop(files[0].id, conversation)
    assert desk.files.original(Visitor(conversation), files[0].id)[1] == picture()


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


@pytest.mark.parametrize("harm", ["gone", "changed", "exchanged"])
def test_a_file_that_is_not_what_was_received_is_not_given_out(desk: Any, harm: str) -> None:
    conversation = desk.conversation()
    sent = desk.send(conversation, picture()).evidence_id
    path = desk.folder / sent[:2] / sent
    if harm == "gone":
        path.unlink()
    elif harm == "changed":
        path.write_bytes(path.read_bytes()[:-4] + b"AAAA")
    else:
        path.write_bytes(desk.vault.encrypt_bytes(picture(colour="blue")))
    with pytest.raises(EvidenceDamaged):
        desk.files.original(Visitor(conversation), sent)


def test_a_crash_between_the_bytes_and_the_row_loses_nothing_and_doubles_nothing(desk: Any) -> None:
    """The door dies after the bytes are on the disk and before the message is committed; the page sends again with the same id."""
    conversation = desk.conversation()
    stored = desk.files.store(picture(), "照片.jpg")
    naming = desk.files.naming(conversation, stored)

    def dies(connection: Any, inbound_id: str) -> str:
        naming(connection, inbound_id)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        desk.messages.add_inbound(conversation, "client-1", "照片", beside=dies)
    assert desk.files.waiting(conversation) == []
    assert desk.messages.pending() == []
    again = desk.send(conversation, picture(), client="client-1")
    assert [one.id for one in desk.files.waiting(conversation)] == [again.evidence_id]
    assert len(desk.on_disk()) == 4  # the first bytes are nobody's
    assert desk.files.sweep().orphans == []  # and too young to be sure of it
    desk.clock.advance(timedelta(hours=2))
    assert desk.files.sweep().orphans == [stored.id]
    assert [path.name.split(".")[0] for path in desk.on_disk()] == [again.evidence_id] * 2
    assert desk.files.original(Visitor(conversation), again.evidence_id)[1] == picture()


def test_a_sweep_takes_half_written_bytes_and_lets_strange_files_be(desk: Any) -> None:
    conversation = desk.conversation()
    sent = desk.send(conversation, picture()).evidence_id
    half = desk.folder / "AA" / ("A" * 22 + ".part")
    half.parent.mkdir()
    for path in (half, desk.folder / "AA" / "notes.txt"):
        path.write_bytes(b"x")
        os.utime(path, (0, 0))
    desk.clock.advance(timedelta(days=1))
    assert desk.files.sweep().orphans == ["A" * 22]
    assert {path.name for path in desk.on_disk()} == {sent, f"{sent}.preview", "notes.txt"}


def test_a_deleted_conversation_takes_its_unfiled_files_with_it_and_leaves_the_filed(desk: Any) -> None:
    conversation = desk.conversation()
    filed = desk.send(conversation, picture(colour="blue")).evidence_id
    ticket = desk.file(desk.draft(conversation))
    desk.send(conversation, picture(colour="green"))
    with desk.store.session() as session:
        session.execute(delete(ConversationRow).filter_by(id=conversation))
    assert desk.files.sweep().forgotten == 1
    assert [one.id for one in desk.files.of_ticket(ticket.id)] == [filed]
    assert {path.name for path in desk.on_disk()} == {filed, f"{filed}.preview"}


def test_a_full_or_readonly_disk_keeps_nothing_and_says_so(desk: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full = EvidenceFiles(desk.store, desk.vault, desk.clock, SealedFiles(tmp_path / "e", desk.vault, least_free=2**62), desk.files._examine)
    with pytest.raises(NoRoom):
        full.store(picture(), "x")
    calls: list[int] = []

    def fsync(_descriptor: int) -> None:
        calls.append(1)
        if len(calls) == 4:  # the preview is written, the original is not
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(NoRoom, match="No space"):
        desk.files.store(picture(), "x")
    assert desk.on_disk() == []


def test_the_tables_hold_the_same_file_in_one_case_once(desk: Any) -> None:
    conversation = desk.conversation()
    desk.send(conversation, picture())
    [row] = desk.files.waiting(conversation)
    twin = Stored("B" * 22, row.type, row.size, row.sha256, "x", "x", False, row.received_at)
    with pytest.raises(IntegrityError), desk.store.session() as session:
        session.add(EvidenceRow(**desk.files._values(conversation, "B" * 22, twin)))


def test_a_file_is_told_in_one_line_with_personal_data_masked(desk: Any) -> None:
    words = load_evidence_words(KNOWLEDGE)
    conversation = desk.conversation()
    desk.send(conversation, picture(), "13900007001.jpg")
    [evidence] = desk.files.waiting(conversation)
    told = words.told(evidence)
    assert told == f"照片 139****7001.jpg（1 KB，11月23日 09:00 收到，校验码 {evidence.sha256[:8]}）"
    assert words.listed([]) == ""
    assert words.listed([evidence]) == f"\n**一起交的文件**\n- {told}"


@pytest.mark.parametrize(("old", "new"), [("  webp: 图片\n", ""), ("{sign}", "{nothing}"), ("heading: ", "headed: ")])
def test_words_that_do_not_fit_are_named_with_file_and_line(tmp_path: Path, old: str, new: str) -> None:
    content = (KNOWLEDGE / "evidence.yml").read_text("utf-8")
    assert old in content
    (tmp_path / "evidence.yml").write_text(content.replace(old, new), "utf-8")
    with pytest.raises(KnowledgeError, match=r"evidence\.yml:\d+"):
        load_evidence_words(tmp_path)
