"""What is installed is known, locked whole, and asked about; what is known against it is an exception with a reason, or fails."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from aid.errors import AidError
from aid.settings import PROJECT
from aid.yaml_files import read_yaml_model
from scripts import audit, sbom

LIST = PROJECT / "security" / "exceptions.yml"
WHY = "It is never reached by anything that a stranger sends, for it is not even started."


def excepted(**more: Any) -> audit.Excepted:
    version = audit.locked("rasa")["sanic"]
    known = {"package": f"sanic=={version}", "environment": "rasa", "ids": ["CVE-2026-1"], "why": WHY, "until": date(2027, 1, 1)}
    return audit.Excepted(**{**known, **more})


def answering(dependencies: list[dict[str, Any]] | None, stderr: str = "") -> audit.Run:
    said = "" if dependencies is None else json.dumps({"dependencies": dependencies, "fixes": []})
    return lambda command: subprocess.CompletedProcess(command, 1, said, stderr)


def test_the_list_of_exceptions_is_whole_and_speaks_of_what_is_locked() -> None:
    known = read_yaml_model(LIST, audit.Exceptions).exceptions
    assert list(audit.worn_out(known, date(2026, 11, 30))) == []
    assert {one.package for one in known} >= {"rasa==3.6.21", f"sanic=={audit.locked('rasa')['sanic']}"}
    assert all(one.environment == "rasa" for one in known if audit.ALL in one.ids)


def test_a_known_fault_fails_unless_it_is_an_exception_with_a_reason() -> None:
    version = audit.locked("rasa")["sanic"]
    one = {"name": "sanic", "version": version, "vulns": [{"id": "PYSEC-2026-7", "aliases": ["CVE-2026-1"], "fix_versions": []}]}
    found, unknown = audit.python_faults("rasa", answering([one, {"name": "rasa", "skip_reason": "not there"}]))
    assert (len(found), unknown) == (2, ["rasa", "rasa"]), "both locks of the environment are asked about"
    assert audit.unexcepted(found, []) == found
    assert audit.unexcepted(found, [excepted()]) == [], "an alias is the same fault"
    assert audit.unexcepted(found, [excepted(ids=["all"])]) == []
    assert audit.unexcepted(found, [excepted(ids=["CVE-2026-2"])]) == found
    assert audit.unexcepted(found, [excepted(environment="app")]) == found
    assert audit.unexcepted(found, [excepted(package="sanic==1.0")]) == found


def test_an_exception_that_is_over_or_of_another_version_is_told() -> None:
    assert "was good until" in next(audit.worn_out([excepted()], date(2027, 1, 2)))
    assert "not locked" in next(audit.worn_out([excepted(package="sanic==1.0")], date(2026, 12, 1)))
    assert list(audit.worn_out([excepted()], date(2027, 1, 1))) == []


@pytest.mark.parametrize("wrong", [{"why": "never reached"}, {"ids": []}, {"ids": ["all"], "environment": "app"}, {"package": "sanic"}, {"more": 1}])
def test_an_exception_without_reason_id_or_version_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        excepted(**wrong)


def test_a_faulty_list_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "exceptions.yml"
    path.write_text(LIST.read_text("utf-8").replace("until: 2027-05-31", "until: soon", 1), "utf-8")
    with pytest.raises(AidError, match=r"exceptions.yml:\d+"):
        read_yaml_model(path, audit.Exceptions)


@pytest.mark.parametrize("said", [None, [], [{"name": "sanic", "skip_reason": "Dependency not found on PyPI and could not be audited"}]])
def test_a_service_that_does_not_answer_is_said_and_never_taken_for_no_faults(said: list[dict[str, Any]] | None) -> None:
    with pytest.raises(audit.NotAsked) as told:
        audit.python_faults("tools", answering(said, "ConnectionError: https://index.example/simple refused"))
    assert "example" not in str(told.value)
    with pytest.raises(audit.NotAsked, match="405"):
        audit.web_faults(lambda command: subprocess.CompletedProcess(command, 1, json.dumps({"message": "405 - POST https://r.example/x"}), ""))


def test_what_npm_knows_is_found() -> None:
    via = {"url": "https://github.com/advisories/GHSA-aaaa-bbbb-cccc", "title": "x"}
    said = {"auditReportVersion": 2, "vulnerabilities": {"esbuild": {"via": [via, "other"]}, "other": {"via": ["esbuild"]}}}
    [found] = audit.web_faults(lambda command: subprocess.CompletedProcess(command, 1, json.dumps(said), ""))
    assert (found.package, found.ids) == (f"esbuild=={audit.locked('web')['esbuild']}", frozenset({"GHSA-aaaa-bbbb-cccc"}))


def test_the_audit_is_a_step_of_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(PROJECT / "scripts"))
    steps = importlib.import_module("test").steps()  # the script of `make test`
    assert any(step.command[-1].endswith("scripts/audit.py") and not step.skipped for step in steps)


def test_what_the_tests_install_is_what_runs() -> None:
    """`make test` installs dev.txt alone: a package that only app.txt has would be missing on a fresh machine."""
    dev = audit.locked("dev")
    assert {name: version for name, version in audit.locked("app").items() if dev.get(name) != version} == {}


def test_every_locked_package_has_its_hashes() -> None:
    for lock in (PROJECT / "requirements").glob("*.txt"):
        blocks = re.split(r"^(?=[A-Za-z0-9])", lock.read_text("utf-8"), flags=re.MULTILINE)[1:]
        assert [block[:40] for block in blocks if "--hash=sha256:" not in block or not sbom.LOCKED.match(block)] == [], lock.name
    packages = json.loads((PROJECT / "web" / "package-lock.json").read_text("utf-8"))["packages"]
    assert [path for path, one in packages.items() if path and not one.get("integrity", "").startswith("sha512-")] == []


def test_the_bill_of_materials_has_every_locked_package_and_no_address_of_this_machine(tmp_path: Path) -> None:
    bills = {path.name.removesuffix(".cdx.json"): path.read_text("utf-8") for path in sbom.write(tmp_path)}
    locks = {path.stem for path in (PROJECT / "requirements").glob("*.txt")}
    assert set(bills) == locks | {"web"}
    for name, text in bills.items():
        bill = json.loads(text)
        assert bill["bomFormat"] == "CycloneDX"
        told = {f"{one['name']}=={one['version']}".lower().replace("_", "-") for one in bill["components"]}
        if name == "web":
            scoped = {f"{one.get('group', '')}/{one['name']}=={one['version']}".lstrip("/") for one in bill["components"]}
            assert {f"{package}=={version}" for package, version in audit.locked("web").items()} <= scoped | told
        else:
            text_of_lock = (PROJECT / "requirements" / f"{name}.txt").read_text("utf-8")
            assert {f"{n}=={v}".lower().replace("_", "-") for n, v in audit._LOCKED.findall(text_of_lock)} <= told
            assert all(one["externalReferences"][0]["hashes"] for one in bill["components"])
        assert str(PROJECT) not in text
