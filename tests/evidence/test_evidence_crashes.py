"""What crashes, full disks, deletions and damage leave of evidence: nothing lost, nothing doubled, nothing wrong given out."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from aid.evidence.errors import EvidenceDamaged, NoRoom
from aid.evidence.files import EvidenceFiles, Stored
from aid.evidence.rights import Visitor
from aid.evidence.sealed import SealedFiles
from aid.store.models import ConversationRow, EvidenceRow
from tests.evidence.made import picture


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
