"""The web door: begin a conversation, send, read back, follow; and the chat page itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from fastapi.staticfiles import StaticFiles

from aid.cases.office import open_office
from aid.clock import Clock
from aid.consultation.greeting import load_greeting
from aid.evidence.files import open_evidence
from aid.operations.figures import DoorFigures
from aid.privacy.vault import open_vault
from aid.settings import Settings
from aid.store import Store, open_store
from aid.store.access import Access
from aid.store.errors import StoreUnavailable
from aid.store.messages import Messages
from aid.store.ratings import Ratings
from aid.takeover.desk import open_desk
from aid.takeover.states import BOT, Service
from aid.wording.doors import Wording, read_wording
from channels import greeting, kiosk, ready, talk_ends, web_files, wire
from channels.ahead import Ahead
from channels.door import Address, AtDoor, Door, Own
from channels.errors import ForeignOrigin, TooManyStreams
from channels.files import Files
from channels.headers import SecurityHeaders
from channels.history import Excerpt, History
from channels.hub import Hub
from channels.kiosk_desk import open_kiosk
from channels.limits import BodyLimit
from channels.openapi import STREAM, describe, refusals
from channels.pages import plain as plain_pages
from channels.pages import talk as plain_talk
from channels.pages.rendering import WAIT_SECONDS, open_pages
from channels.problems import add_handlers, problem, refusal
from channels.rasa_client import RasaClient
from channels.redis_exchange import RedisExchange, connect
from channels.replicas import NoOthers, Replica
from channels.shared_limits import Limits, RedisCounts
from channels.sites import SameOrListed, Sites
from channels.tokens import SessionToken, Tokens, token_key
from channels.turns import Bot, Patience
from channels.uploads import is_upload
from channels.wechat import callback
from channels.wechat import door as wechat_door
from channels.wechat.gatekeeper import gatekeeper_of

MESSAGES_PER_MINUTE = 30
BEAT_SECONDS = 15.0
STREAM_SECONDS = 3600.0
"""A stream ends after this; the page comes again at once, and its token is renewed by that."""
PAGE = Path(__file__).resolve().parents[1] / "web" / "dist"


def create_app(
    settings: Settings,
    *,
    bot: Bot | None = None,
    clock: Clock | None = None,
    patience: Patience | None = None,
    messages_per_minute: int = MESSAGES_PER_MINUTE,
    beat_seconds: float = BEAT_SECONDS,
    page: Path = PAGE,
    wechat: wechat_door.Pace | None = None,
    page_waits: float = WAIT_SECONDS,
    figures: DoorFigures | None = None,
) -> FastAPI:
    """The web door as an ASGI app; it connects when it starts and lets go when it stops.

    Args:
        settings: where the record, the knowledge and the bot are.
        bot: who answers; the Rasa server on this machine when ``None``.
        clock: the time; that of the settings when ``None``.
        patience: how long a turn is tried.
        messages_per_minute: of one conversation.
        beat_seconds: between the heartbeats of a stream.
        page: folder of the built chat page.
        wechat: how long the WeChat platform is kept waiting, where there is a WeChat door.
        figures: what is counted; its own when ``None``.
        page_waits: seconds that the talk's page without scripts is held back for an answer.

    Raises:
        KnowledgeError: knowledge/wording.yml, pages.yml, greeting.yml or a table that a page shows cannot be used.
        SettingsError: a setting cannot be used.
    """
    wording, sites = read_wording(settings.knowledge_dir), Sites.read(settings.sites)
    pages = open_pages(settings, wording.errors, page_waits)
    greeted = load_greeting(settings.knowledge_dir)
    clock, figures = clock or settings.clock(), figures or DoorFigures()

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        tokens = Tokens(token_key(settings), clock)
        vault, store = open_vault(settings), open_store(settings)
        await asyncio.to_thread(store.migrate)
        messages = Messages(store, vault, clock)
        replica, redis = Replica.of(settings), connect(settings.redis) if settings.redis else None
        exchange = RedisExchange(redis, replica.holder) if redis else NoOthers()
        async with _bot(settings, bot) as answering, ready.looked_after(app, settings, bot, store, clock, figures):
            office = open_office(settings, store, vault, clock)
            desk, history = open_desk(settings, store, vault, clock, office), History(store, vault, messages)
            hub = Hub(
                messages, history, answering, wording, patience, desk=desk, replica=replica, exchange=exchange, figures=figures
            )
            app.state.door = Door(
                hub=hub,
                files=Files(open_evidence(settings, store, vault, clock), hub, wording.replies),
                tokens=tokens,
                limits=Limits(settings, messages_per_minute, RedisCounts(redis, vault) if redis else None),
                access=Access(store, clock),
                ratings=Ratings(store, vault, clock),
                office=office,
                desk=desk,
                kiosk=open_kiosk(settings, store, clock, page),
                vault=vault,
                sites=sites,
                greeting=greeted,
                beat=beat_seconds,
            )
            try:
                await hub.recover()
                await hub.share()
                await app.state.door.files.sweep()
                async with _wechat(app, settings, store, clock, wording, wechat):
                    yield
            finally:
                await hub.stop()
                store.close()

    # Under a sub-path of a proxy a redirect to the path with a slash would lead past it.
    app = FastAPI(lifespan=life, openapi_url="/v1/openapi.json", docs_url=None, redoc_url=None, redirect_slashes=False)
    app.include_router(router)
    app.include_router(ready.router)
    app.include_router(web_files.router)
    app.include_router(talk_ends.router)
    if wechat_door.is_on(settings):
        gatekeeper_of(settings, clock)  # what is missing in the settings stops the start here
        app.include_router(callback.router)
    app.include_router(plain_pages.router)
    app.include_router(plain_talk.router)
    app.state.pages = pages
    app.include_router(greeting.router)
    app.include_router(kiosk.router)
    missing = partial(problem, wording.errors, 503, "page_not_built")
    kiosk.serve_kiosk(app, page, missing)
    _serve_page(app, page, missing)
    describe(app, wording.errors)
    add_handlers(app, wording.errors)
    app.add_middleware(SameOrListed, sites=sites, refuse=partial(problem, wording.errors, 403, "foreign_origin"))
    app.add_middleware(BodyLimit, refuse=pages.refusal(partial(refusal, wording.errors)), left_alone=_limits_itself)
    app.add_middleware(SecurityHeaders, replica=settings.replica)
    return app


@asynccontextmanager
async def _bot(settings: Settings, given: Bot | None) -> AsyncIterator[Bot]:
    """Who answers."""
    if given is not None:
        yield given
        return
    ahead = Ahead(settings.actions)
    client = RasaClient(settings.rasas, settings.turn_seconds, ahead=ahead)
    try:
        yield client
    finally:
        await client.close()


@asynccontextmanager
async def _wechat(
    app: FastAPI, settings: Settings, store: Store, clock: Clock, wording: Wording, pace: wechat_door.Pace | None
) -> AsyncIterator[None]:
    """The WeChat door, where the settings ask for one."""
    if not wechat_door.is_on(settings):
        yield
        return
    door: Door = app.state.door
    among = (door.hub, door.files, door.office, door.desk, door.kiosk.content, door.limits)
    here = wechat_door.Surroundings(settings, store, door.vault, clock, *among, wording, door.hub.figures)
    async with wechat_door.opened(here, pace) as app.state.wechat:
        yield


def _limits_itself(path: str) -> bool:
    """Whether the route at this path limits its body itself."""
    return is_upload(path) or path == callback.PATH


def _serve_page(app: FastAPI, page: Path, missing: Callable[[], JSONResponse]) -> None:
    if (page / "index.html").is_file():
        app.mount("/", StaticFiles(directory=page, html=True), name="page")
        return

    @app.get("/", include_in_schema=False)
    async def not_built() -> JSONResponse:
        return missing()


router = APIRouter()


After = Annotated[int, Query(ge=0, le=2**31 - 1, description="The number of the last reply that is known.")]


@router.post("/v1/conversations", status_code=201, response_model=wire.Session, responses=refusals("too_many_here"))
async def begin(request: Request, door: AtDoor, address: Address, asked: wire.NewConversation | None = None) -> wire.Session:
    """Begin a conversation; a widget names its site, whose page must be the one that asks."""
    await door.limits.openings_here.take(address)
    asked = asked or wire.NewConversation()
    if asked.site is not None and not door.sites.is_of(request.headers.get("origin", ""), asked.site):
        raise ForeignOrigin("the page is not of this site")
    conversation = await door.hub.open(asked.door, asked.event)
    return wire.Session(conversation=conversation, token=door.tokens.issue(conversation, asked.door))


@router.post(
    "/v1/conversations/{conversation}/messages",
    status_code=202,
    response_model=wire.Taken,
    responses=refusals("choice_unknown", "too_many", "too_many_here"),
)
async def say(conversation: str, message: wire.NewMessage, door: AtDoor, address: Address, _own: Own) -> wire.Taken:
    """Say something or tap a choice. The answer comes over the stream; the message is stored when this returns."""
    await door.limits.messages.take(conversation)
    await door.limits.messages_here.take(address)
    inbound, _new = await door.hub.receive(conversation, message.client_id, message.text or "", message.choice)
    return wire.Taken(inbound=inbound.id, seq=inbound.seq)


@router.get("/v1/conversations/{conversation}/messages", response_model=wire.Messages)
async def read(conversation: str, door: AtDoor, own: Own, response: Response, after: After = 0) -> Response:
    """Both sides of the conversation after reply ``after``."""
    seen = await door.hub.read(conversation, after)
    body = {
        "said": [one.public() for one in seen.said],
        "replies": [one.public() for one in seen.replies],
        "pending": seen.pending,
        "service": seen.service.public(),
    }
    return JSONResponse(body, headers=dict(response.headers))


@router.get(
    "/v1/conversations/{conversation}/stream",
    response_class=StreamingResponse,
    responses={**refusals("too_many_pages"), 200: STREAM},
)
async def stream(conversation: str, door: AtDoor, own: Own, response: Response, after: After = 0) -> StreamingResponse:
    """Server-sent events: first what came after reply ``after``, then everything as it comes.

    ``said`` and ``reply`` carry one message each, ``typing`` carries ``{"pending": bool}``, ``service`` who speaks, when that changes; a
    comment every 15 s.
    """
    door.hub.check_place(conversation)
    headers = {**response.headers, "X-Accel-Buffering": "no"}
    return StreamingResponse(_events(door, own, after), media_type="text/event-stream", headers=headers)


async def _events(door: Door, own: SessionToken, after: int) -> AsyncIterator[bytes]:
    end = asyncio.get_running_loop().time() + STREAM_SECONDS
    service = BOT
    with suppress(StoreUnavailable, TooManyStreams):  # the stream ends; the page comes again
        async with aclosing(door.hub.follow(own.conversation_id, after, door.beat, own.generation)) as excerpts:
            async for excerpt in excerpts:
                yield b": beat\n\n" if excerpt is None else _encoded(excerpt, service)
                service = excerpt.service if excerpt else service
                if asyncio.get_running_loop().time() > end:
                    return


def _encoded(excerpt: Excerpt, before: Service) -> bytes:
    events: list[tuple[str, dict[str, Any]]] = [("said", one.public()) for one in excerpt.said]
    events += [("reply", one.public()) for one in excerpt.replies]
    events.append(("typing", {"pending": excerpt.pending}))
    if excerpt.service.standing != before.standing:
        events.append(("service", excerpt.service.public()))
    return "".join(f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n" for name, data in events).encode()
