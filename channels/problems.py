"""Every error of the API as ``{"error": code, "message": sentence}``; the sentence says what to do next."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from aid.cases import errors as case_errors
from aid.evidence import errors as evidence_errors
from aid.kiosk import errors as kiosk_errors
from aid.store import errors as store_errors
from aid.wording.doors import ErrorWording
from channels import errors
from channels.wechat.errors import NoCode

log = logging.getLogger(__name__)

ANSWERS: dict[type[Exception], tuple[int, str]] = {
    errors.TokenMissing: (401, "no_token"),
    errors.TokenWrong: (401, "token_wrong"),
    errors.TokenExpired: (401, "token_expired"),
    errors.TokenOfAnother: (403, "not_yours"),
    errors.TokenRevoked: (401, "conversation_closed"),
    errors.ForeignOrigin: (403, "foreign_origin"),
    errors.StalePage: (409, "stale_page"),
    errors.TooManyMessages: (429, "too_many"),
    errors.TooManyFromHere: (429, "too_many_here"),
    errors.TooManyStreams: (429, "too_many_pages"),
    errors.HubStopped: (503, "busy"),
    NoCode: (503, "busy"),
    store_errors.StoreUnavailable: (503, "busy"),
    store_errors.UnknownConversation: (401, "token_expired"),  # deleted; its tokens open nothing any more
    store_errors.UnknownChoice: (404, "choice_unknown"),
    store_errors.UnknownReply: (404, "not_found"),
    store_errors.HandoverGone: (404, "handover_gone"),
    case_errors.TicketNotFound: (404, "ticket_not_found"),
    case_errors.TooManyAttempts: (429, "too_many_lookups"),
    store_errors.ConversationClosed: (401, "conversation_closed"),  # 401: the page begins a new conversation
    kiosk_errors.UnknownStation: (404, "station_unknown"),
    kiosk_errors.PinWrong: (403, "pin_wrong"),
    kiosk_errors.TooManyPins: (429, "too_many_pins"),
    RequestValidationError: (422, "bad_request"),
    errors.UploadMalformed: (422, "bad_request"),
    errors.UploadTooSlow: (408, "too_slow"),
    errors.TooManyUploads: (503, "busy"),
    errors.NoPreview: (404, "file_unknown"),
    evidence_errors.FileEmpty: (422, "file_empty"),
    evidence_errors.FileTooLarge: (413, "file_too_large"),
    evidence_errors.FileOfUnknownType: (415, "file_unknown_type"),
    evidence_errors.FileBroken: (422, "file_broken"),
    evidence_errors.FileLocked: (422, "file_locked"),
    evidence_errors.TooManyFiles: (422, "file_too_many"),
    evidence_errors.TooMuchData: (422, "file_too_much"),
    evidence_errors.NoRoom: (507, "file_no_room"),
    evidence_errors.UnknownEvidence: (404, "file_unknown"),
}
STATUS_CODES = {404: "not_found", 405: "not_allowed"}
REFUSALS = {"too_large": 413, "too_slow": 408}
UNREADABLE = 422
PASSING_SECONDS = 5


def problem(wording: ErrorWording, status: int, code: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The answer for one error code."""
    return JSONResponse({"error": code, "message": wording.of(code)}, status, headers=headers)


def refusal(wording: ErrorWording, code: str) -> ASGIApp:
    """The answer to a request whose body was not read to its end; the connection is not used again."""
    return problem(wording, REFUSALS[code], code, {"Connection": "close"})


def answer_to(fault: Exception) -> tuple[int, str, dict[str, str]]:
    """Status, code and headers of the answer to any exception; what is not foreseen is a 500."""
    if type(fault) not in ANSWERS:
        status = fault.status_code if isinstance(fault, HTTPException) else 500
        status = UNREADABLE if status == 400 else status  # bytes that are no text: the same fault as text that is no JSON
        return status, STATUS_CODES.get(status, "bad_request" if status < 500 else "broken"), {}
    status, code = ANSWERS[type(fault)]
    if isinstance(fault, errors.TooManyMessages):
        return status, code, {"Retry-After": str(fault.retry_after)}
    if status in (429, 503):
        return status, code, {"Retry-After": str(PASSING_SECONDS)}
    return status, code, {"Connection": "close"} if status in (408, 413) else {}  # the rest of the body may not have been read


def add_handlers(app: FastAPI, wording: ErrorWording) -> None:
    """Teach the app to answer every error in this form; no text of an exception goes out."""

    async def known(_request: Request, fault: Exception) -> JSONResponse:
        status, code, headers = answer_to(fault)
        if status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        return problem(wording, status, code, headers)

    async def by_status(_request: Request, fault: Exception) -> JSONResponse:
        status, code, _headers = answer_to(fault)
        return problem(wording, status, code, getattr(fault, "headers", None))

    async def unforeseen(request: Request, fault: Exception) -> JSONResponse:
        log.error("unforeseen at %s %s", request.method, request.scope.get("route", ""), exc_info=fault)
        return problem(wording, 500, "broken")

    for kind in ANSWERS:
        app.add_exception_handler(kind, known)
    app.add_exception_handler(HTTPException, by_status)
    app.add_exception_handler(Exception, unforeseen)
