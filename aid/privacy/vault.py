"""Sealing of personal data with Fernet (AES-128-CBC with HMAC-SHA256), keys rotated by putting a new one first."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from aid.privacy.errors import CannotUnseal, KeyUnusable
from aid.settings import Settings

KEY_FILE = "data.key"


class Vault:
    """Seals and unseals text and files; the first key seals, every key unseals."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Take the keys (url-safe base64 of 32 bytes each), newest first.

        Raises:
            KeyUnusable: there is none, or one is malformed.
        """
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError as fault:
            raise KeyUnusable("a data key is not 32 bytes in url-safe base64, or none is given") from fault
        self._pepper = [hmac.digest(key.encode(), b"aid fingerprint 1", hashlib.sha256) for key in keys]

    def encrypt(self, text: str) -> str:
        """Seal ``text``; twice the same text gives two different seals."""
        return self._fernet.encrypt(text.encode()).decode("ascii")

    def decrypt(self, sealed: str) -> str:
        """Open a seal.

        Raises:
            CannotUnseal: no known key made it, or it was changed.
        """
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken as fault:
            raise CannotUnseal("a sealed text cannot be opened: the data key that made it is missing") from fault

    def encrypt_bytes(self, content: bytes) -> bytes:
        """Seal the content of a file (a token a third longer than it; both are held in memory)."""
        return self._fernet.encrypt(content)

    def decrypt_bytes(self, sealed: bytes) -> bytes:
        """Open the seal of a file.

        Raises:
            CannotUnseal: as ``decrypt``.
        """
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken as fault:
            raise CannotUnseal("a sealed file cannot be opened: it was changed, or the data key that made it is missing") from fault

    def encrypt_json(self, value: Any) -> str:
        """Seal a JSON value."""
        return self.encrypt(json.dumps(value, ensure_ascii=False, separators=(",", ":")))

    def decrypt_json(self, sealed: str) -> Any:
        """Open a sealed JSON value.

        Raises:
            CannotUnseal: as ``decrypt``.
        """
        return json.loads(self.decrypt(sealed))

    def fingerprint(self, text: str) -> str:
        """64 hex digits (HMAC-SHA256) by which a secret can be recognised but not found out."""
        return hmac.new(self._pepper[0], text.encode(), hashlib.sha256).hexdigest()

    def fingerprints(self, text: str) -> list[str]:
        """The fingerprints of ``text`` under every known key, the newest first: for finding what was marked before a rotation."""
        return [hmac.new(pepper, text.encode(), hashlib.sha256).hexdigest() for pepper in self._pepper]

    def matches(self, text: str, fingerprint: str) -> bool:
        """Whether ``fingerprint`` is of ``text``, under any known key; takes the same time either way."""
        seen = False
        for pepper in self._pepper:
            seen |= hmac.compare_digest(hmac.new(pepper, text.encode(), hashlib.sha256).hexdigest(), fingerprint)
        return seen


def open_vault(settings: Settings) -> Vault:
    """The vault with the keys of ``AID_DATA_KEY`` or, where that is empty, of the key file (made at first use).

    Raises:
        KeyUnusable: a key is malformed, or the key file cannot be read or is open to other users.
    """
    given = settings.data_key or _key_file(settings.keys_dir)
    return Vault([key.strip() for key in given.replace("\n", ",").split(",") if key.strip()])


def _key_file(folder: Path) -> str:
    """The text of the key file; makes folder (0700) and file (0600) when missing, safely beside other processes."""
    path = folder / KEY_FILE
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            _make_key_file(path)
        if path.stat().st_mode & 0o077:
            raise KeyUnusable(f"the key file {path} is open to other users; set its mode to 600")
        return path.read_text("ascii")
    except (OSError, UnicodeDecodeError) as fault:
        raise KeyUnusable(f"the key file {path} cannot be read or made") from fault


def _make_key_file(path: Path) -> None:
    """Write whole, then link into place: another process sees no file or a complete one, and the first one wins."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(Fernet.generate_key() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
