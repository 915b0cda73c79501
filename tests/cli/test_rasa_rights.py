"""The Rasa server is old and reads what strangers write: it gets no secret, reads no key, reaches nothing, and writes in one folder."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from aid.cli.ask import free_ports
from aid.cli.processes import PASSED_ON, Process, processes, rasa_environment
from aid.settings import PROJECT, Settings

SECRETS = {
    "data_key": "a-data-key-nobody-may-see", "token_key": "a-token-key-nobody-may-see", "database_url": "postgresql+psycopg://u:a-password@h/d",
    "station_secret": "a-station-secret-nobody-may-ever-see", "wechat_app_secret": "an-app-secret", "wechat_token": "a-wechat-token",
    "wechat_aes_key": "b" * 43, "redis": "redis://:a-redis-password@h/0", "kiosk_pin": "918273",
}  # fmt: skip
PROBE = """
import json, os, socket, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from bot.confined import Rights, confine
given = json.loads(sys.argv[2])
held = confine(Rights((Path(given["read"]),), Path(given["scratch"]), (given["bind"],), (given["connect"],)))
def tried(act):
    try:
        act()
    except PermissionError:
        return "refused"
    except OSError as fault:
        return type(fault).__name__
    return "done"
def listen(port):
    with socket.socket() as made:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(("127.0.0.1", port))
print(json.dumps({
    "held": held,
    "secret": tried(lambda: Path(given["secret"]).read_bytes()),
    "settings": tried(lambda: Path(sys.argv[1], "README.md").read_bytes()),
    "parent": tried(lambda: Path("/proc", str(os.getppid()), "environ").read_bytes()),
    "readable": tried(lambda: Path(given["read"], "model").read_bytes()),
    "overwritten": tried(lambda: Path(given["read"], "model").write_bytes(b"")),
    "scratch": tried(lambda: Path(given["scratch"], "a").write_bytes(b"")),
    "code": tried(lambda: Path(sys.argv[1], "bot", "planted.py").write_bytes(b"")),
    "actions": tried(lambda: socket.create_connection(("127.0.0.1", given["connect"]), 2).close()),
    "other": tried(lambda: socket.create_connection(("127.0.0.1", given["other"]), 2).close()),
    "outside": tried(lambda: socket.create_connection(("192.0.2.1", 443), 2).close()),
    "own": tried(lambda: listen(given["bind"])),
    "another": tried(lambda: listen(given["free"])),
    "umask": os.umask(0),
    "home": os.environ["HOME"],
}))
"""


def by_name(settings: Settings) -> dict[str, Process]:
    return {process.name: process for process in processes(settings, Path("model.tar.gz"))}


@pytest.fixture
def told(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, var_dir=tmp_path / "var", console="apart", **SECRETS)


def test_no_secret_stands_in_the_arguments_of_any_process(told: Settings) -> None:
    for process in processes(told, Path("model.tar.gz")):
        line = " ".join(process.command)
        assert [name for name, secret in SECRETS.items() if secret in line] == [], process.name


def test_rasa_is_told_no_secret_and_nothing_of_who_starts_it(told: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "AWS_SECRET_ACCESS_KEY", "AID_DATA_KEY"):
        monkeypatch.setenv(name, "a-secret-of-the-machine")
    rasa = by_name(told)["rasa"]
    assert rasa.bare
    known = str(dict(rasa.environment))
    assert [name for name, secret in {**SECRETS, "": "a-secret-of-the-machine"}.items() if secret in known] == []
    assert {name for name in rasa.environment if name.startswith("AID_")} == {"AID_ACTIONS_WEBHOOKS", "AID_RASA_TRACKERS", "AID_LOG_FORMAT"}
    assert rasa.environment["RASA_TELEMETRY_ENABLED"] == "false"
    assert "a-secret-of-the-machine" not in str(rasa_environment()), "trained as it is served"
    assert not {"HOME", "HTTP_PROXY", "PYTHONSTARTUP"} & set(PASSED_ON)


def test_the_other_processes_are_told_their_settings_by_variables(told: Settings) -> None:
    for name in ("actions", "doors", "console"):
        process = by_name(told)[name]
        assert process.environment["AID_DATA_KEY"] == SECRETS["data_key"]
        assert not process.bare
    assert by_name(told)["actions"].environment["MALLOC_ARENA_MAX"] == "2", "its memory stays steady under long words"


def test_rasa_listens_on_loopback_alone_and_opens_one_channel_besides_telling_what_it_loaded(told: Settings) -> None:
    command = by_name(told)["rasa"].command
    assert command[1:3] == ["-m", "bot.confined"]
    assert command[command.index("--interface") + 1] == "127.0.0.1"
    assert "--enable-api" not in command
    lines = (PROJECT / "credentials.yml").read_text("utf-8").splitlines()
    assert [line for line in lines if line.strip() and not line.startswith("#")] == ["rest:", "bot.ready.Ready:"]


@pytest.mark.skipif(sys.platform != "linux", reason="Landlock is Linux's")
def test_what_is_confined_reads_no_key_writes_no_code_and_reaches_only_the_action_server(tmp_path: Path) -> None:
    import socket

    key, models, scratch = tmp_path / "keys" / "data.key", tmp_path / "models", tmp_path / "rasa"
    for place in (key, models / "model"):
        place.parent.mkdir()
        place.write_text("x")
    (scratch / "old").mkdir(parents=True)
    bind, free = free_ports(2)
    with socket.create_server(("127.0.0.1", 0)) as actions, socket.create_server(("127.0.0.1", 0)) as other:
        given = {
            "read": str(models), "scratch": str(scratch), "secret": str(key), "bind": bind, "free": free,
            "connect": actions.getsockname()[1], "other": other.getsockname()[1],
        }  # fmt: skip
        command = [sys.executable, "-c", PROBE, str(PROJECT), json.dumps(given)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=rasa_environment(), check=False)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    if not seen["held"]:
        assert "Rasa is not wholly confined" in done.stderr, "what cannot be held is said"
        pytest.skip(done.stderr.strip())
    refused = {"secret", "settings", "parent", "overwritten", "code", "other", "outside", "another"}
    assert {name for name, how in seen.items() if how == "refused"} == refused
    assert {name for name, how in seen.items() if how == "done"} == {"readable", "scratch", "actions", "own"}
    assert (seen["umask"], seen["home"]) == (0o077, str(scratch))
    assert not (scratch / "old").exists()
