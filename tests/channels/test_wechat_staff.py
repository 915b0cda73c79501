"""Staff in the talk of a follower: the bot is silent, his words reach them, theirs reach him in order and once, or wait for his next message."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from door_fakes import FakeBot
from fastapi import FastAPI
from wechat_fakes import ANN, SEND, Wechat, choices, door_app, held, late, listening, released, sends, wechat

from aid.clock import FixedClock
from aid.replies import Reply
from aid.settings import PROJECT
from aid.takeover.desk import Desk
from aid.takeover.staff import Staff
from aid.wording.doors import read_wording
from channels.wechat.delivery import Delivery
from tests.evidence.made import picture

pytestmark = pytest.mark.anyio
WANG = Staff("wang", "main", "工号 012")
SIGN = "【长春知识产权保护中心 · 工号 012】"
WORDS = read_wording(PROJECT / "knowledge").wechat


class Center:
    """Staff in the talk of one follower."""

    def __init__(self, it: Wechat, app: FastAPI | None = None) -> None:
        self.it, self.app = it, app or it.app
        self.desk: Desk = self.app.state.door.desk
        self.talk: str = it.door.talk._followers.find(ANN).conversation_id

    def take(self) -> None:
        self.desk.takeovers.take(self.talk, WANG)

    def says(self, text: str) -> None:
        self.desk.takeovers.say(self.talk, WANG, text)

    async def look(self) -> None:
        """The door looks for what staff have said."""
        await self.it.quiet()
        await self.it.door.rounds.staff_words()

    @property
    def said(self) -> list[str]:
        """What staff read of the person."""
        return [line.text for line in self.desk.talks.seen(self.talk).lines if line.by == "person"]

    @property
    def reach(self) -> tuple[str, int]:
        return self.desk.talks.reachable(self.talk), self.desk.talks.untold(self.talk)


@asynccontextmanager
async def talking(folder: Path, bot: FakeBot | None = None, clock: FixedClock | None = None, **more: Any) -> AsyncIterator[tuple[Wechat, Center]]:
    """A follower whose talk staff have just taken; he was told so."""
    async with wechat(folder, bot, clock=clock, **more) as it:
        await it.platform.text(ANN, "你好")
        center = Center(it)
        center.take()
        await center.look()
        yield it, center


async def test_the_follower_is_told_and_his_words_reach_staff_at_once_without_the_bot(tmp_path: Path) -> None:
    async with talking(tmp_path) as (it, center):
        assert it.seen()[-1].startswith("长春知识产权保护中心的工作人员来和您谈了")
        assert await it.platform.text(ANN, "我的摊位被抄了") is None
        assert it.platform.exchanges[-1].seconds < 1.5, "nothing is waited for that never comes"
        assert await it.platform.photo(ANN, picture()) is None
        await it.quiet()
        assert center.said[:2] == ["你好", "我的摊位被抄了"]
        [photo] = [line for line in center.desk.talks.seen(center.talk).lines if line.file]
        assert photo.by == "person"
        assert it.bot.texts() == ["你好"]
        await it.round()
        assert len(it.seen()) == 2


async def test_what_staff_say_is_pushed_in_order_and_once(tmp_path: Path) -> None:
    async with talking(tmp_path) as (it, center):
        center.says("您好")
        await center.look()
        center.says("请说说\n- 在哪里\n- 什么时候")
        center.says("不急")
        await center.look()
        await it.round()
        assert it.seen()[2:] == [f"{SIGN}\n您好", f"{SIGN}\n请说说\n· 在哪里\n· 什么时候\n{SIGN}\n不急"]
        center.desk.takeovers.end(center.talk, WANG)
        await center.look()
        assert it.seen()[-1] == center.desk.words.say.ended
        assert "答：谢谢" in str(await it.platform.text(ANN, "谢谢"))


async def test_long_words_come_in_pieces_and_none_is_left_to_be_asked_for(tmp_path: Path) -> None:
    async with talking(tmp_path) as (it, center):
        sentence = "专利权的期限从申请日起算，请您先把证书找出来。"
        center.says(sentence * 50)
        await center.look()
        told = it.seen()[2:]
        assert len(told) == 3
        assert all(one.startswith(SIGN) and WORDS.more not in one for one in told)
        assert "".join(told).count(sentence) == 50


async def test_what_cannot_be_pushed_waits_for_his_next_message_and_staff_are_told_so(tmp_path: Path) -> None:
    async with talking(tmp_path) as (it, center):
        seen = [center.reach]
        for number in range(1, 7):
            center.says(f"第{number}句")
            await center.look()
            seen.append(center.reach)
        assert seen == [("wechat_now", 0)] * 3 + [("wechat_last", 0), ("wechat_later", 0), ("wechat_later", 1), ("wechat_later", 2)]
        pushed = it.seen()[2:]
        assert [one.split("\n")[1] for one in pushed] == ["第1句", "第2句", "第3句", "第4句"]
        assert [WORDS.answer_please in one for one in pushed] == [False, False, False, True]
        answer = await it.platform.text(ANN, "在")
        assert answer == f"{SIGN}\n第5句\n{SIGN}\n第6句"
        assert (center.reach, it.bot.texts()) == (("wechat_now", 0), ["你好"])
        await it.round()
        assert it.seen()[-1] == answer


async def test_more_than_one_page_of_waiting_words_is_the_answer_and_what_follows_it(tmp_path: Path) -> None:
    async with talking(tmp_path) as (it, center):
        it.clock.advance(timedelta(hours=48))
        assert center.reach == ("wechat_later", 0)
        for number in range(5):
            center.says(f"第{number}句" + "请您看清楚再答。" * 35)
        await center.look()
        assert (len(it.seen()), center.reach) == (2, ("wechat_later", 5))
        assert str(await it.platform.text(ANN, "来了")).startswith(f"{SIGN}\n第0句")
        await center.look()
        told = "".join(it.seen()[2:])
        assert [told.count(f"第{number}句") for number in range(5)] == [1] * 5
        assert sorted(range(5), key=lambda number: told.index(f"第{number}句")) == list(range(5))
        assert center.reach == ("wechat_now", 0) or center.reach[1] == 0


async def test_an_account_that_may_not_push_tells_them_with_the_next_message_and_by_more(tmp_path: Path) -> None:
    async with talking(tmp_path, wechat_app_secret="") as (it, center):
        for number in range(3):
            center.says(f"第{number}句" + "请您看清楚再答。" * 45)
        assert center.reach == ("wechat_later", 4)
        answers = [str(await it.platform.text(ANN, words)) for words in ("在吗", "更多", "更多")]
        assert [WORDS.more in answer for answer in answers] == [True, True, False]
        assert ["".join(answers).count(f"第{number}句") for number in range(3)] == [1] * 3
        assert center.reach == ("wechat_later", 0)


async def test_a_turn_that_runs_when_staff_take_over_is_not_waited_for(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        await it.platform.text(ANN, "你好")
        center = Center(it)
        it.bot.hold = asyncio.Event()
        asked = asyncio.create_task(it.platform.text(ANN, "慢的"))
        await asyncio.sleep(0.5)
        center.take()
        it.app.state.door.hub.told(center.talk)
        answer = str(await asked)
        assert answer.startswith("长春知识产权保护中心的工作人员来和您谈了")
        center.says("我来了")
        await it.door.rounds.staff_words()
        assert it.seen()[-1] == f"{SIGN}\n我来了"
        await released(it)
        await it.round()
        assert not any("答：慢的" in words for words in it.seen())


async def test_staff_cannot_hear_voice_and_the_person_is_told(tmp_path: Path) -> None:
    async with talking(tmp_path) as (it, center):
        assert await it.platform.message(ANN, "voice", MediaId="v", Format="amr") == WORDS.voice_to_staff
        assert await it.platform.message(ANN, "unknown") == WORDS.other_to_staff
        assert await it.platform.message(ANN, "link", Title="店铺", Description="", Url="https://example.com/1") is None
        assert center.said[1:] == [WORDS.said_voice, WORDS.said_other, "［链接］店铺 https://example.com/1"]
        it.platform.faults["/cgi-bin/media/get"] = [40007]
        assert await it.platform.photo(ANN, picture()) == WORDS.file_gone
        assert it.bot.texts() == ["你好"]


async def test_an_old_choice_is_not_what_a_number_means_to_staff(tmp_path: Path) -> None:
    async with talking(tmp_path, FakeBot(answer=choices)) as (it, center):
        center.says("您是哪一年买的？回复 1 是去年，2 是今年")
        await center.look()
        await it.platform.text(ANN, "2")
        assert center.said[-1] == "2"


async def test_words_of_staff_stay_owed_while_the_platform_is_away(tmp_path: Path) -> None:
    async with talking(tmp_path) as (it, center):
        it.platform.faults[SEND] = [-500]
        center.says("第一句")
        await center.look()
        center.says("第二句")
        await center.look()
        assert it.seen()[2:] == [f"{SIGN}\n第一句\n{SIGN}\n第二句"]
        it.platform.forbidden.add(SEND)
        center.says("第三句")
        await center.look()
        it.clock.advance(timedelta(seconds=30))
        assert center.reach == ("wechat_later", 1)


async def test_a_crash_while_words_of_staff_are_on_their_way_loses_and_doubles_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def dies(*_args: object) -> str:
        raise RuntimeError("the process is killed here")

    clock = FixedClock(datetime(2026, 11, 23, 10, 0))
    async with talking(tmp_path, clock=clock) as (it, center):
        with monkeypatch.context() as patch:
            patch.setattr(Delivery, "_push_ready", dies)
            center.says("第一句")
            await center.look()
        center.says("第二句")
        await center.look()
        assert len(it.seen()) == 2, "what follows does not overtake what is on its way"
    clock.advance(timedelta(minutes=2))
    async with wechat(tmp_path, clock=clock, prepare=lambda platform: platform.allow(ANN)) as it:
        for _ in range(3):
            await it.round()
        assert it.seen() == [f"{SIGN}\n第一句\n{SIGN}\n第二句"]


async def test_two_processes_tell_each_word_once_and_in_order(tmp_path: Path) -> None:
    async with talking(tmp_path, replica="one") as (it, _center):
        other = door_app(tmp_path, it.address, it.bot, it.clock, replica="two")
        async with listening(other):
            it.platform.slow[SEND] = 0.05
            for number in range(12):
                Center(it, other if number % 2 else None).says(f"第{number}句")
                await asyncio.gather(*(door.rounds.staff_words() for door in (it.door, other.state.wechat) * 2))
                if number % 3 == 2:
                    await it.platform.text(ANN, f"在 {number}")
            await asyncio.gather(*(door.rounds.staff_words() for door in (it.door, other.state.wechat)))
            told = "".join(it.seen())
            assert [told.count(f"第{number}句") for number in range(12)] == [1] * 12
            assert sorted(range(12), key=lambda number: told.index(f"第{number}句")) == list(range(12))
            assert it.bot.texts() == ["你好"]


async def test_a_message_that_comes_while_words_are_pushed_waits_for_them(tmp_path: Path) -> None:
    async with talking(tmp_path) as (it, center):
        it.platform.slow[SEND], it.platform.faults[SEND] = 0.6, [-500]
        center.says("第一句")
        await it.quiet()
        pushing = asyncio.create_task(it.door.rounds.staff_words())
        await asyncio.sleep(0.2)
        center.says("第二句")
        answer = await it.platform.text(ANN, "在吗")
        await pushing
        assert answer == f"{SIGN}\n第一句\n{SIGN}\n第二句"


async def test_the_door_looks_for_words_of_staff_by_itself(tmp_path: Path) -> None:
    from channels.wechat.door import Pace
    from channels.wechat.talk import Tempo

    async with wechat(tmp_path, pace=Pace(Tempo(retry=0.02), rounds=3600.0, staff=0.05)) as it:
        await it.platform.text(ANN, "你好")
        center = Center(it)
        center.take()
        center.says("您好")
        for _ in range(100):
            await asyncio.sleep(0.02)
            if len(it.seen()) > 1 and SIGN in it.seen()[-1]:
                break
        assert "".join(it.seen()).count(f"{SIGN}\n您好") == 1


async def test_who_waits_is_told_and_leaves_the_list_in_words(tmp_path: Path) -> None:
    clock = FixedClock(datetime(2026, 11, 23, 10, 0))
    async with wechat(tmp_path, clock=clock) as it:
        await it.platform.text(ANN, "你好")
        center = Center(it)
        assert "答：不等了" in str(await it.platform.text(ANN, "不等了")), "who does not wait says words"
        center.desk.attendance.here("wang")
        assert center.desk.waiting.ask(center.talk).outcome == "waiting"
        assert "答：专利呢" in str(await it.platform.text(ANN, "专利呢"))
        assert await it.platform.text(ANN, "不等了。") == center.desk.words.say.stopped
        assert center.desk.waiting.service(center.talk).state == "bot"
        assert "答：谢谢" in str(await it.platform.text(ANN, "谢谢"))


async def test_who_waits_too_long_is_told_by_a_message_of_its_own_with_a_call_back_to_tap(tmp_path: Path) -> None:
    clock = FixedClock(datetime(2026, 11, 23, 10, 0))
    async with wechat(tmp_path, clock=clock) as it:
        await it.platform.text(ANN, "你好")
        center = Center(it)
        center.desk.attendance.here("wang")
        center.desk.waiting.ask(center.talk)
        clock.advance(timedelta(minutes=11))
        assert center.desk.waiting.sweep() == [center.talk]
        await center.look()
        assert it.seen()[-1].startswith("对不起，工作人员都在忙")
        assert [label for label, _id in it.platform.links(ANN)] == ["请工作人员给我回电", "再等等"]
        await it.platform.text(ANN, "请工作人员给我回电")
        assert it.bot.texts()[-1].startswith("/"), "it is the choice, not words"


async def test_a_talk_of_the_kiosk_that_staff_have_goes_on_in_wechat(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        session = (await it.client.post("/v1/conversations", json={"door": "kiosk"})).json()
        path, token = f"/v1/conversations/{session['conversation']}", {"Authorization": f"Bearer {session['token']}"}
        await it.client.post(f"{path}/messages", json={"client_id": "client-1", "text": "你好"}, headers=token)
        await it.quiet()
        it.app.state.door.desk.takeovers.take(session["conversation"], WANG)
        code = (await it.client.post(f"{path}/handover/wechat", headers=token)).json()["url"].rsplit("/", 1)[1]
        answer = str(await it.platform.event(ANN, "SCAN", EventKey=code))
        assert WORDS.taken_over in answer
        center = Center(it)
        assert center.talk == session["conversation"]
        center.says("请拍一张照片")
        await center.look()
        assert it.seen()[-1].startswith(f"{SIGN}\n请拍一张照片")


async def test_a_receipt_that_staff_cut_off_reaches_the_follower(tmp_path: Path) -> None:
    async with wechat(tmp_path, held()) as it:
        it.hurry()
        assert await it.platform.text(ANN, "确认") is None
        center = Center(it)
        [inbound] = [line for line in center.desk.talks.seen(center.talk).lines if line.by == "person"]
        turns = it.app.state.door.hub._turns
        turns._late = lambda _inbound: [Reply(text=f"{inbound.text}：登记好了", author=center.desk.late._author)]
        center.take()
        await released(it)
        await it.round()
        told = "\n".join(it.seen())
        assert told.index("来和您谈了") < told.index("确认：登记好了")
        assert told.count("登记好了") == 1


async def test_an_answer_that_was_ready_before_the_take_over_is_told_before_it(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        it.platform.faults[SEND] = [-500]
        await late(it, "第一句")
        center = Center(it)
        center.take()
        await center.look()
        assert len(it.seen()) == 1
        assert it.seen()[0].index("答：第一句") < it.seen()[0].index("来和您谈了")
        assert sends(it) >= 2


async def test_nothing_of_the_bot_is_told_after_a_take_over_whichever_is_first(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        it.hurry(0.03)
        await it.platform.text(ANN, "你好")
        await it.quiet()
        center = Center(it)
        for number in range(14):  # 30 messages a minute are taken
            it.platform.allow(ANN)
            asked = asyncio.create_task(it.platform.text(ANN, f"第{number}问"))
            await asyncio.sleep(0.004 * number)
            center.take()
            it.app.state.door.hub.told(center.talk)
            await asked
            await center.look()
            center.says("我在")
            await center.look()
            told = "\n".join(it.seen())
            assert "答：" not in told[told.rindex("来和您谈了") :]
            assert told.endswith("我在")
            center.desk.takeovers.end(center.talk, WANG)
            await center.look()
            await it.platform.text(ANN, "谢谢")
            await it.quiet()
        told = "\n".join(it.seen())
        assert [told.count("来和您谈了"), told.count("我在"), told.count(center.desk.words.say.ended)] == [14] * 3


async def test_what_the_house_says_in_between_is_not_taken_for_the_answer(tmp_path: Path) -> None:
    clock = FixedClock(datetime(2026, 11, 23, 10, 0))
    async with wechat(tmp_path, clock=clock) as it:
        await it.platform.text(ANN, "你好")
        center = Center(it)
        center.desk.attendance.here("wang")
        center.desk.waiting.ask(center.talk)
        it.bot.hold = asyncio.Event()
        it.hurry()
        assert await it.platform.text(ANN, "慢的") is None
        clock.advance(timedelta(minutes=11))
        assert center.desk.waiting.sweep() == [center.talk]
        it.app.state.door.hub.told(center.talk)
        await asyncio.sleep(0.2)
        await released(it)
        assert "工作人员都在忙" in it.seen()[1]
        await center.look()
        async with asyncio.timeout(8):  # it is sent when its turn is over, which may be a moment after the door has come to rest
            while "答：慢的" not in "\n".join(it.seen()[1:]):
                await asyncio.sleep(0.02)
