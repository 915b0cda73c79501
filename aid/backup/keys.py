"""The keys of a backup, kept apart from it: whoever has only one of the two folders can read nothing."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from aid.backup.errors import BadPlace, KeysDoNotFit
from aid.backup.files import is_within
from aid.disk import sync_folder
from aid.privacy.keys import KEY_FILE, KeyFile
from aid.privacy.vault import split_keys
from aid.settings import Settings

TOKEN_FILE = "token.key"


def mark(key: str) -> str:
    """By which a key is known again; 256 random bits cannot be found from it."""
    return hashlib.sha256(b"aid backup key " + key.encode()).hexdigest()


def keys_in_force(settings: Settings) -> list[str]:
    """The data keys, newest first; none where none was made yet. Raises ``KeyUnusable``."""
    if settings.data_key:
        return split_keys(settings.data_key)
    return KeyFile(settings.keys_dir).read() if (settings.keys_dir / KEY_FILE).exists() else []


def keep_apart(keys: Path, shelf: Path) -> None:
    """See that the folder of the keys is apart from the backups.

    Raises:
        BadPlace: one lies in the other.
    """
    if is_within(keys, shelf) or is_within(shelf, keys):
        raise BadPlace(f"the keys must not lie with the backup: {keys} and {shelf} are within each other; give --keys a folder on another disk")


def save_keys(settings: Settings, keys: Sequence[str], folder: Path) -> None:
    """Add the keys to those of earlier backups (newest first); an older one is never dropped, for older backups need it.

    Raises:
        KeyUnusable: the file there cannot be read or written, or is open to others.
        OSError
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    kept = KeyFile(folder)
    known = kept.read() if (folder / KEY_FILE).exists() else []
    kept.write([*keys, *(key for key in known if key not in keys)])
    token = settings.token_key or _text(settings.keys_dir / TOKEN_FILE)
    if token:
        _put(folder / TOKEN_FILE, token)
    sync_folder(folder)


def fitting_keys(folder: Path, wanted: Sequence[str]) -> list[str]:
    """The keys of a folder that a backup needs, in the backup's order.

    Raises:
        KeysDoNotFit: one is not there.
        KeyUnusable: the file cannot be read or is open to others.
    """
    if not (folder / KEY_FILE).exists():
        raise KeysDoNotFit(f"{folder} holds no {KEY_FILE}")
    known = {mark(key): key for key in KeyFile(folder).read()}
    missing = [one for one in wanted if one not in known]
    if missing:
        raise KeysDoNotFit(f"{folder / KEY_FILE} lacks {len(missing)} of the {len(wanted)} keys of this backup: what they seal cannot be read")
    return [known[one] for one in wanted]


def restore_keys(settings: Settings, keys: Sequence[str], folder: Path) -> None:
    """Put the keys where the system looks for them. Raises ``KeyUnusable``, ``OSError``."""
    settings.keys_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    KeyFile(settings.keys_dir).write(keys)
    token = _text(folder / TOKEN_FILE)
    if token and not (settings.keys_dir / TOKEN_FILE).exists():
        _put(settings.keys_dir / TOKEN_FILE, token)


def _text(path: Path) -> str:
    return path.read_text("ascii").strip() if path.exists() else ""


def _put(path: Path, content: str) -> None:
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(content + "\n")
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
