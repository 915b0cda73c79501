"""Every error of the API as ``{"error": code, "message": sentence}``; the sentence says what to do next."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from aid.store import errors as store_errors
from channels import errors
from channels.wording import ErrorWording

log = logging.getLogger(__name__)

ANSWERS: dict[type[Exception], tuple[int, str]] = {
    errors.TokenMissing: (401, "no_token"),
    errors.TokenWrong: (401, "token_wrong"),
    errors.TokenExpired: (401, "token_expired"),
    errors.TokenOfAnother: (403, "not_yours"),
    errors.TooManyMessages: (429, "too_many"),
    errors.TooManyFromHere: (429, "too_many_here"),
    errors.TooManyStreams: (429, "too_many_pages"),
    errors.HubStopped: (503, "busy"),
    store_errors.StoreUnavailable: (503, "busy"),
    store_errors.UnknownConversation: (401, "token_expired"),  # deleted; its tokens open nothing any more
    store_errors.UnknownChoice: (404, "choice_unknown"),
    store_errors.ConversationClosed: (401, "conversation_closed"),  # 401: the page begins a new conversation
    RequestValidationError: (422, "bad_request"),
}
STATUS_CODES = {404: "not_found", 405: "not_allowed"}
REFUSALS = {"too_large": 413, "too_slow": 408}
PASSING_SECONDS = 5


def problem(wording: ErrorWording, status: int, code: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The answer for one error code."""
    return JSONResponse({"error": code, "message": wording.of(code)}, status, headers=headers)


def refusal(wording: ErrorWording, code: str) -> ASGIApp:
    """The answer to a request whose body was not read to its end; the connection is not used again."""
    return problem(wording, REFUSALS[code], code, {"Connection": "close"})


def add_handlers(app: FastAPI, wording: ErrorWording) -> None:
    """Teach the app to answer every error in this form; no text of an exception goes out."""

    async def known(_request: Request, fault: Exception) -> JSONResponse:
        status, code = ANSWERS[type(fault)]
        headers = {}
        if isinstance(fault, errors.TooManyMessages):
            headers["Retry-After"] = str(fault.retry_after)
        elif status in (429, 503):
            headers["Retry-After"] = str(PASSING_SECONDS)
        elif status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        return problem(wording, status, code, headers)

    async def by_status(_request: Request, fault: Exception) -> JSONResponse:
        status = fault.status_code if isinstance(fault, HTTPException) else 500
        code = STATUS_CODES.get(status, "bad_request" if status < 500 else "broken")
        return problem(wording, status, code, getattr(fault, "headers", None))

    async def unforeseen(request: Request, fault: Exception) -> JSONResponse:
        log.error("unforeseen at %s %s", request.method, request.scope.get("route", ""), exc_info=fault)
        return problem(wording, 500, "broken")

    for kind in ANSWERS:
        app.add_exception_handler(kind, known)
    app.add_exception_handler(HTTPException, by_status)
    app.add_exception_handler(Exception, unforeseen)
