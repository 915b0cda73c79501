"""Makes pages out of templates. Every word that is put in is escaped."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from aid.cases.tables import Centers
from aid.clock import CHANGCHUN
from aid.people.rights import EVERYWHERE, Action, Grant, Where
from aid.people.words import ConsoleWords
from console.gate import GUARD_FIELD, Visit
from console.headers import root_of
from console.navigation import Place, places_for

HERE = Path(__file__).parent
STATIC = HERE / "static"
HTMX_HEADER = "HX-Request"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Pages:
    """The templates of the workbench; connects to nothing. ``demo``: what every page says of a database in which everything is invented."""

    def __init__(self, words: ConsoleWords, centers: Centers) -> None:
        self.demo = ""
        self.words, self._centers = words, {center.id: center_name(centers, center.id) for center in centers.centers}
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters.update(day=day, moment=moment)
        self._templates.globals.update(words=words, center=self.center, grant_words=self.grant)

    def center(self, id_: str | None) -> str:
        """How a center is called; ``*`` is all of them."""
        return self.words.everywhere if id_ == EVERYWHERE else self._centers.get(id_ or "", id_ or "")

    def grant(self, grant: Grant) -> str:
        """A role at a center in words."""
        return f"{self.words.roles[grant.role]}（{self.center(grant.center)}）"

    def page(self, request: Request, template: str, visit: Visit | None = None, *, status: int = 200, **more: Any) -> HTMLResponse:
        """The template as an answer.

        Args:
            request: tells below which path the workbench lies.
            template: its name without ending; it extends ``base.html``, or is a piece for htmx.
            visit: who looks; ``None`` where nobody is signed in.
            status: of the answer.
            more: what the template shows; ``here`` is the key of the navigation's present place.
        """
        known = {"me": visit.person, "guard": visit.guard, "places": _places(visit)} if visit else {"me": None, "guard": "", "places": []}

        def can(action: Action, where: Where | None = None) -> bool:
            return visit is not None and visit.may(action, where)

        def guard_field() -> Markup:
            return Markup('<input type="hidden" name="{}" value="{}">').format(GUARD_FIELD, known["guard"])

        shown = {"here": "", "demo": self.demo, **known, **more, "link": link_of(request), "can": can, "guard_field": guard_field}
        return HTMLResponse(self._templates.get_template(f"{template}.html").render(shown), status)


def _places(visit: Visit) -> list[Place]:
    """Nothing before the password is one's own."""
    return [] if visit.person.must_change else places_for(visit.person)


def pages_of(request: Request) -> Pages:
    """The pages of this app."""
    pages: Pages = request.app.state.pages
    return pages


def link_of(request: Request) -> Callable[..., str]:
    """``link("people", q="王")``: the address of a place of the workbench, wherever it is mounted; empty values are left out."""
    root = root_of(request.scope)

    def link(path: str, **query: object) -> str:
        said = urlencode({key: str(value) for key, value in query.items() if value not in (None, "")})
        return f"{root}/{path.lstrip('/')}" + (f"?{said}" if said else "")

    return link


def go(request: Request, path: str, **query: object) -> Response:
    """Lead on to a place of the workbench, an htmx request as a whole page."""
    address = link_of(request)(path, **query)
    if request.headers.get(HTMX_HEADER) == "true":
        return Response(status_code=200, headers={"HX-Redirect": address})
    return RedirectResponse(address, 303)


def download(content: bytes, name: str, media: str) -> Response:
    """A file to be kept, under this name."""
    return Response(content, media_type=media, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"})


def center_name(centers: Centers, id_: str) -> str:
    """A center's name; while it is not verified, what it is for."""
    center = next(center for center in centers.centers if center.id == id_)
    if center.verified and center.name:
        return center.name
    return f"{'工作站' if center.role == 'workstation' else '分中心'}·{center.task}"


def day(at: datetime) -> str:
    """``2026-12-09`` in Changchun."""
    return f"{at.astimezone(CHANGCHUN):%Y-%m-%d}"


def moment(at: datetime) -> str:
    """``2026-12-09 14:05`` in Changchun."""
    return f"{at.astimezone(CHANGCHUN):%Y-%m-%d %H:%M}"
