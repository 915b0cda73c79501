"""Evidence is kept as it came, once, sealed, and bound to its case."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from aid.evidence import files as module
from aid.evidence.errors import EvidenceFiled, TooManyFiles, TooMuchData
from aid.evidence.rights import Visitor
from aid.evidence.types import MOST_FILES
from aid.evidence.words import load_evidence_words
from aid.faults import KnowledgeError
from tests.evidence.made import colours, film, pdf, photo_with_place, picture

KNOWLEDGE = Path(__file__).parents[2] / "knowledge"


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
