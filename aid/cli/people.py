"""`aid user`: accounts of the workbench; and the first one, which the first start makes."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from aid.cases.tables import load_tables
from aid.clock import CHANGCHUN
from aid.people.accounts import Accounts
from aid.people.passwords import Passwords
from aid.people.rights import Grant
from aid.people.tries import Tries, of_account, of_second
from aid.people.words import load_console_words
from aid.privacy.vault import open_vault
from aid.settings import Settings
from aid.store.engine import Store, open_store

MACHINE = "machine"
"""In the log: done on this machine's command line."""


@contextmanager
def accounts(settings: Settings) -> Iterator[Accounts]:
    """The accounts in the configured database, closed afterwards."""
    store = open_store(settings)
    try:
        yield _accounts(settings, store)
    finally:
        store.close()


def first_account(settings: Settings, store: Store, say: Callable[[str], None]) -> None:
    """Where nobody has an account, make the administrator and say his one-time password, this once."""
    made = _accounts(settings, store).add_first(MACHINE)
    if made is not None:
        name, password = made
        say("the workbench has no accounts yet; this one was made, and its password is said this once:")
        say(f"  sign-in name {name}   one-time password {password}")
        say("  it must be changed at the first sign-in; lost: aid user reset admin")


def add(settings: Settings, name: str, shown: str, roles: Sequence[str], actor: str | None, line: Callable[[str], None]) -> None:
    """Make an account and show its one-time password.

    Raises:
        NameUnusable, GrantUnusable
    """
    with accounts(settings) as known:
        line(known.add(name, shown, [Grant.read(role) for role in roles], by=_actor(actor)))


def list_all(settings: Settings, line: Callable[[str], None]) -> None:
    """Show every account with its roles."""
    with accounts(settings) as known:
        for person in known.all():
            state = f"disabled {person.disabled_at.astimezone(CHANGCHUN):%Y-%m-%d}" if person.disabled_at else "open"
            marks = [*(["password to be changed"] if person.must_change else []), *(["second factor"] if person.has_second_factor else [])]
            line("  ".join([f"{person.name:<16}", person.shown, " ".join(map(str, person.grants)), state, *marks]))


def set_disabled(settings: Settings, name: str, disabled: bool, actor: str | None) -> None:
    """Close or open an account.

    Raises:
        UnknownPerson, LastAdministrator
    """
    with accounts(settings) as known:
        known.set_disabled(known.named(name).id, disabled, by=_actor(actor))


def reset(settings: Settings, name: str, actor: str | None, line: Callable[[str], None]) -> None:
    """A new one-time password, without second factor and waiting times. Raises ``UnknownPerson``."""
    store = open_store(settings)
    try:
        known = _accounts(settings, store)
        person = known.named(name)
        line(known.reset(person.id, by=_actor(actor)))
        Tries(store, settings.clock(), open_vault(settings).fingerprint).forgive([of_account(person.name), of_second(person.id)])
    finally:
        store.close()


def set_roles(settings: Settings, name: str, roles: Sequence[str], actor: str | None) -> None:
    """Give other roles in place of the present ones.

    Raises:
        UnknownPerson, GrantUnusable, LastAdministrator
    """
    with accounts(settings) as known:
        known.set_grants(known.named(name).id, [Grant.read(role) for role in roles], by=_actor(actor))


def _accounts(settings: Settings, store: Store) -> Accounts:
    centers = [center.id for center in load_tables(settings.knowledge_dir).centers.centers]
    passwords = Passwords(load_console_words(settings.knowledge_dir).denied_passwords)
    return Accounts(store, settings.clock(), passwords, centers)


def _actor(given: str | None) -> str:
    return given or f"{MACHINE}:{getpass.getuser()}"
