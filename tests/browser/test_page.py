"""The chat page in a real browser, 360 pixels wide."""

import json
import re

import pytest
from chat_site import Site, Watched
from playwright.sync_api import Locator, expect

pytestmark = pytest.mark.browser


def shown(watched: Watched, text: str) -> Locator:
    """Words in the visible transcript (the hidden live region holds them too, for a moment)."""
    return watched.page.locator(".items").get_by_text(text)


def test_the_page_comes_up_without_a_complaint_and_asks_no_one_else(watched: Watched, site: Site) -> None:
    page = watched.page
    expect(page.get_by_role("heading", level=1)).to_have_text("小援 · 知识产权维权援助助手")
    expect(page.get_by_text("您好，我是小援")).to_be_visible()
    watched.say("你好")
    expect(shown(watched, "您说的是：你好")).to_have_count(1)
    assert watched.complaints == []
    assert all(url.startswith(site.address) for url in watched.requests)


def test_an_answer_is_shown_with_its_law_and_its_date_and_no_figure_of_certainty(watched: Watched) -> None:
    page = watched.page
    watched.say("外观被抄了")
    card = page.locator(".card.answer")
    expect(card).to_contain_text("可以马上向展会的知识产权工作站投诉。")
    expect(card.locator("ol")).not_to_be_visible()
    card.get_by_text("看要点、做法和法律依据").click()
    expect(card.locator("ol > li").first).to_be_visible()
    expect(card.locator("ol > li")).to_have_count(2)
    expect(card).to_contain_text("专利法（2020修正）第六十五条：可以协商、起诉或请求处理")
    expect(card).to_contain_text("核对日期：2026年11月22日")
    assert "0.98" not in page.content()
    expect(page.get_by_role("button", name="现在就投诉")).to_be_visible()


def test_a_reload_brings_both_sides_back_and_marks_what_was_chosen(watched: Watched) -> None:
    page = watched.page
    watched.say("我核对一下")
    page.get_by_role("button", name="没错，提交").click()
    expect(page.locator(".item")).to_have_count(4)
    before = page.locator(".item .bubble").all_inner_texts()
    page.reload()
    expect(page.locator(".item")).to_have_count(4)
    assert page.locator(".item .bubble").all_inner_texts() == before
    expect(page.get_by_role("button", name="没错，提交")).to_have_attribute("aria-disabled", "true")
    assert watched.complaints == []


def test_every_card_is_shown(watched: Watched) -> None:
    page = watched.page
    watched.say("展位")
    expect(page.locator(".card.question")).to_contain_text("第 3 项，共 7 项")
    expect(page.locator(".card.question")).to_contain_text("为什么要问：工作人员好找到展位")
    expect(shown(watched, "对方的展位号是多少？")).to_have_count(1)
    watched.say("核对")
    expect(page.locator(".card.summary table")).to_contain_text("138****5678")
    watched.say("编号")
    receipt = page.locator(".card.receipt")
    expect(receipt.locator("dl.big dd")).to_have_text(["CC2026-000123", "K7M4Q2"])
    receipt.get_by_role("button", name="复制编号和查询码").click()
    expect(receipt.locator("button.copy")).to_have_text("已复制")
    watched.say("进度")
    expect(page.locator(".card.status")).to_contain_text("已受理")
    watched.say("不清楚")
    page.locator(".choices").get_by_role("button", name="商标被冒用").click()
    expect(shown(watched, "您说的是：商标被冒用")).to_be_visible()
    assert watched.complaints == []


def test_hostile_markdown_is_only_text(watched: Watched) -> None:
    page = watched.page
    watched.say("坏话")
    bubble = page.locator(".reply .bubble").last
    expect(bubble.locator("strong")).to_have_text("注意")
    expect(bubble.locator("a")).to_have_attribute("href", "https://example.org/")
    expect(bubble.locator("a")).to_have_count(1)
    expect(bubble.locator("img")).to_have_count(0)
    expect(bubble).to_contain_text("<img src=x onerror=alert(1)>")
    assert watched.complaints == []


def test_focus_stays_where_the_person_is_and_new_items_are_spoken(watched: Watched) -> None:
    page = watched.page
    page.evaluate(
        """() => {
            window.spoken = [];
            new MutationObserver((records) => records.forEach((record) =>
                record.addedNodes.forEach((node) => window.spoken.push(node.textContent))))
                .observe(document.querySelector('[aria-live=polite]'), {childList: true});
        }"""
    )
    watched.say("展位")
    expect(page.locator(".card.question")).to_be_visible()
    expect(page.locator("#say")).to_be_focused()
    assert any("对方的展位号是多少？" in line for line in page.evaluate("window.spoken"))
    page.get_by_role("button", name="跳过").click()
    expect(page.locator(".item")).to_have_count(4)
    expect(page.locator("[data-choice].taken")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#say")).to_be_focused()
    expect(page.locator("[aria-live=polite] p")).to_have_count(0)


def test_enter_during_composition_is_not_send(watched: Watched) -> None:
    page = watched.page
    page.locator("#say").fill("zhuan")
    page.locator("#say").dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    expect(page.locator(".item")).to_have_count(0)
    page.locator("#say").press("Enter")
    expect(page.locator(".item.said")).to_have_count(1)


def test_what_is_written_while_the_server_is_away_goes_out_once_when_it_is_back(watched: Watched, site: Site) -> None:
    page = watched.page
    watched.say("甲")
    expect(shown(watched, "您说的是：甲")).to_be_visible()
    site.stop()
    watched.say("乙")
    expect(page.locator(".lost")).to_be_visible()
    expect(page.locator(".said .state").last).to_have_text("等待发送")
    page.wait_for_timeout(300)
    site.start()
    expect(shown(watched, "您说的是：乙")).to_be_visible(timeout=20_000)
    expect(page.locator(".lost")).to_be_hidden()
    assert [text for _sender, text in site.bot.calls] == ["甲", "乙"]


def test_the_token_is_in_no_address(watched: Watched) -> None:
    page = watched.page
    watched.say("你好")
    expect(shown(watched, "您说的是：你好")).to_be_visible()
    token = json.loads(page.evaluate("localStorage.getItem('aid.session')"))["token"]
    assert all(token not in url for url in watched.requests)


def test_a_new_conversation_begins_empty_after_asking(watched: Watched, site: Site) -> None:
    page = watched.page
    watched.say("你好")
    expect(page.locator(".item")).to_have_count(2)
    page.get_by_role("button", name="新对话", exact=True).click()
    page.get_by_role("button", name="继续现在的对话").click()
    expect(page.locator(".item")).to_have_count(2)
    page.get_by_role("button", name="新对话", exact=True).click()
    page.get_by_role("button", name="开始新对话").click()
    expect(page.locator(".item")).to_have_count(0)
    watched.say("再来")
    expect(shown(watched, "您说的是：再来")).to_be_visible()
    assert len({sender for sender, _text in site.bot.calls}) == 2


def test_what_many_ask_is_asked_by_one_tap_and_gone_while_a_form_is_open(watched: Watched) -> None:
    page = watched.page
    page.get_by_role("button", name="商标被冒用怎么办").click()
    expect(shown(watched, "您说的是：别人用了我的商标怎么办？")).to_be_visible()
    expect(page.locator(".asked")).to_be_visible()
    watched.say("展位")
    expect(page.locator(".card.question")).to_be_visible()
    expect(page.locator(".asked")).to_be_hidden()


def test_nothing_runs_out_of_a_narrow_page_even_in_large_type(watched: Watched) -> None:
    page = watched.page
    for word in ("外观", "展位", "核对", "编号", "进度"):
        watched.say(word)
        expect(page.locator(".typing")).to_be_hidden()
    page.get_by_role("button", name="大字").click()
    width = page.evaluate("document.documentElement.scrollWidth")
    inner = page.evaluate(
        "document.querySelector('.transcript').scrollWidth - document.querySelector('.transcript').clientWidth"
    )
    assert (width, inner) == (360, 0)
    assert float(page.evaluate("parseFloat(getComputedStyle(document.querySelector('.shell')).fontSize)")) == pytest.approx(23)


CONTRAST = """() => {
    const light = (colour) => {
        const [r, g, b] = colour.match(/[0-9.]+/g).slice(0, 3)
            .map((v) => v / 255).map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (node) => {
        for (let n = node; n; n = n.parentElement) {
            const c = getComputedStyle(n).backgroundColor;
            if (!/, 0\\)$/.test(c)) return c;
        }
        return 'rgb(255, 255, 255)';
    };
    const poor = [];
    for (const node of document.querySelectorAll('body *')) {
        const own = [...node.childNodes].some((c) => c.nodeType === 3 && c.textContent.trim());
        if (!own || node.closest('dialog:not([open]), [hidden], noscript, .unseen')) continue;
        const [a, b] = [light(getComputedStyle(node).color), light(behind(node))].sort((x, y) => y - x);
        const ratio = (a + 0.05) / (b + 0.05);
        if (ratio < 4.5) poor.push(node.className + ': ' + ratio.toFixed(2));
    }
    return poor;
}"""


def test_all_words_stand_out_from_their_ground(watched: Watched) -> None:
    page = watched.page
    for word in ("外观", "展位", "核对", "编号", "进度"):
        watched.say(word)
        expect(page.locator(".typing")).to_be_hidden()
    page.get_by_role("button", name="没错，提交").click()
    expect(page.locator(".choice.taken")).to_have_count(1)
    assert page.evaluate(CONTRAST) == []
    assert re.search(r"lang=\"zh-CN\"", page.content())
