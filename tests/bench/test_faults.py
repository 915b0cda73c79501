"""The fault run's own judging: what is wrong is found, what is right is not called wrong, and nobody is killed but by plan."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
import yaml

from aid.cases.kinds import load_kinds
from aid.cli.processes import Process
from aid.settings import Settings
from bench import kills, person
from bench.complaints import FILE, PROCESSES, Complaint, Fault, Table, draw
from bench.faults import Outcome, is_clean, own_settings, table
from bench.kills import Doom, Killer, Pace
from bench.person import Person, Story, asked_in
from bench.verdict import Kept, Verdict, judge

KNOWLEDGE = Path(__file__).resolve().parents[2] / "knowledge"
RECEIPT = {"kind": "receipt", "number": "CC-2026-000001", "lookup_code": "ACDE3467"}
COMPLAINT = Complaint(0, "expo_complaint", "我要投诉", {"booth": "A1", "summary": "→确认提交"}, {"booth": "A1"}, Fault("rasa", 1, 0.0))


def story(**changes: Any) -> Story:
    """What a person has seen of a complaint that went well."""
    seen = [{"number": 1, "inbound_id": "i1"}, {"number": 2, "inbound_id": "i2"}, {"number": 3, "inbound_id": "i2"}]
    return Story(**{"complaint": COMPLAINT, "conversation": "c", "posted": ["m1", "m2"], "seen": seen, "receipts": [RECEIPT], **changes})


def kept(**changes: Any) -> Kept:
    """What the record holds of it."""
    good = {
        "messages": [("m1", "done"), ("m2", "done")],
        "inbounds": ["i1", "i2"],
        "replies": [(1, "i1"), (2, "i2"), (3, "i2")],
        "tickets": [("CC-2026-000001", {"booth": "A1", "exhibit": "车灯"})],
        "found": True,
    }
    return Kept(**{**good, **changes})


def test_a_complaint_that_went_well_is_filed() -> None:
    assert judge(story(), kept()) == Verdict("filed", [])


def test_a_complaint_of_which_the_person_knows_that_it_failed_is_told() -> None:
    assert judge(story(receipts=[], said_failed=1), kept(tickets=[], found=None)).ending == "told"


@pytest.mark.parametrize(
    ("seen", "held", "fault"),
    [
        ({}, {"tickets": [("CC-2026-000001", {"booth": "A1"}), ("CC-2026-000002", {"booth": "A1"})]}, "filed 2 times"),
        ({"receipts": [RECEIPT, {**RECEIPT, "number": "CC-2026-000009"}]}, {}, "different numbers"),
        ({"receipts": []}, {"found": None}, "without a receipt"),
        ({}, {"tickets": [], "found": False}, "the complaint is lost"),
        ({"receipts": []}, {"tickets": [], "found": None}, "nobody said so"),
        ({}, {"found": False}, "do not find the ticket"),
        ({"receipts": [{**RECEIPT, "number": "CC-2026-000002"}]}, {}, "do not find the ticket"),
        ({}, {"tickets": [("CC-2026-000001", {"booth": "A2"})]}, "does not hold what was told"),
        ({"posted": ["m1", "m2", "m3"]}, {}, "3 messages sent, 2 kept"),
        ({}, {"messages": [("m1", "done"), ("m2", "pending")]}, "still waits"),
        ({}, {"replies": [(1, "i1"), (3, "i2")]}, "without gaps"),
        ({"seen": [{"number": 1}, {"number": 3}]}, {}, "seen every reply once"),
        ({"seen": [{"number": 1}, {"number": 1}, {"number": 2}, {"number": 3}]}, {}, "seen every reply once"),
        ({}, {"replies": [(1, "i1"), (2, "i2"), (3, "i1")]}, "answered twice"),
        ({}, {"replies": [(1, "i1"), (2, "i1"), (3, "i1")]}, "unanswered"),
        ({"trouble": "no answer within 240 s"}, {}, "no answer"),
    ],
)
def test_each_kind_of_wrong_is_found(seen: dict[str, Any], held: dict[str, Any], fault: str) -> None:
    verdict = judge(story(**seen), kept(**held))
    assert verdict.ending == "wrong"
    assert any(fault in found for found in verdict.faults), verdict.faults


def test_the_same_seed_draws_the_same_complaints_and_faults() -> None:
    assert draw(50, 7) == draw(50, 7) != draw(50, 8)
    drawn = draw(300, 7)
    assert {complaint.fault.process for complaint in drawn} == set(PROCESSES)
    assert 0.2 < sum(complaint.fault.step is None for complaint in drawn) / 300 < 0.4
    assert len({complaint.facts["phone"] for complaint in drawn if "phone" in complaint.facts}) > 250


def test_what_people_tell_fits_the_forms() -> None:
    kinds = load_kinds(KNOWLEDGE)
    for row in Table.model_validate(yaml.safe_load(FILE.read_text("utf-8"))).root:
        keys = {field.key for field in kinds[row.kind].fields}
        assert set(row.answers) - {"summary"} <= keys
        assert set(row.facts) <= keys
        assert "summary" in row.answers


def test_the_pace_lets_no_process_die_more_often_than_the_supervisor_bears() -> None:
    clock, slept = [0.0], []

    def sleep(_seconds: float) -> None:
        slept.append(clock[0])
        clock[0] += 1.0

    pace = Pace(2, 10.0, lambda: clock[0], sleep)
    pace.plan("rasa")
    pace.plan("rasa")
    pace.plan("doors")
    assert not slept
    pace.done("rasa", True)
    pace.done("rasa", False)
    pace.plan("rasa")
    assert not slept, "a kill that never came does not count"
    pace.done("rasa", True)
    pace.plan("rasa")
    assert clock[0] == 10.0


class FakeSupervisor:
    """Knows one process; ``restart`` puts another in its place, as the real one does."""

    def __init__(self) -> None:
        self.child = self._new()

    def restart(self) -> None:
        self.child.wait()
        self.child = self._new()

    def pids(self) -> dict[str, int]:
        return {"rasa": self.child.pid}

    def _new(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])


@pytest.fixture
def supervisor() -> Any:
    fake = FakeSupervisor()
    yield fake
    fake.child.kill()
    fake.child.wait()


def test_a_process_is_killed_once_and_the_time_until_it_is_well_is_measured(supervisor: FakeSupervisor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kills, "_is_well", lambda _address: True)
    killer = Killer(supervisor, [Process("rasa", [], 1, "http://127.0.0.1:1/")])  # type: ignore[arg-type]
    doom = Doom(COMPLAINT, killer, pace := Pace(1, 10.0))
    pace.plan("rasa")
    doom.at_question(0, False)
    assert supervisor.child.poll() is None
    doom.at_question(1, False)
    doom.at_question(2, True)
    doom.end()
    assert doom.killed
    assert not killer.kill("rasa"), "the dead are not killed again"
    time.sleep(0.2)
    supervisor.restart()
    killer.wait()
    assert len(killer.recoveries["rasa"]) == 1
    assert 0.2 <= killer.recoveries["rasa"][0] < 5


def test_nothing_is_killed_that_this_run_has_not_started(supervisor: FakeSupervisor) -> None:
    killer = Killer(supervisor, [Process("rasa", [], 1, "http://127.0.0.1:1/")])  # type: ignore[arg-type]
    supervisor.pids = lambda: {"rasa": 1}  # type: ignore[method-assign]
    assert not killer.kill("rasa")


def question(number: int, inbound: str, field: str) -> dict[str, Any]:
    return {"number": number, "inbound_id": inbound, "text": "?", "choices": [], "card": {"kind": "question", "field": field}}


class Door:
    """A web door that loses the answer to every first attempt at a message, and once fails at the end of a turn."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}
        self.replies: list[dict[str, Any]] = []
        self.attempts: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/conversations":
            return httpx.Response(201, json={"conversation": "c", "token": "t"})
        if request.method == "GET":
            after = int(request.url.params["after"])
            return httpx.Response(200, json={"said": [], "replies": [r for r in self.replies if r["number"] > after], "pending": False})
        sent = json.loads(request.content)
        self.attempts.append(sent["client_id"])
        if sent["client_id"] not in self.known:
            self.known[sent["client_id"]] = f"i{len(self.known)}"
            self.replies.append(self._reply(len(self.known)))
            raise httpx.ReadError("the door died")
        return httpx.Response(202, json={"inbound": self.known[sent["client_id"]], "seq": 1})

    def _reply(self, number: int) -> dict[str, Any]:
        reply = question(number, f"i{number - 1}", "booth")
        if number == 2:
            return {**reply, "card": None, "choices": [{"id": "again", "label": person.SAY_AGAIN}]}
        if number == 4:
            return {**reply, "card": {"kind": "summary"}, "choices": [{"id": "yes", "label": "确认提交"}]}
        return {**reply, "card": RECEIPT} if number == 5 else reply


def test_a_person_sends_again_under_the_same_id_and_taps_what_is_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    door, moments = Door(), []
    monkeypatch.setattr(person, "PAUSE", 0.0)
    walker = Person(1, COMPLAINT, lambda step, files: moments.append((step, files)), Random(1), httpx.MockTransport(door))
    told = walker.walk()
    assert (told.trouble, told.receipts, told.said_failed) == ("", [RECEIPT], 1)
    assert moments == [(0, False), (1, False), (2, False), (3, False), (4, True)]
    assert [door.attempts.count(client_id) for client_id in told.posted] == [2] * 5
    assert [reply["number"] for reply in told.seen] == [1, 2, 3, 4, 5]


def test_a_person_leaves_a_door_that_never_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody")

    monkeypatch.setattr(person, "PAUSE", 0.01)
    monkeypatch.setattr(person, "PATIENCE", 0.1)
    told = Person(1, COMPLAINT, lambda _step, _files: None, Random(1), httpx.MockTransport(closed)).walk()
    assert "not taken" in told.trouble
    assert judge(told, Kept([], [], [], [], None)).ending == "wrong"


def test_the_last_question_is_the_one_that_is_answered() -> None:
    assert asked_in([question(1, "i", "booth"), question(2, "i", "event")]) == "event"
    assert asked_in([question(1, "i", "booth"), {"card": {"kind": "summary"}}]) == "summary"
    assert asked_in([{"card": None}, {}]) is None


@pytest.mark.parametrize(("ending", "begun", "faults", "clean"), [("filed", 1, [], True), ("wrong", 1, [], False), ("filed", 2, [], False), ("filed", 1, ["a gap"], False)])
def test_the_table_says_whether_all_is_well(ending: str, begun: int, faults: list[str], clean: bool) -> None:
    made = table([Outcome(story(longest=2.0), True, Verdict(ending, []))], {"rasa": [4.0, 8.0, 30.0]}, begun, 1, 4, faults)
    assert [row[0] for row in made.rows] == ["doors", "rasa", "actions", "all"]
    assert made.rows[1][6:] == ["8.0 / 30.0", "2.0 / 2.0"]
    assert made.rows[0][1:] == ["0", "0", "0", "0", "0", "-", "-"]
    assert is_clean(made) is clean


def test_the_run_has_a_database_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "aid.db").write_text("old")
    own = own_settings(Settings(database_url="postgresql://real/one", port=8080), tmp_path / "own")
    assert own.database == f"sqlite:///{tmp_path / 'own' / 'aid.db'}"
    assert own.port != 8080
    assert not (tmp_path / "own").exists()
