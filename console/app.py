"""The workbench as an ASGI app, to be mounted at ``/console``."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.types import ASGIApp

from aid.cases.tables import load_tables
from aid.clock import Clock
from aid.people.passwords import Passwords
from aid.people.words import load_console_words
from aid.settings import Settings
from console.desk import open_desk
from console.headers import STATIC_PATH, OwnFormsOnly, SecurityHeaders
from console.limits import BodyLimit
from console.problems import STATUS_CODES, add_handlers, refusing
from console.rendering import STATIC, Pages
from console.routes import access_log, account, people, signing, talks


def create_console(settings: Settings, *, clock: Clock | None = None, passwords: Passwords | None = None) -> FastAPI:
    """The workbench; it connects when it starts and lets go when it stops.

    Args:
        settings: where the record and the knowledge are.
        clock: the time; that of the settings when ``None``.
        passwords: how they are kept; with today's costs when ``None``.

    Raises:
        KnowledgeError: knowledge/console.yml or a table of the cases cannot be used.
        SettingsError: a setting cannot be used.
    """
    words, centers = load_console_words(settings.knowledge_dir), load_tables(settings.knowledge_dir).centers
    clock = clock or settings.clock()

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        desk = open_desk(settings, words, centers, clock, passwords or Passwords(words.denied_passwords))
        await asyncio.to_thread(desk.store.migrate)
        app.state.desk = desk
        try:
            yield
        finally:
            desk.store.close()

    app = FastAPI(lifespan=life, openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.pages = Pages(words, centers)
    for part in (signing, account, talks, people, access_log):
        app.include_router(part.router)
    app.mount(STATIC_PATH, StaticFiles(directory=STATIC), name="static")
    add_handlers(app)

    def refused(code: str) -> ASGIApp:
        status = next(status for status, known in STATUS_CODES.items() if known == code)
        return refusing(app, status, code)()

    app.add_middleware(BodyLimit, refuse=refused)
    app.add_middleware(OwnFormsOnly, refuse=refusing(app, 403, "foreign"))
    app.add_middleware(SecurityHeaders)
    return app
