"""Container and compose files: their linters find nothing, Rasa is shut in, no secret stands in them, and the secrets that are made can be used."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from aid.cli.main import app
from aid.cli.processes import PASSED_ON, rasa_server
from aid.operations.listener import PLACES
from aid.privacy.vault import open_vault
from aid.settings import PROJECT, Settings
from channels.tokens import token_key

FOLDER = PROJECT / "deploy" / "containers"
BIN = Path(sys.executable).parent
COMPOSE: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
IMAGES = (FOLDER / "Containerfile").read_text("utf-8")


def test_the_linter_finds_no_fault_in_the_containerfile(tmp_path: Path) -> None:
    done = subprocess.run([BIN / "hadolint", "--no-color", FOLDER / "Containerfile"], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "")
    (bad := tmp_path / "Containerfile").write_text("FROM debian\nRUN apt-get install x\n", "utf-8")
    assert subprocess.run([BIN / "hadolint", bad], capture_output=True, timeout=60).returncode == 1


def test_the_compose_file_fits_the_published_schema() -> None:
    command = [BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", FOLDER / "compose.yaml"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout


def test_images_are_pinned_and_run_as_nobody_of_importance() -> None:
    bases = set(re.findall(r"^FROM (\S+)", IMAGES, re.MULTILINE)) - {"build"}
    foreign = [one["image"] for one in SERVICES.values() if "/" in one["image"]]
    for image in [*bases, *foreign]:
        assert re.search(r":v?\d+\.\d+", image), image
    given_out = [stage for stage in IMAGES.split("\nFROM ") if re.match(r"\S+ AS (app|rasa)\n", stage)]
    assert len(given_out) == 2
    for stage in given_out:
        assert "\nUSER 10001" in stage
        assert "HEALTHCHECK" in stage


def test_rasa_s_image_tells_rasa_what_the_command_line_would() -> None:
    stage = IMAGES.split(" AS rasa\n")[1]
    told = dict(re.findall(r"^\s+(?:ENV )?([A-Z_]+)=(\S+)", stage, re.MULTILINE))
    for name, value in rasa_server(Settings(_env_file=None), Path("model.tar.gz")).environment.items():
        if name not in (*PASSED_ON, "PYTHONPATH", "AID_ACTIONS_WEBHOOKS", "AID_RASA_TRACKERS", "AID_LOG_FORMAT"):
            assert told[name] == value, name
    assert "--enable-api" not in stage


def test_there_are_two_of_each_and_every_name_that_is_called_is_there() -> None:
    for kind in ("doors", "rasa", "actions"):
        assert {name for name in SERVICES if name.startswith(kind)} == {f"{kind}-1", f"{kind}-2"}
    text = (
        (FOLDER / "compose.yaml").read_text("utf-8")
        + (FOLDER / "aid-upstream.conf").read_text("utf-8")
        + (FOLDER / "aid-site.conf").read_text("utf-8")
    )
    called = set(re.findall(r"(?:http://|redis://|server )([a-z]+(?:-\d)?):\d+", text))
    assert called == {"redis", "rasa-1", "rasa-2", "actions-1", "actions-2", "doors-1", "doors-2", "console"}
    assert called <= set(SERVICES)


def test_rasa_and_the_stores_have_no_way_out_and_rasa_holds_one_secret() -> None:
    assert {name for name, network in COMPOSE["networks"].items() if network.get("internal")} == {"inner", "rasa"}
    for name in ("rasa-1", "rasa-2"):
        assert SERVICES[name]["networks"] == ["rasa"]
        assert SERVICES[name]["secrets"] == ["rasa_trackers"]
        assert SERVICES[name]["read_only"] is True
        assert "volumes" not in SERVICES[name]
    assert "front" not in SERVICES["database"]["networks"] + SERVICES["redis"]["networks"] + SERVICES["actions-1"]["networks"]
    led_out = {name: service["ports"] for name, service in SERVICES.items() if service.get("ports")}
    assert led_out == {"nginx": ["80:8080", "443:8443"], "prometheus": ["127.0.0.1:9090:9090"]}


def test_prometheus_finds_every_process_with_figures_and_shares_a_network_with_it() -> None:
    scraped = yaml.safe_load((PROJECT / "deploy/prometheus/containers.yml").read_text("utf-8"))["scrape_configs"]
    asked = {target for one in scraped for target in one["static_configs"][0]["targets"]}
    first = int(SERVICES["doors-1"]["environment"]["AID_METRICS_PORT"])
    with_figures = [name for name in SERVICES if name.partition("-")[0] in PLACES]
    assert asked == {f"{name}:{first + PLACES[name.partition('-')[0]]}" for name in with_figures}
    for name in with_figures:
        assert set(SERVICES[name]["networks"]) & set(SERVICES["prometheus"]["networks"]), name


def test_the_backup_can_copy_the_database_and_lies_apart_from_its_keys() -> None:
    one = SERVICES["backup"]
    assert one["profiles"] == ["backup"], "it runs when it is asked for"
    words = one["command"]
    typer.main.get_command(app).commands["backup"].make_context("aid", list(words[2:]))  # type: ignore[attr-defined]
    mounted = {volume.rpartition(":")[2] for volume in one["volumes"]}
    assert {words[2], words[4], "/var/lib/aid"} == mounted
    [client] = re.findall(r"postgresql-client-(\d+)=", IMAGES)
    [server] = re.findall(r"postgres:(\d+)", SERVICES["database"]["image"])
    assert int(client) >= int(server), "pg_dump copies no server newer than itself"


def test_every_service_is_limited_and_has_lost_its_capabilities() -> None:
    for name, service in SERVICES.items():
        assert service["mem_limit"], name
        if name != "database":  # PostgreSQL's image hands its folder to its user at the start
            assert (service["cap_drop"], service["security_opt"]) == (["ALL"], ["no-new-privileges:true"]), name


def test_every_variable_is_a_setting_and_none_holds_a_secret() -> None:
    known = {f"AID_{name.upper()}" for name in Settings.model_fields} | {"AID_SECRETS_DIR", "AID_ACTIONS_WEBHOOKS", "FORWARDED_ALLOW_IPS"}
    known |= {"POSTGRES_USER", "POSTGRES_PASSWORD_FILE"}
    for name, service in SERVICES.items():
        given = service.get("environment", {})
        assert set(given) <= known, name
        assert not set(given) & {"AID_DATABASE_URL", "AID_DATA_KEY", "AID_TOKEN_KEY"}, name


def test_the_secrets_that_are_made_can_be_used_and_are_kept_when_it_runs_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    subprocess.run(["sh", FOLDER / "make-secrets"], cwd=tmp_path, check=True, timeout=30)
    found = {path.name: path.read_text("utf-8") for path in (tmp_path / "secrets").iterdir()}
    assert set(found) == {Path(one["file"]).name for one in COMPOSE["secrets"].values()}
    assert all(found.values())
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0
    subprocess.run(["sh", FOLDER / "make-secrets"], cwd=tmp_path, check=True, timeout=30)
    assert {path.name: path.read_text("utf-8") for path in (tmp_path / "secrets").iterdir()} == found
    for name in ("AID_DATA_KEY", "AID_TOKEN_KEY", "AID_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    settings = Settings(_env_file=None, _secrets_dir=tmp_path / "secrets", var_dir=tmp_path / "var")
    vault = open_vault(settings)
    assert vault.decrypt(vault.encrypt("王强")) == "王强"
    assert token_key(settings) == found["aid_token_key"]
    assert settings.database == f"postgresql://aid:{found['aid_password']}@database/aid"
    assert found["rasa_trackers"].startswith("postgresql://rasa:")
