"""Every fault as a page that says what to do next, in words of knowledge/console.yml; no text of an exception goes out."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from aid.evidence.errors import EvidenceDamaged
from aid.people import errors as people
from aid.privacy.errors import CannotUnseal, KeyUnusable
from aid.store.errors import StoreUnavailable, UnknownConversation
from console.cookies import SESSION, forget
from console.errors import ForeignForm, StalePage
from console.gate import MustChangePassword, SecondFactorWaits, Visit
from console.headers import FIXED, root_of
from console.rendering import HTMX_HEADER, go, pages_of

log = logging.getLogger(__name__)

ANSWERS: dict[type[Exception], tuple[int, str]] = {
    people.NotAllowed: (403, "forbidden"),
    people.UnknownPerson: (404, "not_found"),
    people.ReasonMissing: (422, "no_reason"),
    people.GrantUnusable: (422, "no_role"),
    people.LastAdministrator: (409, "last_administrator"),
    people.NoSecondFactor: (409, "stale"),
    people.SignInRefused: (409, "stale"),  # where it is no answer to a sign-in: a second factor is on already
    UnknownConversation: (404, "not_found"),
    StalePage: (403, "stale"),
    ForeignForm: (403, "foreign"),
    StoreUnavailable: (503, "busy"),
    EvidenceDamaged: (500, "damaged"),
    CannotUnseal: (500, "damaged"),
    KeyUnusable: (500, "damaged"),
    RequestValidationError: (422, "bad_request"),
}
DAMAGED = 500
"""Something kept cannot be opened: known to us, said plainly, and no fault of who asked; the operator finds it in the log."""
STATUS_CODES = {400: "bad_request", 404: "not_found", 405: "not_allowed", 413: "too_large", 408: "too_slow"}


def add_handlers(app: FastAPI) -> None:
    """Teach the app to answer every fault so."""

    async def known(request: Request, fault: Exception) -> Response:
        status, code = ANSWERS[type(fault)]
        if status == DAMAGED:
            log.error("damaged at %s %s: %s", request.method, request.scope.get("path", ""), type(fault).__name__, exc_info=fault)
        return problem(request, status, code)

    async def by_status(request: Request, fault: Exception) -> Response:
        status = fault.status_code if isinstance(fault, HTTPException) else 500
        return problem(request, status, STATUS_CODES.get(status, "bad_request" if status < 500 else "broken"))

    async def waits(request: Request, fault: Exception) -> Response:
        seconds = fault.seconds if isinstance(fault, people.TooManyTries) else 60
        response = problem(request, 429, "wait", minutes=math.ceil(seconds / 60))
        response.headers["Retry-After"] = str(seconds)
        return response

    async def unforeseen(request: Request, fault: Exception) -> Response:
        log.error("unforeseen at %s %s", request.method, request.scope.get("path", ""), exc_info=fault)
        response = problem(request, 500, "broken")
        response.headers.update({**FIXED, "Cache-Control": "no-store"})  # this answer does not pass the middleware
        return response

    for kind in ANSWERS:
        app.add_exception_handler(kind, known)
    app.add_exception_handler(people.SessionOver, _to_sign_in)
    app.add_exception_handler(SecondFactorWaits, _to("second"))
    app.add_exception_handler(MustChangePassword, _to("password"))
    app.add_exception_handler(people.TooManyTries, waits)
    app.add_exception_handler(HTTPException, by_status)
    app.add_exception_handler(Exception, unforeseen)


def problem(request: Request, status: int, code: str, **said: object) -> Response:
    """The page of an error; for an htmx request the sentence alone."""
    pages = pages_of(request)
    visit: Visit | None = getattr(request.state, "visit", None)
    if visit is not None and visit.signed.stage != "full":
        visit = None
    template = "fault" if request.headers.get(HTMX_HEADER) == "true" else "problem"
    return pages.page(request, template, visit, status=status, sentence=pages.words.errors.of(code).format_map(said), status_code=status)


def refusing(app: FastAPI, status: int, code: str) -> Callable[[], ASGIApp]:
    """What a middleware answers in place of the app."""

    def refuse() -> ASGIApp:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            scope = {**scope, "app": app}
            response = problem(Request(scope), status, code)
            response.headers["Connection"] = "close"  # the body may not have been read
            await response(scope, receive, send)

        return answer

    return refuse


async def _to_sign_in(request: Request, _fault: Exception) -> Response:
    """To the sign-in page, and from there back to what was asked for."""
    root, path = root_of(request.scope), request.scope.get("path", "")
    back = path.removeprefix(root).lstrip("/") if request.method == "GET" and request.headers.get(HTMX_HEADER) != "true" else ""
    if back and request.url.query:
        back += f"?{request.url.query}"
    response = go(request, "sign-in", next=back)
    forget(request, response, SESSION)
    return response


def _to(place: str) -> Callable[[Request, Exception], Response]:
    def handle(request: Request, _fault: Exception) -> Response:
        return go(request, place)

    return handle
