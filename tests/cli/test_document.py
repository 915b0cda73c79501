"""`aid document` writes a ticket's document for staff."""

from __future__ import annotations

from pathlib import Path

import docx
import pytest

from aid.cases.errors import TicketNotFound
from aid.cli.document import document
from aid.cli.ticket import office, show
from aid.documents.errors import FileInTheWay, NoDocument
from aid.people.errors import ReasonMissing
from aid.people.sights import Filter, Sights
from aid.privacy.vault import open_vault
from aid.settings import Settings
from aid.store.engine import open_store
from aid.store.messages import Messages

FACTS = {
    "event": "长春国际汽车博览会", "booth": "A3馆B12", "exhibit": "车灯", "respondent": "", "right_kind": "外观设计专利", "right_number": "",
    "leaves_on": "", "consent": "yes", "name": "王小强", "phone": "13900007011",
}  # fmt: skip
REASON = "当事人来签字"
COMPLAINT = {"story": "没等我说完就挂了", "about_number": "", "sought": "", "contact": "不留"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(var_dir=tmp_path / "var")


def filed(settings: Settings, kind: str, facts: dict[str, str]) -> str:
    """File a ticket; gives its number."""
    store = open_store(settings)
    store.migrate()
    messages = Messages(store, open_vault(settings), settings.clock())
    with office(settings) as desk:
        conversation = messages.open_conversation("web").id
        inbound = messages.add_inbound(conversation, "first-message", "投诉")[0].id
        draft = desk.drafts.open(conversation, kind, inbound)
        draft = desk.drafts.save(draft, facts=facts, asked="summary", inbound_id=inbound, failures=0)
        number = desk.tickets.file(draft, messages.add_inbound(conversation, "confirm", "确认")[0].id)[0].number
    store.close()
    return number


def test_the_document_is_written_for_its_owner_only(settings: Settings, tmp_path: Path) -> None:
    number = filed(settings, "expo_complaint", FACTS)
    target = document(settings, number, tmp_path / "out.docx", REASON)
    assert target.stat().st_mode & 0o077 == 0
    said = "".join(cell.text for table in docx.Document(str(target)).tables for row in table.rows for cell in row.cells)
    assert "王小强" in said
    assert "13900007011" in said


def test_in_a_folder_it_gets_its_own_name(settings: Settings, tmp_path: Path) -> None:
    number = filed(settings, "expo_complaint", FACTS)
    assert document(settings, number, tmp_path, REASON).name == f"展会知识产权投诉书-{number}.docx"


def test_nothing_is_overwritten(settings: Settings, tmp_path: Path) -> None:
    number = filed(settings, "expo_complaint", FACTS)
    (tmp_path / "out.docx").write_text("mine")
    with pytest.raises(FileInTheWay, match="there already"):
        document(settings, number, tmp_path / "out.docx", REASON)
    assert (tmp_path / "out.docx").read_text() == "mine"


def test_a_folder_that_is_not_there_is_told(settings: Settings, tmp_path: Path) -> None:
    number = filed(settings, "expo_complaint", FACTS)
    with pytest.raises(FileInTheWay, match="cannot be written"):
        document(settings, number, tmp_path / "nowhere" / "out.docx", REASON)


def test_no_ticket_and_no_document_are_told_and_nothing_is_written(settings: Settings, tmp_path: Path) -> None:
    number = filed(settings, "service_complaint", COMPLAINT)
    with pytest.raises(NoDocument):
        document(settings, number, tmp_path / "out.docx", REASON)
    with pytest.raises(TicketNotFound):
        document(settings, "CC-2026-999999", tmp_path / "out.docx", REASON)
    assert not (tmp_path / "out.docx").exists()


def sights(settings: Settings) -> list[tuple[str, str, str | None, list[str], str | None]]:
    store = open_store(settings)
    lines = Sights(store, open_vault(settings), settings.clock()).find(None, Filter())
    store.close()
    return [(line.role, line.act, line.ticket_number, line.what, line.words) for line in lines]


def test_who_takes_the_document_out_and_why_stands_in_the_access_log(settings: Settings, tmp_path: Path) -> None:
    number = filed(settings, "expo_complaint", FACTS)
    with pytest.raises(ReasonMissing):
        document(settings, number, tmp_path / "out.docx", "  ")
    assert not (tmp_path / "out.docx").exists()
    assert sights(settings) == []
    document(settings, number, tmp_path / "out.docx", REASON)
    assert sights(settings) == [("machine", "taken_out", number, ["document"], REASON)]


def test_who_looks_at_personal_data_on_the_command_line_stands_in_the_access_log(settings: Settings) -> None:
    number, said = filed(settings, "expo_complaint", FACTS), list[str]()
    show(settings, number, False, said.append)
    assert "13900007011" not in "".join(said)
    assert sights(settings) == []
    with pytest.raises(ReasonMissing):
        show(settings, number, True, said.append)
    assert "13900007011" not in "".join(said)
    show(settings, number, True, said.append, "电话核对")
    assert "13900007011" in "".join(said)
    [(role, act, of, what, words)] = sights(settings)
    assert (role, act, of, words) == ("machine", "seen", number, "电话核对")
    assert {"name", "phone"} <= set(what)
