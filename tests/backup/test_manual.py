"""What docs/backup.md tells the operator to type exists, and what it says the program says is said."""

from __future__ import annotations

import re

import click
import pytest
import typer.main

from aid.cli.main import app
from aid.settings import PROJECT, Settings

MANUAL = (PROJECT / "docs" / "backup.md").read_text("utf-8")
COMMANDS = sorted(set(re.findall(r"\.venv/bin/aid ([^\n|`]+?)(?= 2>&1|\n|`)", MANUAL)))


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_is_one_with_its_options_and_arguments(line: str) -> None:
    command: click.Command = typer.main.get_command(app)
    words = line.split()
    while isinstance(command, click.Group):
        command = command.commands[words.pop(0)]
    command.make_context("aid", words)


def test_there_are_commands_to_look_at() -> None:
    assert {line.split()[0] for line in COMMANDS} >= {"backup", "restore", "migrate", "doctor", "ticket", "evidence"}


def test_every_setting_that_is_named_exists() -> None:
    named = {name.removeprefix("AID_").lower() for name in re.findall(r"AID_[A-Z_]+", MANUAL)}
    # These two say to deploy/systemd/aid-run where its settings are.
    assert named - {"env_file", "secrets_dir"} <= set(Settings.model_fields)
    assert "AID_ENV_FILE" in (PROJECT / "deploy/systemd/aid-run").read_text("utf-8")


def test_every_fault_in_the_table_is_one_that_the_program_says() -> None:
    said = "\n".join(path.read_text("utf-8") for path in [*(PROJECT / "aid" / "backup").glob("*.py"), PROJECT / "aid" / "cli" / "backup.py"])
    said = re.sub(r"\{[^{}]*\}", "…", re.sub(r'"\s*\n\s*f?"', "", said))
    rows = re.findall(r"^\| (`[^|]+`) \|", MANUAL.partition("## 出了问题")[2].partition("\n## ")[0], re.MULTILINE)
    pieces = [piece.strip() for row in rows for fault in re.findall(r"`([^`]+)`", row) for piece in fault.split("…") if piece.strip()]
    assert len(pieces) > 10
    folded = said.replace("pg_dump", "").replace("data.key", "")
    missing = [p for p in pieces if p.replace("pg_dump", "").replace("data.key", "").strip() not in folded]
    assert missing == []


def test_every_link_leads_somewhere() -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", MANUAL) if not link.startswith("http")]
    assert [link for link in links if not (PROJECT / "docs" / link).exists()] == []
