"""The pictures of the README, made before the real bot. Every run walks the way to each; ``AID_SCREENSHOTS=1`` writes them to docs/images."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from chat_site import ROOT
from host_site import NAME, watch
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, expect
from real_site import Whole

pytestmark = [pytest.mark.browser, pytest.mark.looks, pytest.mark.stack, pytest.mark.timeout(300)]
IMAGES = ROOT / "docs" / "images"
MOST_BYTES, MOST_BYTES_IN_ALL = 200_000, 2_000_000
SITE_STYLE = """() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`body { margin: 0; font: 18px/1.7 "Noto Sans CJK SC", sans-serif; color: #223; background: #fff; }
        body > header { padding: 14px 40px; background: #7a1f1f; color: #fff; font-size: 22px; } main { max-width: 640px; padding: 30px 40px; }`);
    document.adoptedStyleSheets = [sheet];
}"""


def photo() -> bytes:
    """A drawn booth: something to see, and nobody's picture."""
    made = Image.new("RGB", (800, 560), "#dfe7ee")
    pen = ImageDraw.Draw(made)
    pen.rectangle((60, 90, 740, 500), fill="#f7f4ea", outline="#8a6d3b", width=8)
    pen.rectangle((60, 40, 740, 110), fill="#28527a")
    for left in (130, 340, 550):
        pen.ellipse((left, 230, left + 130, 330), fill="#ffe9a8", outline="#555", width=5)
        pen.rectangle((left + 20, 340, left + 110, 470), fill="#b9c5d1")
    out = io.BytesIO()
    made.save(out, "JPEG", quality=80)
    return out.getvalue()


@dataclass
class Camera:
    """Where the pictures go; a picture is made small by a palette."""

    folder: Path

    def take(self, page: Page, name: str, width: int = 0) -> None:
        """The page as it is, made smaller to ``width`` pixels where that is given."""
        expect(page.locator(".typing:visible")).to_have_count(0)
        page.wait_for_timeout(200)
        picture = Image.open(io.BytesIO(page.screenshot(animations="disabled", caret="hide")))
        if width:
            picture = picture.convert("RGB").resize((width, picture.height * width // picture.width), Image.Resampling.LANCZOS)
        path = self.folder / f"{name}.png"
        picture.convert("RGB").quantize(128).save(path, optimize=True)
        assert path.stat().st_size < MOST_BYTES


@pytest.fixture
def camera(tmp_path: Path) -> Camera:
    folder = IMAGES if os.environ.get("AID_SCREENSHOTS") == "1" else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    return Camera(folder)


Opens = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser, whole: Whole) -> Iterator[Opens]:
    """Opens the site with the widget on a screen of this size."""
    contexts = []

    def open_on(width: int, height: int, **options: object) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce", locale="zh-CN", **options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        watch(page, [])
        page.set_default_timeout(30_000)
        page.goto(whole.host.address)
        page.evaluate(SITE_STYLE)
        page.get_by_role("button", name=NAME).click()
        expect(page.locator(".asked")).to_be_visible()
        return page

    yield open_on
    for context in contexts:
        context.close()


def say(page: Page, text: str) -> None:
    page.locator("#say").fill(text)
    page.locator("#say").press("Enter")
    expect(page.locator(".said .bubble").last).to_have_text(text)
    expect(page.locator(".typing")).to_be_hidden(timeout=30_000)


def to_the_read_back(page: Page) -> None:
    say(page, "我要投诉光博会A1馆B12仿冒我的车灯外观专利")
    for text in ("跳过", "跳过", "跳过", "同意", "郑雪梅", "13900007001"):
        say(page, text)
    expect(page.locator(".card.summary")).to_be_visible()


def to_the_top(page: Page, card: str) -> None:
    page.locator(card).evaluate("(card) => { card.closest('.transcript').scrollTop += card.getBoundingClientRect().top - card.closest('.transcript').getBoundingClientRect().top - 20; }")


def test_the_page(browser: Browser, whole: Whole, camera: Camera) -> None:
    context = browser.new_context(viewport={"width": 1000, "height": 720}, reduced_motion="reduce")
    page = context.new_page()
    watch(page, [])
    page.set_default_timeout(30_000)
    page.goto(whole.address)
    expect(page.locator(".asked")).to_be_visible()
    say(page, "我要投诉光博会A1馆B12仿冒我的车灯外观专利")
    expect(page.locator(".card.question")).to_be_visible()
    camera.take(page, "chat-page")
    context.close()


def test_the_widget_on_a_desk(opened: Opens, camera: Camera) -> None:
    page = opened(1100, 760)
    say(page, "展会上有人抄我的外观专利怎么办？")
    expect(page.locator(".card.answer")).to_be_visible()
    page.locator(".card.answer summary").click()
    camera.take(page, "widget-desktop")


def test_the_widget_on_a_phone(opened: Opens, camera: Camera) -> None:
    page = opened(390, 780, has_touch=True, is_mobile=True)
    say(page, "我要投诉光博会A1馆B12仿冒我的车灯外观专利")
    page.locator(".chooser").set_input_files({"name": "展位.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    expect(page.locator(".said .thumbnail")).to_be_visible()
    expect(page.locator(".choices button", has_text="删掉")).to_be_visible()
    expect(page.locator(".card.question").last).to_be_visible()
    to_the_top(page, ".said .thumbnail")
    camera.take(page, "widget-phone")


def test_the_widget_in_the_dark(opened: Opens, camera: Camera) -> None:
    page = opened(390, 780, color_scheme="dark")
    to_the_read_back(page)
    to_the_top(page, ".card.summary")
    camera.take(page, "widget-dark")


def test_the_widget_in_large_letters(opened: Opens, camera: Camera) -> None:
    page = opened(430, 860)
    page.get_by_role("button", name="大字").click()
    to_the_read_back(page)
    say(page, "确认提交")
    expect(page.locator(".card.receipt")).to_be_visible()
    to_the_top(page, ".card.receipt")
    camera.take(page, "widget-large")


def test_the_pictures_of_the_readme_are_there_and_small() -> None:
    shown = [path for path in IMAGES.glob("*.png") if f"docs/images/{path.name}" in (ROOT / "README.md").read_text("utf-8")]
    assert {"chat-page", "widget-desktop", "widget-phone", "widget-dark", "widget-large"} <= {path.stem for path in shown}
    sizes = [path.stat().st_size for path in IMAGES.iterdir()]
    assert max(sizes) < MOST_BYTES
    assert sum(sizes) < MOST_BYTES_IN_ALL
