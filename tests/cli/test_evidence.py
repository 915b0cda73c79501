"""`aid evidence`: staff see a ticket's files, take one out with a reason only, and sweep."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from aid.cases.errors import TicketNotFound
from aid.cases.kinds import SUMMARY
from aid.cli import evidence as command
from aid.cli.main import app
from aid.cli.ticket import office, show
from aid.evidence.errors import EvidenceDamaged, UnknownEvidence
from aid.privacy.vault import open_vault
from aid.settings import Settings
from aid.store import open_store
from aid.store.messages import Messages
from tests.evidence.made import pdf, picture

FACTS = {"name": "王小强", "phone": "13900007005", "consent": "yes", "matter": "专利", "question": "怎么申请", "asked": "怎么申请"}


@dataclass
class Filed:
    settings: Settings
    number: str


@pytest.fixture
def filed(tmp_path: Path) -> Filed:
    """A ticket with two files."""
    settings = Settings(var_dir=tmp_path / "var")
    store = open_store(settings)
    store.migrate()
    messages = Messages(store, open_vault(settings), settings.clock())
    with office(settings) as desk:
        conversation = messages.open_conversation("web").id
        for content, name in ((picture(), "13900007006.jpg"), (pdf(), "证书.pdf")):
            stored = desk.evidence.store(content, name)
            messages.add_inbound(conversation, name.rjust(20, "x")[:20], name, beside=desk.evidence.naming(conversation, stored))
        origin, _ = messages.add_inbound(conversation, "client-1", "回电")
        draft = desk.drafts.open(conversation, "consultation_callback", origin.id)
        facts = {field.key: FACTS.get(field.key, "" if field.optional else "专利") for field in desk.kinds["consultation_callback"].fields}
        draft = desk.drafts.save(draft, facts=facts, asked=SUMMARY, inbound_id=origin.id, failures=0)
        ticket, _ = desk.tickets.file(draft, messages.add_inbound(conversation, "client-2", "确认")[0].id)
    store.close()
    return Filed(settings, ticket.number)


def test_the_files_of_a_ticket_are_listed_with_names_masked(filed: Filed) -> None:
    lines: list[str] = []
    command.list_files(filed.settings, filed.number, lines.append)
    assert [line.split()[:2] for line in lines] == [["1", "jpeg"], ["2", "pdf"]]
    assert "139****7006.jpg" in lines[0]
    shown: list[str] = []
    show(filed.settings, filed.number, False, shown.append)
    assert [line for line in shown if line.startswith("file ")][1].endswith("证书.pdf")
    assert not any("13900007006" in line for line in shown)
    with pytest.raises(TicketNotFound):
        command.list_files(filed.settings, "CC-2026-999999", lines.append)


def test_a_file_is_taken_out_as_it_came_and_the_reason_is_kept(filed: Filed, tmp_path: Path) -> None:
    out, lines = tmp_path / "out.pdf", []
    command.export(filed.settings, filed.number, 2, out, "现场核实", lines.append)
    assert out.read_bytes()[:5] == b"%PDF-"
    assert out.stat().st_mode & 0o777 == 0o600
    assert "SHA-256" in lines[0]
    store = open_store(filed.settings)
    with store.reading() as session:
        [(actor, sealed)] = session.execute(text("SELECT actor, reason_sealed FROM evidence_access")).all()
    store.close()
    assert actor
    assert open_vault(filed.settings).decrypt(sealed) == "现场核实"


@pytest.mark.parametrize(("place", "reason"), [(0, "核实"), (3, "核实"), (1, " ")])
def test_no_file_goes_out_without_a_reason_or_by_a_wrong_number(filed: Filed, tmp_path: Path, place: int, reason: str) -> None:
    with pytest.raises(UnknownEvidence):
        command.export(filed.settings, filed.number, place, tmp_path / "out", reason, print)
    assert not (tmp_path / "out").exists()


def test_nothing_is_overwritten_and_a_file_that_cannot_be_written_is_not_noted(filed: Filed, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    for out in (tmp_path / "mine", tmp_path / "no" / "folder"):
        with pytest.raises(command.CannotExport):
            command.export(filed.settings, filed.number, 1, out, "核实", print)
    assert (tmp_path / "mine").read_text() == "mine"
    store = open_store(filed.settings)
    with store.reading() as session:
        assert session.execute(text("SELECT count(*) FROM evidence_access")).scalar_one() == 0
    store.close()


def test_a_damaged_file_leaves_no_half_of_it(filed: Filed, tmp_path: Path) -> None:
    for path in (filed.settings.var_dir / "evidence").glob("??/*"):
        path.write_bytes(b"x")
    with pytest.raises(EvidenceDamaged):
        command.export(filed.settings, filed.number, 1, tmp_path / "out", "核实", print)
    assert not (tmp_path / "out").exists()


def test_a_sweep_says_what_it_deleted(filed: Filed) -> None:
    lines: list[str] = []
    command.sweep(filed.settings, lines.append)
    assert lines == ["0 files without a record, 0 records without a conversation deleted"]


def test_the_command_asks_for_a_reason() -> None:
    result = CliRunner().invoke(app, ["evidence", "export", "CC-2026-000001", "1", "--out", "x"])
    assert result.exit_code == 2
    assert "--reason" in result.output
