"""Sealing of personal data with Fernet (AES-128-CBC with HMAC-SHA256), keys rotated by putting a new one first."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from aid.privacy.errors import CannotUnseal, KeyUnusable
from aid.privacy.keys import KeyFile
from aid.settings import Settings


@dataclass(frozen=True)
class _Ring:
    """The keys in use, newest first, ready to work with."""

    newest: Fernet
    all: MultiFernet
    peppers: list[bytes]


class Vault:
    """Seals and unseals text and files; the first key seals, every key unseals.

    Keys that come from a file are looked up again whenever the file has changed, so that a running process seals with a new key from
    the moment it stands there and opens what others have sealed with it.
    """

    def __init__(self, keys: Sequence[str], newer: Callable[[], Sequence[str] | None] | None = None) -> None:
        """Take the keys (url-safe base64 of 32 bytes each), newest first.

        Args:
            keys: those in force now.
            newer: gives the keys when they have changed since it was asked last, else ``None``; asked before every use.

        Raises:
            KeyUnusable: there is none, or one is malformed.
        """
        self._ring, self._newer, self._lock = _ring_of(keys), newer, threading.Lock()

    def encrypt(self, text: str) -> str:
        """Seal ``text``; twice the same text gives two different seals. Raises ``KeyUnusable`` when the key file has become unusable."""
        return self._keys().newest.encrypt(text.encode()).decode("ascii")

    def decrypt(self, sealed: str) -> str:
        """Open a seal.

        Raises:
            CannotUnseal: no known key made it, or it was changed.
            KeyUnusable: the key file has become unusable.
        """
        try:
            return self._keys().all.decrypt(sealed).decode()
        except InvalidToken as fault:
            raise CannotUnseal("a sealed text cannot be opened: the data key that made it is missing") from fault

    def encrypt_bytes(self, content: bytes) -> bytes:
        """Seal the content of a file (a token a third longer than it; both are held in memory)."""
        return self._keys().newest.encrypt(content)

    def decrypt_bytes(self, sealed: bytes) -> bytes:
        """Open the seal of a file.

        Raises:
            CannotUnseal: as ``decrypt``.
        """
        try:
            return self._keys().all.decrypt(sealed)
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

    def is_newest(self, sealed: str | bytes) -> bool:
        """Whether the first key made this seal; costs less than opening it."""
        try:
            self._keys().newest.extract_timestamp(sealed)
        except InvalidToken:
            return False
        return True

    def resealed_bytes(self, sealed: bytes) -> bytes:
        """The same file sealed with the first key. Raises ``CannotUnseal``."""
        try:
            return self._keys().all.rotate(sealed)
        except InvalidToken as fault:
            raise CannotUnseal("a sealed file cannot be opened: the data key that made it is missing") from fault

    def resealed(self, sealed: str) -> str:
        """The same text sealed with the first key.

        Raises:
            CannotUnseal: no known key made it, or it was changed.
        """
        try:
            return self._keys().all.rotate(sealed).decode("ascii")
        except InvalidToken as fault:
            raise CannotUnseal("a sealed text cannot be opened: the data key that made it is missing") from fault

    def fingerprint(self, text: str) -> str:
        """64 hex digits (HMAC-SHA256) by which a secret can be recognised but not found out."""
        return hmac.new(self._keys().peppers[0], text.encode(), hashlib.sha256).hexdigest()

    def fingerprints(self, text: str) -> list[str]:
        """The fingerprints of ``text`` under every known key, the newest first: for finding what was marked before a rotation."""
        return [hmac.new(pepper, text.encode(), hashlib.sha256).hexdigest() for pepper in self._keys().peppers]

    def matches(self, text: str, fingerprint: str) -> bool:
        """Whether ``fingerprint`` is of ``text``, under any known key; takes the same time either way."""
        seen = False
        for pepper in self._keys().peppers:
            seen |= hmac.compare_digest(hmac.new(pepper, text.encode(), hashlib.sha256).hexdigest(), fingerprint)
        return seen

    def _keys(self) -> _Ring:
        if self._newer is None:
            return self._ring
        with self._lock:  # or another thread would miss a key between its reading and its taking into use
            changed = self._newer()
            if changed is not None:
                self._ring = _ring_of(changed)
            return self._ring


def open_vault(settings: Settings) -> Vault:
    """The vault with the keys of ``AID_DATA_KEY`` or, where that is empty, of the key file (made at first use).

    Raises:
        KeyUnusable: a key is malformed, or the key file cannot be read or is open to other users.
    """
    if settings.data_key:
        return Vault(split_keys(settings.data_key))
    file = KeyFile(settings.keys_dir)
    return Vault(file.read(), file.read_if_changed)


def split_keys(text: str) -> list[str]:
    """The keys of a text that separates them by commas or lines."""
    return [key.strip() for key in text.replace("\n", ",").split(",") if key.strip()]


def _ring_of(keys: Sequence[str]) -> _Ring:
    try:
        fernets = [Fernet(key) for key in keys]
        many = MultiFernet(fernets)
    except ValueError as fault:
        raise KeyUnusable("a data key is not 32 bytes in url-safe base64, or none is given") from fault
    peppers = [hmac.digest(key.encode(), b"aid fingerprint 1", hashlib.sha256) for key in keys]
    return _Ring(fernets[0], many, peppers)
