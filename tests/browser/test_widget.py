"""The widget on a page of another site, whose policy allows nothing but itself and the assistant."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest
from host_site import NAME, Shown, watch
from playwright.sync_api import Locator, Page, Route, expect

from aid.cases.office import open_office
from aid.cases.tickets import Ticket
from aid.privacy.vault import open_vault
from aid.store import open_store
from aid.store.messages import Messages
from tests.evidence.made import picture

pytestmark = pytest.mark.browser


BRING = """(shell, [kind, bytes]) => {
    const data = new DataTransfer();
    // A list of bytes, or how many.
    data.items.add(new File([new Uint8Array(bytes)], kind + '.jpg', {type: 'image/jpeg'}));
    const init = {bubbles: true, cancelable: true};
    if (kind === 'paste') shell.querySelector('#say').dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, ...init}));
    else for (const name of ['dragover', 'drop']) shell.dispatchEvent(new DragEvent(name, {dataTransfer: data, ...init}));
}"""


def items(page: Page, text: str) -> Locator:
    """Words in the visible transcript (the hidden live region holds them too, for a moment)."""
    return page.locator(".items").get_by_text(text)


def send_file(page: Page, name: str, content: bytes | None = None, mime: str = "image/jpeg") -> None:
    page.locator(".chooser").set_input_files({"name": name, "mimeType": mime, "buffer": picture(size=(400, 300)) if content is None else content})


def test_one_script_tag_brings_a_talk_and_breaks_no_rule_of_the_page(shown: Shown) -> None:
    shown.open()
    shown.say("外观被抄了")
    card = shown.page.locator(".card.answer")
    expect(card).to_contain_text("可以马上向展会的知识产权工作站投诉。")
    shown.say("核对一下")
    expect(shown.page.locator(".card.summary")).to_be_visible()
    assert shown.complaints == []


def test_the_talk_is_there_again_after_a_reload_and_the_panel_stays_open(shown: Shown) -> None:
    shown.open()
    shown.say("外观被抄了")
    expect(shown.page.locator(".card.answer")).to_be_visible()
    shown.page.reload()
    expect(shown.page.locator(".card.answer")).to_be_visible()
    assert shown.complaints == []


def test_escape_puts_the_panel_away_and_gives_the_focus_back(shown: Shown) -> None:
    shown.open()
    expect(shown.page.locator("#say")).to_be_focused()
    shown.page.locator("#say").press("Escape")
    expect(shown.page.get_by_role("button", name=NAME)).to_be_focused()
    expect(shown.page.locator(".panel")).not_to_be_visible()


def test_an_answer_that_comes_while_it_is_put_away_is_counted(shown: Shown) -> None:
    shown.open()
    shown.say("外观被抄了")
    shown.page.get_by_role("button", name="收起").click()
    expect(shown.page.get_by_role("button", name=re.compile("问小援 ?1 ?条新回复"))).to_be_visible()


def test_an_answer_is_rated_and_the_reason_is_asked_where_it_did_not_help(shown: Shown) -> None:
    shown.open()
    shown.say("外观被抄了")
    rating = shown.page.locator(".rating")
    rating.get_by_role("button", name="没解决").click()
    rating.get_by_role("button", name="看不明白").click()
    expect(rating).to_contain_text("谢谢您告诉我们")
    shown.page.reload()
    expect(rating.get_by_role("button", name="看不明白")).to_have_attribute("aria-pressed", "true")
    expect(rating.get_by_role("button", name="解决了", exact=True)).to_have_attribute("aria-pressed", "false")
    assert shown.complaints == []


def test_a_line_of_the_read_back_is_changed_by_its_button(shown: Shown) -> None:
    shown.open()
    shown.say("核对一下")
    shown.page.get_by_role("button", name="改联系电话").click()
    expect(shown.page.locator(".item.said").last).to_contain_text("联系电话要改")


def test_the_interface_speaks_english_where_wanted_and_the_content_stays(shown: Shown) -> None:
    shown.open()
    shown.page.locator("#say").fill("写了一半")
    shown.page.get_by_role("button", name="菜单").click()
    shown.page.get_by_role("button", name="English").click()
    expect(shown.page.locator("#say")).to_have_value("写了一半")
    expect(shown.page.get_by_role("heading", name="Xiaoyuan · IP rights assistant", level=2)).to_be_visible()
    shown.say("外观被抄了")
    expect(shown.page.locator(".card.answer")).to_contain_text("可以马上向展会的知识产权工作站投诉。")


def test_a_site_that_is_not_on_the_list_gets_no_talk(shown: Shown) -> None:
    shown.host.attributes = "data-site=expo"
    shown.page.reload()
    shown.open()
    shown.say("你好")
    expect(shown.page.locator(".item.said .state")).to_contain_text("这个网站没有登记")


def test_the_script_is_small(built_page: Path) -> None:
    assert len(gzip.compress((built_page / "widget.js").read_bytes())) < 40 * 1024


def test_a_photo_is_shown_in_the_talk_also_after_a_reload_and_under_a_strict_policy(shown: Shown) -> None:
    page = shown.page
    shown.open()
    send_file(page, "展位.jpg")
    picture_sent = page.locator(".said .thumbnail")
    expect(picture_sent).to_have_attribute("aria-label", "您发的图片：展位.jpg")
    expect(items(page, "收到了：照片")).to_be_visible()
    expect(page.locator(".uploads li")).to_have_count(0)
    page.reload()
    expect(picture_sent).to_be_visible()
    assert picture_sent.evaluate("(node) => [...node.getContext('2d').getImageData(0, 0, 1, 1).data][3]") == 255
    assert shown.complaints == []


def test_a_file_without_a_picture_stands_by_its_name(shown: Shown) -> None:
    page = shown.page
    page.route("**/preview", lambda route: route.fulfill(status=404, headers={"Access-Control-Allow-Origin": "*"}, body="{}"))
    shown.open()
    send_file(page, "展位.jpg")
    expect(page.locator(".said .bubble.file")).to_have_text("展位.jpg")
    expect(page.locator(".said .thumbnail")).to_have_count(0)


def test_progress_is_shown_and_an_upload_can_be_stopped(shown: Shown) -> None:
    page = shown.page
    page.route("**/files", lambda route: None)
    shown.open()
    send_file(page, "展位.jpg")
    row = page.locator(".uploads li")
    expect(row).to_contain_text("展位.jpg")
    expect(row.locator("progress")).to_be_visible()
    expect(row.locator(".thumbnail")).to_be_visible()
    row.get_by_role("button", name="取消上传").click()
    expect(row).to_have_count(0)
    expect(page.locator("#say")).to_be_focused()
    page.unroute_all(behavior="ignoreErrors")
    send_file(page, "再来.jpg")
    expect(page.locator(".said .bubble.file")).to_contain_text("再来.jpg")
    expect(page.locator(".said")).to_have_count(1)


def test_an_upload_that_the_line_cut_off_goes_out_once_with_a_press_or_by_itself(shown: Shown) -> None:
    page = shown.page
    shown.open()
    shown.say("甲")
    expect(items(page, "您说的是：甲")).to_be_visible()
    ids: list[str] = []

    def cut(route: Route) -> None:
        ids.append(re.findall(r'name="client_id"\s+(\S+)', (route.request.post_data_buffer or b"").decode("latin-1"))[0])
        route.abort() if len(ids) == 1 else route.fallback()

    page.route("**/files", cut)
    send_file(page, "展位.jpg")
    page.locator(".uploads").get_by_role("button", name="重试").click()
    expect(page.locator(".said .thumbnail")).to_have_count(1)
    assert len(ids) == 2
    assert ids[0] == ids[1]
    page.unroute_all(behavior="ignoreErrors")
    shown.site.stop()
    expect(page.locator(".lost")).to_be_visible()
    send_file(page, "另一张.jpg", picture(size=(50, 50), colour="#123456"))
    expect(page.locator(".uploads li.failed")).to_contain_text("没有传完")
    shown.site.start()
    expect(page.locator(".said .thumbnail")).to_have_count(2, timeout=20_000)
    expect(page.locator(".uploads li")).to_have_count(0)


def test_a_file_that_is_not_taken_is_told_with_the_servers_sentence_and_put_away(shown: Shown) -> None:
    page = shown.page
    shown.open()
    send_file(page, "网页.html", b"<html><script>alert(1)</script>", "text/html")
    row = page.locator(".uploads li")
    expect(row).to_contain_text("这种文件我收不了")
    row.get_by_role("button", name="知道了").click()
    expect(row).to_have_count(0)
    page.locator(".shell").evaluate(BRING, ["drop", 20_000_001])
    expect(row).to_contain_text("文件太大了，最多 20 MB")


@pytest.mark.parametrize("way", ["drop", "paste"])
def test_a_picture_is_dropped_or_pasted(shown: Shown, way: str) -> None:
    shown.open()
    shown.page.locator(".shell").evaluate(BRING, [way, list(picture(size=(20, 20)))])
    expect(shown.page.locator(".said .bubble.file")).to_contain_text(f"{way}.jpg")
    expect(shown.page.locator(".veil")).to_be_hidden()


def test_a_question_for_a_day_or_a_telephone_brings_what_fits_it(shown: Shown) -> None:
    page = shown.page
    shown.open()
    shown.say("您的电话")
    expect(page.locator("#say")).to_have_attribute("inputmode", "tel")
    expect(page.locator("#say")).to_have_attribute("autocomplete", "tel")
    expect(page.locator(".card.question").last).to_contain_text("第 7/8 题")
    shown.say("邮箱")
    expect(page.locator("#say")).to_have_attribute("inputmode", "email")
    shown.say("哪天")
    day = page.get_by_label("也可以在这里选日子")
    expect(day).to_have_attribute("min", "2026-11-22")
    expect(day).to_have_attribute("max", "2027-11-23")
    day.fill("2026-12-03")
    page.get_by_role("button", name="发送").click()
    expect(page.locator(".item.said").last).to_contain_text("2026-12-03")
    expect(day).to_be_hidden()


def test_a_tap_anywhere_on_a_line_of_the_read_back_changes_it(shown: Shown) -> None:
    shown.open()
    shown.say("念一遍")
    shown.page.locator(".card.summary").get_by_text("139****7001").click()
    expect(shown.page.locator(".item.said").last).to_contain_text("联系电话要改")
    expect(shown.page.locator(".card.question").last).to_contain_text("您的电话是多少？")


def test_the_receipt_is_saved_as_a_picture(shown: Shown) -> None:
    shown.open()
    shown.say("没错")
    receipt = shown.page.locator(".card.receipt")
    expect(receipt).to_contain_text("照片 展位.jpg")
    with shown.page.expect_download() as saved:
        receipt.get_by_role("button", name="存成图片").click()
    assert saved.value.suggested_filename == "CC-2026-000123.png"
    assert Path(saved.value.path()).read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    expect(receipt.locator("button.save")).to_have_text("已存成图片")
    assert shown.complaints == []


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
    taken = [json.loads(body)["text"] for body in posts]
    assert taken.count("甲") == taken.count("乙") == 1
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


@pytest.mark.parametrize(("width", "height"), [(320, 640), (320, 256), (1200, 800), (640, 300)])
@pytest.mark.parametrize("large", [False, True])
def test_nothing_is_cut_away_on_narrow_low_and_wide_screens(shown: Shown, width: int, height: int, large: bool) -> None:
    """320 by 256 is a screen of 1280 by 1024 at 400 %."""
    page = shown.page
    page.set_viewport_size({"width": width, "height": height})
    shown.open()
    if large:
        page.get_by_role("button", name="大字").click()
    for word in ("外观", "哪天", "念一遍", "没错", "进度"):
        shown.say(word)
        expect(page.locator(".typing")).to_be_hidden()
    over = page.evaluate(
        """() => {
            const shell = document.querySelector('aid-assistant').shadowRoot.querySelector('.shell');
            const box = shell.getBoundingClientRect();
            const wide = [shell, ...shell.querySelectorAll('.transcript, .composer, .head')].filter((n) => n.scrollWidth > n.clientWidth + 1).map((n) => n.className);
            const out = [...shell.querySelectorAll('button, input:not([hidden]), textarea, td, dd')].filter((n) => {
                const b = n.getBoundingClientRect();
                return b.width && (b.right > box.right + 1 || b.left < box.left - 1);
            }).map((n) => n.className + n.textContent);
            return [...wide, ...out];
        }"""
    )
    assert over == []
    assert page.evaluate("(() => { const p = document.querySelector('aid-assistant').shadowRoot.querySelector('.panel'); return p.scrollHeight - p.clientHeight; })()") == 0
    for reach in (page.locator("#say"), page.get_by_role("button", name="菜单"), page.locator(".item").first):
        reach.scroll_into_view_if_needed()
        expect(reach).to_be_in_viewport(ratio=0.3)


def test_large_letters_size_and_colours_are_chosen_and_kept(shown: Shown) -> None:
    page = shown.page
    shown.open()

    def size() -> float:
        found: float = page.locator(".shell").evaluate("(node) => parseFloat(getComputedStyle(node).fontSize)")
        return found

    usual = size()
    page.get_by_role("button", name="菜单").click()
    page.get_by_role("button", name="特大").click()
    assert size() == pytest.approx(usual * 1.35)
    page.get_by_role("button", name="标准").click()
    page.get_by_role("button", name="大字").click()
    assert size() == pytest.approx(23)
    assert page.locator(".send").evaluate("(node) => node.getBoundingClientRect().height") >= 56
    page.get_by_role("button", name="深色", exact=True).click()
    expect(page.locator("aid-assistant")).to_have_attribute("data-theme", "dark")
    dark = page.locator(".shell").evaluate("(node) => getComputedStyle(node).backgroundColor")
    page.reload()
    expect(page.locator(".shell")).to_be_visible()
    assert size() == pytest.approx(23)
    assert page.locator(".shell").evaluate("(node) => getComputedStyle(node).backgroundColor") == dark == "rgb(19, 28, 38)"


def test_the_panel_keeps_above_the_keyboard_of_a_phone(shown: Shown) -> None:
    page = shown.page
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size({"width": 360, "height": 740})
    shown.open()
    page.evaluate(
        """() => {
            const seen = window.visualViewport;
            Object.defineProperty(seen, 'height', {value: 420, configurable: true});
            seen.dispatchEvent(new Event('resize'));
        }"""
    )
    box = page.locator(".panel").bounding_box()
    assert box is not None
    assert (box["y"], box["height"]) == (0, 420)
    expect(page.get_by_role("button", name="发送")).to_be_in_viewport()


def test_forced_colours_and_no_motion_are_honoured(shown: Shown) -> None:
    page = shown.page
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    shown.open()
    shown.say("核对一下")
    page.get_by_role("button", name="要改").click()
    taken = page.locator(".choice.taken")
    assert taken.evaluate("(node) => getComputedStyle(node).borderTopWidth") == "3px"
    assert page.locator(".said .bubble").first.evaluate("(node) => getComputedStyle(node).borderTopStyle") == "solid"
    assert page.locator(".panel").evaluate("(node) => getComputedStyle(node).animationName") == "none"
    expect(page.get_by_role("button", name=NAME)).to_be_hidden()
