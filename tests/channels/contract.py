"""Holds every answer of a door against its own description: what the door tests see must be what `/v1/openapi.json` says."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

import httpx
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from jsonschema import Draft202012Validator, FormatChecker

EVERYWHERE = {404: "not_found", 405: "not_allowed"}
"""Of an address or a method that is none."""

OPEN = {
    ("get", "/"): "the chat page",
    ("get", "/healthz"): "says whether the door is well",
    ("get", "/readyz"): "says whether each part that the door needs is well, in words of ours",
    ("get", "/v1/openapi.json"): "the description of the API",
    ("get", "/accessibility"): "a plain page for everyone",
    ("get", "/centers"): "a plain page for everyone",
    ("get", "/kiosk"): "the kiosk's page",
    ("get", "/lookup"): "an empty form",
    ("post", "/lookup"): "asks for a ticket's number and code, and counts wrong ones",
    ("get", "/pages.css"): "the look of the plain pages",
    ("get", "/privacy"): "a plain page for everyone",
    ("get", "/talk"): "the talk by forms, whose token is in a cookie (tests/security/test_pages.py)",
    ("post", "/talk"): "the talk by forms (tests/security/test_pages.py)",
    ("get", "/talk-file"): "the talk by forms (tests/security/test_pages.py)",
    ("post", "/talk-file"): "the talk by forms (tests/security/test_pages.py)",
    ("get", "/v1/greeting"): "questions for everyone",
    ("get", "/v1/kiosk"): "what a kiosk shows everyone",
    ("post", "/v1/kiosk/exit"): "asks for a PIN, and counts wrong ones",
    ("post", "/v1/stations/{station}/beat"): "a machine of the list says that it is there",
    ("post", "/v1/conversations"): "begins a conversation",
    ("post", "/v1/handover"): "asks for a code that is good once",
    ("post", "/v1/lookup"): "asks for a ticket's number and code, and counts wrong ones",
    ("get", "/wechat/callback"): "the platform, which signs (tests/channels/test_wechat_door.py)",
    ("post", "/wechat/callback"): "the platform, which signs (tests/channels/test_wechat_door.py)",
}
"""Routes without a token, each with its reason. A new route is either under /v1/conversations/{conversation} or is thought about and put here."""


def routes(app: FastAPI) -> set[tuple[str, str]]:
    """Method and path of every route that the app has, described or not; what is mounted has none."""
    found = {(method.lower(), str(route.path)) for route in iter_route_contexts(app.routes) for method in route.methods or ()}
    return {(method, path) for method, path in found if method not in ("head", "options")}


class Contract:
    """The description of an app, ready to be held against answers."""

    def __init__(self, app: FastAPI) -> None:
        self.description = app.openapi()
        self._paths = [(re.compile(re.sub(r"\{\w+\}", "[^/]*", path)), item) for path, item in self.description["paths"].items()]

    async def __call__(self, answer: httpx.Response) -> None:
        """An event hook of httpx; a stream is left for its test to read."""
        if "text/event-stream" not in answer.headers.get("Content-Type", ""):
            await answer.aread()
        self.check(answer)

    def check(self, answer: httpx.Response) -> None:
        """Status, headers, media type and body are as described."""
        path, method = unquote(answer.request.url.raw_path.decode().split("?")[0]), answer.request.method.lower()
        if not path.startswith("/v1/") or path == "/v1/openapi.json" or method == "options":
            return
        said = f"{method} {path} answered {answer.status_code} {answer.headers.get('Content-Type')}"
        operation = next((item[method] for pattern, item in self._paths if pattern.fullmatch(path) and method in item), None)
        if operation is None:
            assert answer.status_code in (*EVERYWHERE, 403, 408, 413), said
            self._problem(answer, ["not_found", "not_allowed", "foreign_origin", "too_slow", "too_large", "file_too_large"], said)
            return
        described = operation["responses"].get(str(answer.status_code))
        assert described is not None, f"{said}, which is not described"
        if answer.status_code >= 400:
            self._problem(answer, described["x-errors"], said)
            assert set(described.get("headers", {})) <= {name.title() for name in answer.headers} | {"WWW-Authenticate"}, said
            return
        media = answer.headers.get("Content-Type", "").split(";")[0]
        assert media in described.get("content", {"": None}), said
        if media == "application/json":
            self.validate(answer.json(), described["content"][media]["schema"], said)

    def validate(self, body: Any, schema: dict[str, Any], said: str = "") -> None:
        """A body against a schema of the description."""
        whole = {**schema, "components": self.description["components"]}
        faults = [fault.message for fault in Draft202012Validator(whole, format_checker=FormatChecker()).iter_errors(body)]
        assert faults == [], f"{said}: {faults}"

    def _problem(self, answer: httpx.Response, codes: list[str], said: str) -> None:
        self.validate(answer.json(), {"$ref": "#/components/schemas/Problem"}, said)
        assert answer.json()["error"] in codes, f"{said} {answer.json()['error']}, which is not described"
