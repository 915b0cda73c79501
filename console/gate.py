"""Who stands behind a request, and whether he may: every route that is not open to all depends on a ``Gate``.

    @router.get("/cases/{number}")
    def case(number: str, visit: Annotated[Visit, Depends(staff("case.see"))]) -> Response:
        ...
        visit.must("case.see", Where(receiver, copies))   # about this case; the gate knows only the action

A changing request must carry the guard of its session, in the form (``csrf``) or as the header ``X-CSRF-Token``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request

from aid.people.accounts import Person
from aid.people.errors import SessionOver
from aid.people.rights import Action, Role, Where, may, must
from aid.people.sessions import Signed, Stage
from aid.people.sights import Act, Reason, Subject
from console.cookies import SESSION, guard_fits, guard_of, token_of
from console.desk import Desk
from console.errors import StalePage
from console.headers import SAFE_METHODS

GUARD_FIELD, GUARD_HEADER = "csrf", "X-CSRF-Token"


class MustChangePassword(SessionOver):
    """The password was given by an administrator: a new one comes before anything else."""


class SecondFactorWaits(SessionOver):
    """The second factor has not been told yet."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of one person who is signed in."""

    desk: Desk
    signed: Signed

    @property
    def person(self) -> Person:
        """Who it is."""
        return self.signed.person

    @property
    def guard(self) -> str:
        """What his forms carry."""
        return guard_of(self.signed.token)

    def may(self, action: Action, where: Where | None = None) -> bool:
        """Whether he may do this (there)."""
        return may(self.person, action, where)

    def must(self, action: Action, where: Where | None = None) -> Role:
        """The strongest role by which he may. Raises ``NotAllowed``."""
        return must(self.person, action, where)

    def saw(self, action: Action, where: Where, act: Act, subject: Subject, what: Sequence[str], reason: str, words: str = "") -> Role:
        """Log that personal data is about to be shown, changed or taken out; to be called before it is.

        Args:
            action: the right that it needs.
            where: whose case it is.
            act: what is done.
            subject: whose data it is.
            what: names of the fields, never their content.
            reason: a code of knowledge/console.yml, or ``own``.
            words: those of the person's own.

        Raises:
            NotAllowed, ReasonMissing, StoreUnavailable: then nothing may be shown.
        """
        role = self.must(action, where)
        told = Reason.read(reason, words, self.desk.words.reason_labels)
        self.desk.sights.note(self.person, role, act, subject, what, told)
        return role


class Gate:
    """A dependency that lets in who is signed in and may do ``action``; gives his ``Visit``."""

    def __init__(self, action: Action | None, *, quiet: bool = False, stage: Stage = "full", changing: bool = False) -> None:
        """Say who is let in.

        Args:
            action: what he must be allowed somewhere; ``None`` for everybody who is signed in.
            quiet: the page asks by itself: that does not keep a session alive.
            stage: ``second`` for those alone who still have to tell the second factor.
            changing: open to those too who have to change their password first.
        """
        self.action, self._quiet, self._stage, self._changing = action, quiet, stage, changing

    async def __call__(self, request: Request) -> Visit:
        """The visit.

        Raises:
            SessionOver: nobody is signed in.
            SecondFactorWaits, MustChangePassword: something else comes first.
            StalePage: a changing request without its guard.
            NotAllowed: he may not.
        """
        visit = await visit_of(request, quiet=self._quiet)
        if visit.signed.stage != self._stage:
            raise SecondFactorWaits("the second factor waits") if visit.signed.stage == "second" else SessionOver("no second factor waits")
        await hold_guard(request, visit.signed.token)
        if self._stage == "full" and visit.person.must_change and not self._changing:
            raise MustChangePassword("the password must be changed first")
        if self.action is not None:
            visit.must(self.action)
        return visit


def staff(action: Action | None = None, *, quiet: bool = False) -> Gate:
    """The gate of a usual page."""
    return Gate(action, quiet=quiet)


async def visit_of(request: Request, quiet: bool = False) -> Visit:
    """Who is signed in, whatever he may. Raises ``SessionOver``."""
    desk = desk_of(request)
    token = token_of(request, SESSION)
    if token is None:
        raise SessionOver("nobody is signed in")
    visit = Visit(desk, await asyncio.to_thread(desk.sessions.find, token, touch=not quiet))
    request.state.visit = visit
    return visit


async def hold_guard(request: Request, token: str) -> None:
    """Hold that a changing request carries the guard of ``token``. Raises ``StalePage``."""
    if request.method in SAFE_METHODS:
        return
    guard = request.headers.get(GUARD_HEADER)
    if guard is None:
        said = (await request.form()).get(GUARD_FIELD)
        guard = said if isinstance(said, str) else ""
    if not guard_fits(guard, token):
        raise StalePage("the form is not of this session")


def desk_of(request: Request) -> Desk:
    """The desk of this app."""
    desk: Desk = request.app.state.desk
    return desk
