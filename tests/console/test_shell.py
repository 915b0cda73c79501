"""The vendored script, the headers, the error pages."""

from __future__ import annotations

import hashlib
import re

import pytest

from aid.store.errors import StoreUnavailable
from console.rendering import HERE, STATIC
from tests.console.desk import Bench

HTMX = "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717"
"""SHA-256 of dist/htmx.min.js in the npm package htmx.org 2.0.11."""


def test_htmx_is_the_published_file_small_and_with_its_licence() -> None:
    script = (STATIC / "htmx.min.js").read_bytes()
    assert hashlib.sha256(script).hexdigest() == HTMX
    assert len(script) < 60_000
    assert "Zero-Clause BSD" in (STATIC / "htmx.LICENSE").read_text("utf-8")


def test_no_template_holds_a_script_a_style_or_an_address_of_another_site() -> None:
    for template in (HERE / "templates").glob("**/*.html"):
        text = template.read_text("utf-8")
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|https?:|\bhx-on|\|safe\b", text), template.name


def test_every_form_that_changes_something_carries_a_guard() -> None:
    for template in (HERE / "templates").glob("**/*.html"):
        for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", template.read_text("utf-8"), re.DOTALL):
            assert "guard_field()" in form or 'name="csrf"' in form, template.name


def test_every_answer_is_kept_nowhere_and_lets_nothing_of_others_in(bench: Bench) -> None:
    bench.staff("zhao", "administrator@*")
    browser = bench.browser("zhao")
    for path in ("sign-in", "people", "account", "nothing", "static/console.css", "static/htmx.min.js"):
        headers = browser.get(path).headers
        assert headers["cache-control"] == ("no-cache" if path.startswith("static/") else "no-store"), path
        assert "default-src 'none'; script-src 'self'; style-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert (headers["x-content-type-options"], headers["x-frame-options"]) == ("nosniff", "DENY")


def test_what_is_not_there_is_a_page_that_leads_back(bench: Bench) -> None:
    answer = bench.browser().get("nothing")
    assert answer.status_code == 404
    assert "没有这个页面" in answer.text
    assert 'href="/console/"' in answer.text
    assert 'href="/console/"' in bench.browser().get("static/nothing.css").text
    assert bench.browser().ask("PUT", "people", headers={"Origin": "http://testserver"}).status_code == 405


def test_a_fault_that_nobody_foresaw_is_a_page_that_tells_nothing_of_it(bench: Bench) -> None:
    bench.staff("zhao", "administrator@*")
    browser = bench.browser("zhao")
    bench.desk.accounts.all = lambda: 1 / 0  # type: ignore[method-assign,return-value,assignment]
    answer = browser.get("people")
    assert answer.status_code == 500
    assert "系统出了故障" in answer.text
    assert "ZeroDivision" not in answer.text
    assert (answer.headers["cache-control"], answer.headers["x-frame-options"]) == ("no-store", "DENY")


def test_a_database_that_does_not_answer_is_a_page_that_says_that_nothing_was_done(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.staff("zhao", "administrator@*")
    browser = bench.browser("zhao")

    def away() -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(bench.desk.store, "reading", away)
    for answer in (browser.get("people"), browser.post("people", {"name": "sun"}), bench.browser().get("health")):
        assert answer.status_code == 503
        assert "没有做任何改动" in answer.text


def test_a_body_that_is_too_large_is_not_read(bench: Bench) -> None:
    bench.staff("zhao", "administrator@*")
    answer = bench.browser("zhao").post("people", {"name": "x" * 300_000})
    assert answer.status_code == 413
    assert "太大" in answer.text


def test_an_htmx_request_gets_the_sentence_alone_or_is_led_on_as_a_whole_page(bench: Bench) -> None:
    answer = bench.browser().get("people", headers={"HX-Request": "true"})
    assert answer.headers["hx-redirect"] == "/console/sign-in"
    bench.staff("qian", "handler@main")
    answer = bench.browser("qian").get("people", headers={"HX-Request": "true"})
    assert answer.status_code == 403
    assert answer.text.startswith('<div class="fault"')
