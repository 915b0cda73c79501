"""A whole consultation, and the happy path of every kind of case, by form posts alone: what a browser without scripts shows and sends."""

from __future__ import annotations

import time
import zlib
from contextlib import closing

import httpx
import pytest

from aid.cli.ticket import office
from tests.conversations.conftest import Stack
from tests.conversations.talk import Talk, talks
from tests.evidence.made import picture
from tests.forms import Page

pytestmark = pytest.mark.stack
PATHS = {talk.path_of: talk for _name, talk in talks() if talk.path_of}
MOST_LOOKS = 20


class FormVisitor:
    """A person whose browser has no scripts: he reads pages, fills fields, presses buttons, and waits as the page does."""

    def __init__(self, address: str) -> None:
        self._http = httpx.Client(base_url=address, timeout=30, follow_redirects=True)
        self.looked = 0
        self.page = self.open("/talk")

    def close(self) -> None:
        self._http.close()

    def open(self, path: str) -> Page:
        return self._shown(self._http.get(path))

    def say(self, text: str) -> str:
        return self._press("发送", text=text)

    def tap(self, label: str) -> str:
        """Press the button of this label; one that ends in … is only how it begins."""
        labels = [name for form in self.page.forms for name in form.buttons]
        begins = label.removesuffix("…")
        return self._press(next(name for name in labels if name == label or (label.endswith("…") and name.startswith(begins))))

    def leave(self) -> str:
        action, fields = self.page.pressed("结束对话")
        return self._shown(self._http.post("/" + action, data=fields)).text

    def send(self, name: str) -> str:
        action, fields = self.page.pressed("发这个文件")
        content = picture(size=(16 + len(name), 16), colour=f"#{zlib.crc32(name.encode()) & 0xFFFFFF:06x}")
        self._shown(self._http.post("/" + action, data=fields, files={"file": (name, content)}))
        return self.newest()

    def look_up(self, number: str, code: str) -> Page:
        page = self.open(f"/lookup?number={number}")
        action, fields = page.pressed("查询", code=code)
        answer = self._http.post("/" + action, data=fields)
        assert answer.status_code == 200, answer.text
        return Page(answer.text)

    def newest(self) -> str:
        """What is answered to the last words of the person."""
        said = self.page.of_class("said")[-1]
        assert said.parent
        items = said.parent.children
        return "\n".join(item.text for item in items[items.index(said) + 1 :])

    def receipt(self) -> tuple[str, str]:
        [big] = self.page.of_class("big")
        number, code = (e.text for e in big.all("dd"))
        return number, code

    def _press(self, button: str, **typed: str) -> str:
        action, fields = self.page.pressed(button, **typed)
        for _ in range(10):
            answer = self._http.post("/" + action, data=fields)
            if answer.status_code != 429:
                break
            time.sleep(3)  # a test is faster than a person
        self._shown(answer)
        return self.newest()

    def _shown(self, answer: httpx.Response) -> Page:
        for _ in range(MOST_LOOKS):
            assert answer.status_code == 200, answer.text
            self.page = Page(answer.text)
            assert (self.page.stray, self.page.all("script")) == ([], [])
            if not self.page.is_waiting:
                return self.page
            self.looked += 1
            answer = self._http.get("/" + self.page.is_waiting)
        raise AssertionError("no answer")


def walk(visitor: FormVisitor, talk: Talk) -> None:
    for number, turn in enumerate(talk.turns, 1):
        text = visitor.send(turn.file) if turn.file else visitor.tap(turn.tap) if turn.tap else visitor.say(turn.say or "")
        where = f"turn {number} ({turn.tap or turn.say!r}):\n{text}"
        for words in turn.has:
            assert words in text, f"{words!r} is missing at {where}"
        for words in turn.lacks:
            assert words not in text, f"{words!r} stands at {where}"
        buttons = [label for form in visitor.page.forms for label in form.buttons]
        for label in turn.offers:
            assert label in buttons, f"{label!r} is not offered at {where}"


@pytest.mark.parametrize("kind", sorted(PATHS))
def test_every_kind_of_case_is_filed_by_form_posts_alone(stack: Stack, kind: str) -> None:
    with closing(FormVisitor(stack.address)) as visitor:
        walk(visitor, PATHS[kind])
        number, code = visitor.receipt()
        found = visitor.look_up(number, code)
        assert "已收到，等待受理" in found.text
        with office(stack.settings) as desk:
            ticket = desk.tickets.numbered(number)
            assert ticket is not None
            assert (ticket.kind, ticket.lookup_code) == (kind, code)
            facts = {**ticket.facts, **ticket.parties}
            assert {key: facts.get(key) for key in PATHS[kind].facts} == PATHS[kind].facts
            for secret in ticket.parties.values():
                assert not secret or secret not in found.text


def test_a_consultation_is_answered_unfolded_rated_and_gone_on_with(stack: Stack) -> None:
    with closing(FormVisitor(stack.address)) as visitor:
        text = visitor.say("展会上发现别人仿冒我的外观专利怎么办")
        for words in ("怎么做", "法律依据", "核对日期"):
            assert words in text
        [details] = visitor.page.of_class("answer")[0].all("details")
        assert len(details.all("li")) >= 3
        visitor.tap("没解决")
        visitor.tap("看不明白")
        assert "谢谢您告诉我们" in visitor.page.text
        assert "外观设计专利" in visitor.tap("我要登记展会投诉")
        assert "这次对话已经结束了" in visitor.leave()


def test_a_complaint_with_a_photo_and_a_correction_is_one_ticket_with_both(stack: Stack) -> None:
    with closing(FormVisitor(stack.address)) as visitor:
        visitor.say("我要投诉光博会A1馆B12仿冒我的车灯外观专利")
        assert "收到" in visitor.send("摊位.jpg")
        [image] = visitor.page.all("img")
        assert visitor._http.get("/" + image.attributes["src"]).headers["Content-Type"] == "image/jpeg"
        for words in ("跳过", "跳过", "跳过", "同意", "王强", "13900007005"):
            visitor.say(words)
        [summary] = visitor.page.of_class("summary")
        assert "A1馆B12" in summary.text
        visitor.tap("改对方展位")
        visitor.say("A1馆B21")
        text = visitor.newest()
        assert "A1馆B21" in text, text
        assert "A1馆B12" not in text
        assert "13900007005" not in visitor.page.of_class("summary")[-1].text
        visitor.tap("确认提交")
        number, _code = visitor.receipt()
        assert "摊位.jpg" in visitor.page.of_class("receipt")[0].text
        with office(stack.settings) as desk:
            ticket = desk.tickets.numbered(number)
            assert ticket is not None
            assert (ticket.facts["booth"], ticket.parties["phone"]) == ("A1馆B21", "13900007005")
            assert [file.name for file in desk.evidence.of_ticket(ticket.id)] == ["摊位.jpg"]
