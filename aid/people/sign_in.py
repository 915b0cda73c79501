"""Signing in: name and password, then the second factor where there is one. Failures look and take alike, whatever was wrong."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from aid.clock import Clock
from aid.people import second_factor
from aid.people.accounts import Accounts, Person, note
from aid.people.errors import NoSecondFactor, PasswordWeak, SessionOver, SignInRefused
from aid.people.passwords import LONGEST, Passwords
from aid.people.sessions import Sessions, Signed, Stage
from aid.people.tries import Tries, of_account, of_address, of_second
from aid.privacy.vault import Vault
from aid.store.engine import Store
from aid.store.people_rows import RecoveryCodeRow, StaffRow

MOST_NAME = 64
NOBODY = "-"
"""In the log, a name that no account has: what was typed may be a password."""


@dataclass(frozen=True, slots=True)
class Entered:
    """A new session. ``stage`` second: the second factor is asked for before it opens anything."""

    token: str
    stage: Stage


class Doorkeeper:
    """Lets people in. Every method may raise ``StoreUnavailable``."""

    def __init__(self, store: Store, vault: Vault, clock: Clock, passwords: Passwords, accounts: Accounts) -> None:
        self._store, self._vault, self._clock, self._passwords, self._accounts = store, vault, clock, passwords, accounts
        self._sessions = Sessions(store, clock)
        self._tries = Tries(store, clock, vault.fingerprint)

    def sign_in(self, name: str, password: str, address: str | None) -> Entered:
        """Check name and password and open a session.

        Args:
            name: the sign-in name as typed.
            password: as typed.
            address: where the request comes from.

        Raises:
            SignInRefused: one of both is wrong, or the account is closed.
            TooManyTries: this account or address has to wait; nothing was checked.
        """
        name = name.strip().lower()[:MOST_NAME]
        account, here = of_account(name), of_address(address)
        locked = self._tries.take([account, *here])
        with self._store.reading() as session:
            row = session.scalar(select(StaffRow).filter_by(name=name))
        fits = self._passwords.fits(password[: LONGEST * 2], row.password if row else None)
        if row is None or not fits or row.disabled_at is not None:
            if locked:
                self._note(row.name if row else NOBODY, "locked")
            raise SignInRefused("name or password is wrong")
        self._tries.forgive([account], here)
        self._renew_word(row, password)
        stage: Stage = "second" if row.totp_on else "full"
        token = self._sessions.open(row.id, stage)
        if stage == "full":
            self._note(row.name, "signed_in")
        return Entered(token, stage)

    def second(self, signed: Signed, code: str, address: str | None) -> Entered:
        """Check the second factor and go on with a new session in place of the waiting one.

        Args:
            signed: the waiting session.
            code: six figures of the app, or a recovery code.
            address: where the request comes from.

        Raises:
            SignInRefused: the code is wrong or was used already.
            SessionOver: nothing waits for a second factor.
            TooManyTries
        """
        if signed.stage != "second":
            raise SessionOver("no second factor is waited for")
        account, here = of_second(signed.person.id), of_address(address)
        locked = self._tries.take([account, *here])
        with self._store.session() as session:
            used = self._use_code(session, signed.person.id, code)
            if used:
                note(session, self._clock, signed.person.name, signed.person.name, "signed_in", second=used)
            elif locked:
                note(session, self._clock, signed.person.name, signed.person.name, "locked")
        if not used:
            raise SignInRefused("the code is wrong or was used")
        self._tries.forgive([account], here)
        return Entered(self._sessions.open(signed.person.id, "full", instead_of=signed.token), "full")

    def change_password(self, person: Person, old: str, new: str) -> None:
        """Change one's own password; ends all one's sessions: the caller opens a new one.

        Raises:
            SignInRefused: the old one is wrong.
            PasswordWeak: the new one breaks a rule.
            TooManyTries
        """
        account = of_account(person.name)
        self._tries.take([account])
        try:
            self._accounts.change_password(person.id, old, new)
        except PasswordWeak:
            self._tries.forgive([account])  # the old one was right
            raise
        self._tries.forgive([account])

    def begin_second_factor(self, staff_id: str) -> str:
        """A new secret, which counts once it is confirmed; one that is in force stays so until then.

        Raises:
            SignInRefused: there is one in force; it is taken away first.
        """
        secret = second_factor.new_secret()
        with self._store.session() as session:
            row = session.get_one(StaffRow, staff_id, with_for_update=True)
            if row.totp_on:
                raise SignInRefused("there is a second factor already")
            row.totp_sealed = self._vault.encrypt(secret)
        return secret

    def waiting_secret(self, staff_id: str) -> str | None:
        """The secret that waits to be confirmed."""
        with self._store.reading() as session:
            row = session.get_one(StaffRow, staff_id)
            return self._vault.decrypt(row.totp_sealed) if row.totp_sealed and not row.totp_on else None

    def confirm_second_factor(self, staff_id: str, code: str) -> list[str]:
        """Put the waiting secret into force by its first code; gives the recovery codes, which are shown once.

        Raises:
            NoSecondFactor: none waits.
            SignInRefused: the code is wrong.
            TooManyTries
        """
        self._tries.take([of_second(staff_id)])
        codes = second_factor.new_recovery_codes()
        with self._store.session() as session:
            row = session.get_one(StaffRow, staff_id, with_for_update=True)
            if row.totp_sealed is None or row.totp_on:
                raise NoSecondFactor("no second factor waits to be confirmed")
            if not self._use_code(session, staff_id, code):
                raise SignInRefused("the code is wrong")
            row.totp_on = True
            session.execute(delete(RecoveryCodeRow).filter_by(staff_id=staff_id))
            session.add_all(RecoveryCodeRow(code_digest=second_factor.recovery_digest(one), staff_id=staff_id) for one in codes)
            note(session, self._clock, row.name, row.name, "totp_on")
        self._tries.forgive([of_second(staff_id)])
        return codes

    def end_second_factor(self, staff_id: str, password: str) -> None:
        """Take it away, against the password.

        Raises:
            SignInRefused: the password is wrong.
            TooManyTries
        """
        self._tries.take([of_second(staff_id)])
        with self._store.reading() as session:
            row = session.get_one(StaffRow, staff_id)
        if not self._passwords.fits(password, row.password):
            raise SignInRefused("the password is wrong")
        with self._store.session() as session:
            row = session.get_one(StaffRow, staff_id, with_for_update=True)
            row.totp_on, row.totp_sealed = False, None
            session.execute(delete(RecoveryCodeRow).filter_by(staff_id=staff_id))
            note(session, self._clock, row.name, row.name, "totp_off")
        self._tries.forgive([of_second(staff_id)])

    def recovery_codes_left(self, staff_id: str) -> int:
        """How many are unused."""
        with self._store.reading() as session:
            return len(session.scalars(select(RecoveryCodeRow.code_digest).filter_by(staff_id=staff_id)).all())

    def forgive(self, name: str, staff_id: str) -> None:
        """An administrator lets a person try again at once."""
        self._tries.forgive([of_account(name), of_second(staff_id)])

    def _use_code(self, session: Session, staff_id: str, code: str) -> str | None:
        """Which kind of code it was, used up by this; ``None`` when it is none."""
        row = session.get_one(StaffRow, staff_id, with_for_update=True)
        secret = self._vault.decrypt(row.totp_sealed) if row.totp_sealed else None
        step = second_factor.matching_step(secret, code, self._clock.now(), row.totp_step) if secret else None
        if step is not None:
            row.totp_step = step
            return "app"
        gone = delete(RecoveryCodeRow).filter_by(staff_id=staff_id, code_digest=second_factor.recovery_digest(code))
        return "recovery" if session.scalar(gone.returning(RecoveryCodeRow.code_digest)) else None

    def _renew_word(self, row: StaffRow, password: str) -> None:
        """A word made with the costs of another day is made anew, as long as the password is known."""
        if self._passwords.is_outdated(row.password):
            word = self._passwords.kept(password)
            with self._store.session() as session:
                session.execute(update(StaffRow).where(StaffRow.id == row.id, StaffRow.password == row.password).values(password=word))

    def _note(self, name: str, kind: str) -> None:
        with self._store.session() as session:
            note(session, self._clock, name, name, kind)
