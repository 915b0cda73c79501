"""Doors and workbench as one ASGI app: what begins with /console is the workbench's, everything else the doors'."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aid.clock import Clock
from aid.operations.figures import DoorFigures
from aid.people.passwords import Passwords
from aid.settings import Settings
from channels.redis_exchange import RedisExchange, connect
from channels.replicas import News
from channels.server import serve as serve_app
from channels.web import create_app
from console.app import create_console

CONSOLE = "/console"


class Together:
    """ASGI: leads each request to the app whose it is; one life for both. Without ``front`` there is the workbench alone."""

    def __init__(self, console: FastAPI | None, front: FastAPI | None, figures: DoorFigures | None = None) -> None:
        self.console, self.front, self._figures = console, front, figures or DoorFigures()
        self._nothing = Starlette(lifespan=lambda _app: self.life())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        path = scope.get("path", "")
        if scope["type"] == "lifespan":
            app: ASGIApp = self._nothing
        elif self.console is not None and path == CONSOLE:
            app = RedirectResponse(f"{scope.get('root_path', '')}{CONSOLE}/", 307)
        elif self.console is not None and path.startswith(f"{CONSOLE}/"):
            app, scope = self.console, {**scope, "root_path": f"{scope.get('root_path', '')}{CONSOLE}"}
        else:
            app = self.front or self._nothing
        await app(scope, receive, self._counting(send) if scope["type"] == "http" else send)

    def _counting(self, send: Send) -> Send:
        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._figures.answer(message["status"])
            await send(message)

        return counted

    def end_streams(self) -> None:
        """End what would never end by itself."""
        if self.console is not None and (desk := getattr(self.console.state, "desk", None)):
            desk.closing.set()
        if self.front is not None and (door := getattr(self.front.state, "door", None)):
            door.hub.end_streams()

    @asynccontextmanager
    async def life(self) -> AsyncIterator[None]:
        """From start to stop of what it leads to."""
        async with AsyncExitStack() as stack:
            for app in (self.front, self.console):
                if app is not None:
                    await stack.enter_async_context(app.router.lifespan_context(app))
            if self.console is not None:
                await self._join(self.console, stack)
            yield

    async def _join(self, console: FastAPI, stack: AsyncExitStack) -> None:
        """Let the doors hear at once what staff write into a talk: in this process, or by Redis where there is one."""
        tell: Callable[[str], None]
        if self.front is not None:
            tell = self.front.state.door.hub.told
        elif redis := console.state.desk.settings.redis:
            exchange = RedisExchange(connect(redis), "console")
            await exchange.open(lambda _news: None, lambda: None)
            stack.push_async_callback(exchange.close)

            def tell(conversation: str) -> None:
                exchange.tell(News(conversation))

        else:
            return
        loop = asyncio.get_running_loop()

        def tell_from_thread(conversation: str) -> None:
            loop.call_soon_threadsafe(tell, conversation)

        console.state.desk.tell = tell_from_thread


def console_alone(
    settings: Settings, clock: Clock | None = None, passwords: Passwords | None = None, figures: DoorFigures | None = None
) -> Together:
    """The workbench without the doors, at the same address below ``/console``."""
    return Together(create_console(settings, clock=clock, passwords=passwords, seen=(figures := figures or DoorFigures()).looked), None, figures)


def both(settings: Settings, figures: DoorFigures | None = None) -> Together:
    """What ``AID_CONSOLE`` says: doors and workbench, or the doors alone."""
    figures = figures or DoorFigures()
    return Together(create_console(settings) if settings.console == "together" else None, create_app(settings, figures=figures), figures)


def serve(app: Together, settings: Settings, port: int) -> None:
    """Serve until told to stop."""
    serve_app(app, settings, port, app.end_streams)
