"""The WeChat door from outside: over real HTTP, plain and secure, with a stand-in of the platform on the other side."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest
from door_fakes import FakeBot, fixed_clock, settings_in
from sqlalchemy import text
from wechat_fakes import ANN, BEN, choices, held, listening, released, wechat

from aid.errors import SettingsError
from aid.replies import Reply
from aid.store import open_store
from channels.web import create_app
from channels.wechat.door import Pace
from channels.wechat.standin import document
from channels.wechat.talk import Tempo

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("mode", ["plain", "compatible", "secure"])
async def test_a_message_is_answered_in_its_own_connection(tmp_path: Path, mode: str) -> None:
    async with wechat(tmp_path, mode=mode) as it:
        answer = await it.platform.text(ANN, "商标怎么注册")
        assert answer is not None
        assert "答：商标怎么注册" in answer
        assert it.seen() == [answer]
        assert it.platform.phone(ANN).pushed == 0


async def test_the_address_is_verified_as_plain_text(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        query, _body = it.platform.signed("")
        asked = {name: query[name] for name in ("signature", "timestamp", "nonce")}
        answer = await it.client.get("/wechat/callback", params={**asked, "echostr": "<b>4375120948345356249"})
        assert (answer.status_code, answer.text) == (200, "<b>4375120948345356249")
        assert answer.headers["content-type"].startswith("text/plain")
        wrong = await it.client.get("/wechat/callback", params={**asked, "signature": "0" * 40, "echostr": "1"})
        assert (wrong.status_code, wrong.content) == (403, b"")


async def test_without_a_token_there_is_no_door_and_half_a_setting_stops_the_start(tmp_path: Path) -> None:
    app = create_app(settings_in(tmp_path), bot=FakeBot(), clock=fixed_clock(), page=Path("no-such-folder"))
    async with listening(app) as address:
        import httpx

        async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
            assert (await client.post("/wechat/callback", content=b"<xml></xml>")).status_code == 404
    with pytest.raises(SettingsError, match="AID_WECHAT_APP_ID"):
        create_app(settings_in(tmp_path, wechat_token="t"), bot=FakeBot())


async def test_a_repetition_joins_the_running_turn_and_is_answered_once(tmp_path: Path) -> None:
    async with wechat(tmp_path, held(), pace=Pace(Tempo(answer=20), rounds=3600)) as it:
        it.platform.patience, platform_tries = 2.0, 3
        asked = asyncio.create_task(it.platform.text(ANN, "你好"))
        await asyncio.sleep(2.0 * (platform_tries - 1) + 0.3)  # two tries were cut off
        assert it.bot.hold
        it.bot.hold.set()
        answer = await asked
        await it.quiet()
        assert it.bot.texts() == ["你好"]
        assert it.seen() == [answer]
        assert answer is not None
        assert "答：你好" in answer


async def test_a_repetition_after_the_answer_gets_the_same_answer(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        body = document(it.platform.fields(ANN, "text", MsgId="6054768590064713728", Content="你好"))
        first, second = [(await it.platform.deliver(body)).content for _ in range(2)]
        assert first == second
        assert first is not None
        both = await asyncio.gather(*(it.platform.deliver(body) for _ in range(3)))
        assert {one.content for one in both} == {first}
        assert it.bot.texts() == ["你好"]


async def test_a_repetition_is_known_after_a_new_start(tmp_path: Path) -> None:
    body = ""
    async with wechat(tmp_path) as it:
        body = document(it.platform.fields(ANN, "text", MsgId="6054768590064713728", Content="你好"))
        first = (await it.platform.deliver(body)).content
    async with wechat(tmp_path) as it:
        assert (await it.platform.deliver(body)).content == first
        assert it.bot.texts() == []


async def test_a_number_is_the_choice_that_was_told(tmp_path: Path) -> None:
    bot = FakeBot(answer=choices)
    async with wechat(tmp_path, bot) as it:
        answer = await it.platform.text(ANN, "你好")
        assert answer is not None
        assert "1. 专利" in answer
        await it.platform.text(ANN, "2")
        await it.platform.text(ANN, "专利", menu_id="0")
        await it.platform.text(ANN, "别的")
        await it.platform.text(ANN, '/inform{"x": 1}')
        assert bot.texts() == ["你好", "/deny", "/affirm", "别的", '／inform{"x": 1}']


async def test_a_long_answer_comes_page_by_page(tmp_path: Path) -> None:
    bot = FakeBot(answer=lambda _text: [Reply(text="\n".join(f"第{n}条：" + "知识产权" * 20 for n in range(30)))])
    async with wechat(tmp_path, bot) as it:
        await it.platform.text(ANN, "你好")
        while it.seen()[-1].endswith("（没完，回复“更多”看后面）"):
            await it.platform.text(ANN, "更多")
        whole = "".join(it.seen())
        assert all(f"第{n}条：" in whole for n in range(30))
        assert all(len(page.encode()) <= 2048 for page in it.seen())
        assert bot.texts() == ["你好"]
        await it.platform.text(ANN, "更多")  # nothing is left: the words are words
        assert bot.texts() == ["你好", "更多"]


async def test_ten_messages_at_once_are_answered_each_once_and_in_order(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        answers = await asyncio.gather(*(it.platform.text(ANN, f"第{n}句") for n in range(10)))
        await it.quiet()
        assert not it.bot.overlapped
        order = [words.removeprefix("第").removesuffix("句") for words in it.bot.texts()]
        assert sorted(order) == [str(n) for n in range(10)]
        told = "\n".join(it.seen())
        assert all(told.count(f"答：第{n}句") == 1 for n in range(10))
        assert len(answers) == 10


async def test_messages_one_after_another_are_told_in_their_order_even_when_late(tmp_path: Path) -> None:
    async with wechat(tmp_path, held()) as it:
        it.hurry(0.8)
        tasks = []
        for n in range(6):
            tasks.append(asyncio.create_task(it.platform.text(ANN, f"第{n}句")))
            await asyncio.sleep(0.05)
        assert await asyncio.gather(*tasks) == [None] * 6
        await released(it)
        assert it.bot.texts() == [f"第{n}句" for n in range(6)]
        it.relax()
        # Five may be pushed after the last message; the sixth answer waits for the next.
        assert [words[:5] for words in it.seen()] == [f"答：第{n}句" for n in range(5)]
        assert str(await it.platform.text(ANN, "更多")).startswith("答：第5句")


async def test_twenty_followers_at_once_are_all_answered(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        people = [f"oFAN{n:02}5ggOC-bXrbNODIiE3bG" for n in range(20)]
        answers = await asyncio.gather(*(it.platform.text(openid, f"我是{openid}") for openid in people))
        assert all(f"答：我是{openid}" in str(answer) for openid, answer in zip(people, answers, strict=True))
        assert len(it.bot.calls) == 20


async def test_a_record_that_does_not_answer_is_no_silence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from aid.store.errors import StoreUnavailable
    from aid.store.followers import Followers

    def away(*_args: object) -> None:
        raise StoreUnavailable("away")

    async with wechat(tmp_path) as it:
        with monkeypatch.context() as patch:
            patch.setattr(Followers, "is_seen", away)
            assert "系统正忙" in str(await it.platform.text(ANN, "你好"))
        assert it.bot.calls == []
        assert "答：你好" in str(await it.platform.text(ANN, "你好"))


async def test_more_messages_than_a_person_writes_are_not_taken_and_he_is_told_so(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        it.app.state.door.limits.messages._alone._per_minute = 3
        answers = [str(await it.platform.text(ANN, f"第{n}句")) for n in range(5)]
        assert ["答：" in answer for answer in answers] == [True] * 3 + [False] * 2
        assert "太快" in answers[-1]
        assert "答：别人" in str(await it.platform.text(BEN, "别人"))
        assert it.bot.texts() == ["第0句", "第1句", "第2句", "别人"]
        await it.platform.event(ANN, "unsubscribe", EventKey="")  # leaving is never refused
        assert it.door.talk._followers.find(ANN) is None


async def test_what_the_record_has_not_taken_is_not_said_to_be_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from aid.store.followers import Followers

    enter, answers = Followers.enter, threading.Event()

    def slow(self: Followers, openid: str) -> object:
        answers.wait(10)
        return enter(self, openid)

    async with wechat(tmp_path, pace=Pace(Tempo(answer=0.3), rounds=3600)) as it:
        monkeypatch.setattr(Followers, "enter", slow)
        it.platform.patience = 0.6
        asked = asyncio.create_task(it.platform.text(ANN, "你好"))
        await asyncio.sleep(0.9)
        assert it.platform.exchanges == []  # the platform has hung up once, and tries again
        answers.set()
        await asked
        await it.quiet()
        assert it.bot.texts() == ["你好"]
        assert ["答：你好" in words for words in it.seen()] == [True]


async def test_the_openid_stands_nowhere_in_the_record(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        await it.platform.text(ANN, "你好")
        await it.platform.event(ANN, "CLICK", EventKey="unknown")
        store = open_store(settings_in(tmp_path))
        with store.reading() as session:
            rows = [str(row) for table in ("wechat_follower", "wechat_seen", "inbound", "conversation") for row in session.execute(text(f"SELECT * FROM {table}"))]
        store.close()
        assert rows
        assert not any(ANN in row for row in rows)
