"""The second factor through HTTP."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import pytest
import zxingcpp
from PIL import Image, ImageDraw

from tests.console.desk import PASSWORD, Bench, Browser


def enrol(bench: Bench, browser: Browser) -> tuple[pyotp.TOTP, list[str]]:
    browser.get("account")
    page = browser.post("account/second")
    secret = re.search(r'class="mono">([A-Z2-7 ]+)<', page.text)
    assert secret
    totp = pyotp.TOTP(secret[1].replace(" ", ""))
    done = browser.post("account/second/confirm", {"code": totp.at(bench.clock.now())})
    codes = re.findall(r'<li class="mono">([A-Z0-9-]+)</li>', done.text)
    assert len(codes) == 10
    bench.clock.advance(timedelta(minutes=1))
    return totp, codes


@pytest.fixture
def totp(bench: Bench) -> pyotp.TOTP:
    bench.staff("li", "administrator@*")
    return enrol(bench, bench.browser("li"))[0]


def test_the_picture_says_what_the_page_says(bench: Bench) -> None:
    """Read by another program than the one that made it."""
    bench.staff("li", "handler@main")
    browser = bench.browser("li")
    browser.get("account")
    page = browser.post("account/second").text
    picture = re.search(r"<svg.*?</svg>", page, re.DOTALL)
    assert picture
    assert not re.search(r"style=|<script|href", picture[0])
    secret = re.search(r'class="mono">([A-Z2-7 ]+)<', page)
    assert secret
    address = read_qr(picture[0])
    assert address.startswith("otpauth://totp/")
    assert f"secret={secret[1].replace(' ', '')}" in address


def test_without_the_code_nothing_opens(bench: Bench, totp: pyotp.TOTP) -> None:
    browser = bench.browser()
    assert browser.sign_in("li").headers["location"].startswith("/console/second")
    for path in ("", "account", "people", "password"):
        assert browser.get(path).headers["location"] == "/console/second"
    browser.get("second")
    assert browser.post("people", {"name": "mallory", "role": "administrator", "center": "*"}).headers["location"] == "/console/second"
    waiting = browser.client.cookies.get("aid-console")
    done = browser.post("second", {"code": totp.at(bench.clock.now()), "next": "people"})
    assert (done.status_code, done.headers["location"]) == (303, "/console/people")
    assert browser.client.cookies.get("aid-console") != waiting
    assert browser.get("people").status_code == 200
    assert bench.browser().get("people", headers={"Cookie": f"aid-console={waiting}"}).headers["location"].startswith("/console/sign-in")


def test_a_code_that_was_used_is_refused(bench: Bench, totp: pyotp.TOTP) -> None:
    code = totp.at(bench.clock.now())
    for status in (303, 401):
        browser = bench.browser()
        browser.sign_in("li")
        browser.get("second")
        assert browser.post("second", {"code": code}).status_code == status
    assert "已经用过" in browser.post("second", {"code": code}).text


def test_codes_are_not_tried_through(bench: Bench, totp: pyotp.TOTP) -> None:
    browser = bench.browser()
    browser.sign_in("li")
    browser.get("second")
    wrong = f"{(int(totp.at(bench.clock.now())) + 500_000) % 1_000_000:06}"
    assert [browser.post("second", {"code": wrong}).status_code for _ in range(6)] == [401] * 5 + [429]
    assert browser.post("second", {"code": totp.at(bench.clock.now())}).status_code == 429


def test_who_waits_for_the_code_too_long_begins_again(bench: Bench, totp: pyotp.TOTP) -> None:
    browser = bench.browser()
    browser.sign_in("li")
    browser.get("second")
    bench.clock.advance(timedelta(minutes=5))
    assert browser.post("second", {"code": totp.at(bench.clock.now())}).headers["location"] == "/console/sign-in"


def test_who_is_wholly_signed_in_or_not_at_all_is_not_asked_for_a_code(bench: Bench) -> None:
    bench.staff("wu", "handler@main")
    assert bench.browser("wu").get("second").headers["location"].startswith("/console/sign-in")
    assert bench.browser().get("second").headers["location"].startswith("/console/sign-in")


def test_another_account_can_be_chosen_instead(bench: Bench, totp: pyotp.TOTP) -> None:
    browser = bench.browser()
    browser.sign_in("li")
    browser.get("second")
    assert browser.post("sign-out").headers["location"] == "/console/sign-in"


def test_it_is_ended_against_the_password_and_a_wrong_first_code_begins_nothing(bench: Bench) -> None:
    bench.staff("li", "handler@main")
    browser = bench.browser("li")
    browser.get("account")
    browser.post("account/second")
    wrong = browser.post("account/second/confirm", {"code": "12345x"})
    assert (wrong.status_code, "口令不对" in wrong.text, "<svg" in wrong.text) == (422, True, True)
    assert not bench.desk.accounts.named("li").has_second_factor
    enrol(bench, browser)
    browser.get("account")
    assert browser.post("account/second/end", {"password": "wrong"}).status_code == 422
    assert bench.desk.accounts.named("li").has_second_factor
    assert browser.post("account/second/end", {"password": PASSWORD}).status_code == 303
    assert bench.browser().sign_in("li").headers["location"] == "/console/"


def read_qr(svg: str) -> str:
    """Draws the dark runs of the picture (a path of steps ``M`` and ``m``, and lines ``h``) and has them read."""
    view, path = re.search(r'viewBox="0 0 (\d+) \d+"', svg), re.search(r'stroke="#000" d="([^"]+)"', svg)
    assert view
    assert path
    image = Image.new("L", (int(view[1]) * 4,) * 2, 255)
    draw, x, y = ImageDraw.Draw(image), 0.0, 0.0
    for step, said in re.findall(r"([Mmh])([-\d. ]+)", path[1]):
        numbers = [float(number) for number in said.split()]
        if step == "h":
            draw.rectangle((x * 4, (y - 0.5) * 4, (x + numbers[0]) * 4 - 1, (y + 0.5) * 4 - 1), fill=0)
        x, y = (numbers[0], numbers[1]) if step == "M" else (x + numbers[0], y + (numbers[1] if step == "m" else 0))
    [found] = zxingcpp.read_barcodes(image)
    return str(found.text)


def test_a_second_tab_that_begins_it_again_is_told_that_it_is_on(bench: Bench) -> None:
    bench.staff("li", "handler@main")
    browser = bench.browser("li")
    enrol(bench, browser)
    answer = browser.post("account/second")
    assert answer.status_code == 409
    assert "放得太久" in answer.text
