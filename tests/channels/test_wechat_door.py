"""The WeChat door from outside: over real HTTP, plain and secure, with a stand-in of the platform on the other side."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from door_fakes import FakeBot
from wechat_fakes import ANN, wechat

from aid.replies import Choice, Reply

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("mode", ["plain", "compatible", "secure"])
async def test_a_message_is_answered_in_its_own_connection(tmp_path: Path, mode: str) -> None:
    async with wechat(tmp_path, mode=mode) as it:
        answer = await it.platform.text(ANN, "商标怎么注册")
        assert answer is not None
        assert "答：商标怎么注册" in answer
        assert it.seen() == [answer]
        assert it.platform.phone(ANN).pushed == 0


async def test_an_answer_that_takes_long_is_pushed_once(tmp_path: Path) -> None:
    async with wechat(tmp_path, FakeBot(hold=asyncio.Event())) as it:
        assert await it.platform.text(ANN, "你好") is None
        assert it.seen() == []
        assert it.bot.hold
        it.bot.hold.set()
        await it.quiet()
        assert len(it.seen()) == 1
        assert "答：你好" in it.seen()[0]
        assert it.platform.phone(ANN).pushed == 1
        assert it.platform.phone(ANN).typing == 1


async def test_a_number_is_the_choice_that_was_told(tmp_path: Path) -> None:
    bot = FakeBot(answer=lambda _text: [Reply(text="哪一个？", choices=[Choice(label="专利", payload={"act": "affirm"}), Choice(label="商标", payload={"act": "deny"})])])
    async with wechat(tmp_path, bot) as it:
        answer = await it.platform.text(ANN, "你好")
        assert answer is not None
        assert "1. 专利" in answer
        await it.platform.text(ANN, "2")
        await it.platform.text(ANN, "专利", menu_id="0")
        await it.platform.text(ANN, "别的")
        assert bot.texts() == ["你好", "/deny", "/affirm", "别的"]
