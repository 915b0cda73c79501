"""Signing in and out through HTTP."""

from __future__ import annotations

from tests.console.desk import Bench


def test_who_knows_name_and_password_comes_in_and_goes_where_he_wanted(bench: Bench) -> None:
    bench.staff("zhao", "administrator@*")
    browser = bench.browser()
    asked = browser.get("people?x=1")
    assert (asked.status_code, asked.headers["location"]) == (303, "/console/sign-in?next=people%3Fx%3D1")
    entered = browser.sign_in("zhao", next="people?x=1")
    assert (entered.status_code, entered.headers["location"]) == (303, "/console/people?x=1")
    page = browser.get("people")
    assert page.status_code == 200
    assert "Zhao" in page.text
