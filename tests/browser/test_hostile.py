"""Hostile words, file names and answers in a real browser: text, and nothing but text; and a strict page that embeds the widget sees no violation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from chat_site import CardBot
from hostile_faces import CARDS, HOSTILE, Face
from playwright.sync_api import expect

from aid.evidence.types import safe_name
from tests.evidence.made import picture

pytestmark = pytest.mark.browser


def test_hostile_words_are_shown_as_words_on_both_sides_and_after_a_reload_which_empties_the_kiosk(face: Face) -> None:
    for words in HOSTILE.values():
        face.say(words)
    face.unharmed()
    wanted = [words.strip() for words in HOSTILE.values()]
    assert face.said() == wanted
    told = "".join(one.text_content() or "" for one in face.page.locator(".item.reply .bubble").all())
    for sign in ("<script>window.hit=1</script>", "onerror=window.hit=1", "<style>", "&lt;img", "{{7*7}}", "\x1b[31m红", "Wort" * 400):
        assert sign in told, sign
    hosts = face.page.locator(".item.reply a").evaluate_all("(links) => links.map((link) => new URL(link.href).host)")
    assert not {host for host in hosts if "evil" in host or "xn--" in host}, "an address that looks like another's is no link"
    face.reload()
    kept = [] if face.kind == "kiosk" else wanted
    expect(face.page.locator(".item")).to_have_count(2 * len(kept))
    assert face.said() == kept
    face.unharmed()


@pytest.mark.parametrize("kind", CARDS)
def test_a_card_that_is_hostile_in_every_word_is_shown_as_words(face: Face, kind: str) -> None:
    face.say(kind)
    for details in face.page.locator(".items details").all():
        details.evaluate("(node) => node.setAttribute('open', '')")
    face.unharmed()
    if (front := face.page.locator(".receipt-front")).is_visible():  # the kiosk's, over everything
        front.locator(".go").click()
    choice = face.page.locator(".item.reply .choice").nth(1)
    assert choice.text_content() == HOSTILE["onerror"][:80]
    choice.click()
    expect(face.page.locator(".item")).to_have_count(4)
    face.unharmed()


NAMES = ["<img src=x onerror=window.hit=1>.jpg", "\u202egpj.exe", "a\u200b" * 20 + ".jpg", "Wort" * 50 + ".jpg", "javascript:window.hit=1", "&lt;b&gt;'\"`.jpg"]


@pytest.mark.parametrize("face", ["page", "widget"], indirect=True)
@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_file_name_is_shown_as_words_taken_or_refused(face: Face, name: str) -> None:
    chooser = face.page.locator("input[type=file]")
    chooser.set_input_files({"name": name, "mimeType": "image/jpeg", "buffer": picture()})
    expect(face.page.locator(".item.said")).to_have_count(1)
    expect(face.page.locator(".item.reply")).to_have_count(1)
    face.unharmed()
    # The record says ［文件］ before the name, for readers who see no picture; these faces show the picture and the name.
    shown = safe_name(name.replace('"', "%22"), "jpeg")  # as every browser sends it
    assert face.said() == [shown]
    expect(face.page.locator(".item.said canvas.thumbnail")).to_have_attribute("aria-label", re.compile(re.escape(shown)))
    chooser.set_input_files({"name": name, "mimeType": "text/html", "buffer": b"<script>window.hit=1</script>"})
    expect(face.page.locator(".uploads li")).to_contain_text("这种文件我收不了")
    # The browser tells of every answer of 400 and more; that is the only complaint.
    assert [line for line in face.complaints if "415" not in line] == []
    face.complaints.clear()
    face.unharmed()


@pytest.mark.parametrize("face", ["page", "widget"], indirect=True)
def test_a_strict_page_sees_no_violation_while_answering_uploading_and_saving_the_receipt(face: Face) -> None:
    face.site.bot = CardBot()
    face.site.stop()
    face.site.start()
    face.reload()
    face.complaints.clear()  # the stream was cut: the browser says so
    page = face.page
    for words in ("外观被抄了", "展位", "核对", "进度", "不清楚"):
        face.say(words)
    page.locator("input[type=file]").set_input_files({"name": "摊位.jpg", "mimeType": "image/jpeg", "buffer": picture()})
    expect(page.locator(".item.said")).to_have_count(6)
    face.say("编号")
    with page.expect_download() as saved:
        page.locator(".card.receipt button.save").click()
    assert saved.value.suggested_filename == "CC2026-000123.png"
    assert Path(saved.value.path()).read_bytes().startswith(b"\x89PNG")
    page.get_by_role("button", name="大字").click()
    page.locator(".rating").first.get_by_role("button", name="没解决").click()
    face.reload()
    expect(page.locator(".item")).to_have_count(14)
    face.unharmed()
