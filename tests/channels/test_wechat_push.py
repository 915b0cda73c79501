"""Messages of the door's own: answers that come late, what the account may send, what goes wrong at the platform or when a process dies."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from door_fakes import FakeBot, fixed_clock
from wechat_fakes import ANN, BEN, SEND, choices, door_app, held, late, listening, released, sends, wechat

pytestmark = pytest.mark.anyio
LATER = "请等几秒，再回复“更多”"


async def test_an_answer_that_takes_long_is_pushed_once(tmp_path: Path) -> None:
    async with wechat(tmp_path, held()) as it:
        it.hurry()
        assert await it.platform.text(ANN, "你好") is None
        assert it.seen() == []
        await released(it)
        assert len(it.seen()) == 1
        assert "答：你好" in it.seen()[0]
        assert (it.platform.phone(ANN).pushed, it.platform.phone(ANN).typing) == (1, 1)
        await it.round()
        assert len(it.seen()) == 1


async def test_a_late_answer_brings_its_choices_to_tap_where_the_account_can(tmp_path: Path) -> None:
    async with wechat(tmp_path, FakeBot(answer=choices)) as it:
        await late(it, "你好")
        assert it.seen() == ["哪一个？\n[专利]\n[商标]"]
        [(label, menu_id)] = it.platform.links(ANN)[1:]
        await it.platform.text(ANN, label, menu_id)
        assert it.bot.texts() == ["你好", "/deny"]
        await late(it, "又来")
        it.platform.has_menus = False
        for words in ("再来", "还来"):
            await late(it, words)
            assert "1. 专利" in it.seen()[-1]
        menus = [said for path, said in it.platform.calls if path == SEND and said["msgtype"] == "msgmenu"]
        assert len(menus) == 3  # the third was refused, the fourth not tried


async def test_an_account_without_the_right_to_push_gives_the_answer_with_the_next_message(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        it.platform.forbidden.add(SEND)
        assert await late(it, "第一句") is None
        assert (it.seen(), sends(it)) == ([], 2)  # with choices to tap, and as text
        answer = await it.platform.text(ANN, "第二句")
        assert answer is not None
        assert answer.index("答：第一句") < answer.index("答：第二句")
        # From now on it is known: the person is told to ask, and nothing is tried in vain.
        hint = await late(it, "第三句")
        assert hint is not None
        assert LATER in hint
        more = await it.platform.text(ANN, "更多")
        assert more is not None
        assert "答：第三句" in more
        assert "答：第一句" not in more
        assert (it.bot.texts(), sends(it)) == (["第一句", "第二句", "第三句"], 2)


async def test_without_an_app_secret_nothing_is_pushed(tmp_path: Path) -> None:
    async with wechat(tmp_path, wechat_app_secret="") as it:
        hint = await late(it, "你好")
        assert hint is not None
        assert LATER in hint
        assert "答：你好" in str(await it.platform.text(ANN, "更多"))
        assert it.platform.calls == []


@pytest.mark.parametrize("code", [45047, 45015, 40200, 45009, 40164, 61004, 40003, -500, -404])
async def test_what_the_platform_refuses_waits_for_the_next_message(tmp_path: Path, code: int) -> None:
    async with wechat(tmp_path) as it:
        it.platform.faults[SEND] = [code, code]  # a message of choices, and where there is none a text
        assert await late(it, "第一句") is None
        assert it.seen() == []
        answer = str(await it.platform.text(ANN, "第二句"))
        assert answer.index("答：第一句") < answer.index("答：第二句")
        await it.quiet()
        assert len(it.seen()) == 1


async def test_five_messages_follow_a_message_and_never_more(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        await it.platform.text(ANN, "你好")
        follower = it.door.talk._followers.find(ANN)
        sent = [await it.door.talk._delivery.push(follower, f"{n}") for n in range(7)]
        assert sent == ["sent"] * 5 + ["no"] * 2
        assert (sends(it), it.platform.phone(ANN).pushed) == (5, 5)
        await it.platform.text(ANN, "又来")
        assert await it.door.talk._delivery.push(follower, "x") == "sent"
        it.clock.advance(timedelta(hours=48))
        assert await it.door.talk._delivery.push(follower, "x") == "no"
        assert sends(it) == 6


async def test_three_messages_follow_a_tap_within_a_minute_and_never_more(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        await it.platform.event(ANN, "subscribe")
        follower = it.door.talk._followers.find(ANN)
        sent = [await it.door.talk._delivery.push(follower, f"{n}") for n in range(5)]
        assert sent == ["sent"] * 3 + ["no"] * 2
        await it.platform.event(ANN, "CLICK", EventKey="unknown")
        it.clock.advance(timedelta(minutes=1))
        assert await it.door.talk._delivery.push(follower, "x") == "no"
        assert sends(it) == 3


async def test_a_push_at_the_same_time_is_counted_once_each(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        await it.platform.text(ANN, "你好")
        follower = it.door.talk._followers.find(ANN)
        sent = await asyncio.gather(*(it.door.talk._delivery.push(follower, f"{n}") for n in range(12)))
        assert (sent.count("sent"), sends(it)) == (5, 5)


async def test_an_expired_or_refused_token_is_fetched_anew_once(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        await late(it, "一")
        assert it.platform.tokens_given == 1
        it.platform.expire_token()
        await late(it, "二")
        assert it.platform.tokens_given == 2
        it.platform.faults[SEND] = [40001]
        await late(it, "三")
        assert it.platform.tokens_given == 3  # the platform had remembered the very one that it refused
        it.platform.faults[SEND] = [40001, 40014]
        await late(it, "四")
        assert len(it.seen()) == 3
        it.clock.advance(timedelta(seconds=7000))
        assert "答：四" in str(await it.platform.text(ANN, "五"))
        await late(it, "六")
        assert it.seen()[-1].startswith("答：六")


async def test_two_processes_share_one_token(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        app = door_app(tmp_path, f"http://{it.door.api._http.base_url.netloc.decode()}", FakeBot(), it.clock)
        it.platform.slow["/cgi-bin/stable_token"] = 0.3
        async with listening(app):
            apis = [it.door.api, app.state.wechat.api]
            tokens = await asyncio.gather(*(api._token() for api in apis * 5))
        assert len(set(tokens)) == 1
        assert sum(path == "/cgi-bin/stable_token" for path, _said in it.platform.calls) == 1


async def test_a_slow_api_keeps_nobody_waiting(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        await late(it, "一")  # a token is there
        it.platform.slow[SEND] = 3.0
        it.bot.hold = asyncio.Event()
        it.hurry()
        assert await it.platform.text(ANN, "二") is None
        it.relax()
        it.bot.hold.set()
        await asyncio.sleep(0.1)
        assert "答：别人" in str(await it.platform.text(BEN, "别人"))
        assert it.platform.exchanges[-1].seconds < 2.5
        await it.quiet()
        assert [words[:3] for words in it.seen()] == ["答：一", "答：二"]


async def test_an_api_that_cannot_be_reached_is_asked_again(tmp_path: Path) -> None:
    async with wechat(tmp_path, wechat_api_base="http://127.0.0.1:9") as it:
        await late(it, "你好")
        assert it.seen() == []
        it.door.api._http.base_url = it.address
        for _ in range(2):
            it.clock.advance(timedelta(seconds=31))
            await it.round()
        assert (len(it.seen()), it.platform.phone(ANN).pushed) == (1, 1)


async def test_what_a_crash_left_untold_is_pushed_after_the_next_start(tmp_path: Path) -> None:
    async with wechat(tmp_path, held()) as it:
        it.hurry()
        assert await it.platform.text(ANN, "你好") is None
        for task in it.door.talk._tasks:
            task.cancel()  # the door dies, the bot has the message
        await asyncio.sleep(0.05)
    clock = fixed_clock()
    clock.advance(timedelta(minutes=1))
    async with wechat(tmp_path, clock=clock, prepare=lambda platform: platform.allow(ANN)) as it:
        await it.quiet()
        clock.advance(timedelta(seconds=20))
        await it.round()
        await it.round()
        assert len(it.seen()) == 1
        assert "答：你好" in it.seen()[0]


@pytest.mark.parametrize("is_late", [False, True])
async def test_an_answer_on_its_way_when_the_door_dies_is_told_after_the_next_start(
    tmp_path: Path, is_late: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from aid.store.followers import Followers
    from channels.wechat.delivery import Delivery
    from channels.wechat.waiting import Waiting

    async def dies(*_args: object) -> str:
        raise RuntimeError("the process is killed here")

    def dies_too(_self: Waiting, content: str | None) -> bool:
        if content is not None:
            raise RuntimeError("the process is killed here")
        return True

    async with wechat(tmp_path, held()) as it:
        with monkeypatch.context() as patch:
            patch.setattr(Delivery, "_push_ready", dies)
            patch.setattr(Waiting, "give", dies_too)
            patch.setattr(Followers, "settled", lambda *_args: None)
            it.hurry(0.5 if is_late else 4.0)
            asked = asyncio.create_task(it.platform.text(ANN, "你好"))
            await asyncio.sleep(1.5 if is_late else 0.2)
            await released(it)
            await asked
    clock = fixed_clock()
    clock.advance(timedelta(minutes=2))
    async with wechat(tmp_path, clock=clock, prepare=lambda platform: platform.allow(ANN)) as it:
        await it.round()
        await it.round()
        assert len(it.seen()) == 1
        assert "答：你好" in it.seen()[0]
