"""A person in the widget and a member of staff at the workbench, in two browsers: taken over, answered, handed back, without a reload."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from chat_site import ROOT, CardBot, InThread, Site
from host_site import NAME, Host, watch
from playwright.sync_api import Browser, Page, expect
from test_axe import AXE, RUN, TAGS

from aid.cases.office import open_office
from aid.people.accounts import Accounts
from aid.people.passwords import Passwords
from aid.people.rights import Grant
from aid.privacy.vault import open_vault
from aid.replies import Reply
from aid.settings import Settings
from aid.store import open_store
from aid.takeover.desk import Desk, open_desk
from aid.takeover.staff import Staff
from serving.together import console_alone
from tests.servers import free_ports

pytestmark = pytest.mark.browser
PASSWORD = "坐在窗边喝一杯热茶再出门"
CENTER = "长春知识产权保护中心"


@dataclass
class AskingBot(CardBot):
    """Puts who says 转人工 on the list, as the actions do."""

    desk: Desk | None = None

    async def send(self, sender: str, text: str, metadata: dict[str, Any]) -> list[Reply]:
        if "转人工" not in text or self.desk is None:
            return await super().send(sender, text, metadata)
        asked = await asyncio.to_thread(self.desk.waiting.ask, metadata["conversation"])
        return [Reply(text=f"排队：{asked.outcome}")]


@dataclass
class Both:
    """The person's page and the workbench's."""

    person: Page
    staff: Page
    desk: Desk
    bot: AskingBot
    tell: Callable[[str], None]
    """Lets the doors hear of what was written, as the workbench does it."""
    complaints: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        self.person.locator("#say").fill(text)
        self.person.locator("#say").press("Enter")


@pytest.fixture
def both(browser: Browser, host: Host, tmp_path: Path, built_page: Path) -> Iterator[Both]:
    monday = {"clock_start": "2026-11-23T10:00:00"}
    settings = Settings(_env_file=None, var_dir=tmp_path / "var", knowledge_dir=ROOT / "knowledge", sites=f"center={host.address}", **monday)
    bot = AskingBot()
    site = Site(settings, bot, built_page)
    site.start()
    host.assistant = site.address.rstrip("/")
    store, vault, clock = open_store(settings), open_vault(settings), settings.clock()
    office = open_office(settings, store, vault, clock)
    bot.desk = open_desk(settings, store, vault, clock, office)
    cheap = Passwords((), time_cost=1, memory_kib=8, lanes=1)
    accounts = Accounts(store, clock, cheap, ["main"])
    once = accounts.add("wang", "王工", [Grant("handler", "main")], by="test")
    accounts.change_password(accounts.named("wang").id, once, PASSWORD)
    [port] = free_ports(1)
    workbench = console_alone(settings.model_copy(update={"redis": site.redis}), clock, cheap)
    console = InThread(workbench, port)
    contexts = [browser.new_context(viewport={"width": 1200, "height": 900}, locale="zh-CN") for _ in range(2)]
    seen = Both(contexts[0].new_page(), contexts[1].new_page(), bot.desk, bot, workbench.console.state.desk.tell)
    for page in (seen.person, seen.staff):
        watch(page, seen.complaints)
    seen.person.goto(host.address)
    seen.person.get_by_role("button", name=NAME).click()
    seen.staff.goto(f"http://127.0.0.1:{port}/console/")
    seen.staff.locator("input[name=name]").fill("wang")
    seen.staff.locator("input[name=password]").fill(PASSWORD)
    seen.staff.keyboard.press("Enter")
    seen.staff.get_by_role("link", name="对话", exact=True).click()
    yield seen
    for context in contexts:
        context.close()
    console.stop()
    site.close()
    store.close()


def test_a_talk_goes_to_staff_and_back_before_both_eyes(both: Both) -> None:
    person, staff = both.person, both.staff
    expect(staff.get_by_role("heading", name="对话", exact=True)).to_be_visible()
    staff.get_by_label("工号或称呼").fill("工号 012")
    staff.get_by_role("button", name="保存").click()
    expect(staff.get_by_label("工号或称呼")).to_have_value("工号 012")
    both.say("转人工，我的电话是13900007001")
    expect(person.locator(".items")).to_contain_text("排队：waiting")
    expect(person.locator(".attended")).to_contain_text("正在等工作人员，下一位就是您。", timeout=20_000)
    # The list shows it by itself, with the count in the title.
    expect(staff.locator("#talk-lists")).to_contain_text("139****7001")
    expect(staff).to_have_title("（1 人在等）对话 · 小援工作台")
    staff.get_by_role("link", name="打开").first.click()
    staff.get_by_role("button", name="接手").click()
    expect(person.locator(".items")).to_contain_text(f"{CENTER}的工作人员来和您谈了")
    expect(person.locator(".attended")).to_contain_text(f"现在和您谈的是{CENTER}的工作人员，不是电脑。")
    heard = len(both.bot.calls)
    both.say("您好，在吗")
    expect(staff.locator(".lines")).to_contain_text("您好，在吗")
    expect(staff.locator(".lines")).to_contain_text("13900007001")
    expect(person.locator(".typing")).to_be_hidden()
    staff.get_by_role("button", name="请发照片").click()
    staff.get_by_role("button", name="发送").click()
    answer = person.locator(".item.staff")
    expect(answer).to_contain_text("麻烦您把权利证书和现场的照片发过来")
    expect(answer.locator(".sign")).to_have_text(f"工作人员（{CENTER} · 工号 012）说：")
    assert len(both.bot.calls) == heard, "the bot was asked"
    # A reload in the middle changes nothing.
    person.reload()
    expect(person.locator(".item.staff")).to_have_count(1)
    expect(person.locator(".attended")).to_contain_text("现在和您谈的是")
    staff.get_by_role("button", name="交回小援").click()
    expect(person.locator(".items")).to_contain_text("现在由小援接着为您服务")
    expect(person.locator(".attended")).to_be_hidden()
    both.say("外观被抄了")
    expect(person.locator(".card.answer")).to_be_visible()
    assert both.complaints == []


def test_who_waits_can_stop_and_axe_finds_nothing(both: Both) -> None:
    person = both.person
    both.desk.attendance.here("wang")
    both.say("转人工")
    expect(person.locator(".attended")).to_be_visible(timeout=20_000)
    person.locator(".attended").get_by_role("button", name="不等了").press("Enter")
    expect(person.locator(".attended")).to_be_hidden()
    expect(person.locator(".items")).to_contain_text("好的，不排队了。")
    expect(person.locator("#say")).to_be_focused()
    assert both.desk.talks.waiting() == []
    both.staff.evaluate(AXE.read_text("utf-8"))
    found = both.staff.evaluate(RUN, TAGS)
    assert found["violations"] == []
    assert both.complaints == []


def test_the_live_region_says_who_speaks(both: Both) -> None:
    both.say("你好")
    expect(both.person.locator(".items")).to_contain_text("您说的是：你好")
    [talk] = both.desk.talks.going_on()
    both.person.evaluate(
        """() => { const shell = document.querySelector('aid-assistant').shadowRoot; window.heard = [];
        const region = shell.querySelector('[aria-live]'); new MutationObserver(() => window.heard.push(region.textContent)).observe(region, {childList: true, characterData: true, subtree: true}); }"""
    )
    both.desk.takeovers.take(talk.conversation_id, Staff("wang", "main"))
    both.desk.takeovers.say(talk.conversation_id, Staff("wang", "main"), "请讲")
    both.tell(talk.conversation_id)
    expect(both.person.locator(".item.staff")).to_be_visible()
    both.person.wait_for_function("() => window.heard.some((words) => words.includes('请讲'))")
    heard = both.person.evaluate("() => window.heard.join(' ')")
    assert f"工作人员（{CENTER}）说：请讲" in heard
