"""Every role at every route, through HTTP, held against one table; a route that is not in it fails."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args, get_type_hints

import pytest
from fastapi.params import Depends
from fastapi.routing import iter_route_contexts

from aid.people.rights import ROLES, Role
from console.gate import Gate
from tests.console.desk import Bench, workbench

EVERYBODY = frozenset(ROLES)
KNOWLEDGE: frozenset[Role] = EVERYBODY - {"administrator"}
EDITORS: frozenset[Role] = frozenset({"handler", "supervisor"})
DESK: frozenset[Role] = frozenset({"intake", "handler", "supervisor"})
TALKS = DESK | {"auditor"}
OPEN = "open"
"""Needs no session: why stands beside it."""
SEE: frozenset[Role] = frozenset({"supervisor", "handler", "intake", "auditor"})
WORK: frozenset[Role] = frozenset({"supervisor", "handler", "intake"})
ROUTES: dict[tuple[str, str], frozenset[Role] | str] = {
    ("GET", "/healthz"): OPEN,  # for the watcher; says nothing but ok
    ("GET", "/readyz"): OPEN,  # for the watcher; a word for each part
    ("GET", "/health"): OPEN,  # for the watcher; says nothing but ok
    ("GET", "/sign-in"): OPEN,
    ("POST", "/sign-in"): OPEN,
    ("POST", "/sign-out"): OPEN,  # of whatever session there is, at whatever stage; held in test_forms.py
    ("GET", "/second"): OPEN,  # a gate of its own: who has told his password; held in test_second_factor.py
    ("POST", "/second"): OPEN,
    ("GET", "/"): EVERYBODY,
    ("GET", "/account"): EVERYBODY,
    ("GET", "/password"): EVERYBODY,
    ("POST", "/password"): EVERYBODY,
    ("POST", "/account/second"): EVERYBODY,
    ("POST", "/account/second/confirm"): EVERYBODY,
    ("POST", "/account/second/end"): EVERYBODY,
    ("GET", "/talks"): TALKS,
    ("GET", "/talks/list"): TALKS,
    ("GET", "/talks/news"): TALKS,
    ("GET", "/talks/{id}"): TALKS,
    ("GET", "/talks/{id}/lines"): TALKS,
    ("GET", "/talks/{id}/stream"): TALKS,
    ("POST", "/talks/sign"): DESK,
    ("POST", "/talks/{id}/take"): DESK,
    ("POST", "/talks/{id}/say"): DESK,
    ("POST", "/talks/{id}/hand-back"): DESK,
    ("POST", "/talks/{id}/end"): DESK,
    ("GET", "/people"): frozenset({"administrator"}),
    ("POST", "/people"): frozenset({"administrator"}),
    ("GET", "/people/{id}"): frozenset({"administrator"}),
    ("POST", "/people/{id}/roles"): frozenset({"administrator"}),
    ("POST", "/people/{id}/disable"): frozenset({"administrator"}),
    ("POST", "/people/{id}/enable"): frozenset({"administrator"}),
    ("POST", "/people/{id}/reset"): frozenset({"administrator"}),
    ("GET", "/log"): frozenset({"supervisor", "auditor"}),
    ("GET", "/cases"): SEE,
    ("GET", "/cases/news"): SEE,
    ("GET", "/cases/{number}"): SEE,
    ("POST", "/cases/{number}/here"): SEE,
    ("POST", "/cases/{number}/do/{event}"): WORK,
    ("POST", "/cases/{number}/reveal"): WORK,
    ("POST", "/cases/{number}/document"): WORK,
    ("GET", "/cases/{number}/files/{file}/preview"): WORK,
    ("POST", "/cases/{number}/files/{file}/original"): WORK,
    **{("GET", f"/knowledge{place}"): KNOWLEDGE for place in ("", "/entries/{id}", "/unanswered", "/quality", "/old", "/try", "/proposals/{id}")},
    ("POST", "/knowledge/try"): KNOWLEDGE,
    **{("GET", f"/knowledge/{place}"): EDITORS for place in ("new", "entries/{id}/edit", "proposals/{id}/edit")},
    **{("POST", f"/knowledge/{place}"): EDITORS for place in ("new", "check", "propose", "proposals/{id}/edit")},
    **{("POST", f"/knowledge/{place}"): EDITORS for place in ("proposals/{id}/withdraw", "entries/{id}/rollback")},
    **{("POST", f"/knowledge/proposals/{{id}}/{act}"): frozenset({"supervisor"}) for act in ("approve", "return")},
    ("GET", "/log/accounts"): frozenset({"supervisor", "auditor"}),
    **{("GET", f"/reports{place}"): frozenset({"handler", "supervisor", "auditor"}) for place in ("", "/bulletin")},
    **{("GET", f"/reports/{place}"): frozenset({"supervisor", "auditor"}) for place in ("xlsx", "docx", "bulletin/docx")},
}
ADDRESS = {"id": "no-such-account", "number": "CC-2026-999999", "event": "noted", "file": "no-such-file"}
ENDLESS = {("GET", "/cases/news")}
"""A stream that never ends by itself: a role that gets in is tried in test_cases_news.py."""
GUARDED = [(method, path) for (method, path), who in ROUTES.items() if who != OPEN]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, own_database: object) -> Iterator[Bench]:
    address = own_database() if callable(own_database) else ""
    with workbench(tmp_path_factory.mktemp("var"), database_url=address) as bench:
        for role in ROLES:
            bench.staff(f"a-{role}", f"{role}@*")
        bench.portal.call(bench.desk.closing.set)  # streams end at once
        yield bench


def routes(bench: Bench) -> dict[tuple[str, str], Any]:
    """Method and path of every route with its function; what is mounted (the static files) has none."""
    assert bench.app.console is not None
    found = iter_route_contexts(bench.app.console.routes)
    return {(method, str(route.path)): route.endpoint for route in found for method in route.methods or ()}


def gates(endpoint: Any) -> list[Gate]:
    said = [piece for hint in get_type_hints(endpoint, include_extras=True).values() for piece in get_args(hint)]
    return [piece.dependency for piece in said if isinstance(piece, Depends) and isinstance(piece.dependency, Gate)]


def test_every_route_stands_in_the_table(shared: Bench) -> None:
    assert set(routes(shared)) == set(ROUTES)


def test_every_route_that_is_not_open_has_a_gate(shared: Bench) -> None:
    for key, endpoint in routes(shared).items():
        assert ROUTES[key] == OPEN or len(gates(endpoint)) == 1, key


@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_nobody_who_is_not_signed_in_gets_in(shared: Bench, method: str, path: str) -> None:
    browser = shared.browser()
    answer = browser.ask(method, path.strip("/").format_map(ADDRESS), headers={"Origin": browser.site})
    assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/console/sign-in")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_a_role_gets_in_where_the_table_says_so(shared: Bench, role: Role, method: str, path: str) -> None:
    if (method, path) in ENDLESS and role in ROUTES[method, path]:
        return
    browser = shared.browser(f"a-{role}")
    address = path.strip("/").format_map(ADDRESS)
    answer = browser.get(address) if method == "GET" else browser.post(address)
    if role in ROUTES[method, path]:
        assert answer.status_code not in (401, 403), answer.text
    else:
        assert answer.status_code == 403
        assert "没有这项权限" in answer.text
