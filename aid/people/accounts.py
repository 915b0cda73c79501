"""Accounts and their roles. What ends a person's rights ends his sessions in the same transaction."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aid.clock import Clock
from aid.people.errors import GrantUnusable, LastAdministrator, NameUnusable, SignInRefused, UnknownPerson
from aid.people.passwords import Passwords, one_time_password
from aid.people.rights import EVERYWHERE, ROLES, Grant, may_manage
from aid.store.engine import Store
from aid.store.people_rows import RecoveryCodeRow, StaffEventRow, StaffRoleRow, StaffRow, StaffSessionRow

_NAME = re.compile(r"[a-z][a-z0-9._-]{1,31}")
MOST_SHOWN = 64
FIRST_NAME = "admin"
EVERYTHING = Grant("administrator", EVERYWHERE)


@dataclass(frozen=True, slots=True)
class Person:
    """An account as everybody may know it. ``name``: for signing in and for logs; ``shown``: for colleagues."""

    id: str
    name: str
    shown: str
    grants: tuple[Grant, ...]
    must_change: bool
    has_second_factor: bool
    created_at: datetime
    disabled_at: datetime | None


class Accounts:
    """Reads and changes accounts. Every method may raise ``StoreUnavailable``; ``by`` is who does it, for the log."""

    def __init__(self, store: Store, clock: Clock, passwords: Passwords, centers: Collection[str]) -> None:
        """``centers``: the ids of knowledge/centers.yml."""
        self._store, self._clock, self._passwords, self._centers = store, clock, passwords, frozenset(centers)

    def all(self) -> list[Person]:
        """Every account by name."""
        with self._store.reading() as session:
            return [_person(session, row) for row in session.scalars(select(StaffRow).order_by(StaffRow.name))]

    def named(self, name: str) -> Person:
        """The account with this sign-in name. Raises ``UnknownPerson``."""
        with self._store.reading() as session:
            return _person(session, _named(session, name))

    def by_id(self, id_: str) -> Person:
        """The account with this id. Raises ``UnknownPerson``."""
        with self._store.reading() as session:
            return _person(session, _row(session, id_))

    def add(self, name: str, shown: str, grants: Iterable[Grant], by: str) -> str:
        """Make an account; gives its one-time password, which must be changed at the first sign-in and is kept nowhere.

        Raises:
            NameUnusable: the name is taken or malformed.
            GrantUnusable: a role or center is unknown, or there is none.
        """
        wanted = self._checked(grants)
        name = name.strip().lower()
        if not _NAME.fullmatch(name):
            raise NameUnusable(f"{name!r} is no sign-in name: 2 to 32 of a-z 0-9 . _ -, a letter first", taken=False)
        password = one_time_password()
        now = self._clock.now()
        row = StaffRow(
            id=secrets.token_urlsafe(16), name=name, shown=shown.strip()[:MOST_SHOWN] or name, password=self._passwords.kept(password),
            must_change=True, password_at=now, created_at=now,
        )  # fmt: skip
        try:
            with self._store.session() as session:
                session.add(row)
                session.flush()
                session.add_all(StaffRoleRow(staff_id=row.id, role=grant.role, center=grant.center) for grant in wanted)
                self._note(session, by, row.name, "created", roles=[str(grant) for grant in wanted])
        except IntegrityError as fault:
            raise NameUnusable(f"the sign-in name {name} is taken", taken=True) from fault
        return password

    def add_first(self, by: str) -> tuple[str, str] | None:
        """Where nobody has an account, make the administrator; gives name and one-time password, else ``None``."""
        with self._store.reading() as session:
            if session.scalar(select(StaffRow.id).limit(1)) is not None:
                return None
        try:
            return FIRST_NAME, self.add(FIRST_NAME, "管理员", [EVERYTHING], by)
        except NameUnusable:  # another process was faster
            return None

    def set_grants(self, id_: str, grants: Iterable[Grant], by: str, manager: str | None = None) -> None:
        """Give other roles; ends the person's sessions.

        ``manager`` (id), here and below: an account that must be allowed to manage this one, at the moment of the change itself.

        Raises:
            UnknownPerson: there is none, or it is not the manager's to manage (any more).
            GrantUnusable
            LastAdministrator: nobody else manages accounts everywhere.
        """
        wanted = self._checked(grants)
        with self._store.session() as session:
            administrators = _administrators(session)
            row = _managed(session, id_, manager, wanted)
            if EVERYTHING not in wanted:
                _keep_an_administrator(administrators, row)
            before = [str(grant) for grant in _grants(session, id_)]
            session.execute(delete(StaffRoleRow).filter_by(staff_id=id_))
            session.add_all(StaffRoleRow(staff_id=id_, role=grant.role, center=grant.center) for grant in wanted)
            end_sessions(session, id_)
            self._note(session, by, row.name, "roles", before=before, after=[str(grant) for grant in wanted])

    def set_disabled(self, id_: str, disabled: bool, by: str, manager: str | None = None) -> None:
        """Close or open an account; closing ends its sessions.

        Raises:
            UnknownPerson
            LastAdministrator: nobody else manages accounts everywhere.
        """
        with self._store.session() as session:
            administrators = _administrators(session)
            row = _managed(session, id_, manager)
            if disabled:
                _keep_an_administrator(administrators, row)
                end_sessions(session, id_)
            row.disabled_at = (row.disabled_at or self._clock.now()) if disabled else None
            self._note(session, by, row.name, "disabled" if disabled else "enabled")

    def reset(self, id_: str, by: str, manager: str | None = None) -> str:
        """A new one-time password; takes the second factor away and ends the sessions. Raises ``UnknownPerson``."""
        password = one_time_password()
        kept = self._passwords.kept(password)
        with self._store.session() as session:
            row = _managed(session, id_, manager)
            row.password, row.must_change, row.password_at = kept, True, self._clock.now()
            row.totp_on, row.totp_sealed = False, None
            session.execute(delete(RecoveryCodeRow).filter_by(staff_id=id_))
            end_sessions(session, id_)
            self._note(session, by, row.name, "reset")
        return password

    def change_password(self, id_: str, old: str, new: str) -> None:
        """Change one's own password; ends all one's sessions, the present one too: the caller opens a new one.

        Raises:
            SignInRefused: the old one is wrong, or the account was closed.
            PasswordWeak: the new one breaks a rule.
        """
        with self._store.reading() as session:
            known = _row(session, id_)
        if known.disabled_at is not None or not self._passwords.fits(old, known.password):
            raise SignInRefused("the present password is wrong")
        self._passwords.check_rules(new, known.name, known.password)
        kept = self._passwords.kept(new)
        with self._store.session() as session:
            row = _row(session, id_, lock=True)
            if row.password != known.password or row.disabled_at is not None:
                raise SignInRefused("the password was changed meanwhile")
            row.password, row.must_change, row.password_at = kept, False, self._clock.now()
            end_sessions(session, id_)
            self._note(session, row.name, row.name, "password")

    def events(self, names: Collection[str] | None = None, before: int | None = None, limit: int = 200) -> list[StaffEventRow]:
        """What became of accounts, the newest first: of these sign-in names alone where given, only lines before an id where given."""
        query = select(StaffEventRow).order_by(StaffEventRow.id.desc()).limit(limit)
        if names is not None:
            query = query.where(StaffEventRow.staff_name.in_(names))
        if before is not None:
            query = query.where(StaffEventRow.id < before)
        with self._store.reading() as session:
            return list(session.scalars(query))

    def _checked(self, grants: Iterable[Grant]) -> list[Grant]:
        wanted = sorted(set(grants), key=lambda grant: (ROLES.index(grant.role), grant.center))
        if not wanted:
            raise GrantUnusable("an account needs a role")
        for grant in wanted:
            if grant.center != EVERYWHERE and grant.center not in self._centers:
                raise GrantUnusable(f"no center {grant.center} in knowledge/centers.yml")
        return wanted

    def _note(self, session: Session, by: str, name: str, kind: str, **detail: Any) -> None:
        note(session, self._clock, by, name, kind, **detail)


def note(session: Session, clock: Clock, by: str, name: str, kind: str, **detail: Any) -> None:
    """Write one line about an account within the caller's transaction."""
    session.add(StaffEventRow(at=clock.now(), actor=by[:64], staff_name=name, kind=kind, detail=detail))


def end_sessions(session: Session, staff_id: str) -> None:
    """End every session of a person within the caller's transaction."""
    session.execute(delete(StaffSessionRow).filter_by(staff_id=staff_id))


def person_of(session: Session, staff_id: str) -> Person:
    """The account within the caller's transaction. Raises ``UnknownPerson``."""
    return _person(session, _row(session, staff_id))


def _row(session: Session, id_: str, lock: bool = False) -> StaffRow:
    row = session.get(StaffRow, id_, with_for_update=lock or None)
    if row is None:
        raise UnknownPerson("no such account")
    return row


def _managed(session: Session, id_: str, manager: str | None, wanted: Iterable[Grant] = ()) -> StaffRow:
    """The account, locked, if ``manager`` may manage it now and give ``wanted``: roles may have changed since. Raises ``UnknownPerson``."""
    row = _row(session, id_, lock=True)
    if manager is not None:
        known = _row(session, manager)
        if known.disabled_at is not None or not may_manage(_person(session, known), [*_grants(session, id_), *wanted]):
            raise UnknownPerson("not his to manage")
    return row


def _named(session: Session, name: str) -> StaffRow:
    row = session.scalar(select(StaffRow).filter_by(name=name.strip().lower()))
    if row is None:
        raise UnknownPerson(f"no account named {name}")
    return row


def _person(session: Session, row: StaffRow) -> Person:
    grants = tuple(_grants(session, row.id))
    return Person(row.id, row.name, row.shown, grants, row.must_change, row.totp_on, row.created_at, row.disabled_at)


def _grants(session: Session, id_: str) -> list[Grant]:
    rows = session.execute(select(StaffRoleRow.role, StaffRoleRow.center).filter_by(staff_id=id_)).all()
    held = [Grant(known, center) for role, center in rows for known in ROLES if known == role]
    return sorted(held, key=lambda grant: (ROLES.index(grant.role), grant.center))


def _administrators(session: Session) -> set[str]:
    """Who manages accounts everywhere; locked in one order, before any other account: of two who leave at once one waits for the other."""
    held = select(StaffRoleRow.staff_id).filter_by(role=EVERYTHING.role, center=EVERYTHING.center)
    active = select(StaffRow.id).where(StaffRow.id.in_(held), StaffRow.disabled_at.is_(None))
    session.execute(active.order_by(StaffRow.id).with_for_update())
    return set(session.scalars(active))  # again: what the other one changed while this one waited


def _keep_an_administrator(administrators: set[str], leaving: StaffRow) -> None:
    if administrators == {leaving.id}:
        raise LastAdministrator(f"{leaving.name} is the last who manages accounts everywhere")
