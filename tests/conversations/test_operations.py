"""What operators ask of the running system: whether it is ready, its figures, and a log as JSON in which nothing of a person stands."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from aid.cli.supervisor import Supervisor
from aid.operations.figures import LABELS
from aid.operations.listener import PLACES
from aid.settings import Settings
from tests.conversations.conftest import watched
from tests.conversations.talk import Visitor

pytestmark = [pytest.mark.stack, pytest.mark.timeout(400)]
NAME, PHONE, HOME, CARD = "郑雪梅", "13900007001", "朝阳区人民大街1234号3单元", "22010219900101123X"
BOOTH, COMPANY = "A7馆C31", "长春雪梅光电有限公司"
TOLD = {"consent": "同意", "name": f"我叫{NAME}", "phone": PHONE}
"""What is answered to the question of a field; all others are skipped."""
Figures = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def four_free_ports() -> int:
    """The first of four free ports in a row, below those that the machine gives to connections that go out."""
    while True:
        first = random.randrange(20_000, 32_000)
        with ExitStack() as probes, suppress(OSError):
            for port in range(first, first + len(PLACES)):
                probes.enter_context(socket.socket()).bind(("127.0.0.1", port))
            return first


def figures(settings: Settings, process: str) -> Figures:
    """What a process gives out."""
    answer = httpx.get(f"http://127.0.0.1:{settings.metrics_port + PLACES[process]}/metrics", timeout=10)
    found: Figures = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            for label, said in sample.labels.items():
                assert label not in LABELS or said in LABELS[label], sample
            found[sample.name, tuple(sorted(sample.labels.items()))] = sample.value
    return found


def of(found: Figures, name: str, **labels: str) -> float:
    return found.get((name, tuple(sorted(labels.items()))), 0.0)


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Settings, Supervisor]]:
    """A system of its own, with figures and a log as JSON, watched as `aid serve` watches it."""
    var: Path = tmp_path_factory.mktemp("operated")
    with watched(var, database_url=f"sqlite:///{var / 'aid.db'}", log_format="json", metrics_port=four_free_ports()) as system:
        yield system


def ready(settings: Settings) -> tuple[int, dict[str, str]]:
    answer = httpx.get(f"http://127.0.0.1:{settings.port}/readyz", timeout=10)
    return answer.status_code, answer.json()["parts"]


def until(what: Any, seconds: float = 60.0) -> bool:
    end = time.monotonic() + seconds
    while not what() and time.monotonic() < end:
        time.sleep(0.5)
    return bool(what())


def test_a_whole_complaint_with_an_accident_leaves_figures_and_no_words(system: tuple[Settings, Supervisor]) -> None:
    settings, supervisor = system
    assert ready(settings) == (200, dict.fromkeys(("record", "tables", "bot", "model", "actions"), "ok"))
    assert httpx.get(f"http://127.0.0.1:{settings.actions_port}/readyz", timeout=10).json()["status"] == "ready"
    public = httpx.get(f"http://127.0.0.1:{settings.port}/metrics", timeout=10)
    assert public.status_code == 404, "the public's address gives out no figures"
    with closing(Visitor(f"http://127.0.0.1:{settings.port}", seconds=150)) as visitor:
        visitor.say("专利侵权怎么投诉")
        visitor.say(f"我要投诉光博会{BOOTH}的{COMPANY}仿冒我的车灯外观专利")
        # What Rasa cannot handle, for its action server is gone, it would write down.
        os.kill(supervisor.pids()["actions"], signal.SIGKILL)
        visitor.say(f"我家住{HOME}，身份证{CARD}，跳过")
        heard = visitor.say("跳过")
        for _turn in range(12):
            kinds = [card["kind"] for card in heard.cards]
            if "receipt" in kinds:
                break
            fields = [card["field"] for card in heard.cards if card["kind"] == "question"]
            heard = visitor.say("确认" if "summary" in kinds else TOLD.get(fields[-1] if fields else "", "跳过"))
        conversation = visitor.conversation
    assert until(lambda: ready(settings)[0] == 200)
    told = figures(settings, "doors")
    assert of(told, "aid_turns_total", door="web", outcome="answered") >= 7
    assert of(told, "aid_replies_total", band="answer") + of(told, "aid_replies_total", band="candidates") >= 1
    assert all(of(told, "aid_step_seconds_count", step=step) >= 7 for step in ("store", "queue", "bot", "end"))
    assert of(told, "aid_bot_faults_total", kind="broken") + of(told, "aid_bot_faults_total", kind="timeout") >= 1
    assert of(told, "aid_record_up") == 1
    assert sum(value for (name, _labels), value in told.items() if name == "aid_tickets") == 1
    assert any(name == "aid_model" for name, _labels in told)
    assert time.time() > of(told, "aid_model_trained_timestamp_seconds") > 1.6e9
    worked = figures(settings, "actions")
    assert all(of(worked, "aid_step_seconds_count", step=step) >= 1 for step in ("action", "understanding", "encode"))
    logs = {path.name: path.read_text("utf-8", "replace") for path in sorted((settings.var_dir / "log").iterdir())}
    assert {"rasa.log", "actions.log", "doors.log"} <= set(logs)
    everything = {**logs, "figures of the doors": str(told), "figures of the action server": str(worked)}
    needles = (NAME, "雪梅", PHONE, HOME, "人民大街", CARD, CARD[:6], BOOTH, COMPANY, "车灯")
    assert sorted((place, needle) for place, text in everything.items() for needle in needles if needle in text) == []
    # What Rasa writes before its model is loaded has its own form.
    lines = [json.loads(line) for name in logs for line in logs[name].splitlines() if name != "rasa.log" or '"process": "rasa"' in line]
    assert {line["process"] for line in lines} >= {"doors", "rasa"}
    mine = {line["process"] for line in lines if line.get("conversation") == conversation}
    assert mine == {"doors", "rasa"}, "the accident is told at both, with the talk it belongs to"


def test_a_process_that_is_gone_makes_the_doors_unready_and_they_go_on_living(system: tuple[Settings, Supervisor]) -> None:
    settings, supervisor = system
    os.kill(supervisor.pids()["rasa"], signal.SIGKILL)
    assert until(lambda: ready(settings)[0] == 503, 10)
    assert httpx.get(f"http://127.0.0.1:{settings.port}/healthz", timeout=10).json() == {"status": "ok"}
    assert until(lambda: ready(settings)[0] == 200, 90), "it is started again and has its model"
