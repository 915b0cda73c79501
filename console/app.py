"""The workbench as an ASGI app, to be mounted at ``/console``."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.types import ASGIApp

from aid.cases.tables import load_tables
from aid.clock import Clock
from aid.demo.mark import is_demo
from aid.errors import AidError
from aid.knowledge_desk.desk import KnowledgeDesk
from aid.knowledge_desk.folder import KnowledgeFolder
from aid.knowledge_desk.follower import KnowledgeFollower
from aid.knowledge_desk.words import load_desk_words
from aid.operations.readiness import Readiness, RecordProbe, Report
from aid.people.passwords import Passwords
from aid.people.words import load_console_words
from aid.settings import Settings
from console.desk import Desk, open_desk
from console.headers import STATIC_PATH, OwnFormsOnly, SecurityHeaders
from console.knowledge import add_knowledge
from console.limits import BodyLimit
from console.problems import STATUS_CODES, add_handlers, refusing
from console.rendering import STATIC, Pages
from console.routes import access_log, account, case, case_files, cases, knowledge, knowledge_editing, people, reports, signing, talks

log = logging.getLogger(__name__)


def create_console(
    settings: Settings,
    *,
    clock: Clock | None = None,
    passwords: Passwords | None = None,
    seen: Callable[[Report], object] = lambda _report: None,
) -> FastAPI:
    """The workbench; it connects when it starts and lets go when it stops.

    Args:
        settings: where the record and the knowledge are.
        clock: the time; that of the settings when ``None``.
        passwords: how they are kept; with today's costs when ``None``.
        seen: is told of every look whether all is well.

    Raises:
        KnowledgeError: knowledge/console.yml or a table of the cases cannot be used.
        SettingsError: a setting cannot be used.
    """
    words, centers = load_console_words(settings.knowledge_dir), load_tables(settings.knowledge_dir).centers
    clock, pages = clock or settings.clock(), Pages(words, centers)

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        desk = open_desk(settings, words, centers, clock, passwords or Passwords(words.denied_passwords))
        await asyncio.to_thread(desk.store.migrate)
        app.state.desk = desk
        record = RecordProbe(desk.store)
        app.state.readiness = Readiness({RecordProbe.PARTS: record.ask}, seen=seen)
        pages.demo = await asyncio.to_thread(_demonstration, desk)
        follower = KnowledgeFollower(KnowledgeDesk(desk.store, KnowledgeFolder.of(settings), clock))
        await asyncio.to_thread(follower.look)
        follower.start()
        drawing = asyncio.create_task(asyncio.to_thread(_catch_up, desk))
        try:
            yield
        finally:
            desk.closing.set()
            await drawing
            await asyncio.to_thread(follower.close)
            record.close()
            desk.store.close()

    app = FastAPI(lifespan=life, openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.pages = pages
    for part in (cases, case_files, case, talks, signing, account, people, access_log, knowledge, knowledge_editing, reports):
        app.include_router(part.router)
    app.mount(STATIC_PATH, StaticFiles(directory=STATIC), name="static")
    add_handlers(app)
    add_knowledge(app, load_desk_words(settings.knowledge_dir))

    def refused(code: str) -> ASGIApp:
        status = next(status for status, known in STATUS_CODES.items() if known == code)
        return refusing(app, status, code)()

    app.add_middleware(BodyLimit, refuse=refused)
    app.add_middleware(OwnFormsOnly, refuse=refusing(app, 403, "foreign"))
    app.add_middleware(SecurityHeaders)
    return app


def _demonstration(desk: Desk) -> str:
    """What every page says when everything in the record is invented; empty when it is real."""
    with desk.store.reading() as session:
        return desk.reports.words.demo if is_demo(session) else ""


def _catch_up(desk: Desk) -> None:
    """Draw what the board of cases lacks while pages are served already; until then the queue lacks it too."""
    try:
        drawn, _read = desk.cases.catch_up(desk.closing.is_set)
    except AidError:
        log.exception("the board of cases could not be drawn; cases may be missing in the queue until the next start")
    else:
        if drawn:
            log.info("the board of cases was drawn anew: %d cases", drawn)
