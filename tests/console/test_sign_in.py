"""Signing in and out through HTTP: where it leads, what the browser holds, what fails alike."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.console.desk import PASSWORD, Bench, Browser, one_time_password

NEW = "把雨伞挂在门后第二个钩上"


def cookie(browser: Browser, name: str = "aid-console") -> str | None:
    return browser.client.cookies.get(name)


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


@pytest.mark.parametrize("back", ["//evil.example", "/\\evil.example", "https://evil.example/", "a//evil.example", "\\evil", "people\r\nX: y", "javascript:x"])
def test_nobody_is_led_elsewhere_by_signing_in(bench: Bench, back: str) -> None:
    bench.staff("zhao", "administrator@*")
    address = urlsplit(bench.browser().sign_in("zhao", next=back).headers["location"])
    assert (address.netloc, address.path) == ("", "/console/")


def test_the_browser_gets_a_new_session_whatever_it_held_before(bench: Bench) -> None:
    """Fixation: a token that somebody planted, and a session that was open, both open nothing afterwards."""
    bench.staff("zhao", "administrator@*")
    browser = bench.browser()
    planted = "planted-by-somebody-else"
    browser.client.cookies.set("aid-console", planted, domain="testserver.local", path="/console")
    browser.sign_in("zhao")
    first = cookie(browser)
    assert first not in (None, planted)
    browser.get("password")
    browser.post("sign-out")
    browser.sign_in("zhao")
    second = cookie(browser)
    assert second not in (None, first)
    thief = bench.browser()
    for token in (planted, first):
        assert thief.get("account", headers={"Cookie": f"aid-console={token}"}).status_code == 303
    assert thief.get("account", headers={"Cookie": f"aid-console={second}"}).status_code == 200


def test_a_second_sign_in_in_the_same_browser_ends_the_first_session(bench: Bench) -> None:
    bench.staff("zhao", "administrator@*")
    browser = bench.browser("zhao")
    old = cookie(browser)
    other = bench.browser()
    other.get("sign-in")
    word = cookie(other, "aid-console-door")
    answer = other.post("sign-in", {"name": "zhao", "password": PASSWORD}, Cookie=f"aid-console-door={word}; aid-console={old}")
    assert answer.status_code == 303
    assert bench.browser().get("account", headers={"Cookie": f"aid-console={old}"}).status_code == 303


def test_cookies_are_read_by_no_script_and_sent_to_this_site_alone(bench: Bench) -> None:
    bench.staff("zhao", "administrator@*")
    plain, secure = bench.browser(), bench.browser(site="https://testserver")
    before = plain.get("sign-in").headers["set-cookie"]
    said = [before, *plain.sign_in("zhao").headers.get_list("set-cookie")]
    assert all("HttpOnly" in one and "SameSite=strict" in one and "Path=/console" in one for one in said)
    assert not any("Secure" in one for one in said)
    said = [secure.get("sign-in").headers["set-cookie"], *secure.sign_in("zhao").headers.get_list("set-cookie")]
    assert all(one.startswith("__Host-aid-console") and "Secure" in one and "Path=/;" in f"{one};" and "Domain" not in one for one in said)


def test_all_failures_look_alike(bench: Bench) -> None:
    bench.staff("zhao", "administrator@*")
    closed = bench.staff("qian", "handler@main")
    bench.desk.accounts.set_disabled(closed.id, True, by="test")
    said = set()
    for name, password in (("zhao", "wrong"), ("nobody", PASSWORD), ("qian", PASSWORD)):
        browser = bench.browser()
        browser.get("sign-in")
        answer = browser.post("sign-in", {"name": name, "password": password})
        said.add((answer.status_code, answer.text.replace(name, "").replace(browser.guard, ""), cookie(browser)))
    assert len(said) == 1
    [(status, text, token)] = said
    assert (status, token) == (401, None)
    assert "登录名或者密码不对" in text


@pytest.mark.parametrize("name", ["zhao", "nobody"])
def test_after_five_failures_one_waits_and_is_told_how_long(bench: Bench, name: str) -> None:
    bench.staff("zhao", "administrator@*")
    browser = bench.browser()
    browser.get("sign-in")
    assert [browser.post("sign-in", {"name": name, "password": f"guess {n}"}).status_code for n in range(7)] == [401] * 5 + [429] * 2
    answer = bench.browser().sign_in(name)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
    assert "请等 1 分钟再试" in answer.text
    bench.clock.advance(timedelta(minutes=1))
    assert bench.browser().sign_in(name).status_code == (303 if name == "zhao" else 401)


def test_one_address_that_guesses_at_many_names_waits(bench: Bench) -> None:
    bench.staff("zhao", "administrator@*")
    robber = bench.browser(address="198.51.100.9")
    robber.get("sign-in")
    answers = [robber.post("sign-in", {"name": f"name{n}", "password": "123456"}).status_code for n in range(22)]
    assert answers == [401] * 20 + [429] * 2
    assert bench.browser(address="198.51.100.10").sign_in("zhao").status_code == 303


def test_an_unused_session_is_over_after_half_an_hour_and_leads_to_the_form(bench: Bench) -> None:
    bench.staff("zhao", "administrator@*")
    browser = bench.browser("zhao")
    bench.clock.advance(timedelta(minutes=29))
    assert browser.get("people").status_code == 200
    bench.clock.advance(timedelta(minutes=30))
    answer = browser.get("people")
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/sign-in?next=people")
    assert cookie(browser) is None


def test_a_busy_session_is_over_after_twelve_hours(bench: Bench) -> None:
    bench.staff("zhao", "administrator@*")
    browser = bench.browser("zhao")
    for _ in range(35):
        bench.clock.advance(timedelta(minutes=20))
        assert browser.get("account").status_code == 200
    bench.clock.advance(timedelta(minutes=20))
    assert browser.get("account").status_code == 303


def test_a_stolen_cookie_is_worth_nothing_after_signing_out(bench: Bench) -> None:
    bench.staff("zhao", "administrator@*")
    browser = bench.browser("zhao")
    token = cookie(browser)
    answer = browser.post("sign-out")
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/sign-in")
    assert bench.browser().get("account", headers={"Cookie": f"aid-console={token}"}).status_code == 303


@pytest.mark.parametrize("change", ["roles", "disable", "reset"])
def test_a_change_of_rights_puts_a_person_out_at_once(bench: Bench, change: str) -> None:
    bench.staff("zhao", "administrator@*")
    person = bench.staff("li", "handler@subcenter-1")
    theirs, boss = bench.browser("li"), bench.browser("zhao")
    boss.post(f"people/{person.id}/{change}", {"role": "auditor", "center": "main"})
    assert theirs.get("account").status_code == 303


def test_a_one_time_password_opens_nothing_but_the_change_of_itself(bench: Bench) -> None:
    bench.staff("zhao", "administrator@*")
    boss = bench.browser("zhao")
    password = one_time_password(boss.post("people", {"name": "li", "shown": "李四", "role": "administrator", "center": "*"}))
    browser = bench.browser()
    browser.sign_in("li", password)
    for path in ("", "account", "people", "log"):
        answer = browser.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/console/password")
    browser.get("password")
    assert browser.post("people", {"name": "mallory", "role": "administrator", "center": "*"}).headers["location"] == "/console/password"
    wrong = browser.post("password", {"old": password, "new": NEW, "again": NEW + "。"})
    assert (wrong.status_code, "两次填的新密码不一样" in wrong.text) == (422, True)
    same = browser.post("password", {"old": password, "new": password, "again": password})
    assert (same.status_code, "和现在的一样" in same.text) == (422, True)
    old = cookie(browser)
    done = browser.post("password", {"old": password, "new": NEW, "again": NEW})
    assert (done.status_code, done.headers["location"]) == (303, "/console/")
    assert cookie(browser) != old
    assert browser.get("people").status_code == 200
    assert bench.browser().sign_in("li", password).status_code == 401


def test_changing_ones_password_ends_ones_other_sessions(bench: Bench) -> None:
    bench.staff("li", "handler@subcenter-1")
    here, elsewhere = bench.browser("li"), bench.browser("li")
    here.get("password")
    assert here.post("password", {"old": PASSWORD, "new": NEW, "again": NEW}).status_code == 303
    assert (here.get("account").status_code, elsewhere.get("account").status_code) == (200, 303)


def test_the_old_password_cannot_be_guessed_at_an_open_session(bench: Bench) -> None:
    bench.staff("li", "handler@subcenter-1")
    browser = bench.browser("li")
    browser.get("password")
    answers = [browser.post("password", {"old": f"guess {n}", "new": NEW, "again": NEW}).status_code for n in range(6)]
    assert answers == [422] * 5 + [429]


def test_who_is_signed_in_is_not_asked_again(bench: Bench) -> None:
    bench.staff("zhao", "administrator@*")
    browser = bench.browser("zhao")
    assert browser.get("sign-in").headers["location"] == "/console/"
    assert browser.get("").headers["location"] == "/console/people"


def test_nothing_that_was_typed_comes_back_as_markup(bench: Bench) -> None:
    browser = bench.browser()
    browser.get("sign-in")
    answer = browser.post("sign-in", {"name": '"><script>alert(1)</script>', "password": "x", "next": '"><b>'})
    assert "<script>alert" not in answer.text
    assert "<b>" not in answer.text
    asked = bench.browser().get("people?" + 'q="><b>')
    assert parse_qs(urlsplit(asked.headers["location"]).query)["next"]
