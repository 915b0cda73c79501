"""The action server: rasa-sdk's executor behind a small ASGI app, on loopback only."""

from __future__ import annotations

import logging
import time
import zlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

import orjson
from rasa_sdk import Action
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from aid.errors import AidError
from aid.logs.lines import in_talk
from aid.operations.figures import Figures
from aid.operations.readiness import Readiness

logger = logging.getLogger(__name__)
MAX_BODY = 5_000_000
MAX_AHEAD = 40_000
MAX_DESK = 300_000
MOST_BEGUN = 256
LATEST_BEGIN = 60.0
"""Seconds. A longer time between two machines' clocks is one of the clocks."""


def create_app(
    actions: Iterable[Action],
    foresee: Callable[[str], bytes],
    desk: Mapping[str, Callable[[bytes], bytes]] | None = None,
    *,
    figures: Figures | None = None,
    readiness: Readiness | None = None,
) -> Starlette:
    """An app that answers Rasa's action calls with these actions.

    ``POST /webhook``: 200 with events and responses; 400 for a body that is no action call or an action that refuses; 404 for an unknown
    action; 500 for a
    failing one (the hub then finds the turn incomplete and runs it again). ``POST /ahead`` with a text: what ``foresee`` gives for it.
    ``POST`` to a path of ``desk``, for the knowledge desk: what its function gives for the body; 400 for a body that it cannot read
    (``ValueError``), 422 with a sentence for what it refuses (``AidError``).
    ``GET /healthz``: 200, the process lives. ``GET /readyz``: a word for each part of what it needs, 503 while one is not well.
    """
    executor, figures = ActionExecutor(), figures or Figures()
    readiness, begun = readiness or Readiness({}), Begun(figures)
    for action in actions:
        executor.register_action(action)

    async def webhook(request: Request) -> Response:
        body = await request.body()
        if len(body) > MAX_BODY:
            return JSONResponse({"error": "the action call is too large"}, status_code=413)
        try:
            call = orjson.loads(zlib.decompress(body) if request.headers.get("content-encoding") == "deflate" else body)
        except (ValueError, zlib.error):
            return JSONResponse({"error": "the body is not JSON"}, status_code=400)
        if not isinstance(call, dict) or not isinstance(call.get("tracker"), dict):
            return JSONResponse({"error": "the body is no action call"}, status_code=400)
        with in_talk(str(call.get("sender_id") or "")), figures.step("action"):
            begun.saw(call)
            return await _run(executor, call)

    async def ahead(request: Request) -> Response:
        body = await request.body()
        if len(body) > MAX_AHEAD:
            return Response(status_code=413)
        with figures.step("encode"):
            encodings = await run_in_threadpool(foresee, body.decode("utf-8", "replace"))
        return Response(encodings, media_type="application/octet-stream")

    async def health(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def ready(_request: Request) -> Response:
        report = await readiness.report()
        return JSONResponse(report.public(), report.status)

    routes = [Route("/webhook", webhook, methods=["POST"]), Route("/ahead", ahead, methods=["POST"])]
    routes += [Route("/healthz", health), Route("/health", health), Route("/readyz", ready)]
    routes += [Route(path, _for_the_desk(answer), methods=["POST"]) for path, answer in (desk or {}).items()]
    return Starlette(routes=routes)


class Begun:
    """How long it took until a message was understood: from its leaving the doors to the first action that it calls for."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures
        self._seen: OrderedDict[tuple[str, str], None] = OrderedDict()

    def saw(self, call: Mapping[str, Any]) -> None:
        """An action call came in; only the first one of a try of a message counts."""
        told = (call["tracker"].get("latest_message") or {}).get("metadata") or {}
        sent, key = told.get("sent"), (str(call.get("sender_id")), str(told.get("inbound")))
        if not isinstance(sent, float) or key in self._seen:
            return
        self._seen[key] = None
        while len(self._seen) > MOST_BEGUN:
            self._seen.popitem(last=False)
        if 0 <= (took := time.time() - sent) <= LATEST_BEGIN:
            self._figures.took("understanding", took)


def _for_the_desk(answer: Callable[[bytes], bytes]) -> Callable[[Request], Awaitable[Response]]:
    async def answered(request: Request) -> Response:
        body = await request.body()
        if len(body) > MAX_DESK:
            return JSONResponse({"error": "the body is too large"}, status_code=413)
        try:
            return Response(await run_in_threadpool(answer, body), media_type="application/json")
        except ValueError:
            return JSONResponse({"error": "the body cannot be read"}, status_code=400)
        except AidError as fault:
            return JSONResponse({"error": str(fault)}, status_code=422)

    return answered


async def _run(executor: ActionExecutor, call: dict[str, object]) -> Response:
    name = str(call.get("next_action"))
    try:
        result = await executor.run({"domain": {}, **call})  # our actions read no domain, and Rasa sends none
    except ActionExecutionRejection as refusal:
        return JSONResponse({"error": refusal.message, "action_name": refusal.action_name}, status_code=400)
    except ActionNotFoundException as fault:
        return JSONResponse({"error": fault.message, "action_name": fault.action_name}, status_code=404)
    except Exception:  # any fault of an action ends here: logged whole, told to Rasa as a status only
        logger.exception("action %s failed", name)
        return JSONResponse({"error": "the action failed", "action_name": name}, status_code=500)
    return Response(orjson.dumps(result.model_dump() if result else None), media_type="application/json")
