"""Holding a backup against its manifest; with its keys, every evidence file is opened and held against what a person sent."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from aid.backup.errors import RecordFailed
from aid.backup.files import files_in, look_at
from aid.backup.manifest import MANIFEST, Manifest
from aid.backup.postgresql_record import PostgresqlRecord
from aid.backup.record import Record
from aid.backup.sqlite_record import SqliteRecord
from aid.privacy.errors import CannotUnseal
from aid.privacy.vault import Vault


def faults_of(folder: Path, manifest: Manifest, record: Record | None = None) -> list[str]:
    """What is not as the manifest says, one line each; empty when all is."""
    found = list(_of_files(folder, manifest))
    if not any(manifest.record in fault for fault in found):
        found += _of_record(folder, manifest, record or record_of(manifest))
    return found


def record_of(manifest: Manifest) -> Record:
    """The engine that can look into the copied database; connects to nothing."""
    from sqlalchemy import URL

    return SqliteRecord(Path()) if manifest.engine == "sqlite" else PostgresqlRecord(URL.create("postgresql"))


def unreadable(folder: Path, manifest: Manifest, keys: Sequence[str]) -> list[str]:
    """Evidence files that these keys do not open, or that are not what was sent, one line each. Raises ``KeyUnusable``."""
    if not keys:
        return ["there is no key: nothing that is sealed can be read"] if manifest.evidence else []
    vault = Vault(keys)
    return [fault for one, sha256 in manifest.evidence.items() if (fault := _opened(folder, vault, one, sha256))]


def _opened(folder: Path, vault: Vault, evidence_id: str, sha256: str) -> str:
    try:
        content = vault.decrypt_bytes((folder / "evidence" / evidence_id[:2] / evidence_id).read_bytes())
    except (OSError, CannotUnseal):
        return f"evidence {evidence_id}: cannot be opened"
    return "" if hashlib.sha256(content).hexdigest() == sha256 else f"evidence {evidence_id}: is not what was sent"


def _of_files(folder: Path, manifest: Manifest) -> Iterator[str]:
    for name, told in manifest.files.items():
        try:
            found = look_at(folder / name)
        except OSError:
            yield f"{name}: is missing or cannot be read"
            continue
        if found != told:
            yield f"{name}: is not what was written ({found.size} bytes, {told.size} then)"
    known = {*manifest.files, MANIFEST}
    for path in files_in(folder):
        if path.relative_to(folder).as_posix() not in known:
            yield f"{path.relative_to(folder)}: is not of this backup"
    for one in manifest.evidence:
        if f"evidence/{one[:2]}/{one}" not in manifest.files:
            yield f"evidence {one}: the manifest names it and no file of it"


def _of_record(folder: Path, manifest: Manifest, record: Record) -> Iterator[str]:
    try:
        seen = record.check(folder / manifest.record)
    except RecordFailed as fault:
        yield f"{manifest.record}: {fault}"
        return
    if seen is None:
        return
    if seen.revision != manifest.revision:
        yield f"{manifest.record}: revision {seen.revision}, the manifest says {manifest.revision}"
    yield from differing(manifest.counts, seen.counts)
    named = {one.id: one.sha256 for one in seen.evidence}
    if {**manifest.evidence, **{one: named.get(one, "") for one in (*manifest.deleted_meanwhile, *manifest.missing)}} != named:
        yield f"{manifest.record}: names other evidence files than the manifest"


def differing(told: dict[str, int], found: dict[str, int]) -> list[str]:
    """Tables whose rows are not as many as they should be."""
    tables = sorted({*told, *found})
    return [f"{name}: {found.get(name, 0)} rows, the manifest says {told.get(name, 0)}" for name in tables if told.get(name) != found.get(name)]
