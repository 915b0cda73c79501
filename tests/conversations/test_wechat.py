"""Whole talks of followers with the real stack, by callback and API alone: what stands on the phone is all that is read."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

import httpx
import pytest

from aid.cases.kinds import load_kinds
from aid.cli.ticket import do, office
from aid.privacy.vault import open_vault
from aid.settings import PROJECT
from aid.store import open_store
from aid.store.access import Access
from aid.store.followers import Followers
from aid.store.messages import Messages
from channels.wechat.simulate import account_of, serving
from channels.wechat.standin import Platform
from tests.conversations.conftest import Stack
from tests.evidence.made import picture

pytestmark = [pytest.mark.stack, pytest.mark.anyio]
NUMBER = re.compile(r"CC-20\d\d-\d{6}")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Person:
    """A follower who reads his phone."""

    def __init__(self, platform: Platform, openid: str) -> None:
        self.platform, self.openid = platform, openid
        self._read = 0

    @property
    def phone(self) -> list[str]:
        return self.platform.phone(self.openid).seen

    async def say(self, words: str) -> str:
        await self.platform.text(self.openid, words)
        return await self.read()

    async def show(self, colour: str) -> str:
        await self.platform.photo(self.openid, picture(size=(320, 240), colour=colour))
        return await self.read()

    async def read(self, seconds: float = 60) -> str:
        """What is new on the phone, as soon as something is."""
        for _ in range(int(seconds * 20)):
            if len(self.phone) > self._read:
                break
            await asyncio.sleep(0.05)
        new, self._read = self.phone[self._read :], len(self.phone)
        assert new, f"nothing came within {seconds} s"
        return "\n".join(new)


ANSWERS = {"event": "光电博览会", "booth": "A1馆B12", "exhibit": "车灯", "right_kind": "外观设计专利", "leaves_on": "明天", "consent": "同意", "name": "王强", "phone": "13900007234"}


async def told_to_the_end(person: Person, shown: str) -> str:
    """Answer each question as it stands on the phone, up to the read-back; gives that."""
    asks = {field.key: field.ask[:8] for field in load_kinds(PROJECT / "knowledge")["expo_complaint"].fields if field.ask}
    for _ in range(12):
        if "确认提交" in shown:
            return shown
        asked = [key for key, ask in asks.items() if ask in shown]
        shown = await person.say(ANSWERS.get(asked[-1], "跳过") if asked else "同意")
    raise AssertionError(f"no read-back came:\n{shown}")


@asynccontextmanager
async def platform_of(stack: Stack) -> AsyncIterator[Platform]:
    platform = Platform(account_of(stack.settings), stack.settings.clock())
    async with serving(platform, int(stack.settings.wechat_api_base.rsplit(":", 1)[1])):
        yield platform


async def test_a_complaint_with_photos_and_a_correction_is_filed_and_its_next_step_is_pushed(stack: Stack) -> None:
    async with platform_of(stack) as platform:
        ann = Person(platform, "oANN-of-the-real-stack-00001")
        await platform.event(ann.openid, "subscribe", EventKey="")
        assert "我是小援" in await ann.read()
        assert "展位" in await ann.say("我要投诉，光博会A3馆B12展位仿冒我们的车灯外观专利")
        assert "照片" in await ann.show("red")
        assert "照片" in await ann.show("blue")
        await ann.say("不对，展位是A3馆B21")
        await ann.say("星远光电有限公司")
        await ann.say("没有")
        assert "同意" in await ann.say("后天")
        await ann.say("同意")
        await ann.say("我叫李梅")
        summary = await ann.say("139 0000 7678")
        while "回复“更多”" in summary.rsplit("\n", 1)[-1]:
            summary += await ann.say("更多")
        assert "A3馆B21" in summary
        assert "B12" not in summary
        assert summary.count("微信照片") == 2
        assert "13900007678" not in summary
        receipt = await ann.say("确认提交")
        number = NUMBER.search(receipt)
        assert number
        assert "查询码" in receipt
        with office(stack.settings) as desk:
            ticket = desk.tickets.numbered(number[0])
            assert ticket is not None
            assert (ticket.facts["booth"], len(desk.evidence.of_ticket(ticket.id))) == ("A3馆B21", 2)
        do(stack.settings, number[0], "accepted", "intake:张三", [], lambda _line: None)
        pushed = await ann.read(30)
        assert f"（受理编号 {number[0]}）有了新进展：受理" in pushed
        assert platform.phone(ann.openid).pushed >= 1
        assert all(exchange.status == 200 and exchange.seconds < 5 for exchange in platform.exchanges)


async def test_a_case_begun_at_a_kiosk_is_gone_on_with_by_a_scan(stack: Stack) -> None:
    async with platform_of(stack) as platform, httpx.AsyncClient(base_url=stack.address, timeout=20, trust_env=False) as kiosk:
        begun = (await kiosk.post("/v1/conversations", json={"door": "kiosk", "event": "optoelectronics"})).json()
        path, token = f"/v1/conversations/{begun['conversation']}", {"Authorization": f"Bearer {begun['token']}"}
        await kiosk.post(f"{path}/messages", json={"client_id": "kiosk-0001", "text": "我要投诉A1馆B12仿冒我的车灯"}, headers=token)
        for _ in range(600):
            if not (await kiosk.get(f"{path}/messages", headers=token)).json()["pending"]:
                break
            await asyncio.sleep(0.05)
        url = (await kiosk.post(f"{path}/handover/wechat", headers=token)).json()["url"]
        ben = Person(platform, "oBEN-of-the-real-stack-00002")
        await platform.event(ben.openid, "subscribe", EventKey="qrscene_" + url.rsplit("/", 1)[1], Ticket="t")
        shown = await ben.read()
        assert "转到您的手机上" in shown
        assert "B12" in shown
        assert "照片" in await ben.show("green")
        summary = await told_to_the_end(ben, shown)
        assert "A1馆B12" in summary
        assert NUMBER.search(await ben.say("确认提交"))
        assert (await kiosk.get(f"{path}/messages", headers=token)).status_code == 401
        with office(stack.settings) as desk:
            [ticket] = desk.tickets.of(begun["conversation"])
            assert len(desk.evidence.of_ticket(ticket.id)) == 1


async def test_twenty_followers_at_once_are_answered_in_time(stack: Stack) -> None:
    """The platform's rules are kept; how fast it is on a quiet machine is measured by `python -m bench wechat`."""
    async with platform_of(stack) as platform:
        people = [Person(platform, f"oFAN{n:02}of-the-real-stack-000") for n in range(20)]
        await asyncio.gather(*(platform.text(one.openid, "展会上发现别人仿冒我的外观专利怎么办") for one in people))
        for one in people:
            assert "依据" in await one.read()
        assert all(exchange.status == 200 for exchange in platform.exchanges)
        for one in people:
            assert len(one.phone) == 1


async def test_ten_messages_at_once_of_one_follower_are_each_answered_in_order(stack: Stack) -> None:
    async with platform_of(stack) as platform:
        ann = Person(platform, "oTEN-of-the-real-stack-00003")
        questions = [f"{words}怎么办" for words in ("商标被抢注了", "专利被仿冒了", "作品被盗用了", "展位被人投诉了", "网店卖假货")] * 2
        tasks = []
        for words in questions:
            tasks.append(asyncio.create_task(platform.text(ann.openid, words)))
            await asyncio.sleep(0.02)
        await asyncio.gather(*tasks)
        with closing(open_store(stack.settings)) as store:
            vault, clock = open_vault(stack.settings), stack.settings.clock()
            followers, messages = Followers(store, vault, clock, Access(store, clock)), Messages(store, vault, clock)
            follower = followers.find(ann.openid)
            assert follower is not None
            for _ in range(600):
                replies = messages.replies_after(follower.conversation_id)
                if len({reply.inbound_id for reply in replies}) == 10:
                    break
                await asyncio.sleep(0.1)
            # In the order in which they came in: ten requests at once need not come in as they were sent.
            answered = [messages.inbound(id_) for id_ in dict.fromkeys(reply.inbound_id for reply in replies)]
            assert [one.seq for one in answered] == sorted(one.seq for one in answered)
            assert sorted(one.text for one in answered) == sorted(questions)
            for _ in range(100):  # what could not be sent (five after the last message) is told when it is asked for
                if followers.standing(follower.conversation_id).told_until == replies[-1].number:
                    break
                await asyncio.sleep(0.1)
            else:
                await platform.text(ann.openid, "更多")
            assert followers.standing(follower.conversation_id).told_until == replies[-1].number
        assert all(exchange.status == 200 for exchange in platform.exchanges)
        assert "暂时无法" not in "".join(ann.phone)
