"""One's own account: password, second factor, what became of it."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from aid.people import second_factor
from aid.people.errors import PasswordWeak, SignInRefused
from console.cookies import SESSION, keep
from console.gate import Gate, Visit, staff
from console.rendering import go, pages_of

router = APIRouter()
Mine = Annotated[Visit, Depends(staff())]
MineChanging = Annotated[Visit, Depends(Gate(None, changing=True))]
Said = Annotated[str, Form()]


@router.get("/account")
def account(request: Request, visit: Mine) -> Response:
    """What one may do with it."""
    return _page(request, visit)


@router.get("/password")
def ask_password(request: Request, visit: MineChanging) -> Response:
    """The form for a new password."""
    return pages_of(request).page(request, "password", visit, here="account", fault="")


@router.post("/password")
async def change_password(request: Request, visit: MineChanging, old: Said = "", new: Said = "", again: Said = "") -> Response:
    """Change it; all sessions end and a new one begins here."""
    words = pages_of(request).words.passwords
    try:
        if new != again:
            return _password_fault(request, visit, words.differ)
        await asyncio.to_thread(visit.desk.doorkeeper.change_password, visit.person, old, new)
    except SignInRefused:
        return _password_fault(request, visit, words.wrong)
    except PasswordWeak as fault:
        return _password_fault(request, visit, words.of(fault.code))
    token = await asyncio.to_thread(visit.desk.sessions.open, visit.person.id, "full")
    response = go(request, "" if visit.person.must_change else "account")
    keep(request, response, SESSION, token)
    return response


@router.post("/account/second")
def begin_second(request: Request, visit: Mine) -> Response:
    """Make a secret and show it as a picture, to be confirmed by its first code."""
    secret = visit.desk.doorkeeper.begin_second_factor(visit.person.id)
    return _enrolment(request, visit, secret)


@router.post("/account/second/confirm")
def confirm_second(request: Request, visit: Mine, code: Said = "") -> Response:
    """Put it into force; the recovery codes are shown this once."""
    try:
        codes = visit.desk.doorkeeper.confirm_second_factor(visit.person.id, code)
    except SignInRefused:
        secret = visit.desk.doorkeeper.waiting_secret(visit.person.id)
        fault = pages_of(request).words.errors.code
        return _enrolment(request, visit, secret, fault) if secret else _page(request, visit, fault)
    return pages_of(request).page(request, "recovery_codes", visit, here="account", codes=codes)


@router.post("/account/second/end")
def end_second(request: Request, visit: Mine, password: Said = "") -> Response:
    """Take it away, against the password."""
    try:
        visit.desk.doorkeeper.end_second_factor(visit.person.id, password)
    except SignInRefused:
        return _page(request, visit, pages_of(request).words.passwords.wrong)
    return go(request, "account")


def _page(request: Request, visit: Visit, fault: str = "") -> Response:
    desk, person = visit.desk, visit.person
    more: dict[str, Any] = {
        "codes_left": desk.doorkeeper.recovery_codes_left(person.id) if person.has_second_factor else 0,
        "events": desk.accounts.events([person.name], limit=20),
    }
    return pages_of(request).page(request, "account", visit, here="account", status=422 if fault else 200, fault=fault, **more)


def _password_fault(request: Request, visit: Visit, fault: str) -> Response:
    return pages_of(request).page(request, "password", visit, here="account", status=422, fault=fault)


def _enrolment(request: Request, visit: Visit, secret: str, fault: str = "") -> Response:
    picture = Markup(second_factor.qr_picture(second_factor.enrolment_address(secret, visit.person.name)))
    grouped = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return pages_of(request).page(
        request, "second_new", visit, here="account", status=422 if fault else 200, picture=picture, secret=grouped, fault=fault
    )
