"""A bot reply and a take-over at the same moment, 200 times: after the commit of the take-over no word of the bot, before it none lost.

The take-over is written straight into the record, as a console in another process does it; two replicas of the doors run the turns.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from aid.replies import Reply
from channels.hub import Hub
from tests.takeover.conftest import LI, WANG, House, build, hub_on

pytestmark = pytest.mark.anyio
RACES = 200
TOGETHER = 8


@dataclass
class Bot:
    """Thinks for a random time, keeps what it meant to say; with ``files`` it files the talk's open draft first, as the actions do."""

    house: House
    dice: random.Random
    files: bool = False
    meant: dict[str, str] = field(default_factory=dict)

    def prepare(self, _text: str) -> None:
        """Nothing."""

    async def send(self, _sender: str, text: str, metadata: dict[str, Any]) -> list[Reply]:
        await asyncio.sleep(self.dice.uniform(0, 0.02))
        self.meant[metadata["inbound"]] = f"答：{text}"
        if not self.files or text != "确认":
            return [Reply(text=f"答：{text}")]
        conversation, inbound = metadata["conversation"], metadata["inbound"]
        ticket = self.house.office.tickets.filed_by(inbound) or await asyncio.to_thread(self.house.file, conversation, inbound)
        await asyncio.sleep(self.dice.uniform(0, 0.01))
        return [Reply(text="已登记", card=self.house.office.cards.receipt(ticket))]


async def delivered(hub: Hub, conversation: str, got: list[Any], over: asyncio.Event) -> None:
    """What a page that follows is sent, in the order in which it is sent."""
    async with aclosing(hub.follow(conversation, 0, 0.1)) as excerpts:
        async for excerpt in excerpts:
            got += excerpt.replies if excerpt else []
            if over.is_set():
                return


async def race(house: House, hubs: list[Hub], dice: random.Random, texts: list[str]) -> tuple[str, list[Any]]:
    """One talk: messages to the bot, a follower, and a take-over in the middle; gives the conversation and what was delivered.

    The middle is found on a machine of any pace: the take-over waits for a moment of a span that is now short, now long.
    """
    conversation = house.talk("你好")
    if "确认" in texts:
        house.open_draft(conversation, house.says(conversation, "我对服务有意见"))
    got: list[Any] = []
    over = asyncio.Event()
    follower = asyncio.create_task(delivered(dice.choice(hubs), conversation, got, over))

    async def take() -> None:
        await asyncio.sleep(dice.uniform(0, dice.choice([0.02, 0.06, 0.2, 0.6])))
        await asyncio.to_thread(house.desk.takeovers.take, conversation, dice.choice([WANG, LI]))

    taking = asyncio.create_task(take())
    for number, text in enumerate(texts):
        await dice.choice(hubs).receive(conversation, f"client-{number}-{conversation[:8]}", text)
    await taking
    async with asyncio.timeout(20):
        while house.messages.pending(conversation):
            await asyncio.sleep(0.02)
        while not got or got[-1].number < house.messages.conversation(conversation).last_number:
            await asyncio.sleep(0.02)
        over.set()
        await follower
    return conversation, got


def check(house: House, conversation: str, got: list[Any]) -> int:
    """Nothing of the bot after the take-over, nothing lost before it; gives how many answers of the race came before."""
    told = house.told(conversation)
    assert [(reply.body["author"] or {"kind": "bot"})["kind"] for reply in got] == [by for by, _text in told]
    assert [reply.number for reply in got] == list(range(1, len(told) + 1))
    taken = next(place for place, (_by, said) in enumerate(told) if "来和您谈了" in said)
    assert [by for by, _text in told[:taken]] == ["bot"] * taken
    assert "bot" not in [by for by, _text in told[taken:]]
    return taken


@pytest.mark.parametrize("start", range(0, RACES, RACES // 4))
async def test_in_two_hundred_races_no_word_of_the_bot_comes_after_the_take_over(tmp_path: Path, start: int) -> None:
    house, dice = build(tmp_path), random.Random(start)
    bot = Bot(house, dice)
    texts = ["第一句", "第二句", "第三句"]
    before: Counter[int] = Counter()
    async with hub_on(house, bot, "a") as a, hub_on(house, bot, "b") as b:
        for _ in range(0, RACES // 4, TOGETHER):
            some = await asyncio.gather(*(race(house, [a, b], dice, texts) for _ in range(TOGETHER)))
            for conversation, got in some:
                answers = check(house, conversation, got) - 1
                before[answers] += 1
                replies = house.messages.replies_after(conversation)[1 : 1 + answers]
                assert [reply.body["text"] for reply in replies] == [f"答：{text}" for text in texts[:answers]]
    house.store.close()
    assert sum(before.values()) >= RACES // 4
    assert len(before) >= 2, f"the races all ended alike: {before}"


async def test_a_ticket_that_the_racing_turn_filed_has_its_receipt(tmp_path: Path) -> None:
    house, dice = build(tmp_path), random.Random(7)
    bot = Bot(house, dice, files=True)
    by: Counter[str] = Counter()
    async with hub_on(house, bot, "a") as a, hub_on(house, bot, "b") as b:
        for number in range(0, 400, TOGETHER):
            if number >= 40 and len(by) == 2:
                break
            for conversation, got in await asyncio.gather(*(race(house, [a, b], dice, ["确认", "谢谢"]) for _ in range(TOGETHER))):
                check(house, conversation, got)
                tickets = house.office.tickets.of(conversation)
                receipts = [reply for reply in got if (reply.body["card"] or {}).get("kind") == "receipt"]
                assert [reply.body["card"]["number"] for reply in receipts] == [ticket.number for ticket in tickets]
                by.update((reply.body["author"] or {"kind": "bot"})["kind"] for reply in receipts)
    house.store.close()
    assert set(by) == {"bot", "system"}, f"the races all ended alike: {by}"
