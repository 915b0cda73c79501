"""Makes the plain pages out of templates. Every word that is put in is escaped; a page of an error says what to do next."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from aid.cases.tables import Centers, load_tables
from aid.consultation.laws import article_name
from aid.privacy.notice import Notice, load_notice
from aid.settings import Settings
from channels.headers import PLAIN
from channels.pages.cookies import LARGE, keep_large
from channels.pages.markdown import blocks
from channels.pages.words import PageWords, read_page_words
from channels.problems import REFUSALS, answer_to
from channels.wording import ErrorWording

log = logging.getLogger(__name__)
HERE = Path(__file__).parent
STYLE = HERE / "static" / "pages.css"
PATHS = ("/talk", "/talk-file", "/lookup", "/centers", "/privacy", "/accessibility")
WAIT_SECONDS = 8.0
"""How long a page of the talk is held back while an answer is on its way."""


class Pages:
    """What the routes of the plain pages share; connects to nothing."""

    def __init__(self, words: PageWords, errors: ErrorWording, notice: Notice, centers: Centers, wait_seconds: float = WAIT_SECONDS) -> None:
        self.words, self.errors, self.notice, self.centers, self.wait_seconds = words, errors, notice, centers, wait_seconds
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        self._templates.filters.update(day=day, blocks=blocks, article=lambda number: article_name(str(number)))

    def page(
        self, request: Request, name: str, *, status: int = 200, here: str = "", keep: dict[str, str] | None = None, **more: Any
    ) -> HTMLResponse:
        """The template ``name`` as an answer.

        Args:
            request: whose cookie and query say the size of type.
            name: of the template, without its ending; also the page's name in the navigation.
            status: of the answer.
            here: relative address of the page, for the link that changes the size; ``name`` where empty.
            keep: query of that link.
            more: what the template shows.
        """
        wanted = request.query_params.get("large")
        large = wanted == "1" if wanted in ("0", "1") else request.cookies.get(LARGE) == "1"
        resize = f"{here or name}?{urlencode({**(keep or {}), 'large': '0' if large else '1'})}"
        template = self._templates.get_template(f"{name}.html")
        text = template.render(words=self.words, site=self.words.site, name=name, large=large, resize=resize, **more)
        private = "no-store" if name in ("talk", "lookup", "problem") else "private, no-cache"
        response = HTMLResponse(text, status, headers={**PLAIN, "Cache-Control": private, "Vary": "Cookie"})
        if wanted in ("0", "1"):
            keep_large(request, response, large)
        return response

    def problem(self, request: Request, fault: Exception, again: dict[str, str] | None = None) -> HTMLResponse:
        """The page of an error; ``again``: the fields of a form that may be sent once more as it is."""
        status, code, headers = answer_to(fault)
        if status >= 500 and code == "broken":
            log.error("unforeseen at %s %s", request.method, request.scope.get("path", ""), exc_info=fault)
        return self._told(request, status, code, headers, again)

    def refusal(self, otherwise: Callable[[str], ASGIApp]) -> Callable[[str], ASGIApp]:
        """How a body that is too large or too slow is refused: by a page where a page was asked for, ``otherwise`` elsewhere."""

        def refuse(code: str) -> ASGIApp:
            async def answer(scope: Scope, receive: Receive, send: Send) -> None:
                told = otherwise(code)
                if scope.get("path") in PATHS:
                    told = self._told(Request(scope), REFUSALS[code], code, {"Connection": "close"}, None)
                await told(scope, receive, send)

            return answer

        return refuse

    def _told(self, request: Request, status: int, code: str, headers: dict[str, str], again: dict[str, str] | None) -> HTMLResponse:
        is_talk = request.scope.get("path", "") in PATHS[:2]
        here = "talk" if is_talk else request.scope.get("path", "").strip("/")
        response = self.page(request, "problem", status=status, here=here, sentence=self.errors.of(code), again=again, back=here)
        response.headers.update(headers)
        return response


class PageRoute(APIRoute):
    """A route whose errors are pages for people."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """As the base class, with every exception answered by a page."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await handler(request)
            except Exception as fault:
                return pages_of(request).problem(request, fault)

        return handle


def open_pages(settings: Settings, errors: ErrorWording, wait_seconds: float = WAIT_SECONDS) -> Pages:
    """Read what the pages say. Raises ``KnowledgeError`` with file and line."""
    folder = settings.knowledge_dir
    return Pages(read_page_words(folder), errors, load_notice(folder), load_tables(folder).centers, wait_seconds)


def pages_of(request: Request) -> Pages:
    """The pages of this app."""
    pages: Pages = request.app.state.pages
    return pages


def day(moment: date) -> str:
    """``2026年12月9日``."""
    return f"{moment.year}年{moment.month}月{moment.day}日"
