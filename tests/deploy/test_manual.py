"""What docs/operator-manual.md tells people to type and to open exists."""

from __future__ import annotations

import re

import pytest
import yaml
from typer.testing import CliRunner

from aid.cli.main import app
from aid.settings import PROJECT, Settings

MANUAL = (PROJECT / "docs" / "operator-manual.md").read_text("utf-8")


def test_every_command_of_the_assistant_has_its_help() -> None:
    commands = {" ".join(words.split()) for words in re.findall(r"(?:(?<!/)aid-run|doors-1 aid) ((?:[a-z]+ ?)+)", MANUAL)}
    assert {"doctor", "serve prepare", "privacy rotate", "stations"} <= commands
    for command in commands:
        arguments = [] if command.startswith("serve") else command.split()[1:]
        result = CliRunner().invoke(app, [command.split()[0], *arguments, "--help"])
        assert result.exit_code == 0, command


def test_every_file_and_link_is_there() -> None:
    named = set(re.findall(r"(?<![\w/])((?:deploy|scripts)/[\w./-]+\w)", MANUAL)) - {"deploy/grafana", "deploy/containers/tls"}
    assert len(named) >= 8
    assert [name for name in sorted(named) if not (PROJECT / name).exists()] == []
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", MANUAL) if link != "backup.md"]
    assert [link for link in links if not (PROJECT / "docs" / link).exists()] == []
    headings = set(re.findall(r"^## (.+)$", MANUAL, re.MULTILINE))
    anchors = {re.sub(r"[、，。 ]", lambda sign: "-" if sign[0] == " " else "", heading).lower() for heading in headings}
    assert set(re.findall(r"\]\(#([^)]+)\)", MANUAL)) <= anchors


def test_every_unit_setting_and_service_is_there() -> None:
    units = {f"{name}@.service" for name in re.findall(r"(aid-[a-z]+)@", MANUAL)}
    assert [unit for unit in units if not (PROJECT / "deploy/systemd" / unit).exists()] == []
    settings = set(re.findall(r"AID_[A-Z_]+[A-Z]", MANUAL)) - {"AID_METRICS_PORT"}
    assert settings <= {f"AID_{name.upper()}" for name in Settings.model_fields}
    secrets = set(re.findall(r"`(aid_[a-z_]+)`", MANUAL))
    assert secrets <= {f"aid_{name}" for name in Settings.model_fields}
    services = yaml.safe_load((PROJECT / "deploy/containers/compose.yaml").read_text("utf-8"))["services"]
    called = set(re.findall(r"compose (?:exec|logs|run --rm|up -d --no-deps --force-recreate) ([a-z]+(?:-\d)?)", MANUAL))
    assert called
    assert called <= set(services)


@pytest.mark.parametrize("day", ["磁盘", "数据库", "证书过期", "时钟"])
def test_the_bad_days_are_told(day: str) -> None:
    assert day in MANUAL.split("## 坏日子")[1]
