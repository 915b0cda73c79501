"""What can go wrong with accounts and sign-in.

AidError
└── PeopleError
    ├── NameUnusable            a sign-in name is taken, or has signs that none may have
    ├── GrantUnusable           a role or a center is unknown, or there is no role at all
    ├── UnknownPerson           nobody has this name or id
    ├── LastAdministrator       nobody would be left who may manage accounts everywhere
    ├── NotAllowed              this person may not do this here
    ├── PasswordWeak            a new password breaks a rule; ``code`` says which
    ├── SignInRefused           name, password or code is wrong, or the account is closed; never says which
    ├── TooManyTries            too many failures; ``seconds`` until the next try counts
    ├── SessionOver             the session is unknown, ended, or unused for too long
    ├── NoSecondFactor          there is none to confirm or to take away
    └── ReasonMissing           personal data is shown for a reason only
"""

from __future__ import annotations

from typing import Literal

from aid.errors import AidError

Weakness = Literal["short", "long", "common", "plain", "name", "same"]


class PeopleError(AidError):
    """Something is wrong with an account or a sign-in."""


class NameUnusable(PeopleError):
    """A sign-in name is taken or malformed; ``taken`` says which."""

    def __init__(self, message: str, taken: bool) -> None:
        super().__init__(message)
        self.taken = taken


class GrantUnusable(PeopleError):
    """A role or center is unknown, or an account would have no role."""


class UnknownPerson(PeopleError):
    """No account has this name or id."""


class LastAdministrator(PeopleError):
    """The last open account that manages accounts everywhere stays as it is."""


class NotAllowed(PeopleError):
    """The person may not do this here."""


class PasswordWeak(PeopleError):
    """A new password breaks a rule.

    ``code``: short, long, common (on the list), plain (too few different signs), name (holds the sign-in name), same (as before).
    """

    def __init__(self, code: Weakness) -> None:
        super().__init__(f"the new password cannot be taken: {code}")
        self.code = code


class SignInRefused(PeopleError):
    """Name, password or code is wrong, or the account is closed."""


class TooManyTries(PeopleError):
    """Too many failures for this account or from this address."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too many failed tries; wait {seconds} s")
        self.seconds = seconds


class SessionOver(PeopleError):
    """The session is unknown, ended, or was unused for too long."""


class NoSecondFactor(PeopleError):
    """There is no second factor to confirm or to take away."""


class ReasonMissing(PeopleError):
    """No reason from the list and no words of one's own."""
