"""Passwords: kept as argon2id words, checked in the same time whether or not somebody has that name, and held to a few rules.

The rules are those of current guidance (length and a list of what everybody tries, no forced mixture of signs, no change by the calendar).
"""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Collection
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from aid.people.errors import PasswordWeak

SHORTEST, LONGEST = 12, 128
LEAST_DIFFERENT = 5
TIME_COST, MEMORY_KIB, LANES = 3, 64 * 1024, 2
"""RFC 9106, second choice, with as many lanes as the machine has cores: about 0.1 s a try."""
ONE_TIME_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without signs that are taken for one another."""


class Passwords:
    """Makes and checks argon2 words. Holds no passwords."""

    def __init__(self, denied: Collection[str] = (), *, time_cost: int = TIME_COST, memory_kib: int = MEMORY_KIB, lanes: int = LANES) -> None:
        """``denied``: words on which no password may rest, in small letters; the costs are argon2's."""
        self._hasher = PasswordHasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=lanes)
        self._denied = frozenset(denied)
        self._nobody = self._hasher.hash(secrets.token_urlsafe(24))

    def kept(self, password: str) -> str:
        """The word that is kept of a password."""
        return self._hasher.hash(_plain(password))

    def fits(self, password: str, kept: str | None) -> bool:
        """Whether ``password`` is the one of which ``kept`` was kept; with ``None`` (nobody has the name) no, after the same work."""
        try:
            return self._hasher.verify(kept or self._nobody, _plain(password)[: LONGEST * 2]) and kept is not None
        except (VerificationError, InvalidHashError):
            return False

    def is_outdated(self, kept: str) -> bool:
        """Whether the word was made with other costs than today's."""
        return self._hasher.check_needs_rehash(kept)

    def check_rules(self, password: str, name: str, kept: str | None = None) -> None:
        """Hold a new password against the rules.

        Args:
            password: the new one.
            name: the sign-in name, which it may not hold.
            kept: the word of the present one, which it may not be.

        Raises:
            PasswordWeak: with the first rule that it breaks.
        """
        plain = _plain(password)
        low = plain.casefold()
        if len(plain) < SHORTEST:
            raise PasswordWeak("short")
        if len(plain) > LONGEST:
            raise PasswordWeak("long")
        if len(set(low)) < LEAST_DIFFERENT or _is_a_row(low):
            raise PasswordWeak("plain")
        if name.casefold() in low:
            raise PasswordWeak("name")
        if any(_rests_on(low, word) for word in self._denied):
            raise PasswordWeak("common")
        if kept is not None and self.fits(password, kept):
            raise PasswordWeak("same")


def one_time_password() -> str:
    """A password for the first sign-in: four groups of five signs, about 99 random bits."""
    return "-".join("".join(secrets.choice(ONE_TIME_SIGNS) for _ in range(5)) for _ in range(4))


def _plain(password: str) -> str:
    """However a keyboard composes a sign, it is one."""
    return unicodedata.normalize("NFKC", password)


def _rests_on(password: str, word: str) -> bool:
    """Whether little beside the word is left: fewer signs than half of what a password needs."""
    return word in password and len(password.replace(word, "")) < SHORTEST // 2


def _is_a_row(password: str) -> bool:
    """Whether it is one short piece again and again, or all its signs follow one another (abcdef…, 987654…)."""
    steps = {ord(after) - ord(before) for before, after in pairwise(password)}
    return password in (password + password)[1:-1] or steps in ({1}, {-1})
