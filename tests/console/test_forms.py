"""No other site and no old page does anything in a person's name: guard, origin, at every changing route."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.console.desk import PASSWORD, Bench, workbench
from tests.console.test_permissions import ADDRESS, ROUTES

CHANGING = [path for method, path in ROUTES if method != "GET"]
BEHIND = [path for path in CHANGING if path not in ("/sign-in", "/second")]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, own_database: object) -> Iterator[Bench]:
    address = own_database() if callable(own_database) else ""
    with workbench(tmp_path_factory.mktemp("var"), database_url=address) as bench:
        bench.staff("zhao", "administrator@*", "supervisor@*")
        yield bench


@pytest.mark.parametrize("path", CHANGING)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://testserver.evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://testserver", "Sec_Fetch_Site": "cross-site"},
        {"Origin": "http://testserver", "Sec_Fetch_Site": "same-site"},
        {"Origin": "", "Sec_Fetch_Site": "none"},
    ],
)
def test_a_request_that_another_site_has_begun_is_refused_though_its_guard_is_right(shared: Bench, path: str, headers: dict[str, str]) -> None:
    browser = shared.browser("zhao")
    answer = browser.post(path.strip("/").format_map(ADDRESS), {"name": "zhao", "password": PASSWORD}, **headers)
    assert answer.status_code == 403
    assert "不是从工作台发出的" in answer.text
    assert browser.get("account").status_code == 200, "still signed in: nothing was done"


@pytest.mark.parametrize("path", BEHIND)
def test_a_form_without_the_guard_of_its_session_is_refused(shared: Bench, path: str) -> None:
    browser, other = shared.browser("zhao"), shared.browser("zhao")
    browser.get("account")
    other.get("account")
    address = path.strip("/").format_map(ADDRESS)
    for guard in ("", "0" * 64, other.guard, browser.guard[:-1], "é"):
        answer = browser.post(address, guard=guard)
        assert answer.status_code == 403, (path, guard)
        assert "放得太久" in answer.text
    assert browser.get("account").status_code == 200
    assert browser.post(address, guard="", X_CSRF_Token=other.guard).status_code == 403


def test_htmx_sends_the_guard_as_a_header(shared: Bench) -> None:
    browser = shared.browser("zhao")
    answer = browser.post("people", {"name": "sun", "shown": "孙", "role": "handler", "center": "main"}, guard="", X_CSRF_Token=browser.guard)
    assert answer.status_code == 200
    assert shared.desk.accounts.named("sun")


def test_nobody_is_signed_in_by_a_form_of_another_site(shared: Bench) -> None:
    """Login CSRF: a form without the browser's own word would sign a person in as the attacker."""
    browser, other = shared.browser(), shared.browser()
    assert browser.post("sign-in", {"name": "zhao", "password": PASSWORD}).status_code == 403
    browser.get("sign-in")
    other.get("sign-in")
    for guard in ("", other.guard):
        assert browser.post("sign-in", {"name": "zhao", "password": PASSWORD}, guard=guard).status_code == 403
    assert browser.client.cookies.get("aid-console") is None


def test_a_guard_of_before_signing_in_is_worth_nothing_after(shared: Bench) -> None:
    browser = shared.browser()
    browser.get("sign-in")
    before = browser.guard
    browser.sign_in("zhao")
    assert browser.guard != before
    assert browser.post("sign-out", guard=before).status_code == 403


def test_a_page_is_fetched_without_a_guard_and_an_own_browser_that_tells_only_where_it_comes_from_is_let_in(shared: Bench) -> None:
    browser = shared.browser("zhao")
    assert browser.get("people", headers={"Origin": "https://evil.example"}).status_code == 200, "reading changes nothing"
    assert browser.post("sign-out", Origin="", Sec_Fetch_Site="same-origin").status_code == 303
