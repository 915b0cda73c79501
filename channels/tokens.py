"""Session tokens: conversation, door, generation and the moment of issue, signed. They travel in a header, never in an address.

A token opens a conversation while its door and generation are the conversation's own: ending or handing over makes it void at once.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from itsdangerous import BadData, Signer, URLSafeSerializer

from aid.clock import Clock
from aid.errors import SettingsError
from aid.settings import Settings
from channels.errors import TokenExpired, TokenWrong

IDLE = timedelta(hours=24)
RENEWED_AFTER = timedelta(minutes=30)
LEAST_KEY_CHARACTERS = 32
KEY_FILE = "token.key"


@dataclass(frozen=True, slots=True)
class SessionToken:
    """A token that was read: whose it is, at which door, of which generation, and how old."""

    conversation_id: str
    door: str
    generation: int
    age: timedelta


class Tokens:
    """Issues and reads tokens."""

    def __init__(self, key: str, clock: Clock) -> None:
        self._clock = clock
        options = {"digest_method": hashlib.sha256, "key_derivation": "hmac"}
        self._serializer = URLSafeSerializer(key, salt="aid session 2", signer_kwargs=options)
        self._guards = Signer(key, salt="aid form 1", digest_method=hashlib.sha256, key_derivation="hmac")

    def issue(self, conversation_id: str, door: str, generation: int = 0) -> str:
        """A token for the conversation at this door, good until it is unused for 24 hours."""
        signed = self._serializer.dumps([conversation_id, door, generation, int(self._clock.now().timestamp())])
        return signed if isinstance(signed, str) else signed.decode("ascii")

    def read(self, token: str) -> SessionToken:
        """What the token says; whether it still agrees with the conversation is the door's to ask.

        Raises:
            TokenWrong: it is not signed by us.
            TokenExpired: it was issued or renewed more than 24 hours ago.
        """
        try:
            match self._serializer.loads(token):
                case [str(conversation_id), str(door), int(generation), int(issued)]:
                    age = timedelta(seconds=self._clock.now().timestamp() - issued)
                case _:
                    raise TokenWrong("the token is not one of ours")
        except BadData as fault:
            raise TokenWrong("the token is not one of ours") from fault
        if age > IDLE:
            raise TokenExpired("the token was not used for 24 hours")
        return SessionToken(conversation_id, door, generation, age)

    def guard(self, session: SessionToken) -> str:
        """What a form of this talk carries, so that no other site can send one: it opens nothing by itself."""
        return self._guards.get_signature(f"{session.conversation_id} {session.generation}").decode("ascii")

    def guards(self, session: SessionToken, guard: str) -> bool:
        """Whether a form that carries this guard was made for this talk."""
        return hmac.compare_digest(self.guard(session).encode(), guard.encode())

    def renewed(self, session: SessionToken) -> str | None:
        """A fresh token once the old one is half an hour old, else ``None``."""
        return self.issue(session.conversation_id, session.door, session.generation) if session.age > RENEWED_AFTER else None


def token_key(settings: Settings) -> str:
    """The key of ``AID_TOKEN_KEY`` or, where that is empty, of the key file (made at first use, mode 0600).

    Raises:
        SettingsError: the key is too short, or the file cannot be made, read, or is open to other users.
    """
    if settings.token_key:
        if len(settings.token_key) < LEAST_KEY_CHARACTERS:
            raise SettingsError(f"AID_TOKEN_KEY is too short: give at least {LEAST_KEY_CHARACTERS} characters")
        return settings.token_key
    path = settings.keys_dir / KEY_FILE
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            _make_key_file(path)
        if path.stat().st_mode & 0o077:
            raise SettingsError(f"the key file {path} is open to other users; set its mode to 600")
        return path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as fault:
        raise SettingsError(f"the key file {path} cannot be read or made") from fault


def _make_key_file(path: Path) -> None:
    """Write whole, then link into place: another process sees no file or a complete one, and the first one wins."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48) + "\n")
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
