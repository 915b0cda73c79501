"""Many people at once before a real door, each message answered once; and what is lost, doubled or refused does not go unseen."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aid.replies import QuestionCard, Reply
from aid.settings import Settings
from bench.complaints import Complaint, Fault
from bench.crowd import MESSAGES, QUESTIONS, Crowd, Plan, Visit, crowd, meet
from bench.crowd_run import Pattern, alone, is_clean, record_faults, table
from bench.errors import BenchError, LoadError
from bench.visits import DoorVisit, RestVisit, faults_of
from tests.channels.door_fakes import FakeBot, settings_in
from tests.channels.live_door import live_door

PEOPLE = 40
FIELDS = ("booth", "exhibit", "respondent")
TOLD = Complaint(0, "expo_complaint", "我要投诉", {field: f"我的{field}" for field in FIELDS}, {}, Fault("doors", 0, 0.0))


class FormBot(FakeBot):
    """Answers what it does not know by an echo, and asks one thing after another once a complaint has begun."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: Counter[str] = Counter()

    async def send(self, sender: str, text: str, metadata: dict[str, Any]) -> list[Reply]:
        said = await super().send(sender, text, metadata)
        conversation = metadata["conversation"]
        if text != TOLD.start and not self.asked[conversation]:
            return [Reply(text="请看："), *said]
        step = self.asked[conversation]
        self.asked[conversation] += 1
        return [Reply(text="好。", card=QuestionCard(case_kind="expo_complaint", field=FIELDS[step % 3], ask="？", why="", step=1, steps=3))]


def people(count: int, think: float = 0.02) -> list[Plan]:
    texts = [f"第{n}个问题" for n in range(count * QUESTIONS)]
    return [replace(plan, complaint=TOLD, thinks=[think] * (MESSAGES - 1)) for plan in crowd(count, 1, texts, 0.2)]


def met(port: int, plans: list[Plan], seconds: float = 60.0, wait: float = 20.0) -> Crowd:
    async def enter(plan: Plan) -> Visit:
        return await DoorVisit(port, plan, wait).enter()

    return asyncio.run(meet(enter, plans, seconds))


def port_of(address: str) -> int:
    return int(address.rsplit(":", 1)[1])


def settings_of(folder: Path) -> Settings:
    return settings_in(folder)


def test_forty_people_at_once_get_every_answer_once(tmp_path: Path) -> None:
    bot = FormBot()
    with live_door(tmp_path, bot) as door:
        seen = met(port_of(door.address), people(PEOPLE))
    assert seen.faults == []
    assert (len(seen.first), len(seen.later)) == (PEOPLE, PEOPLE * (MESSAGES - 1))
    assert record_faults(settings_of(tmp_path), seen.replies) == []
    assert record_faults(settings_of(tmp_path), seen.replies + 1) != []
    assert bot.most_at_once > 1, "they came one after another"
    assert not bot.overlapped, "two turns of one conversation ran at the same time"
    assert Counter(text for _sender, text, _metadata in bot.calls).most_common(2) == [(TOLD.start, PEOPLE), ("我的booth", PEOPLE)]
    assert seen.spread(seen.first)[1] < 5000


def test_who_is_refused_by_a_limit_is_counted_as_a_fault(tmp_path: Path) -> None:
    with live_door(tmp_path, FormBot(), messages_per_minute=MESSAGES - 1) as door:
        seen = met(port_of(door.address), people(3))
    assert len([fault for fault in seen.faults if "status 429" in fault]) == 3


def test_everyone_comes_from_an_address_of_his_own(tmp_path: Path) -> None:
    """Else a crowd would be one visitor, and the limits by address would stop it."""
    assert len({plan.address for plan in people(300)}) == 300
    with live_door(tmp_path, FormBot(), address_openings_per_minute=1) as door:
        assert met(port_of(door.address), people(5)).faults == []
        same = [replace(plan, address="198.18.0.1") for plan in people(3)]
        assert len([fault for fault in met(port_of(door.address), same).faults if "did not get in" in fault]) == 3, "five came, one from this address"


def test_a_bot_that_fails_is_seen_although_the_door_answers(tmp_path: Path) -> None:
    class Failing(FormBot):
        async def send(self, sender: str, text: str, metadata: dict[str, Any]) -> list[Reply]:
            if text == "我的exhibit":
                raise ZeroDivisionError
            return await super().send(sender, text, metadata)

    with live_door(tmp_path, Failing()) as door:
        seen = met(port_of(door.address), people(2))
    assert any("a turn failed" in fault or "no complaint" in fault for fault in seen.faults)
    assert record_faults(settings_of(tmp_path), seen.replies) != []


def test_a_crowd_ends_when_its_time_is_over(tmp_path: Path) -> None:
    with live_door(tmp_path, FormBot()) as door:
        seen = met(port_of(door.address), people(2, think=0.3), seconds=0.5)
    assert any("the time was over" in fault for fault in seen.faults)
    assert seen.seconds < 5


def test_the_same_seed_makes_the_same_crowd_and_no_question_is_asked_twice() -> None:
    texts = [str(n) for n in range(200)]
    one, same, other = crowd(50, 1, texts, 5), crowd(50, 1, texts, 5), crowd(50, 2, texts, 5)
    assert one == same
    assert [plan.arrives for plan in one] != [plan.arrives for plan in other]
    assert sorted(text for plan in one for text in plan.questions) == sorted(texts[:100])


SENT = ["a", "b"]
KEPT = {
    "said": [{"client_id": "a", "seq": 1, "inbound_id": "1"}, {"client_id": "b", "seq": 2, "inbound_id": "2"}],
    "replies": [{"number": n, "inbound_id": i, "text": t, "choices": []} for n, i, t in ((1, "1", "甲"), (2, "1", "乙"), (3, "2", "丙"))],
    "pending": False,
}


def changed(change: Callable[[dict[str, Any], list[dict[str, Any]]], Any]) -> list[str]:
    """The faults of a talk that was right before it was changed."""
    kept = {**KEPT, "said": [dict(one) for one in KEPT["said"]], "replies": [dict(one) for one in KEPT["replies"]]}  # type: ignore[attr-defined]
    heard = [dict(one) for one in kept["replies"]]
    change(kept, heard)
    return faults_of(SENT, heard, kept)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda kept, heard: kept["said"].pop(), "1 kept"),
        (lambda kept, heard: kept["said"].reverse(), "another order"),
        (lambda kept, heard: heard.pop(), "once over the stream"),
        (lambda kept, heard: heard.append(heard[0]), "once over the stream"),
        (lambda kept, heard: heard.reverse(), "once over the stream"),
        (lambda kept, heard: kept["replies"].pop(1), "without gaps"),
        (lambda kept, heard: kept["replies"].pop(), "unanswered"),
        (lambda kept, heard: kept["replies"].append({**kept["replies"][0], "number": 4}), "answered twice"),
        (lambda kept, heard: kept.update(pending=True), "unanswered"),
        (lambda kept, heard: kept["replies"][0]["choices"].append({"label": "再试一次", "id": "x"}), "a turn failed"),
    ],
)
def test_what_is_lost_doubled_or_out_of_turn_is_a_fault(change: Any, fault: str) -> None:
    assert changed(lambda kept, heard: None) == []
    assert any(fault in found for found in changed(change))


def test_a_run_with_a_fault_or_an_unanswered_message_is_not_clean() -> None:
    pattern = Pattern("all", 0.0, 1)

    def run(**more: Any) -> bool:
        good = Crowd(opening=[1.0], first=[1.0, 2.0], seconds=1.0)
        return is_clean(table([pattern], {"ours": [replace(good, **more)], "Rasa lean": [replace(good, faults=["x"])]}, 2, 1, {"doors": 1.0}))

    assert run()
    assert not run(faults=["person 1: a turn failed"])
    assert not run(first=[1.0])


def test_two_runs_do_not_share_a_record(tmp_path: Path) -> None:
    with alone(tmp_path), pytest.raises(BenchError, match="another load run"), alone(tmp_path):
        pytest.fail("both began")
    with alone(tmp_path):
        pass


def test_a_plain_rasa_hears_the_same_words_in_the_same_order() -> None:
    said: list[str] = []

    class Noting(RestVisit):
        def __init__(self, plan: Plan) -> None:
            super().__init__(1, plan)
            self._connection = self  # type: ignore[assignment]

        async def json(self, _method: str, _path: str, body: dict[str, Any]) -> list[str]:
            said.append(body["message"])
            return ["好"] if body["message"] != "我的respondent" else []

    async def run() -> None:
        [plan] = people(1)
        visit = Noting(plan)
        for step in range(MESSAGES - 1):
            await visit.say(step)
        with pytest.raises(LoadError, match="said nothing"):
            await visit.say(MESSAGES - 1)
        assert said == [*plan.questions, TOLD.start, "我的booth", "我的exhibit", "我的respondent"]

    asyncio.run(run())
