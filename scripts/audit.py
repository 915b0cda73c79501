"""`make audit`, and a step of `make test`: is anything known against a locked package that is not a reasoned exception?

Asks pip-audit (PyPI's advisories) about each lock in requirements/ and npm about web/package-lock.json. What is found and does not stand in
security/exceptions.yml fails, and so does an exception that is over or speaks of a version that is not locked any more. A service that
cannot be reached, or answers about nothing, is said and fails nothing: it was not asked, so nothing is known.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from aid.errors import AidError  # noqa: E402  # found by the line above, also when the project is not installed
from aid.yaml_files import read_yaml_model  # noqa: E402

LOCKS = {"node": ("node",), "app": ("app",), "dev": ("dev",), "rasa": ("rasa", "rasa-nodeps"), "tools": ("tools",), "tuning": ("tuning",)}
"""Environment → its locks in requirements/. A small one comes first: where nobody answers, that is known soon."""
ALL = "all"
ASK_SECONDS = 600
_LOCKED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^ ;\\]+)", re.MULTILINE)
Environment = Literal["app", "dev", "rasa", "node", "tools", "tuning", "web"]
Run = Callable[[list[str]], "subprocess.CompletedProcess[str]"]


class NotAsked(Exception):
    """The service could not be asked; says why."""


class Excepted(BaseModel):
    """One package of one environment whose faults are known and cannot be reached."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    package: Annotated[str, Field(pattern=r"^[a-z0-9.-]+==[^= ]+$", description="name==version, as it is locked")]
    environment: Environment
    ids: Annotated[list[Annotated[str, Field(pattern=r"^(all|(CVE|GHSA|PYSEC)-[A-Za-z0-9-]+)$")]], Field(min_length=1)]
    why: Annotated[str, Field(min_length=40, description="why it cannot be reached")]
    until: date

    @model_validator(mode="after")
    def _all_is_for_rasa(self) -> Excepted:
        if ALL in self.ids and self.environment != "rasa":
            raise ValueError("'all' is for the Rasa environment, which nobody maintains; name the ids")
        return self

    @property
    def name(self) -> str:
        """The package's name."""
        return self.package.partition("==")[0]


class Exceptions(BaseModel):
    """security/exceptions.yml."""

    model_config = ConfigDict(extra="forbid")

    exceptions: list[Excepted]

    @model_validator(mode="after")
    def _once(self) -> Exceptions:
        seen = [(one.environment, one.package) for one in self.exceptions]
        if len(set(seen)) != len(seen):
            raise ValueError("a package stands twice in one environment")
        return self


@dataclass(frozen=True)
class Found:
    """A fault that somebody has published: its ids, all names of the same one."""

    environment: str
    package: str
    ids: frozenset[str]


def locked(environment: str) -> dict[str, str]:
    """Name → version of everything that is locked for an environment."""
    if environment == "web":
        packages = json.loads((ROOT / "web" / "package-lock.json").read_text("utf-8"))["packages"]
        return {path.rpartition("node_modules/")[2]: one["version"] for path, one in packages.items() if path}
    texts = [(ROOT / "requirements" / f"{lock}.txt").read_text("utf-8") for lock in LOCKS[environment]]
    return {name.lower().replace("_", "-"): version for text in texts for name, version in _LOCKED.findall(text)}


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    """A command in the project's folder. Raises ``NotAsked`` where there is no such program or it does not end."""
    try:
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=ASK_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as fault:
        raise NotAsked(f"{Path(command[0]).name}: {fault}") from fault


def python_faults(environment: str, run: Run = run) -> tuple[list[Found], list[str]]:
    """What is known against the locks of an environment, and the packages about which nothing could be said. Raises ``NotAsked``."""
    beside = Path(sys.executable).parent / "pip-audit"
    program = str(beside) if beside.exists() else shutil.which("pip-audit") or "pip-audit"
    found, unknown, told = list[Found](), list[str](), 0
    for lock in LOCKS[environment]:
        asked = ["-r", f"requirements/{lock}.txt", "--disable-pip", "--require-hashes", "--format", "json", "--progress-spinner", "off"]
        done = run([program, *asked])
        try:
            answers = json.loads(done.stdout)["dependencies"]
        except (ValueError, KeyError, TypeError) as fault:
            raise NotAsked(_last_words(done.stderr)) from fault
        for one in answers:
            if "skip_reason" in one:
                unknown.append(one["name"])
                continue
            told += 1
            package = f"{one['name'].lower().replace('_', '-')}=={one['version']}"
            found += [Found(environment, package, frozenset([vuln["id"], *vuln.get("aliases", [])])) for vuln in one["vulns"]]
    # pip-audit calls it "No known vulnerabilities" when the index answers 404 to every question.
    if not told:
        raise NotAsked("the package index here gives no advisories (PyPI's JSON interface is not served)")
    return found, unknown


def web_faults(run: Run = run) -> list[Found]:
    """What is known against web/package-lock.json. Raises ``NotAsked``."""
    done = run([shutil.which("npm") or "npm", "--prefix", "web", "audit", "--json", "--package-lock-only"])
    try:
        said: dict[str, Any] = json.loads(done.stdout)
    except ValueError as fault:
        raise NotAsked(_last_words(done.stderr) or "npm gave no answer") from fault
    if "vulnerabilities" not in said:
        raise NotAsked(_last_words(str(said.get("message", ""))) or "npm's registry here gives no advisories")
    faults = said["vulnerabilities"]
    versions = locked("web")
    found = []
    for name, one in faults.items():
        ids = {via["url"].rpartition("/")[2] for via in one["via"] if isinstance(via, dict)}
        found += [Found("web", f"{name}=={versions.get(name, '?')}", frozenset([id_])) for id_ in sorted(ids)]
    return found


def unexcepted(found: list[Found], exceptions: list[Excepted]) -> list[Found]:
    """What no exception covers."""
    return [fault for fault in found if not any(_covers(one, fault) for one in exceptions)]


def worn_out(exceptions: list[Excepted], today: date) -> Iterator[str]:
    """What is wrong with the list itself: an exception that is over, or of a version that is not locked (any more)."""
    for one in exceptions:
        if one.until < today:
            yield f"the exception for {one.package} ({one.environment}) was good until {one.until}: look at it again"
        elif locked(one.environment).get(one.name) != one.package.partition("==")[2]:
            yield f"the exception for {one.package} ({one.environment}) speaks of a version that is not locked"


def main() -> int:
    """Ask about everything; 1 when something must be looked at."""
    try:
        exceptions = read_yaml_model(ROOT / "security" / "exceptions.yml", Exceptions).exceptions
    except AidError as fault:
        print(fault)
        return 1
    wrong = list(worn_out(exceptions, datetime.now(UTC).date()))
    silent = ""
    for environment in (*LOCKS, "web"):
        try:
            if silent and environment != "web":  # the same service for every lock of Python
                raise NotAsked(silent)
            found, unknown = (web_faults(), list[str]()) if environment == "web" else python_faults(environment)
        except NotAsked as why:
            silent = silent or str(why)
            print(f"{environment}: NOT AUDITED, nothing is known of its {len(locked(environment))} packages: {why}")
        else:
            _tell(environment, found, unknown, exceptions, wrong)
    for line in wrong:
        print(f"WRONG: {line}")
    return 1 if wrong else 0


def _tell(environment: str, found: list[Found], unknown: list[str], exceptions: list[Excepted], wrong: list[str]) -> None:
    open_ = unexcepted(found, exceptions)
    print(f"{environment}: {len(locked(environment))} packages, {len(found)} known faults, {len(found) - len(open_)} of them reasoned exceptions")
    if unknown:
        print(f"{environment}: nothing could be said about {', '.join(unknown)}")
    wrong += [f"{fault.package} ({environment}): {', '.join(sorted(fault.ids))}" for fault in open_]


def _covers(one: Excepted, fault: Found) -> bool:
    same = (one.environment, one.package) == (fault.environment, fault.package)
    return same and (ALL in one.ids or bool(fault.ids & set(one.ids)))


def _last_words(text: str) -> str:
    """Why a program gave up, without the address of the index that this machine uses."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return re.sub(r"https?://\S+", "(the registry)", lines[-1])[:200] if lines else ""


if __name__ == "__main__":
    sys.exit(main())
