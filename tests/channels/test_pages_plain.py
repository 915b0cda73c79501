"""The pages that need no script: how each is built, what the lookup says, and that nothing unverified or personal stands there."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from door_fakes import KNOWLEDGE, running
from test_web import app_in

from aid.cases.lookups import WRONG_LOOKUPS
from aid.cases.tables import load_tables
from aid.faults import KnowledgeError
from aid.privacy.notice import load_notice
from channels.pages.plain import places
from channels.pages.words import read_page_words
from tests.channels.tickets import filed
from tests.forms import Page

pytestmark = pytest.mark.anyio
PAGES = ["talk", "lookup", "centers", "privacy", "accessibility"]


async def get(client: httpx.AsyncClient, path: str) -> Page:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return Page(answer.text)


@pytest.mark.parametrize("path", PAGES)
async def test_each_page_is_whole_named_and_can_be_walked_by_ear_and_keyboard(tmp_path: Path, path: str) -> None:
    async with running(app_in(tmp_path)) as client:
        page = await get(client, f"/{path}")
    assert page.stray == []
    assert page.one("html").attributes["lang"] == "zh-CN"
    assert page.title.endswith("· 小援 · 知识产权维权援助助手")
    assert len(page.all("h1")) == len(page.all("main")) == len(page.all("footer")) == 1
    skip = page.one("body").children[0]
    assert (skip.tag, skip.attributes["href"], page.one("main").attributes["id"]) == ("a", "#main", "main")
    ids = [e.attributes["id"] for e in page.all() if "id" in e.attributes]
    assert len(ids) == len(set(ids))
    for element in page.all():
        for name in ("aria-labelledby", "aria-describedby", "for"):
            assert set(element.attributes.get(name, "").split()) <= set(ids)
    labelled = {label.attributes["for"] for label in page.all("label")}
    for control in page.all("input", "textarea"):
        assert control.attributes.get("type") == "hidden" or control.attributes["id"] in labelled
    for nav in page.all("nav"):
        assert nav.attributes["aria-label"]
    levels = [int(e.tag[1]) for e in page.all("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


@pytest.mark.parametrize("path", PAGES)
async def test_no_page_has_a_script_an_inline_style_or_an_address_of_another_place(tmp_path: Path, path: str) -> None:
    """Addresses are relative: the pages stand below a sub-path too."""
    async with running(app_in(tmp_path)) as client:
        answer = await client.get(f"/{path}")
        page = Page(answer.text)
        assert not page.all("script", "style", "iframe", "object", "embed", "base")
        for element in page.all():
            assert not [name for name in element.attributes if name.startswith("on") or name == "style"]
            for name in ("href", "src", "action"):
                address = element.attributes.get(name)
                if address and not address.startswith("tel:"):
                    parts = urlsplit(address)
                    assert (parts.scheme, parts.netloc, address.startswith("/")) == ("", "", False), address
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "script-src" not in policy
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        style = await client.get("/pages.css")
        assert (style.status_code, style.headers["Content-Type"]) == (200, "text/css; charset=utf-8")
        assert "http" not in style.text


@pytest.mark.parametrize("path", PAGES)
async def test_each_page_leads_to_all_others_and_says_where_one_is(tmp_path: Path, path: str) -> None:
    async with running(app_in(tmp_path)) as client:
        page = await get(client, f"/{path}")
    links = {a.attributes["href"]: a.attributes.get("aria-current") for a in page.one("footer").all("a")}
    assert links == {**{other: "page" if other == path else None for other in PAGES}, "./": None}


async def test_the_talk_and_the_lookup_are_kept_in_no_cache(tmp_path: Path) -> None:
    async with running(app_in(tmp_path)) as client:
        kept = {path: (await client.get(f"/{path}")).headers["Cache-Control"] for path in PAGES}
        kept["lookup, posted"] = (await client.post("/lookup", data={"number": "x", "code": "y"})).headers["Cache-Control"]
    assert {path for path, said in kept.items() if said == "no-store"} == {"talk", "lookup", "lookup, posted"}
    assert kept["privacy"] == "private, no-cache"


async def test_large_type_is_chosen_once_and_kept(tmp_path: Path) -> None:
    async with running(app_in(tmp_path)) as client:
        page = await get(client, "/centers")
        assert "class" not in page.one("html").attributes
        [size] = page.of_class("size")
        assert size.text == "大字"
        assert (await get(client, "/" + size.attributes["href"])).one("html").attributes["class"] == "large"
        page = await get(client, "/privacy")
        assert page.one("html").attributes["class"] == "large"
        [size] = page.of_class("size")
        assert size.text == "标准字"
        assert "class" not in (await get(client, "/" + size.attributes["href"])).one("html").attributes
        assert "class" not in (await get(client, "/talk")).one("html").attributes


async def test_a_ticket_is_found_by_number_and_code_and_nothing_personal_stands_there(tmp_path: Path) -> None:
    [ticket] = filed(tmp_path)
    async with running(app_in(tmp_path)) as client:
        page = await get(client, f"/lookup?number={ticket.number}")
        action, fields = page.pressed("查询", code=ticket.lookup_code)
        assert fields["number"] == ticket.number
        answer = await client.post("/" + action, data=fields)
        found = Page(answer.text)
        assert answer.status_code == 200
        assert found.title.startswith("查到了：查办理进度")
        for words in (ticket.number, "已收到，等待受理", "登记日期", "2026年11月22日", "由谁受理", "收到您提交的内容", "预计答复"):
            assert words in found.text
        for secret in (ticket.lookup_code, "郑雪梅", "13900007001", "A7馆C31", "ZL202330123456.8"):
            assert secret not in answer.text
        assert str(answer.url) == f"http://door/{action}", "neither number nor code stands in the address"


async def test_the_page_says_of_a_ticket_just_what_the_api_says(tmp_path: Path) -> None:
    [ticket] = filed(tmp_path)
    both = {"number": ticket.number.lower(), "code": f" {ticket.lookup_code.lower()}"}
    async with running(app_in(tmp_path)) as client:
        card = (await client.post("/v1/lookup", json=both)).json()["card"]
        page = Page((await client.post("/lookup", data=both)).text)
    for words in (card["number"], card["state_label"], card["receiver"], *card["events"], *card["deadlines"]):
        assert words in page.text


@pytest.mark.parametrize(
    ("number", "code", "said"),
    [("", "", ["请填受理编号。", "请填查询码。"]), ("CC-2026-000001", " ", ["请填查询码。"]), ("", "ABCD2345", ["请填受理编号。"])],
)
async def test_what_is_missing_is_said_at_the_top_and_at_its_field(tmp_path: Path, number: str, code: str, said: list[str]) -> None:
    async with running(app_in(tmp_path)) as client:
        answer = await client.post("/lookup", data={"number": number, "code": code})
    page = Page(answer.text)
    assert answer.status_code == 422
    assert page.title.startswith("错误：")
    [summary] = page.of_class("fault")
    assert (summary.attributes["role"], "autofocus" in summary.attributes) == ("alert", True)
    assert [a.text for a in summary.all("a")] == said
    wrong = [e.attributes["id"] for e in page.all("input") if e.attributes.get("aria-invalid") == "true"]
    assert [a.attributes["href"] for a in summary.all("a")] == [f"#{field}" for field in wrong]
    assert {e.attributes["id"]: e.attributes["value"] for e in page.all("input")}["number"] == number


async def test_a_wrong_code_and_a_number_that_is_none_say_the_same(tmp_path: Path) -> None:
    [ticket] = filed(tmp_path)
    said = set()
    async with running(app_in(tmp_path)) as client:
        for number, code in ((ticket.number, "WRONG234"), ("CC-2026-999999", ticket.lookup_code), ("甲" * 2000, "乙" * 2000)):
            answer = await client.post("/lookup", data={"number": number, "code": code})
            assert answer.status_code == 404
            said.add(Page(answer.text).of_class("fault")[0].text)
    assert said == {"没有查到，请看下面： 编号和查询码对不上，没有查到。请照回执再核对一遍，注意字母和数字。"}


async def test_the_number_of_an_address_is_only_text(tmp_path: Path) -> None:
    async with running(app_in(tmp_path)) as client:
        page = await get(client, '/lookup?number="><script>alert(1)</script>')
    [number] = [e for e in page.all("input") if e.attributes["id"] == "number"]
    assert number.attributes["value"] == '"><script>alert(1)</script>'
    assert not page.all("script")


async def test_wrong_tries_count_together_with_those_of_the_api(tmp_path: Path) -> None:
    [ticket] = filed(tmp_path)
    async with running(app_in(tmp_path)) as client:
        for n in range(WRONG_LOOKUPS - 1):
            await client.post("/v1/lookup", json={"number": ticket.number, "code": f"WRONG{n}34"})
        assert (await client.post("/lookup", data={"number": ticket.number, "code": "WRONG934"})).status_code == 404
        right = {"number": ticket.number, "code": ticket.lookup_code}
        answer = await client.post("/lookup", data=right)
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "5")
        assert "请过十分钟再查" in Page(answer.text).text
        assert (await client.post("/v1/lookup", json=right)).status_code == 429


async def test_a_body_that_is_too_large_is_refused_by_a_page(tmp_path: Path) -> None:
    async with running(app_in(tmp_path)) as client:
        answer = await client.post("/lookup", data={"number": "1" * 70_000, "code": "x"})
        page = Page(answer.text)
        assert (answer.status_code, page.title.startswith("错误：")) == (413, True)
        assert "内容太长" in page.text
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        api = await client.post("/v1/lookup", content=b"1" * 70_000)
        assert api.json()["error"] == "too_large"


async def test_the_centers_page_shows_only_what_is_verified(tmp_path: Path) -> None:
    async with running(app_in(tmp_path)) as client:
        page = await get(client, "/centers")
    centers = load_tables(KNOWLEDGE).centers.centers
    for center in centers:
        assert center.task in page.text
        if center.verified:
            assert center.name in page.text
    assert "示范工作站（共 4 家）" in page.text
    assert "分中心有 4 家" in page.text
    for line in ("12345：政务服务，可转知识产权部门", "12315：消费投诉和举报"):
        assert line in page.text
    assert [a.attributes["href"] for a in page.all("a") if a.attributes["href"].startswith("tel:")] == ["tel:12345", "tel:12315"]
    assert not re.search(r"\d{7,}|\d{3,4}-\d{7}|[一-龥]{2,}(?:路|街|大厦)|\d+号", page.text), "no telephone, no address"
    assert not re.search(r"\d{1,2}[:：点]\d{0,2}", page.text.replace("：", " ")), "no hours"


def test_an_unverified_center_shows_nothing_of_its_own_and_a_verified_one_all() -> None:
    def made(**more: Any) -> Any:
        base = {"id": "x", "role": "subcenter", "name": None, "task": "汽车产业", "stands_on": None, "address": None, "phones": [], "verified": False}
        return load_tables(KNOWLEDGE).centers.centers[0].model_validate({**base, **more})

    [known] = places([made(name="甲中心", address="甲路1号", phones=["0431-55500001"], verified=True)])
    assert (known.name, known.address, known.phones, known.count) == ("甲中心", "甲路1号", ("0431-55500001",), 1)
    # What the schema would refuse does not come through here either.
    [hidden] = places([made().model_copy(update={"name": "乙中心", "address": "乙路2号", "phones": ["0431-55500002"]})])
    assert (hidden.name, hidden.address, hidden.phones) == ("", "", ())
    [four] = places([made(id=str(n)) for n in range(4)])
    assert four.count == 4


async def test_the_privacy_page_says_what_the_notice_says_and_more(tmp_path: Path) -> None:
    async with running(app_in(tmp_path)) as client:
        page = await get(client, "/privacy")
    notice = load_notice(KNOWLEDGE)
    for part in (notice.who, notice.purpose, *notice.kinds, notice.how_long, notice.refusal, notice.under_way, notice.version):
        assert part in page.text
    for word in ("查阅", "复制", "更正", "删除", "收回", "理由", "起诉", "十四周岁", "日志", "备份", "文件", "Cookie", "12345"):
        assert word in page.text
    cited = {int(n) for n in re.findall(r"\b(\d+)\b", " ".join(str(b.article) for b in notice.basis))}
    assert len(re.findall(r"个人信息保护法第[一二三四五六七八九十]+条", page.text)) >= len(cited) + 4
    if not notice.retention.verified:
        how_long = page.text.split("存多久", 2)[2].split("您可以要求什么")[0]
        assert not re.search(r"[\d一二三四五六七八九十]+\s*(?:年|个月|天)", how_long), "no period is told that is not confirmed"


async def test_the_accessibility_page_tells_standard_limits_and_the_way_to_report(tmp_path: Path) -> None:
    async with running(app_in(tmp_path)) as client:
        page = await get(client, "/accessibility")
    for words in ("WCAG 2.2", "AA", "还没做好的", "请告诉我们", "12345"):
        assert words in page.text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace("  skip: 跳到正文\n", ""), "skip"),
        (lambda text: text.replace("wrong: 答的不是我问的, ", ""), "reasons must be"),
        (lambda text: text.replace("{step} 项", "几项"), "progress"),
        (lambda text: text + "more: x\n", "more"),
    ],
)
def test_a_fault_in_the_words_names_file_and_line(tmp_path: Path, change: Callable[[str], str], said: str) -> None:
    text = (KNOWLEDGE / "pages.yml").read_text("utf-8")
    assert change(text) != text
    (tmp_path / "pages.yml").write_text(change(text), "utf-8")
    with pytest.raises(KnowledgeError, match=said) as caught:
        read_page_words(tmp_path)
    assert all(fault.file.name == "pages.yml" and fault.line for fault in caught.value.faults)
