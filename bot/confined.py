"""Starts Rasa with the least rights that a plain user can give it: it is old, unmaintained, and reads what strangers have written.

    python -m bot.confined --scratch FOLDER --bind PORT --connect PORT --read PLACE -- run --port PORT …

What follows ``--`` is Rasa's own command line. Linux (Landlock; kernel 5.13, for the network 6.7) then refuses the process and all that it
starts: files outside of its libraries, the bot's code and the places named (so keys, database, evidence and logs); writing outside of its
scratch folder; TCP to any port but those named, and listening at any but its own. None of it can be taken back. Where the system knows no
Landlock that is said in one line, and the rest holds: no core dumps, files for the owner alone, no rights won by a program that is started.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import platform
import resource
import runpy
import shutil
import site
import sys
from collections.abc import Iterable, MutableMapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
PROJECT_READS = ("bot", "aid", "actions", "data", "knowledge", "config.yml", "domain.yml", "endpoints.yml", "credentials.yml")
# Of /proc not what lies under another process: there are its environment, and in it keys.
OF_PROC = tuple(f"/proc/{name}" for name in ("self", "cpuinfo", "meminfo", "stat", "sys", "filesystems", "version", "loadavg", "uptime"))
SYSTEM_READS = ("/usr", "/lib", "/lib64", "/bin", "/sbin", "/etc", "/sys", "/dev", "/opt", *OF_PROC)
DEVICES = ("/dev/null", "/dev/zero", "/dev/shm", "/dev/tty")
SAID = ("event", "level", "timestamp", "logger", "exc_info", "exception", "stack")
_CREATE, _ADD, _RESTRICT, _GET_VERSION = 444, 445, 446, 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _TRUNCATE, _REFER, _IOCTL = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 14, 1 << 13, 1 << 15
_MAKE = sum(1 << bit for bit in (4, 5, 6, 7, 8, 9, 10, 11, 12))
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_FILE_ONLY = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL
"""Rights that a rule about a single file may hold."""
_BIND, _CONNECT = 1 << 0, 1 << 1
_RULE_PATH, _RULE_PORT = 1, 2
_NO_NEW_PRIVILEGES = 38


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _Path(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


class _Port(ctypes.Structure):
    _fields_ = (("allowed", ctypes.c_uint64), ("port", ctypes.c_uint64))


@dataclass(frozen=True)
class Rights:
    """What is left to the process: places it reads, the one it writes, ports it listens at and speaks to."""

    reads: tuple[Path, ...]
    scratch: Path
    binds: tuple[int, ...]
    connects: tuple[int, ...]


def main(given: Sequence[str]) -> None:
    """Give up all other rights, then be Rasa."""
    parser = argparse.ArgumentParser(prog="python -m bot.confined")
    parser.add_argument("--scratch", type=Path, required=True)
    parser.add_argument("--bind", type=int, action="append", default=[])
    parser.add_argument("--connect", type=int, action="append", default=[])
    parser.add_argument("--read", type=Path, action="append", default=[])
    parser.add_argument("command", nargs=argparse.REMAINDER)
    asked = parser.parse_args(given)
    command = asked.command[1:] if asked.command[:1] == ["--"] else asked.command
    confine(Rights(tuple(asked.read), asked.scratch, tuple(asked.bind), tuple(asked.connect)))
    say_no_values()
    sys.argv = ["rasa", *command]
    runpy.run_module("rasa", run_name="__main__", alter_sys=False)


def say_no_values() -> None:
    """Rasa writes faults into its log with what a person said, and with the values of all variables on the way: without them.

    Of an entry stays what Rasa itself says (``SAID``) and where the fault was.
    """
    import structlog
    from structlog.tracebacks import ExceptionDictTransformer

    where = structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False))

    def without_values(logger: Any, name: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return where(logger, name, {key: value for key, value in entry.items() if key in SAID})

    structlog.processors.dict_tracebacks = without_values


def confine(rights: Rights) -> bool:
    """Give up all other rights; whether the system could be asked to hold it. The scratch folder is emptied."""
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    shutil.rmtree(rights.scratch, ignore_errors=True)
    rights.scratch.mkdir(parents=True, mode=0o700)
    for name in ("HOME", "TMPDIR", "MPLCONFIGDIR"):
        os.environ[name] = str(rights.scratch)
    libc = ctypes.CDLL(None, use_errno=True)
    if sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"):
        return _unheld("it is for Linux alone")
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        return _unheld("no_new_privs was refused")
    version = libc.syscall(_CREATE, None, ctypes.c_size_t(0), _GET_VERSION)
    if version < 1:
        return _unheld("the system has no Landlock")
    rules = _made(libc, version)
    try:
        _allow(libc, rules, version, rights)
        if libc.syscall(_RESTRICT, rules, 0):
            raise OSError(ctypes.get_errno(), "the rights could not be given up")
    finally:
        os.close(rules)
    return version >= 4 or _unheld("the network is open: Landlock is too old", len(rights.connects) == 0)


def _made(libc: ctypes.CDLL, version: int) -> int:
    asked = _Ruleset(_files(version), (_BIND | _CONNECT) if version >= 4 else 0, 0)
    rules: int = libc.syscall(_CREATE, ctypes.byref(asked), ctypes.c_size_t(16 if version >= 4 else 8), 0)
    if rules < 0:
        raise OSError(ctypes.get_errno(), "Landlock takes no rules")
    return rules


def _allow(libc: ctypes.CDLL, rules: int, version: int, rights: Rights) -> None:
    known = _files(version)
    read = (*map(Path, SYSTEM_READS), *_libraries(), *(PROJECT / name for name in PROJECT_READS), *rights.reads)
    # Python looks into the project's folder for packages: names may be seen there, contents not.
    for place, allowed in [*((place, _READ) for place in read), (PROJECT, _READ_DIR)]:
        _allow_path(libc, rules, place, allowed & known)
    for device in DEVICES:
        _allow_path(libc, rules, Path(device), (_READ_FILE | _WRITE_FILE | _TRUNCATE | _MAKE) & known)
    _allow_path(libc, rules, rights.scratch, (_READ | _WRITE_FILE | _TRUNCATE | _MAKE | _REFER) & known)
    if version >= 4:
        for allowed, ports in ((_BIND, rights.binds), (_CONNECT, rights.connects)):
            for port in ports:
                rule = _Port(allowed, port)
                if libc.syscall(_ADD, rules, _RULE_PORT, ctypes.byref(rule), 0):
                    raise OSError(ctypes.get_errno(), f"no rule about port {port}")


def _allow_path(libc: ctypes.CDLL, rules: int, place: Path, allowed: int) -> None:
    try:
        opened = os.open(place, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not here needs no right
    try:
        rule = _Path(allowed if place.is_dir() else allowed & _FILE_ONLY, opened)
        if libc.syscall(_ADD, rules, _RULE_PATH, ctypes.byref(rule), 0):
            raise OSError(ctypes.get_errno(), f"no rule about {place}")
    finally:
        os.close(opened)


def _libraries() -> Iterable[Path]:
    """Where this Python and its packages lie, links followed."""
    places = {Path(sys.prefix), Path(sys.base_prefix), *map(Path, site.getsitepackages())}
    return sorted({*places, *(place.resolve() for place in places)})


def _files(version: int) -> int:
    known = _READ | _WRITE_FILE | _MAKE
    known |= _REFER if version >= 2 else 0
    known |= _TRUNCATE if version >= 3 else 0
    return known | (_IOCTL if version >= 5 else 0)


def _unheld(why: str, enough: bool = False) -> bool:
    sys.stderr.write(f"Rasa is not wholly confined: {why}\n")
    sys.stderr.flush()
    return enough


if __name__ == "__main__":
    main(sys.argv[1:])
