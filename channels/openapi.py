"""The description of the API (``/v1/openapi.json``): what FastAPI sees of the routes, and what it cannot see: refusals, headers, events.

A route names the refusals that are its own (``refusals("ticket_not_found")``). Those that every route of its kind may give are added here, so
that a new route is described whole without a word: who has a token may be refused it, who sends a body may send too much.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from aid.wording.doors import ErrorWording
from channels import wire
from channels.problems import ANSWERS, REFUSALS, STATUS_CODES
from channels.uploads import is_upload

TITLE = "小援 · 知识产权维权援助助手"
VERSION = "1"
DESCRIPTION = """The line of the intellectual-property assistant: begin a conversation, say something, follow the numbered answers. How to build
a front end on it stands in docs/api.md.

* Every error is a `Problem`: a code for programs and a Chinese sentence that may be shown to the person as it is.
* The token of a conversation goes into the header `Authorization: Bearer …` and never into an address. An answer may bring a fresh one in
  `X-Session-Token`.
* An address that is none answers 404 `not_found`, a method that is none 405 `not_allowed`.
* A page of another site is answered only when its origin is on the list of the assistant; preflights are answered for these alone.
"""
SENTENCES = "x-errors"
PROBLEM = {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
TEXT = {"type": "string"}
WHOLE_SECONDS = {"type": "integer", "minimum": 1}
HEADERS: dict[int, dict[str, Any]] = {
    401: {"WWW-Authenticate": {"description": "always `Bearer`", "schema": TEXT}},
    429: {"Retry-After": {"description": "seconds after which the same request may go through", "schema": WHOLE_SECONDS}},
    503: {"Retry-After": {"description": "seconds after which the same request may go through", "schema": WHOLE_SECONDS}},
}
RENEWED = {"X-Session-Token": {"description": "a fresh token, once the present one is half an hour old", "schema": TEXT}}
CONVERSATION = {"type": "string", "pattern": "^[A-Za-z0-9_-]{22}$", "title": "Conversation"}
TYPING = {"type": "object", "required": ["pending"], "properties": {"pending": {"type": "boolean"}}, "additionalProperties": False}
EVENTS: dict[str, dict[str, Any]] = {
    "said": {"$ref": "#/components/schemas/ShownSaid"},
    "reply": {"$ref": "#/components/schemas/ShownReply"},
    "typing": TYPING,
    "service": {"$ref": "#/components/schemas/Service"},
}
"""The data of a stream's events, by name."""


def _event(name: str, data: dict[str, Any]) -> dict[str, Any]:
    content = {"type": "string", "contentMediaType": "application/json", "contentSchema": data}
    return {"type": "object", "required": ["event", "data"], "properties": {"event": {"const": name}, "data": content}}


STREAM: dict[str, Any] = {
    "description": "Server-sent events; the schema is that of one event. Lines that begin with a colon are heartbeats.",
    "content": {"text/event-stream": {"schema": {"oneOf": [_event(name, data) for name, data in EVENTS.items()]}}},
}


def statuses() -> dict[str, int]:
    """The status of each error code."""
    found = {code: status for status, code in ANSWERS.values()}
    return {**found, **{code: status for status, code in STATUS_CODES.items()}, **REFUSALS, "broken": 500}


def refusals(*codes: str) -> dict[int | str, dict[str, Any]]:
    """``responses`` of a route that may refuse with these codes, beside what every route of its kind may."""
    by_status: dict[int | str, dict[str, Any]] = {}
    for code in codes:
        entry = by_status.setdefault(statuses()[code], {"model": wire.Problem, SENTENCES: []})
        entry[SENTENCES].append(code)
    return by_status


def describe(app: FastAPI, wording: ErrorWording) -> None:
    """Let the app describe itself whole."""
    made: dict[str, Any] = {}

    def description() -> dict[str, Any]:
        if not made:
            made.update(_description(app, wording))
        return made

    app.openapi = description  # type: ignore[method-assign]


def _description(app: FastAPI, wording: ErrorWording) -> dict[str, Any]:
    schema = get_openapi(title=TITLE, version=VERSION, description=DESCRIPTION, routes=app.routes)
    for path, method, operation in _operations(schema):
        _parameters(operation)
        _refusals(path, method, operation, wording)
        if operation.get("security"):
            for status, answer in operation["responses"].items():
                if status.startswith("2"):
                    answer.setdefault("headers", {}).update(RENEWED)
    parts = schema["components"]["schemas"]
    parts["Problem"]["properties"]["error"]["enum"] = sorted(type(wording).model_fields)
    for unused in ("HTTPValidationError", "ValidationError"):
        parts.pop(unused, None)
    return schema


def _operations(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in schema["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def _parameters(operation: dict[str, Any]) -> None:
    for parameter in operation.get("parameters", []):
        if (parameter["in"], parameter["name"]) == ("path", "conversation"):
            parameter["schema"] = CONVERSATION
            parameter["description"] = "The id of the conversation to which the token belongs."


def _refusals(path: str, method: str, operation: dict[str, Any], wording: ErrorWording) -> None:
    """Every refusal of the operation with its codes, sentences and headers."""
    answers = operation["responses"]
    codes: dict[int, list[str]] = defaultdict(list)
    for status in [status for status in answers if int(status) >= 400]:
        told = answers.pop(status).get(SENTENCES)
        if told is None and (operation.get("security") or status not in ("401", "403")):
            told = [code for code, its_status in statuses().items() if str(its_status) == status]  # a route that names statuses alone
        codes[int(status)] += told or []
    for code in _common(path, method, operation):
        if code not in codes[statuses()[code]]:
            codes[statuses()[code]].append(code)
    for status_code in sorted(codes):
        told = codes[status_code]
        if not told:
            continue
        sentences = "\n".join(f"* `{code}`: {wording.of(code)}" for code in told)
        answers[str(status_code)] = {"description": sentences, SENTENCES: told, "content": PROBLEM}
        if status_code in HEADERS:
            answers[str(status_code)]["headers"] = HEADERS[status_code]


def _common(path: str, method: str, operation: dict[str, Any]) -> Iterator[str]:
    """The codes that every operation of this kind may answer."""
    kinds: list[tuple[bool, tuple[str, ...]]] = [
        (bool(operation.get("security")), ("no_token", "token_wrong", "token_expired", "conversation_closed", "not_yours")),
        (path.startswith("/v1/"), ("foreign_origin",)),
        ("{" in path, ("not_found",)),
        (bool(operation.get("parameters") or operation.get("requestBody")), ("bad_request",)),
        (method != "get" and not is_upload(path), ("too_large", "too_slow")),
        (True, ("busy", "broken")),
    ]
    for holds, codes in kinds:
        yield from codes if holds else ()
