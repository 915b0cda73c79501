"""Conversations in any order of steps: who may enter does, nobody else does, and what was said is kept as it was said.

A state machine (hypothesis) walks several talks at once over a real line and holds the door against a small model of it. Bounded, without chance.
"""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from live_door import LiveDoor, Talk, live_door

from channels.gate import storable
from tests.evidence.made import picture

WORDS = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=80),
    st.sampled_from(["", "/restart", "\x00", "\ud83d", "\u202e倒", "<script>alert(1)</script>", "data: x\n\nevent: reply\n\n", "字" * 2500]),
)
NAMES = st.sampled_from(["摊位.jpg", "a.exe", "../../keys/data.key", "\u202egpj.exe", "<img src=x onerror=alert(1)>.png", "x" * 300, "a\r\nb.jpg", "."])
TALKS, FILES = st.integers(0, 3), 2
"""Which of the talks; and how many files a talk sends, each of which takes a process to look at."""


class Known(Talk):
    """A talk and what the door must know of it."""

    def __init__(self, talk: Talk, door: str) -> None:
        super().__init__(**vars(talk))
        self.door, self.open, self.sent = door, True, 0
        self.said: list[str] = ["你好"]
        self.codes: list[str] = []
        self.old_tokens: list[str] = []


class Talks(RuleBasedStateMachine):
    """The steps of people and of strangers."""

    door: ClassVar[LiveDoor]

    def __init__(self) -> None:
        super().__init__()
        self.talks: list[Known] = []

    @initialize()
    def two_begin(self) -> None:
        self.begin("web")
        self.begin("kiosk")

    @precondition(lambda self: sum(talk.open for talk in self.talks) < 3)
    @rule(door=st.sampled_from(["web", "kiosk"]))
    def begin(self, door: str) -> None:
        self.talks.append(Known(self.door.begin(door), door))

    def talk(self, which: int) -> Known:
        return self.talks[-1 - which % len(self.talks)]

    @rule(which=TALKS, text=WORDS)
    def say(self, which: int, text: str) -> None:
        talk = self.talk(which)
        answer = self.door.say(talk, text)
        assert answer.status_code == (202 if talk.open else 401)
        if talk.open:
            talk.said.append(storable(text))

    @rule(which=TALKS, whose=TALKS, n=st.integers(0, 9))
    def tap(self, which: int, whose: int, n: int) -> None:
        """A choice of one's own talk, or of another's, which is none."""
        talk, owner = self.talk(which), self.talk(whose)
        choice = owner.choices[n % len(owner.choices)]
        answer = self.door.say(talk, choice=choice)
        own = choice in talk.choices
        assert answer.status_code == (401 if not talk.open else 202 if own else 404)
        if talk.open and own:
            talk.said.append("是")

    @rule(which=TALKS, name=NAMES, whole=st.booleans())
    def upload(self, which: int, name: str, whole: bool) -> None:
        talk = self.talk(which)
        if whole and talk.sent >= FILES:
            return
        content = picture(size=(16 + len(talk.said), 16)) if whole else b"MZ\x90\x00"
        path = f"/v1/conversations/{talk.conversation}/files"
        form = {"files": {"file": (name, content)}, "data": {"client_id": secrets.token_hex(8)}}
        answer = self.door.ask("POST", path, headers=talk.headers, **form)
        assert answer.status_code == (401 if not talk.open else 202 if whole else 415)
        if answer.status_code != 202:
            return
        talk.sent += 1
        seen = self.door.settle(talk)
        kept = seen["said"][-1]["text"]
        assert not set(kept) & set("\r\n\u202e")
        talk.said.append(kept)
        back = self.door.ask("GET", f"{path}/{answer.json()['file']}", headers=talk.headers)
        assert back.content == content
        assert back.headers["Content-Disposition"].startswith("attachment; filename=\"file.jpg\"; ")

    @rule(which=TALKS, solved=st.booleans(), number=st.integers(1, 12))
    def rate(self, which: int, solved: bool, number: int) -> None:
        talk = self.talk(which)
        answer = self.door.ask("PUT", f"/v1/conversations/{talk.conversation}/ratings/{number}", headers=talk.headers, json={"solved": solved})
        assert answer.status_code in ((401,) if not talk.open else (204, 404))
        assert (answer.status_code == 404) == (talk.open and number not in talk.replies) or number in talk.replies

    @rule(which=TALKS, sure=st.integers(0, 3))
    def end(self, which: int, sure: int) -> None:
        talk = self.talk(which)
        if sure and talk.open:
            return
        answer = self.door.ask("POST", f"/v1/conversations/{talk.conversation}/end", headers=talk.headers)
        assert answer.status_code == (204 if talk.open else 401)
        talk.open, talk.codes = False, []

    @rule(which=TALKS)
    def offer(self, which: int) -> None:
        talk = self.talk(which)
        answer = self.door.ask("POST", f"/v1/conversations/{talk.conversation}/handover", headers=talk.headers)
        assert answer.status_code == (201 if talk.open else 401)
        if talk.open:
            talk.codes.append(answer.json()["code"])

    @rule(which=TALKS, last=st.booleans())
    def take_over(self, which: int, last: bool) -> None:
        """The last code is good, once; every other is none."""
        talk = self.talk(which)
        good = last and bool(talk.codes)
        code = talk.codes[-1] if good else talk.codes[0] if len(talk.codes) > 1 else secrets.token_urlsafe(24)
        answer = self.door.ask("POST", "/v1/handover", json={"code": code})
        assert answer.status_code == (201 if good else 404)
        if good:
            assert talk.open
            assert answer.json()["conversation"] == talk.conversation
            talk.old_tokens.append(talk.token)
            talk.token, talk.codes = answer.json()["token"], []

    @rule(which=TALKS)
    def hand_over(self, which: int) -> None:
        """To a phone, from which the talk goes on; then the former device asks."""
        self.offer(which)
        self.take_over(which, True)
        self.intrude(which, which, "old", "messages")

    @rule(which=TALKS, whose=TALKS, how=st.sampled_from(["old", "stolen", "cut", "none"]), place=st.sampled_from(["messages", "stream", "end", "say"]))
    def intrude(self, which: int, whose: int, how: str, place: str) -> None:
        """With an older token, another talk's, half a token or none, nothing opens and nothing is kept."""
        talk, other = self.talk(which), self.talk(whose)
        token = {"old": talk.old_tokens[-1] if talk.old_tokens else "", "stolen": other.token, "cut": talk.token[:-1], "none": ""}[how]
        if how == "stolen" and other is talk:
            return
        before = self.door.kept()
        path = f"/v1/conversations/{talk.conversation}/" + ("messages" if place == "say" else place)
        method = "POST" if place in ("end", "say") else "GET"
        body = json.dumps({"client_id": "client-1", "text": "偷看"}) if place == "say" else None
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        answer = self.door.ask(method, path, content=body, headers=headers)
        assert answer.status_code == (403 if how == "stolen" else 401)
        assert "你好" not in answer.text
        assert self.door.kept() == before

    @invariant()
    def everyone_reads_what_he_said(self) -> None:
        for talk in self.talks:
            seen = self.door.settle(talk)
            if not talk.open:
                assert seen["error"] == "conversation_closed"
                continue
            assert [one["text"] for one in seen["said"]] == talk.said
            assert [one["number"] for one in seen["replies"]] == list(range(1, len(seen["replies"]) + 1))
            assert [reply["inbound_id"] for reply in seen["replies"]] == [one["inbound_id"] for one in seen["said"]]


@pytest.mark.timeout(300)
def test_talks_in_any_order_of_steps_keep_what_is_said_and_keep_strangers_out(tmp_path: Path) -> None:
    with live_door(tmp_path) as door:
        walked = type("Walk", (Talks,), {"door": door}).TestCase
        walked.settings = settings(
            max_examples=12,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        walked("runTest").runTest()
