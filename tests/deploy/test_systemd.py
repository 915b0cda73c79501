"""The units that are given out: systemd reads them, they hold what they promise, and the scripts beside them do what they say."""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import typer.main
import yaml

from aid.cli.main import app
from aid.cli.processes import rasa_server
from aid.cli.serve import Part
from aid.operations.listener import PLACES
from aid.settings import PROJECT, Settings

FOLDER = PROJECT / "deploy" / "systemd"
SERVICES = sorted(FOLDER.glob("*.service"))
PROCESSES = [service for service in SERVICES if service.name != "aid-backup.service"]
HARD = [
    "NoNewPrivileges=yes",
    "ProtectSystem=strict",
    "ProtectHome=yes",
    "PrivateTmp=yes",
    "CapabilityBoundingSet=",
    "MemoryMax=",
    "RestrictAddressFamilies=",
]
WORST = 30
"""Exposure by `systemd-analyze security`, out of 100; a plain service has 96."""
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd: sudo apt-get install systemd")


def copies(folder: Path) -> list[str]:
    """The units with a program in them that this machine has."""
    for unit in [*SERVICES, *FOLDER.glob("*.timer"), FOLDER / "aid.target"]:
        (folder / unit.name).write_text(unit.read_text("utf-8").replace("/opt/aid/.venv/bin/aid", shutil.which("true") or "/bin/true"), "utf-8")
    return sorted(str(path) for path in folder.iterdir())


@needs_systemd
def test_systemd_finds_no_fault_in_the_units(tmp_path: Path) -> None:
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", *copies(tmp_path)], capture_output=True, text=True, timeout=60)
    # What else is wrong on this machine is no concern of ours.
    ours = [line for line in (done.stdout + done.stderr).splitlines() if "aid-" in line or "aid." in line]
    assert ours == []
    (tmp_path / "aid-console.service").write_text("[Service]\nExecStart=no-such-thing\nMemoryMaximum=1\n", "utf-8")
    broken = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(tmp_path / "aid-console.service")], capture_output=True, text=True, timeout=60
    )
    assert "MemoryMaximum" in broken.stderr


@needs_systemd
@pytest.mark.parametrize("name", [service.name for service in SERVICES])
def test_a_unit_is_well_shut_in(name: str, tmp_path: Path) -> None:
    copies(tmp_path)
    at = tmp_path / name.replace("@.", "@1.")
    (tmp_path / name).rename(at)
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", f"--threshold={WORST}", str(at)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout[-300:] + done.stderr


def test_each_process_has_its_unit_with_the_least_rights() -> None:
    assert len(PROCESSES) == 4
    for service in SERVICES:
        assert [line for line in HARD if line not in service.read_text("utf-8")] == [], service.name
    for service in PROCESSES:
        text = service.read_text("utf-8")
        [part] = re.findall(r"^ExecStart=/opt/aid/.venv/bin/aid serve (\w+)$", text, re.MULTILINE)
        assert Part(part)
        assert "PartOf=aid.target" in text


def test_rasa_runs_as_a_user_of_its_own_without_keys_and_without_a_network_outside() -> None:
    text = (FOLDER / "aid-rasa@.service").read_text("utf-8")
    assert "User=aid-rasa" in text
    assert "IPAddressDeny=any\nIPAddressAllow=localhost" in text
    assert "InaccessiblePaths=-/etc/aid/secrets -/var/lib/aid" in text
    assert "AID_SECRETS_DIR" not in text
    assert "ReadWritePaths" not in text


def test_rasa_can_shut_itself_in_further_within_its_unit() -> None:
    text = (FOLDER / "aid-rasa@.service").read_text("utf-8")
    asked = set(re.findall(r"landlock_\w+", "\n".join(line for line in text.splitlines() if line.startswith("SystemCallFilter="))))
    assert asked == {"landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self"}
    [scratch] = re.findall(r"AID_RASA_SCRATCH=(\S+)", text)
    assert scratch.startswith("/tmp/"), "its user may make nothing in the var folder, which the unit hides from it"
    assert "PrivateTmp=yes" in text
    command = rasa_server(Settings(_env_file=None, rasa_scratch=scratch), Path("model.tar.gz")).command
    assert command[command.index("--scratch") + 1] == scratch


def test_every_process_with_figures_has_a_port_of_its_own_on_loopback_and_prometheus_asks_there() -> None:
    ports: dict[str, list[str]] = {}
    for unit in re.findall(r"aid-\w+(?:@\d)?\.service", (FOLDER / "aid.target").read_text("utf-8")):
        part, _, number = unit.removeprefix("aid-").removesuffix(".service").partition("@")
        text = (FOLDER / f"aid-{part}{'@' * bool(number)}.service").read_text("utf-8")
        for base in re.findall(r"AID_METRICS_PORT=(\S+)", text):
            ports.setdefault(f"aid-{part}", []).append(f"127.0.0.1:{int(base.replace('%i', number)) + PLACES[part]}")
        assert "AID_METRICS_HOST" not in text
    assert set(ports) == {"aid-doors", "aid-actions", "aid-console"}
    scraped = yaml.safe_load((PROJECT / "deploy/prometheus/systemd.yml").read_text("utf-8"))["scrape_configs"]
    assert {one["job_name"]: one["static_configs"][0]["targets"] for one in scraped} == ports


def test_the_common_file_holds_nothing_that_a_unit_says_of_itself() -> None:
    """systemd lets EnvironmentFile= go before Environment=: a port there is the port of all of them."""
    common = set(re.findall(r"^(\w+)=", (FOLDER / "aid.env.example").read_text("utf-8"), re.MULTILINE))
    for service in SERVICES:
        [own] = re.findall(r"^Environment=(.+)$", service.read_text("utf-8"), re.MULTILINE)
        assert common & {word.partition("=")[0] for word in own.split()} == set(), service.name


def test_the_backup_is_made_every_night_where_the_manual_says_and_may_write_only_there() -> None:
    text = (FOLDER / "aid-backup.service").read_text("utf-8")
    [command] = re.findall(r"^ExecStart=/opt/aid/.venv/bin/aid (backup .+)$", text, re.MULTILINE)
    _, shelf, _, keys, *_ = command.split()
    typer.main.get_command(app).commands["backup"].make_context("aid", command.split()[1:])  # type: ignore[attr-defined]
    assert f"RequiresMountsFor={shelf} {keys}\n" in text
    assert f"ReadWritePaths={shelf} {keys} /var/lib/aid /opt/aid/knowledge\n" in text
    assert "Type=oneshot" in text
    assert "OnCalendar=*-*-* 02:00:00 Asia/Shanghai\n" in (FOLDER / "aid-backup.timer").read_text("utf-8")
    assert f"install -d -m 700 -o aid -g aid {shelf} {keys}\n" in (PROJECT / "docs/operator-manual.md").read_text("utf-8")


def test_every_variable_is_a_setting_and_no_secret_stands_in_a_unit() -> None:
    known = {f"AID_{name.upper()}" for name in Settings.model_fields} | {"AID_SECRETS_DIR"}
    for path in [*SERVICES, FOLDER / "aid.env.example"]:
        used = set(re.findall(r"\b(AID_[A-Z_]+)=", path.read_text("utf-8")))
        assert used <= known, path.name
        assert not used & {"AID_DATABASE_URL", "AID_DATA_KEY", "AID_TOKEN_KEY", "AID_WECHAT_APP_SECRET"}


def test_the_addresses_in_the_example_are_those_of_the_target_s_units() -> None:
    lines = (FOLDER / "aid.env.example").read_text("utf-8")
    section = configparser.ConfigParser(interpolation=None)
    section.read_string(f"[env]\n{lines}")
    found = Settings(_env_file=None, **{name.removeprefix("aid_"): value for name, value in section["env"].items()})
    wanted = (FOLDER / "aid.target").read_text("utf-8")
    rasas = [f"http://127.0.0.1:500{number}" for number in re.findall(r"aid-rasa@(\d)", wanted)]
    actions = [f"http://127.0.0.1:505{number}" for number in re.findall(r"aid-actions@(\d)", wanted)]
    assert (found.rasas, found.actions) == (rasas, actions)
    upstream = (PROJECT / "deploy/nginx/aid-upstream.conf").read_text("utf-8")
    assert re.findall(r"server 127.0.0.1:808(\d)", upstream) == re.findall(r"aid-doors@(\d)", wanted)


class Machine:
    """systemctl, curl, sleep and runuser in a folder of their own; what they were asked stands in ``log``."""

    UNITS = "aid-actions@1.service aid-actions@2.service aid-console.service aid-doors@1.service aid-rasa@1.service"
    """By the alphabet, as systemctl lists them."""

    def __init__(self, folder: Path, broken: str = "none") -> None:
        self.folder, self.log = folder, folder / "log"
        listed = f'for u in {self.UNITS}; do case "$u" in $last) echo "$u loaded active running x" ;; esac; done'
        self.put("systemctl", f'for last; do :; done; if [ "$1" = list-units ]; then {listed}; else echo "$*" >> {self.log}; fi')
        self.put("curl", f'for last; do :; done; echo "ask $last" >> {self.log}; case "$last" in *{broken}*) exit 7;; esac')
        self.put("sleep", "true")
        self.put("runuser", f'echo "$* data=$AID_VAR_DIR secrets=$AID_SECRETS_DIR port=$AID_PORT at=$PWD" >> {self.log}')

    def put(self, name: str, script: str) -> None:
        (self.folder / name).write_text(f"#!/bin/sh\n{script}\n", "utf-8")
        (self.folder / name).chmod(0o755)

    def run(self, script: str, *arguments: str, **environment: str) -> tuple[int, list[str]]:
        path = {"PATH": f"{self.folder}{os.pathsep}{os.environ['PATH']}", **environment}
        done = subprocess.run(["sh", FOLDER / script, *arguments], env=path, capture_output=True, text=True, timeout=120)
        return done.returncode, self.log.read_text("utf-8").splitlines()


def test_a_rolling_restart_goes_on_only_when_the_one_before_answers(tmp_path: Path) -> None:
    code, log = Machine(tmp_path).run("aid-rolling")
    assert code == 0
    assert log == [
        *["restart aid-actions@1.service", "ask http://127.0.0.1:5051/readyz", "restart aid-actions@2.service", "ask http://127.0.0.1:5052/readyz"],
        *["restart aid-rasa@1.service", "ask http://127.0.0.1:5001/webhooks/ready/"],
        *["restart aid-doors@1.service", "ask http://127.0.0.1:8081/readyz"],
        *["restart aid-console.service", "ask http://127.0.0.1:8090/console/readyz"],
    ]


def test_a_rolling_restart_ends_at_the_first_that_does_not_come_back(tmp_path: Path) -> None:
    code, log = Machine(tmp_path, broken=":5052/").run("aid-rolling")
    assert code == 1
    assert [line for line in log if "restart" in line] == ["restart aid-actions@1.service", "restart aid-actions@2.service"]


def test_a_command_runs_with_the_services_settings_and_user(tmp_path: Path) -> None:
    (tmp_path / "aid.env").write_text("AID_VAR_DIR=/elsewhere\n", "utf-8")
    code, log = Machine(tmp_path).run("aid-run", "user", "list", AID_ENV_FILE=str(tmp_path / "aid.env"), AID_HOME=str(tmp_path))
    assert code == 0
    assert log == [f"-u aid -- .venv/bin/aid user list data=/elsewhere secrets=/etc/aid/secrets port=8081 at={tmp_path}"]


def test_a_rehearsal_has_settings_and_secrets_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "drill.env").write_text("AID_VAR_DIR=/drill\nAID_PORT=18080\n", "utf-8")
    own = {"AID_ENV_FILE": str(tmp_path / "drill.env"), "AID_HOME": str(tmp_path), "AID_SECRETS_DIR": "/drill/secrets"}
    _, log = Machine(tmp_path).run("aid-run", "doctor", **own)
    assert log == [f"-u aid -- .venv/bin/aid doctor data=/drill secrets=/drill/secrets port=18080 at={tmp_path}"]
