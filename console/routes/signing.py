"""Sign in, tell the second factor, sign out; where one begins; whether the workbench is well."""

from __future__ import annotations

import asyncio
import math
import re
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from aid.operations.readiness import Readiness
from aid.people.errors import SessionOver, SignInRefused, TooManyTries
from aid.people.sign_in import Entered
from console.cookies import BEFORE, SESSION, forget, guard_of, keep, new_word, token_of
from console.errors import StalePage
from console.gate import Gate, Visit, desk_of, hold_guard, staff, visit_of
from console.navigation import places_for
from console.rendering import go, pages_of

router = APIRouter()
_BACK = re.compile(r"(?!/)(?!.*//)[A-Za-z0-9/_.~%-]{0,300}(\?[A-Za-z0-9/_.~%&=+*:,-]{0,500})?")
Said = Annotated[str, Form()]


@router.get("/")
def home(request: Request, visit: Annotated[Visit, Depends(staff())]) -> Response:
    """The first page that one may open."""
    return go(request, places_for(visit.person)[0].address)


@router.get("/health")
def health(request: Request) -> JSONResponse:
    """Whether the record answers."""
    with desk_of(request).store.reading() as session:
        session.execute(text("SELECT 1"))
    return JSONResponse({"status": "ok"})


@router.get("/healthz")
async def lives() -> JSONResponse:
    """The process lives."""
    return JSONResponse({"status": "ok"})


@router.get("/readyz")
async def ready(request: Request) -> JSONResponse:
    """A word for each part; 503 while one is not well."""
    readiness: Readiness = request.app.state.readiness
    report = await readiness.report()
    return JSONResponse(report.public(), report.status)


@router.get("/sign-in")
async def ask(request: Request, next: str = "") -> Response:
    """The form; who is signed in goes on at once."""
    try:
        visit = await visit_of(request)
    except SessionOver:
        return _form(request, next)
    return go(request, "" if visit.signed.stage == "full" else "second")


@router.post("/sign-in")
async def sign_in(request: Request, name: Said = "", password: Said = "", next: Said = "") -> Response:
    """Check name and password. A new session follows whatever the browser held before."""
    desk, words = desk_of(request), pages_of(request).words
    before = token_of(request, BEFORE)
    if before is None:
        raise StalePage("the browser holds no word of ours")
    await hold_guard(request, before)
    address = request.client.host if request.client else None
    try:
        entered = await asyncio.to_thread(desk.doorkeeper.sign_in, name, password, address)
    except SignInRefused:
        return _form(request, next, name, words.errors.sign_in, 401)
    except TooManyTries as fault:
        return _waiting(_form(request, next, name, _wait(request, fault), 429), fault)
    old = token_of(request, SESSION)
    if old is not None:
        await asyncio.to_thread(desk.sessions.end, old)
    where = _back(next) if entered.stage == "full" else "second"
    response = go(request, where, **({"next": _back(next)} if entered.stage == "second" else {}))
    _enter(request, response, entered)
    return response


@router.get("/second")
async def ask_second(request: Request, visit: Annotated[Visit, Depends(Gate(None, stage="second"))], next: str = "") -> Response:
    """The form for the second factor."""
    return _second_form(request, visit, next)


@router.post("/second")
async def second(
    request: Request, visit: Annotated[Visit, Depends(Gate(None, stage="second"))], code: Said = "", next: Said = ""
) -> Response:
    """Check the second factor; a new session follows the waiting one."""
    words = pages_of(request).words
    address = request.client.host if request.client else None
    try:
        entered = await asyncio.to_thread(visit.desk.doorkeeper.second, visit.signed, code, address)
    except SignInRefused:
        return _second_form(request, visit, next, words.errors.code, 401)
    except TooManyTries as fault:
        return _waiting(_second_form(request, visit, next, _wait(request, fault), 429), fault)
    response = go(request, _back(next))
    _enter(request, response, entered)
    return response


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """End the session, at whatever stage it is."""
    visit = await visit_of(request)
    await hold_guard(request, visit.signed.token)
    await asyncio.to_thread(visit.desk.sessions.end, visit.signed.token)
    response = go(request, "sign-in")
    forget(request, response, SESSION)
    # Whoever sits down here next finds nothing of this person in the browser.
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def _form(request: Request, back: str, name: str = "", fault: str = "", status: int = 200) -> Response:
    word = token_of(request, BEFORE) or new_word()
    response = pages_of(request).page(
        request, "sign_in", status=status, door_guard=guard_of(word), name=name[:64], fault=fault, back=_back(back)
    )
    keep(request, response, BEFORE, word)
    return response


def _second_form(request: Request, visit: Visit, back: str, fault: str = "", status: int = 200) -> Response:
    return pages_of(request).page(request, "second", status=status, door_guard=visit.guard, fault=fault, back=_back(back))


def _enter(request: Request, response: Response, entered: Entered) -> None:
    keep(request, response, SESSION, entered.token)
    forget(request, response, BEFORE)


def _back(path: str) -> str:
    """Where to go on: a place of the workbench, nothing else."""
    return path if _BACK.fullmatch(path) else ""


def _wait(request: Request, fault: TooManyTries) -> str:
    return pages_of(request).words.errors.wait.format(minutes=math.ceil(fault.seconds / 60))


def _waiting(response: Response, fault: TooManyTries) -> Response:
    response.headers["Retry-After"] = str(fault.seconds)
    return response
