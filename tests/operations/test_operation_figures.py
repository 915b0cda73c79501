"""Figures for Prometheus: closed labels, honest counts, cheap and bounded at the record."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from urllib.request import urlopen

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import insert
from sqlalchemy.orm import Session

from aid.cases.tables import load_tables
from aid.clock import CHANGCHUN, FixedClock
from aid.errors import SettingsError
from aid.operations.figures import LABELS, OTHER, DoorFigures, Figures, SupervisorFigures
from aid.operations.listener import PLACES, listening
from aid.operations.record_figures import RecordFigures
from aid.settings import PROJECT, Settings
from aid.store import Store, open_store
from aid.store.errors import StoreUnavailable
from aid.store.models import BoardRow, ConversationRow, InboundRow, TicketRow
from aid.store.service_rows import ServiceRow

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=CHANGCHUN)
HOSTILE = "张伟 13900007001 {\"a\"} \n"


def value(registry: CollectorRegistry, name: str, **labels: str) -> float | None:
    return registry.get_sample_value(name, labels)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(Settings(_env_file=None, var_dir=tmp_path))
    opened.migrate()
    yield opened
    opened.close()


def everything() -> DoorFigures:
    """Figures after everything that can be counted was counted, with values of nobody's choosing."""
    figures = DoorFigures()
    for odd in (HOSTILE, "web", ""):
        figures.turn(odd, "answered", 0.2)
        figures.turn("web", odd, 0.2)
        figures.reply(odd, odd)
        figures.reply("none", odd)
        figures.bot_fault(odd)
        figures.push(odd)
        figures.line(odd)
        figures.took(odd, 0.1)
        figures.model(odd, 1.0)
    figures.answer(777)
    return figures


def test_no_label_says_what_is_not_in_its_set() -> None:
    supervised = SupervisorFigures()
    supervised.restarted(HOSTILE)
    for registry in (everything().registry, supervised.registry):
        for family in registry.collect():
            if not family.name.startswith("aid_"):
                continue
            for sample in family.samples:
                for label, said in sample.labels.items():
                    if label == "le":
                        continue
                    if label == "model":
                        assert said.isalnum()
                    else:
                        assert said in LABELS[label], (family.name, label, said)
    assert "13900007001" not in generate_latest(everything().registry).decode()


def test_every_set_knows_the_value_for_what_is_in_none() -> None:
    assert [label for label, values in LABELS.items() if OTHER not in values] == []


def test_what_is_counted_is_told() -> None:
    figures = DoorFigures()
    figures.turn("kiosk", "answered", 0.3)
    figures.turn("kiosk", "given_up")
    figures.reply("none", "off_topic")
    figures.reply("none", "none")
    figures.reply(None)
    figures.push("quota")
    figures.model("abc", 5.0)
    figures.model("def", 6.0)
    told = figures.registry
    assert value(told, "aid_turns_total", door="kiosk", outcome="answered") == 1
    assert value(told, "aid_turns_total", door="kiosk", outcome="given_up") == 1
    assert value(told, "aid_turn_seconds_count", door="kiosk") == 1
    assert [value(told, "aid_replies_total", band=band) for band in ("off_topic", "none", "words")] == [1, 1, 1]
    assert value(told, "aid_wechat_pushes_total", result="quota") == 1
    assert (value(told, "aid_model", model="abc"), value(told, "aid_model", model="def")) == (None, 1)
    assert value(told, "aid_model_trained_timestamp_seconds") == 6


def test_a_step_is_timed_even_when_it_fails() -> None:
    figures = Figures()
    with pytest.raises(ValueError, match="no"), figures.step("store"):
        raise ValueError("no")
    assert value(figures.registry, "aid_step_seconds_count", step="store") == 1


def file_case(session: Session, number: int, receiver: str, state: str, due: date, closed: bool = False) -> None:
    """A case on the board, with a ticket behind it."""
    id_, shown = f"{number:022d}", f"CC-2026-{number:06d}"
    same = {"number": shown, "kind": "service_complaint", "receiver": receiver}
    session.execute(
        insert(TicketRow).values(
            **same, id=id_, lookup_code_hash=id_, lookup_code_sealed="x", draft_id=id_, idempotency_key=id_, conversation_id="c",
            copies=[], reasons=[], parties_sealed="x", facts_sealed="x", created_at=NOW,
        )
    )  # fmt: skip
    session.execute(
        insert(BoardRow).values(
            **same, ticket_id=id_, state=state, is_closed=closed, due_on=due, due_is_estimate=False, paused=False, received_at=NOW, changed_at=NOW,
            last_seq=1, reckoned_by="x",
        )
    )  # fmt: skip


def test_the_record_tells_cases_deadlines_and_who_waits(store: Store) -> None:
    center = load_tables(PROJECT / "knowledge").centers.centers[0].id
    with store.session() as session:
        session.execute(insert(ConversationRow).values(id="c", door="web", created_at=NOW))
        for n, (status, minutes) in enumerate((("done", 90), ("pending", 3), ("pending", 1))):
            at = NOW - timedelta(minutes=minutes)
            session.execute(
                insert(InboundRow).values(id=f"i{n}", conversation_id="c", client_id=f"k{n}", seq=n, text_sealed="x", received_at=at, status=status)
            )
        session.execute(insert(ServiceRow).values(conversation_id="c", state="waiting", asked_at=NOW - timedelta(minutes=2)))
        file_case(session, 1, center, "received", date(2026, 11, 21))
        file_case(session, 2, center, "received", date(2026, 11, 23))
        file_case(session, 3, center, "concluded", date(2026, 11, 1), closed=True)
        file_case(session, 4, "nobody-knows-it", "accepted", date(2026, 11, 1))
    figures, registry = RecordFigures(store, FixedClock(NOW), [center]), CollectorRegistry()
    registry.register(figures)
    try:
        assert value(registry, "aid_record_up") == 1
        assert value(registry, "aid_tickets", center=center, state="received") == 2
        assert value(registry, "aid_tickets", center=center, state="concluded") == 1
        assert value(registry, "aid_tickets", center=OTHER, state="accepted") == 1
        assert (value(registry, "aid_tickets_overdue", center=center), value(registry, "aid_tickets_overdue", center=OTHER)) == (1, 1)
        assert (value(registry, "aid_messages_pending"), value(registry, "aid_messages_pending_oldest_seconds")) == (2, 180)
        assert (value(registry, "aid_staff_waiting"), value(registry, "aid_staff_waiting_oldest_seconds")) == (1, 120)
        assert value(registry, "aid_staff_talks") == 0
    finally:
        figures.close()


def test_the_record_is_counted_seldom_and_a_slow_one_is_not_waited_for(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    now, counts, go = [0.0], [0], threading.Event()
    go.set()
    figures = RecordFigures(store, FixedClock(NOW), [], wait=30.0, now=lambda: now[0])
    real = figures._count

    def counting() -> object:
        counts[0] += 1
        go.wait(30)
        return real()

    monkeypatch.setattr(figures, "_count", counting)
    registry = CollectorRegistry()
    registry.register(figures)
    try:
        for _ in range(5):
            assert value(registry, "aid_record_up") == 1
        assert counts[0] == 1, "kept for a while"
        now[0], figures._wait = 100.0, 0.05
        go.clear()
        begun = time.monotonic()
        text = generate_latest(registry).decode()
        assert time.monotonic() - begun < 10
        assert "aid_record_up 0.0" in text
        assert "aid_record_figures_age_seconds 100.0" in text, "the figures of before, and how old they are"
        go.set()
        figures._wait = 30.0
        assert value(registry, "aid_record_up") == 1
        assert counts[0] == 2, "the count that was slow is the one that is given"
    finally:
        figures.close()


def test_a_record_that_is_gone_is_told_as_down(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    figures, registry = RecordFigures(store, FixedClock(NOW), []), CollectorRegistry()

    def gone() -> object:
        raise StoreUnavailable("no")

    monkeypatch.setattr(figures, "_count", gone)
    registry.register(figures)
    assert value(registry, "aid_record_up") == 0
    figures.close()


def test_figures_are_given_out_on_loopback_at_a_port_of_their_own() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    settings, figures = Settings(_env_file=None, metrics_port=port - PLACES["actions"]), Figures()
    figures.took("search", 0.2)
    with listening(settings, "actions", figures.registry):
        with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            families = {family.name for family in text_string_to_metric_families(answer.read().decode())}
        with pytest.raises(SettingsError, match=f"port {port} for the figures of actions"), listening(settings, "actions", figures.registry):
            pass
    assert {"aid_step_seconds", "process_start_time_seconds"} <= families


def test_without_a_port_nothing_listens() -> None:
    with listening(Settings(_env_file=None), "doors", CollectorRegistry()):
        pass
