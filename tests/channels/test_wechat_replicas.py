"""Two processes of the doors behind one callback: the platform's repetition may reach the other one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from door_fakes import FakeBot
from wechat_fakes import ANN, Wechat, door_app, listening, wechat

from aid.replies import Reply
from channels.wechat.standin import Exchange, document
from tests.evidence.made import picture

pytestmark = pytest.mark.anyio
Deliver = Callable[[str, int], "asyncio.Task[Exchange]"]


@asynccontextmanager
async def two(folder: Path, bot: FakeBot) -> AsyncIterator[tuple[Wechat, Deliver, Callable[[], asyncio.Future[None]]]]:
    """Two doors with one record and one bot; a way to deliver a body to door 0 or 1, and one to wait until both are at rest."""
    async with wechat(folder, bot, replica="one") as it:
        other = door_app(folder, it.address, bot, it.clock, replica="two")
        async with listening(other) as address:
            callbacks = [it.platform.account.callback, f"{address}/wechat/callback"]
            second = Wechat(it.platform, other, bot, it.clock, it.client, it.address)

            def deliver(body: str, door: int) -> asyncio.Task[Exchange]:
                async def sent() -> Exchange:
                    it.platform.account.callback = callbacks[door]
                    return await it.platform.deliver(body)

                return asyncio.get_running_loop().create_task(sent())

            async def quiet() -> None:
                await it.quiet()
                await second.quiet()

            yield it, deliver, lambda: asyncio.ensure_future(quiet())
            if bot.hold:
                bot.hold.set()


def shown(it: Wechat, *exchanges: Exchange) -> list[str]:
    """What the person sees of his message: pushed, or in the newest connection that is still open."""
    return [*it.seen(), *(content for content in {one.content for one in exchanges} if content is not None)]


async def test_a_repetition_at_the_other_process_joins_the_running_turn(tmp_path: Path) -> None:
    async with two(tmp_path, FakeBot(hold=asyncio.Event())) as (it, deliver, quiet):
        body = document(it.platform.fields(ANN, "text", MsgId="1", Content="你好"))
        it.platform.allow(ANN)
        first = deliver(body, 0)
        await asyncio.sleep(1.0)
        again = deliver(body, 1)
        await asyncio.sleep(0.5)
        assert it.bot.hold
        it.bot.hold.set()
        exchanges = await asyncio.gather(first, again)
        await quiet()
        assert it.bot.texts() == ["你好"]
        assert [one.status for one in exchanges] == [200, 200]
        told = shown(it, *exchanges)
        assert ["答：你好" in words for words in told] == [True]
        await it.round()
        assert shown(it, *exchanges) == told


async def test_an_answer_too_late_for_both_is_pushed_once(tmp_path: Path) -> None:
    async with two(tmp_path, FakeBot(hold=asyncio.Event())) as (it, deliver, quiet):
        it.hurry(1.0)
        body = document(it.platform.fields(ANN, "text", MsgId="1", Content="你好"))
        it.platform.allow(ANN)
        first, again = await deliver(body, 0), deliver(body, 1)
        assert first.content is None
        assert (await again).content is None  # the usual four seconds
        assert it.bot.hold
        it.bot.hold.set()
        await quiet()
        assert it.bot.texts() == ["你好"]
        assert ["答：你好" in words for words in it.seen()] == [True]
        assert it.platform.phone(ANN).pushed == 1


async def test_a_repetition_at_the_other_process_after_the_answer_gets_the_same_answer(tmp_path: Path) -> None:
    async with two(tmp_path, FakeBot()) as (it, deliver, quiet):
        body = document(it.platform.fields(ANN, "text", MsgId="1", Content="你好"))
        first = await deliver(body, 0)
        again = await deliver(body, 1)
        await quiet()
        assert first.content == again.content
        assert first.content is not None
        assert it.bot.texts() == ["你好"]


async def test_a_photo_that_both_fetch_is_kept_once(tmp_path: Path) -> None:
    async with two(tmp_path, FakeBot(answer=lambda _text: [Reply(text="照片收到了")])) as (it, deliver, quiet):
        it.platform.slow["/cgi-bin/media/get"] = 0.5
        body = document(it.platform.fields(ANN, "image", MsgId="1", PicUrl="", MediaId=it.platform.keep_media(picture())))
        it.platform.allow(ANN)
        exchanges = await asyncio.gather(deliver(body, 0), deliver(body, 1))
        await quiet()
        assert it.bot.texts() == ["/send_file"]
        assert [words[:5] for words in shown(it, *exchanges)] == ["照片收到了"]


async def test_messages_of_one_follower_at_both_processes_are_each_answered_once(tmp_path: Path) -> None:
    async with two(tmp_path, FakeBot()) as (it, deliver, quiet):
        await it.platform.text(ANN, "你好")
        bodies = [document(it.platform.fields(ANN, "text", MsgId=str(n), Content=f"第{n}句")) for n in range(8)]
        it.platform.allow(ANN)
        exchanges = await asyncio.gather(*(deliver(body, n % 2) for n, body in enumerate(bodies)))
        await quiet()
        told = "\n".join(shown(it, *exchanges))
        rest = await it.platform.text(ANN, "更多")
        told += f"\n{rest}"
        assert sorted(it.bot.texts()[1:9]) == [f"第{n}句" for n in range(8)]
        assert not it.bot.overlapped
        assert [told.count(f"答：第{n}句") for n in range(8)] == [1] * 8
