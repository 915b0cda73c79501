"""What `aid doctor` tells of the machine and its care: disks, clock, certificates, tables, backups, keys."""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from glob import glob
from pathlib import Path

from cryptography import x509
from sqlalchemy import make_url, text

from aid.backup.errors import NotABackup
from aid.backup.manifest import backups_in, read_manifest
from aid.clock import CHANGCHUN, Clock
from aid.errors import AidError
from aid.settings import Settings
from aid.store.engine import Store, open_store
from aid.store.moving import BASE, pending, revision

Finding = tuple[bool, str]
LEAST_FREE = 1_000_000_000
LEAST_INODES = 10_000
CLOCK_AHEAD = timedelta(minutes=2)
"""How far a stamp in the record may lie ahead of the clock: machines that share a record may differ a little."""
JUMP = timedelta(minutes=1)
"""How far the clock may move, against time that really went by, between two looks."""
CERTIFICATE_ENDS = timedelta(days=30)
CLOCK_FILE = "doctor-clock.json"
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
STAMPS = ("inbound.received_at", "reply.created_at", "ticket_event.at", "conversation.created_at")
_CERTIFICATE = re.compile(r"^[^#\n]*?\bssl_certificate\s+[\"']?([^\"';]+?)[\"']?\s*;", re.MULTILINE)
_INCLUDE = re.compile(r"^[^#\n]*?\binclude\s+[\"']?([^\"';]+?)[\"']?\s*;", re.MULTILINE)


def operations(settings: Settings) -> Iterator[Finding]:
    """All of it."""
    yield from disks(settings)
    yield from tables(settings)
    yield from clock(settings)
    yield from certificates(settings)
    yield backups(settings)
    yield from key_files(settings)


def disks(settings: Settings) -> Iterator[Finding]:
    """Free room and free names where the system writes; folders on one disk are told once."""
    places = {"var": settings.var_dir, "backups": Path(settings.backup_dir) if settings.backup_dir else None}
    url = make_url(settings.database)
    if url.get_backend_name() == "sqlite" and url.database:
        places["database"] = Path(url.database).parent
    seen: dict[int, list[str]] = {}
    folders: dict[int, Path] = {}
    for name, folder in places.items():
        there = _existing(folder)
        if there is not None:
            device = there.stat().st_dev
            seen.setdefault(device, []).append(name)
            folders.setdefault(device, there)
    for device, names in seen.items():
        free, names_free = shutil.disk_usage(folders[device]).free, os.statvfs(folders[device])
        lacking = names_free.f_files > 0 and names_free.f_favail < LEAST_INODES
        good = free >= LEAST_FREE and not lacking
        what = "" if good else ": nearly full, make room now; messages and files are refused when it is full"
        yield good, f"disk of {', '.join(names)}: {free / 1e9:.1f} GB free{', few names left' if lacking else ''}{what}"


def tables(settings: Settings) -> Iterator[Finding]:
    """Whether the tables have the form of this program."""
    store = open_store(settings)
    try:
        lacking, now = pending(store), revision(store)
        told = f"the tables have revision {now or 'none'}"
        if now == BASE:
            yield False, "there are no tables yet: the first start, or aid migrate, makes them"
        else:
            yield not lacking, told if not lacking else f"{told}, {len(lacking)} steps are pending: start anew, or aid migrate"
    except (AidError, OSError) as fault:
        yield False, f"the tables cannot be looked at: {fault}"
    finally:
        store.close()


def clock(settings: Settings) -> Iterator[Finding]:
    """Whether the clock stands behind the record, has jumped since the last look, or differs from the database's."""
    if settings.clock_start:
        yield True, "the clock is moved on purpose (AID_CLOCK_START)"
        return
    good, asked = True, "it agrees with the record"
    store = open_store(settings)
    try:
        for finding in _against_record(store, settings.clock()):
            good = False
            yield finding
    except (AidError, OSError):
        asked = "the record could not be asked"  # that the database does not answer is told elsewhere
    finally:
        store.close()
    for finding in _against_monotonic(settings.var_dir / CLOCK_FILE, Look.now()):
        good = False
        yield finding
    if good:
        yield True, f"the clock has not jumped, {asked}: {settings.clock().now():%Y-%m-%d %H:%M:%S}"


def _against_record(store: Store, now: Clock) -> Iterator[Finding]:
    newest: datetime | None = None
    with store.reading() as session:
        for stamp in STAMPS:
            table, column = stamp.split(".")
            found = session.execute(text(f"SELECT max({column}) FROM {table}")).scalar()
            moment = datetime.fromisoformat(found) if isinstance(found, str) else found
            if moment is not None:
                moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
                newest = max(newest, moment) if newest else moment
        if session.get_bind().dialect.name == "postgresql":
            server = session.execute(text("SELECT clock_timestamp()")).scalar_one()
            if abs(server - now.now()) > JUMP:
                yield False, f"the clock differs from the database server's by {_span(server - now.now())}: set both by NTP"
    if newest is not None and newest - now.now() > CLOCK_AHEAD:
        told = f"the record's newest stamp is {newest.astimezone(CHANGCHUN):%Y-%m-%d %H:%M:%S}, {_span(newest - now.now())} ahead"
        yield False, f"the clock has gone back: {told}. Deadlines and sessions are reckoned wrongly; set the clock by NTP"


@dataclass(frozen=True)
class Look:
    """The clock at one moment: seconds since 1970, seconds that really went by since the machine started, and which start that was."""

    wall: float
    passed: float
    boot: str

    @classmethod
    def now(cls) -> Look:
        """At this moment. Time in sleep counts."""
        boot = BOOT_ID.read_text().strip() if BOOT_ID.exists() else ""
        counter = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # Linux alone has the former
        return cls(time.time(), time.clock_gettime(counter), boot)


def _against_monotonic(path: Path, look: Look) -> Iterator[Finding]:
    """Compare with the look before, which is kept in the var folder, and keep this one."""
    try:
        before = Look(**json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        before = look
    if before.boot == look.boot:
        jumped = timedelta(seconds=(look.wall - before.wall) - (look.passed - before.passed))
        if abs(jumped) > JUMP:
            way = "forward" if jumped > timedelta(0) else "back"
            yield False, f"the clock was set {way} by {_span(jumped)} since the last look: see that NTP runs (timedatectl)"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.{os.getpid()}")
        part.write_text(json.dumps(asdict(look)), "utf-8")
        part.replace(path)
    except OSError:
        pass  # a full or locked disk is told elsewhere


def certificates(settings: Settings) -> Iterator[Finding]:
    """When the certificates of the settings, and those that nginx's configuration names, end."""
    named = {Path(one.strip()) for one in settings.certificates.split(",") if one.strip()}
    now = settings.clock().now()
    for path in sorted(named | set(_of_nginx(Path(settings.nginx_dir)))):
        try:
            found = x509.load_pem_x509_certificates(path.read_bytes())
        except (OSError, ValueError) as fault:
            yield False, f"the certificate {path} cannot be read: {getattr(fault, 'strerror', None) or 'it is no PEM certificate'}"
            continue
        first = min(found, key=lambda one: one.not_valid_after_utc)
        ends, begins = first.not_valid_after_utc, max(one.not_valid_before_utc for one in found)
        day = f"{ends.astimezone(CHANGCHUN):%Y-%m-%d %H:%M}"
        if ends <= now:
            yield False, f"the certificate {path} has EXPIRED ({day}): browsers refuse the pages; renew it and reload nginx"
        elif begins > now:
            yield False, f"the certificate {path} is not good before {begins.astimezone(CHANGCHUN):%Y-%m-%d %H:%M}: see whether the clock is right"
        else:
            left = (ends - now).days
            yield ends - now > CERTIFICATE_ENDS, f"the certificate {path} ends {day}, in {left} days{'' if left >= 30 else ': renew it'}"


def _of_nginx(folder: Path) -> Iterator[Path]:
    """The certificates that nginx uses: read from nginx.conf on, through what it includes; Debian ships pieces that nothing includes."""
    waiting, seen = [folder / "nginx.conf"], set()
    while waiting:
        path = waiting.pop()
        if path in seen or not path.is_file():
            continue
        seen.add(path)
        try:
            said = path.read_text("utf-8", "replace")
        except OSError:
            continue
        yield from (folder / name for name in _CERTIFICATE.findall(said) if "$" not in name and not name.startswith("data:"))
        for pattern in _INCLUDE.findall(said):
            waiting += [Path(found) for found in glob(str(folder / pattern))]


def backups(settings: Settings) -> Finding:
    """How old the newest backup is."""
    if not settings.backup_dir:
        return True, "no folder of backups is named (AID_BACKUP_DIR): nobody sees whether any are made"
    found = backups_in(Path(settings.backup_dir))
    if not found:
        return False, f"there is no backup in {settings.backup_dir}: aid backup"
    try:
        manifest = read_manifest(found[-1])
    except NotABackup as fault:
        return False, str(fault)
    age = settings.clock().now() - manifest.began_at
    good = age <= timedelta(hours=settings.backup_hours)
    lost = f"; {len(manifest.missing)} evidence files were missing" if manifest.missing else ""
    apart = "" if manifest.keys_kept else "; its keys were not kept: --keys"
    told = f"the newest backup is {_span(age)} old ({found[-1].name}){lost}{apart}"
    return good and not lost, told if good else f"{told}: too old, see why none was made since"


def key_files(settings: Settings) -> Iterator[Finding]:
    """Whether the keys are readable by their owner alone."""
    if not settings.keys_dir.exists():
        return
    fault = False
    for path, mode in ((settings.keys_dir, "700"), *((key, "600") for key in sorted(settings.keys_dir.glob("*.key")))):
        found = path.stat()
        if found.st_mode & 0o077:
            fault = True
            yield False, f"{path} is open to other users: chmod {mode} {path}"
        if found.st_uid not in (os.geteuid(), settings.var_dir.stat().st_uid):
            fault = True
            yield False, f"{path} belongs to another user than the var folder: chown it"
    if not fault:
        yield True, "the keys can be read by their owner alone"


def _existing(folder: Path | None) -> Path | None:
    while folder is not None and not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def _span(span: timedelta) -> str:
    seconds = abs(span.total_seconds())
    for size, name in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {name}"
    return f"{seconds:.0f} seconds"
