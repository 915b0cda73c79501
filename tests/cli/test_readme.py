"""What README.md tells people to type exists, and what it points to is there."""

from __future__ import annotations

import re

from typer.testing import CliRunner

from aid.cli.main import app
from aid.settings import PROJECT

README = (PROJECT / "README.md").read_text("utf-8")
MAKEFILE = (PROJECT / "Makefile").read_text("utf-8")


def test_every_make_command_is_a_target() -> None:
    named = set(re.findall(r"`?make ([a-z]+)", README))
    assert {"run", "test", "check", "bench"} <= named
    assert named <= set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))


def test_every_aid_command_has_its_help() -> None:
    commands = re.findall(r"^\.venv/bin/aid ((?:[a-z]+ ?)+)", README, re.MULTILINE)
    assert len(commands) >= 5
    for command in commands:
        result = CliRunner().invoke(app, [*command.split(), "--help"])
        assert result.exit_code == 0, command


def test_every_local_link_leads_somewhere() -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", README) if not link.startswith("http")]
    assert [link for link in links if not (PROJECT / link).exists()] == []


def test_continuous_integration_runs_the_readmes_test_command() -> None:
    assert "make test" in (PROJECT / ".ci" / "run").read_text("utf-8")
