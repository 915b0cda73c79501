"""Talks in the widget: new ones, several tabs, a cut line, a ticket looked up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from host_site import Shown, watch
from playwright.sync_api import expect
from widget_parts import items

from aid.cases.office import open_office
from aid.cases.tickets import Ticket
from aid.privacy.vault import open_vault
from aid.store import open_store
from aid.store.messages import Messages

pytestmark = pytest.mark.browser


def test_a_new_conversation_asks_first_where_a_form_is_open_and_ends_the_old_one_at_the_server(shown: Shown) -> None:
    page = shown.page
    shown.open()
    page.get_by_role("button", name="新对话").click()
    expect(page.locator("dialog.ask-restart")).to_be_hidden()
    shown.say("外观被抄了")
    expect(page.locator(".card.answer")).to_be_visible()
    page.get_by_role("button", name="新对话").click()
    expect(page.locator("dialog.ask-restart")).to_contain_text("已经登记的事项不受影响")
    page.get_by_role("button", name="继续现在的对话").click()
    shown.say("展位")
    expect(page.locator(".card.question")).to_be_visible()
    page.get_by_role("button", name="新对话").click()
    expect(page.locator("dialog.ask-restart")).to_contain_text("还没有提交")
    old = json.loads(page.evaluate("localStorage.getItem('aid-widget:aid.session')"))
    with page.expect_response(lambda response: response.url.endswith("/end")):
        page.get_by_role("button", name="开始新对话").click()
    expect(page.locator(".item")).to_have_count(0)
    path = f"{shown.host.assistant}/v1/conversations/{old['conversation']}/messages"
    status = page.evaluate("([path, token]) => fetch(path, {headers: {Authorization: `Bearer ${token}`}}).then((r) => r.status)", [path, old["token"]])
    assert status == 401
    shown.say("再来")
    expect(items(page, "您说的是：再来")).to_be_visible()


def test_two_tabs_show_everything_once_whatever_is_written_in_which(shown: Shown) -> None:
    first, second = shown.page, shown.page.context.new_page()
    watch(second, shown.complaints)
    shown.open()
    second.goto(shown.host.address)
    expect(second.locator("#say")).to_be_visible()
    posts: list[str] = []
    for page in (first, second):
        page.on("request", lambda request: posts.append(request.post_data or "") if request.url.endswith("/messages") and request.method == "POST" else None)
    for page, text in ((first, "甲"), (second, "乙")):
        page.locator("#say").fill(text)
    first.evaluate(ENTER)
    second.evaluate(ENTER)
    for page in (first, second):
        for text in ("甲", "乙"):
            expect(items(page, f"您说的是：{text}")).to_have_count(1)
        expect(page.locator(".item")).to_have_count(4)
    shown.site.stop()
    expect(second.locator(".lost")).to_be_visible()
    second.locator("#say").fill("丙")
    second.locator("#say").press("Enter")
    expect(first.locator(".item.said").last).to_contain_text("等待发送")
    shown.site.start()
    for page in (first, second):
        expect(items(page, "您说的是：丙")).to_have_count(1, timeout=20_000)
        expect(page.locator(".item")).to_have_count(6)
    assert sorted(text for _sender, text in shown.site.bot.calls) == ["丙", "乙", "甲"]
    assert len({sender for sender, _text in shown.site.bot.calls}) == 1
    # A slow answer is asked for again, under the same client id; no tab makes another message of it.
    sent = {(body["text"], body["client_id"]) for body in map(json.loads, posts)}
    assert sorted(text for text, _client_id in sent) == ["丙", "乙", "甲"]
    second.get_by_role("button", name="新对话").click()
    second.get_by_role("button", name="开始新对话").click()
    expect(first.locator(".item")).to_have_count(0)
    second.close()


ENTER = """() => document.querySelector('aid-assistant').shadowRoot.querySelector('#say')
    .dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true, cancelable: true}))"""


def test_a_reload_while_the_line_is_cut_keeps_what_was_written_and_sends_it_once(shown: Shown) -> None:
    page = shown.page
    shown.open()
    shown.say("展位")
    expect(page.locator(".card.question")).to_be_visible()
    page.route("**/v1/**", lambda route: route.abort())
    shown.say("A3馆B12")
    expect(page.locator(".lost")).to_be_visible()
    page.reload()
    expect(page.locator(".said .state").last).to_have_text("等待发送")
    page.unroute_all(behavior="ignoreErrors")
    expect(items(page, "您说的是：A3馆B12")).to_be_visible(timeout=20_000)
    expect(page.locator(".item")).to_have_count(4)
    assert [text for _sender, text in shown.site.bot.calls] == ["展位", "A3馆B12"]


def test_a_wrong_lookup_is_told_and_a_right_one_shows_the_state_and_leaves_nothing_behind(shown: Shown, tmp_path: Path) -> None:
    page, ticket = shown.page, filed(shown)
    shown.open()
    page.get_by_role("button", name="菜单").click()
    page.get_by_role("button", name="查办理进度").first.click()
    number, code = page.get_by_label("受理编号"), page.get_by_label("查询码")
    page.get_by_role("button", name="查询", exact=True).click()
    expect(page.locator(".fault")).to_contain_text("都要填")
    number.fill(ticket.number)
    code.fill("WRONG234")
    code.press("Enter")
    expect(page.locator(".fault")).to_contain_text("没有查到")
    code.fill(ticket.lookup_code.lower())
    code.press("Enter")
    expect(page.locator(".lookup .card.status")).to_contain_text(ticket.number)
    page.get_by_role("button", name="关闭").click()
    page.get_by_role("button", name="菜单").click()
    page.get_by_role("button", name="查办理进度").first.click()
    expect(number).to_have_value("")
    expect(page.locator(".lookup .card.status")).to_have_count(0)


def filed(shown: Shown) -> Ticket:
    """A ticket in the door's own record."""
    settings = shown.site.settings
    clock = settings.clock()
    vault, store = open_vault(settings), open_store(settings)
    messages, office = Messages(store, vault, clock), open_office(settings, store, vault, clock)
    conversation = messages.open_conversation("web").id
    said, _new = messages.add_inbound(conversation, "client-0001", "投诉")
    draft = office.drafts.open(conversation, "expo_complaint", said.id)
    facts = {"event": "长春国际光电博览会", "booth": "A3馆B12", "exhibit": "车灯", "right_kind": "商标", "consent": "yes", "name": "郑雪梅", "phone": "13900007001"}
    office.drafts.save(draft, facts=facts, asked="summary", inbound_id=said.id, failures=0)
    current = office.drafts.current(conversation)
    assert current is not None
    confirmed, _new = messages.add_inbound(conversation, "client-0002", "确认")
    ticket = office.tickets.file(current, confirmed.id)[0]
    store.close()
    return ticket
