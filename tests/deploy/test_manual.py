"""What docs/operator-manual.md tells people to type and to open exists."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
import typer.main
import yaml
from typer.testing import CliRunner

from aid.cli.main import app
from aid.settings import PROJECT, Settings

MANUAL = (PROJECT / "docs" / "operator-manual.md").read_text("utf-8")
BLOCKS = re.findall(r"^ *```\n(.*?)^ *```$", MANUAL, re.MULTILINE | re.DOTALL)
TYPED = [line for block in BLOCKS for line in block.splitlines()]
UNITS = PROJECT / "deploy" / "systemd"


def test_every_command_of_the_assistant_has_its_help() -> None:
    commands = {" ".join(words.split()) for words in re.findall(r"(?:(?<!/)aid-run|doors-1 aid) ((?:[a-z]+ ?)+)", MANUAL)}
    assert {"doctor", "serve prepare", "privacy rotate", "stations"} <= commands
    for command in commands:
        arguments = [] if command.startswith("serve") else command.split()[1:]
        result = CliRunner().invoke(app, [command.split()[0], *arguments, "--help"])
        assert result.exit_code == 0, command


def test_every_line_for_the_assistant_can_be_typed_as_it_stands() -> None:
    lines = [line.split(" 2>&1")[0].removeprefix("aid-run ") for line in TYPED if line.startswith("aid-run ")]
    assert {line.split()[0] for line in lines} >= {"serve", "doctor", "backup"}
    for line in lines:
        command: click.Command = typer.main.get_command(app)
        words = line.split()
        while isinstance(command, click.Group):
            command = command.commands[words.pop(0)]
        command.make_context("aid", words)


def test_every_unit_and_script_is_installed_before_it_is_used() -> None:
    laid = [line for line in TYPED if line.startswith("install ") and "deploy/systemd/" in line]
    patterns = [word.removeprefix("deploy/systemd/") for line in laid for word in line.split() if word.startswith("deploy/systemd/")]
    assert {path.name for path in UNITS.iterdir() if not any(path.match(pattern) for pattern in patterns)} == set()
    order = [
        next(number for number, line in enumerate(TYPED) if line.startswith(start)) for start in (laid[-1], "systemctl daemon-reload", "aid-run")
    ]
    assert order == sorted(order)
    for unit in re.findall(r"systemctl (?:start|enable --now) ([\w.@-]+)", MANUAL):
        assert list(UNITS.glob(re.sub(r"@\d.*", "@.service", unit) if "@" in unit else f"{unit}*")), unit


def test_every_folder_is_made_before_something_is_put_in_it() -> None:
    """Of /etc/aid, /var/lib/aid, /backup and /safe: those are on no fresh machine."""
    made: set[str] = set()
    for line in MANUAL.split("## 用容器安装")[0].splitlines():
        if line.startswith("install -d "):
            made |= set(re.findall(r"(?<= )/\S+", line))
        elif re.match(r"(install|printf|echo|aid-run backup|systemctl start aid-backup)", line):
            for place in re.findall(r"(?<= )(/(?:etc/aid|backup|safe)[\w./-]*)", line):
                assert {place.rstrip("/"), place.rpartition("/")[0]} & made, line
    assert {"/etc/aid/secrets", "/var/lib/aid", "/backup/aid", "/safe/aid-keys"} <= made


def test_the_ports_of_the_figures_are_those_of_the_units() -> None:
    scraped = yaml.safe_load((PROJECT / "deploy/prometheus/systemd.yml").read_text("utf-8"))["scrape_configs"]
    ports = {target.rpartition(":")[2] for one in scraped for target in one["static_configs"][0]["targets"]}
    told = MANUAL.split("## 指标")[1].split("\n## ")[0]
    assert ports <= set(re.findall(r"\b9\d{3}\b", told))
    assert "127.0.0.1:9090" in told


def test_every_file_and_link_is_there() -> None:
    named = set(re.findall(r"(?<![\w/])((?:deploy|scripts)/[\w./-]+\w)", MANUAL)) - {"deploy/containers/tls"}
    assert len(named) >= 8
    assert [name for name in sorted(named) if not (PROJECT / name).exists()] == []
    links = re.findall(r"\]\(([^)#]+)\)", MANUAL)
    assert [link for link in links if not (PROJECT / "docs" / link).exists()] == []
    headings = set(re.findall(r"^## (.+)$", MANUAL, re.MULTILINE))
    anchors = {re.sub(r"[、，。 ]", lambda sign: "-" if sign[0] == " " else "", heading).lower() for heading in headings}
    assert set(re.findall(r"\]\(#([^)]+)\)", MANUAL)) <= anchors


def test_every_unit_setting_and_service_is_there() -> None:
    units = {f"{name}@.service" for name in re.findall(r"(aid-[a-z]+)@", MANUAL)}
    assert [unit for unit in units if not (PROJECT / "deploy/systemd" / unit).exists()] == []
    settings = set(re.findall(r"AID_[A-Z_]+[A-Z]", MANUAL))
    assert settings <= {f"AID_{name.upper()}" for name in Settings.model_fields}
    secrets = set(re.findall(r"`(aid_[a-z_]+)`", MANUAL))
    assert secrets <= {f"aid_{name}" for name in Settings.model_fields}
    services = yaml.safe_load((PROJECT / "deploy/containers/compose.yaml").read_text("utf-8"))["services"]
    called = set(re.findall(r"compose (?:--profile \w+ )?(?:exec|logs|run --rm|up -d --no-deps --force-recreate) ([a-z]+(?:-\d)?)", MANUAL))
    assert called
    assert called <= set(services)


def test_the_systemd_part_can_be_followed_word_for_word_by_a_script(tmp_path: Path) -> None:
    command = [sys.executable, PROJECT / "scripts" / "follow_manual.py", "https://code.example/aid.git", "ip.example"]
    told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    (tmp_path / "follow.sh").write_text(told, "utf-8")
    assert subprocess.run(["bash", "-n", tmp_path / "follow.sh"], capture_output=True, timeout=60).stderr == b""
    assert re.findall(r"<[^\s>]*[\u4e00-\u9fff][^>]*>|您的|…", told) == [], "nothing is left to fill in"
    blocks = re.findall(r"^```\n(.*?)^```$", MANUAL.split("## 用 systemd 安装")[1].split("## 用容器安装")[0], re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 8
    for block in blocks:
        assert block.replace("<本仓库>", "https://code.example/aid.git").replace("您的域名", "ip.example") in told
    order = [
        "scripts/setup.py run",
        "make-secrets",
        "CREATE DATABASE",
        "serve prepare",
        "enable --now aid.target",
        "openssl req",
        "nginx -t",
        "aid-backup.timer",
    ]
    assert [told.index(words) for words in order] == sorted(told.index(words) for words in order)


@pytest.mark.parametrize("day", ["磁盘", "数据库", "证书过期", "时钟"])
def test_the_bad_days_are_told(day: str) -> None:
    assert day in MANUAL.split("## 坏日子")[1]
