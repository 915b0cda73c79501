"""The pictures of the manual for staff, over demonstration data. Every run walks the way to each; ``AID_SCREENSHOTS=1`` writes them to docs/images."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from console_site import ConsoleSite, demonstration
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select
from test_screenshots import Camera, camera

from aid.people.sights import Reason, Subject
from aid.replies import Reply
from aid.store.models import ReportCaseRow, TicketRow
from tests.console.cases import photo

__all__ = ["camera"]
pytestmark = [pytest.mark.browser, pytest.mark.looks, pytest.mark.timeout(300)]
CASES = 300


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleSite]:
    site = demonstration(tmp_path_factory.mktemp("demonstration"), CASES)
    for name, grants, shown in (
        ("zhao", ("supervisor@*", "administrator@*"), "赵主管"),
        ("wang", ("handler@main", "handler@subcenter-1"), "王工"),
        ("li", ("auditor@*",), "李审计"),
    ):
        site.staff(name, *grants, shown=shown)
    yield site
    site.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce", locale="zh-CN", timezone_id="Asia/Shanghai")
    page = context.new_page()
    page.set_default_timeout(30_000)
    yield page
    context.close()


def shown_to(site: ConsoleSite, page: Page, name: str, address: str) -> Page:
    """A page of the workbench before one who has signed in."""
    signed_in = site.signed_in(page.context, name)
    signed_in.set_default_timeout(30_000)
    signed_in.goto(f"{site.address}{address}")
    expect(signed_in.get_by_role("heading", level=1)).to_be_visible()
    return signed_in


def talk(site: ConsoleSite, *lines: tuple[str, str]) -> str:
    """A talk that waits for staff: what the person says and what the bot answers."""
    messages, service = site.house.messages, site.desk.service
    conversation = messages.open_conversation("web").id
    for number, (said, answer) in enumerate(lines):
        inbound, _new = messages.add_inbound(conversation, f"line-{number}", said)
        messages.finish_turn(inbound.id, [Reply(text=answer)])
        site.clock.advance(timedelta(seconds=40))
    service.attendance.here("wang")
    assert service.waiting.ask(conversation).outcome == "waiting"
    return conversation


def test_signing_in(site: ConsoleSite, page: Page, camera: Camera) -> None:
    page.goto(f"{site.address}sign-in")
    expect(page.get_by_label("登录名")).to_be_visible()
    camera.take(page, "console-sign-in")
    seen = shown_to(site, page, "li", "account")
    seen.get_by_role("button", name="启用动态口令").click()
    expect(seen.locator("svg.qr")).to_be_visible()
    camera.take(seen, "console-enrolling")


def test_the_queue_and_a_case(site: ConsoleSite, page: Page, camera: Camera) -> None:
    house = site.house
    ticket = house.filed(respondent="演示明灯汽车零部件有限公司", leaves_on="2026-12-01")
    photo(house, ticket)
    seen = shown_to(site, page, "zhao", "cases")
    expect(seen.locator("#queue a.open").nth(5)).to_be_visible()
    camera.take(seen, "console-queue")
    seen.locator("#queue a.open", has_text=ticket.number).click()
    expect(seen.get_by_role("heading", name="可以做的")).to_be_visible()
    camera.take(seen, "console-case")
    seen.locator("#do-referred summary").click()
    seen.locator("#do-referred").evaluate("node => node.scrollIntoView({block: 'start'})")
    camera.take(seen, "console-actions")


def test_talking(site: ConsoleSite, page: Page, camera: Camera) -> None:
    talk(site, ("怎么申请维权援助？", "带身份证明和权利证明，到中心或者网上申请都可以。"), ("转人工", "好的，您稍等。"))
    conversation = talk(
        site,
        ("展会上有人仿我的车灯，怎么办？", "先拍照、记下展位。可以现在就登记投诉，也可以请工作站的人到场看。"),
        ("我想找人问问，电话13900007001", "好的，正在请工作人员过来。您稍等。"),
    )
    seen = shown_to(site, page, "wang", "talks")
    seen.get_by_label("工号或称呼").fill("工号 012")
    seen.get_by_role("button", name="保存").click()
    expect(seen.locator("#talk-lists")).to_contain_text("139****7001")
    camera.take(seen, "console-talks")
    seen.goto(f"{site.address}talks/{conversation}")
    seen.get_by_role("button", name="接手").click()
    expect(seen.locator("#words")).to_be_visible()
    seen.locator("#words").fill("您好，我是中心的工作人员。麻烦您把权利证书和现场的照片发过来。")
    seen.get_by_role("button", name="发送").click()
    expect(seen.locator(".line.staff")).to_have_count(1)
    seen.locator(".lines").evaluate("node => { node.scrollTop = node.scrollHeight }")
    camera.take(seen, "console-talk")


def test_reports(site: ConsoleSite, page: Page, camera: Camera) -> None:
    seen = shown_to(site, page, "zhao", "reports?what=year&year=2026")
    expect(seen.locator(".sentence")).to_be_visible()
    camera.take(seen, "console-report")
    seen.goto(f"{site.address}reports/bulletin?expo=automobile&day={busiest(site)}")
    expect(seen.locator(".sentence")).to_be_visible()
    camera.take(seen, "console-bulletin")


def busiest(site: ConsoleSite) -> str:
    """The day of the expo on which most came in."""
    day = ReportCaseRow.received_on
    with site.desk.store.reading() as session:
        return session.scalars(select(day).where(ReportCaseRow.event == "automobile").group_by(day).order_by(func.count().desc(), day)).first() or ""


def test_the_access_log_and_the_accounts(site: ConsoleSite, page: Page, camera: Camera) -> None:
    desk = site.desk
    with desk.store.reading() as session:
        tickets = session.scalars(select(TicketRow).order_by(TicketRow.number.desc()).limit(3)).all()
    for ticket, reason, words in zip(tickets, ("own", "verify", "contact"), ("核对材料", "", ""), strict=True):
        subject = Subject(ticket.id, ticket.number, ticket.receiver)
        desk.sights.note(desk.accounts.named("wang"), "handler", "seen", subject, ["name", "phone"], Reason(reason, words))
        site.clock.advance(timedelta(minutes=3))
    seen = shown_to(site, page, "zhao", "log")
    expect(seen.get_by_text(tickets[0].number)).to_be_visible()
    camera.take(seen, "console-access-log")
    seen.goto(f"{site.address}people")
    expect(seen.get_by_text("王工")).to_be_visible()
    camera.take(seen, "console-people")
