"""`aid serve PART` becomes one kind of process; each is told what it needs and no more."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from aid.cli import serve
from aid.cli.processes import processes
from aid.cli.serve import NotPrepared, Part, serve_part
from aid.errors import SettingsError
from aid.settings import PROJECT, Settings, read_settings

BOTH = {"rasa_addresses": "http://10.0.0.1:5005,http://10.0.0.2:5005", "actions_addresses": "http://10.0.0.1:5055,http://10.0.0.2:5055"}
TRACKERS = "postgresql://rasa:word@10.0.0.3/rasa"


class Became(Exception):
    """In place of the process that `execve` puts in ours."""


@pytest.fixture
def became(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], dict[str, str]]]:
    seen: list[tuple[list[str], dict[str, str]]] = []

    def execve(_program: str, command: list[str], environment: dict[str, str]) -> None:
        seen.append((command, environment))
        raise Became

    monkeypatch.setattr(os, "execve", execve)
    monkeypatch.chdir(PROJECT)
    return seen


def settings(folder: Path, **more: str) -> Settings:
    return Settings(_env_file=None, var_dir=folder, models_dir=folder / "models", **more)


@pytest.mark.parametrize(("part", "module"), [("doors", ["serving"]), ("actions", ["actions"]), ("console", ["serving", "console"])])
def test_our_own_processes_read_the_settings_as_they_stand(
    part: str, module: list[str], tmp_path: Path, became: list[tuple[list[str], dict[str, str]]]
) -> None:
    with pytest.raises(Became):
        serve_part(settings(tmp_path, data_key="of-a-file"), Part(part), print)
    [(command, environment)] = became
    assert command[1:] == ["-m", *module]
    assert "of-a-file" not in environment.values()


def test_rasa_is_told_two_addresses_and_no_secret_of_ours(
    tmp_path: Path, became: list[tuple[list[str], dict[str, str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AID_DATA_KEY", "not-for-rasa")
    monkeypatch.setenv("AID_DATABASE_URL", "postgresql://aid:not-for-rasa@db/aid")
    monkeypatch.setenv("PGPASSWORD", "not-for-rasa")
    model = tmp_path / "model.tar.gz"
    model.touch()
    monkeypatch.setattr(serve, "bot_model", lambda _settings: model)
    with pytest.raises(Became):
        serve_part(settings(tmp_path, rasa_trackers=TRACKERS, inner_host="0.0.0.0", **BOTH), Part.RASA, print)
    [(command, environment)] = became
    assert command[command.index("--model") + 1] == str(model)
    assert command[command.index("--interface") + 1] == "0.0.0.0"
    ours = {name: value for name, value in environment.items() if name.startswith(("AID_", "PG"))}
    assert ours == {
        "AID_ACTIONS_WEBHOOKS": "http://10.0.0.1:5055/webhook,http://10.0.0.2:5055/webhook",
        "AID_RASA_TRACKERS": TRACKERS,
        "AID_LOG_FORMAT": "text",
    }
    assert not any("not-for-rasa" in value for value in environment.values())


def test_under_the_supervisor_rasa_is_told_as_little(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AID_DATA_KEY", "not-for-rasa")
    by_name = {process.name: process.surroundings() for process in processes(settings(tmp_path, data_key="not-for-rasa"), tmp_path)}
    assert "not-for-rasa" not in by_name["rasa"].values()
    assert by_name["doors"]["AID_DATA_KEY"] == "not-for-rasa"


def test_rasa_starts_with_the_newest_model_when_an_entry_has_changed_since_it_was_trained(
    tmp_path: Path, became: list[tuple[list[str], dict[str, str]]]
) -> None:
    for age, name in enumerate(["new", "old"]):
        (model := tmp_path / "models" / "rasa" / f"{name}.tar.gz").parent.mkdir(parents=True, exist_ok=True)
        model.touch()
        os.utime(model, (1e9 - age, 1e9 - age))
    said: list[str] = []
    with pytest.raises(Became):
        serve_part(settings(tmp_path), Part.RASA, said.append)
    assert became[0][0][became[0][0].index("--model") + 1].endswith("new.tar.gz")
    assert "aid serve prepare" in said[0]


def test_rasa_without_any_model_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotPrepared, match="aid serve prepare"):
        serve_part(settings(tmp_path), Part.RASA, print)


def test_migrate_makes_keys_tables_and_the_first_account_and_trains_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "train", lambda *_all: pytest.fail("it trains"))
    said: list[str] = []
    serve_part(settings(tmp_path), Part.MIGRATE, said.append)
    assert any((tmp_path / "keys").iterdir())
    assert any("密码" in line or "password" in line for line in said), said


def test_several_rasas_without_trackers_in_common_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A conversation would find an old tracker at the one that it comes back to."""
    for name, value in BOTH.items():
        monkeypatch.setenv(f"AID_{name.upper()}", value)
    with pytest.raises(SettingsError, match="AID_RASA_TRACKERS"):
        read_settings()
    monkeypatch.setenv("AID_RASA_TRACKERS", TRACKERS)
    assert read_settings().rasas == ["http://10.0.0.1:5005", "http://10.0.0.2:5005"]


def test_secrets_may_be_files_and_a_folder_that_is_not_there_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AID_DATABASE_URL", raising=False)
    monkeypatch.setenv("AID_SECRETS_DIR", str(tmp_path))
    (tmp_path / "aid_database_url").write_text("postgresql://aid:word@db/aid\n", "utf-8")
    assert read_settings().database == "postgresql://aid:word@db/aid"
    monkeypatch.setenv("AID_SECRETS_DIR", str(tmp_path / "none"))
    with pytest.raises(SettingsError, match="AID_SECRETS_DIR"):
        read_settings()
