"""The demonstration: invented, whole, of the same form as real cases, and apart from them. And reports over it, held against a plain count."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from aid.cases.kinds import SUMMARY
from aid.cases.life import Actor, check_step
from aid.cases.office import Office, open_office
from aid.cases.ticket import Ticket, TicketEvent, event_of, ticket_of
from aid.clock import CHANGCHUN, FixedClock
from aid.demo.errors import NotEmpty
from aid.demo.fill import fill
from aid.demo.mark import is_demo
from aid.demo.words import check_demo, load_demo_words
from aid.evidence.rights import Staff
from aid.privacy.vault import Vault, open_vault
from aid.reports.periods import Drill, Narrow, Period, year
from aid.reports.report import BEHIND, Reports, open_reports
from aid.settings import Settings
from aid.store import Store, open_store
from aid.store.messages import Messages
from aid.store.models import (
    Base,
    BoardRow,
    ConversationRow,
    CounterRow,
    DraftRow,
    EvidenceRow,
    InboundRow,
    ReplyRow,
    TicketEventRow,
    TicketRow,
    columns,
)
from bench.reports import differences, plain

NOW = datetime(2026, 11, 30, 16, 30, tzinfo=CHANGCHUN)
CASES = 400
KNOWLEDGE = Path(__file__).parents[2] / "knowledge"


@dataclass
class Demo:
    """A filled database, and what reads it."""

    settings: Settings
    store: Store
    vault: Vault
    clock: FixedClock
    office: Office
    reports: Reports
    cases: list[tuple[Ticket, list[TicketEvent]]]


def opened(folder: Path, address: str) -> tuple[Settings, Store, Vault]:
    settings = Settings(var_dir=folder, database_url=address)
    store = open_store(settings)
    store.migrate()
    return settings, store, open_vault(settings)


def read(store: Store, vault: Vault) -> list[tuple[Ticket, list[TicketEvent]]]:
    with store.reading() as session:
        logs: dict[str, list[TicketEvent]] = {}
        for row in session.scalars(select(TicketEventRow).order_by(TicketEventRow.ticket_id, TicketEventRow.seq)):
            logs.setdefault(row.ticket_id, []).append(event_of(row, vault))
        return [(ticket_of(row, vault), logs[row.id]) for row in session.scalars(select(TicketRow).order_by(TicketRow.created_at))]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, own_database: Callable[[], str]) -> Iterator[Demo]:
    settings, store, vault = opened(tmp_path_factory.mktemp("demo"), own_database())
    clock = FixedClock(NOW)
    fill(settings, store, vault, clock, CASES, 7, lambda _line: None)
    office = open_office(settings, store, vault, clock)
    yield Demo(settings, store, vault, clock, office, open_reports(settings, store, vault, clock), read(store, vault))
    store.close()


def test_every_kind_door_and_center_and_the_whole_year_are_there(demo: Demo) -> None:
    assert len(demo.cases) == CASES
    tables = demo.reports.make(Period("span", date(2025, 12, 1), date(2026, 11, 30))).tables
    with demo.store.reading() as session:
        doors = set(session.scalars(select(ConversationRow.door)))
        assert is_demo(session)
    assert {ticket.kind for ticket, _log in demo.cases} == {*demo.office.kinds}
    assert doors == {"web", "kiosk", "wechat"}
    assert len({line.key for line in tables["month"].lines if line.counts.get("received")}) == 12
    centers = {line.key for line in tables["center"].lines}
    assert {"main", *(f"subcenter-{n}" for n in range(1, 5)), "expo-automobile", "expo-optoelectronics", "expo-agriculture"} <= centers
    assert any(center.startswith("demonstration-") for center in centers)
    assert {"automobile", "optoelectronics", "agriculture"} <= {line.key for line in tables["event"].lines}


def test_every_step_is_one_that_the_table_of_transitions_allows_to_its_actor(demo: Demo) -> None:
    for _ticket, log in demo.cases:
        for place, event in enumerate(log):
            check_step([before.kind for before in log[:place]], event.kind, Actor.read(event.actor).role, event.detail)
        assert [event.seq for event in log] == list(range(1, len(log) + 1))
        moments = [event.at for event in log]
        assert moments == sorted(moments)
        assert moments[-1] <= NOW


def test_every_case_answers_its_form_whole_with_words_that_the_form_has(demo: Demo) -> None:
    for ticket, _log in demo.cases:
        kind, facts = demo.office.kinds[ticket.kind], {**ticket.facts, **ticket.parties}
        assert kind.missing(facts) == []
        assert kind.next_field(facts) is None
        for field in kind.asked(facts):
            if field.type in ("choice", "right") and facts[field.key]:
                assert facts[field.key] in [choice.value for choice in field.choices]
        assert set(ticket.parties) <= kind.personal_keys()
        assert (ticket.consent_version is None) == (not kind.needs_consent(facts))


def test_a_case_has_the_form_that_filing_it_through_the_domain_gives(demo: Demo, tmp_path: Path, own_database: Callable[[], str]) -> None:
    settings, store, vault = opened(tmp_path, own_database())
    clock = FixedClock(NOW)
    office, messages = open_office(settings, store, vault, clock), Messages(store, vault, clock)
    firsts: dict[str, Ticket] = {}
    for ticket, _log in demo.cases:
        firsts.setdefault(ticket.kind, ticket)
    for ticket in firsts.values():
        conversation = messages.open_conversation("web").id
        first = messages.add_inbound(conversation, "first-1234", "我要登记")[0].id
        draft = office.drafts.open(conversation, ticket.kind, first)
        draft = office.drafts.save(draft, facts={**ticket.facts, **ticket.parties}, asked=SUMMARY, inbound_id=first, failures=0)
        confirm = messages.add_inbound(conversation, "confirm-1234", "确认")[0].id
        made, _ = office.tickets.file(draft, confirm)
        assert (made.facts, made.parties) == (ticket.facts, ticket.parties)
        assert made.reasons == ticket.reasons or made.receiver != ticket.receiver  # an expo's invented days send it to its station
        with store.reading() as ours, demo.store.reading() as theirs:
            for table, key, other in ((TicketRow, made.id, ticket.id), (DraftRow, made.draft_id, ticket.draft_id)):
                domain, invented = columns(ours.get_one(table, key)), columns(theirs.get_one(table, other))
                assert {name for name, value in domain.items() if value is None} == {name for name, value in invented.items() if value is None}
                assert {name: type(value) for name, value in domain.items()} == {name: type(value) for name, value in invented.items()}
            for seq in (1, 2):
                domain, invented = (event_of(s.get_one(TicketEventRow, (id_, seq)), v) for s, id_, v in ((ours, made.id, vault), (theirs, ticket.id, demo.vault)))
                assert (domain.kind, domain.actor, {*domain.detail} - {"alike"}) == (invented.kind, invented.actor, {*invented.detail})
    store.close()


def test_a_person_finds_his_invented_case_by_number_and_code(demo: Demo) -> None:
    ticket = demo.cases[0][0]
    assert demo.office.tickets.find(ticket.number, ticket.lookup_code, ticket.conversation_id).id == ticket.id
    assert demo.office.cards.status(ticket).number == ticket.number


def test_the_queue_is_full_at_once(demo: Demo) -> None:
    with demo.store.reading() as session:
        drawn = {row.number: row for row in session.scalars(select(BoardRow))}
    assert {*drawn} == {ticket.number for ticket, _log in demo.cases}
    assert all(drawn[ticket.number].last_seq == log[-1].seq for ticket, log in demo.cases)
    assert demo.office.board.catch_up() == 0


def test_numbers_go_on_where_the_demonstration_ends(demo: Demo) -> None:
    with demo.store.reading() as session:
        last = {row.year: row.last for row in session.scalars(select(CounterRow))}
    found = Counter(int(ticket.number.split("-")[1]) for ticket, _log in demo.cases)
    assert last == dict(found)
    assert len({ticket.number for ticket, _log in demo.cases}) == CASES


def test_no_real_telephone_name_or_firm_is_in_it(demo: Demo) -> None:
    words = load_demo_words(KNOWLEDGE)
    for ticket, log in demo.cases:
        if phone := ticket.parties.get("phone"):
            assert re.fullmatch(r"13900007\d{3}|0431-5550\d{4}", phone)
            assert re.fullmatch(f"({'|'.join(words.surnames)})例[一二三四五六七八九]", ticket.parties["name"])
        assert ticket.facts.get("respondent", "").startswith("演示") or not ticket.facts.get("respondent")
        assert all("演示" in event.actor for event in log if ":" in event.actor)
        assert "shop.example" in ticket.facts.get("link", "") or not ticket.facts.get("link")


def test_its_pictures_are_there_as_their_rows_say(demo: Demo) -> None:
    with demo.store.reading() as session:
        ids = list(session.scalars(select(EvidenceRow.id)))
    assert ids
    for id_ in ids[:5]:
        evidence, content = demo.office.evidence.original(Staff("演示", "看一眼"), id_)
        assert content.startswith(b"\xff\xd8\xff")
        assert evidence.ticket_id


def test_every_reply_belongs_to_a_message_and_every_talk_is_answered(demo: Demo) -> None:
    with demo.store.reading() as session:
        asked = Counter(session.scalars(select(InboundRow.conversation_id)))
        replied = Counter(session.scalars(select(ReplyRow.conversation_id)))
        rows = session.execute(select(ConversationRow.id, ConversationRow.last_seq, ConversationRow.last_number)).all()
    assert asked == replied
    assert {id_: (seq, number) for id_, seq, number in rows} == {id_: (many, many) for id_, many in asked.items()}


def test_the_same_seed_gives_the_same_cases_and_another_one_others(demo: Demo, tmp_path: Path, own_database: Callable[[], str]) -> None:
    assert again_of(tmp_path / "one", own_database(), 3) == again_of(tmp_path / "other", own_database(), 3)
    assert read(demo.store, demo.vault)[:40] != again_of(tmp_path / "third", own_database(), 5)


def again_of(folder: Path, address: str, seed: int) -> list[tuple[Ticket, list[TicketEvent]]]:
    settings, store, vault = opened(folder, address)
    fill(settings, store, vault, FixedClock(NOW), 40, seed, lambda _line: None)
    found = read(store, vault)
    store.close()
    return found


@pytest.mark.parametrize("held", ["a conversation", "a demonstration"])
def test_a_database_that_holds_anything_is_refused_and_left_as_it_is(held: str, tmp_path: Path, own_database: Callable[[], str]) -> None:
    settings, store, vault = opened(tmp_path, own_database())
    clock = FixedClock(NOW)
    if held == "a conversation":
        Messages(store, vault, clock).open_conversation("web")
    else:
        fill(settings, store, vault, clock, 3, 1, lambda _line: None)
    before = counted(store)
    with pytest.raises(NotEmpty, match="may be real" if held == "a conversation" else "holds a demonstration"):
        fill(settings, store, vault, clock, 3, 1, lambda _line: None)
    assert counted(store) == before
    with store.reading() as session:
        assert is_demo(session) == (held == "a demonstration")
    store.close()


def counted(store: Store) -> dict[str, int]:
    with store.reading() as session:
        return {name: len(session.execute(select(table)).all()) for name, table in Base.metadata.tables.items()}


def test_reports_count_what_a_plain_count_over_opened_tickets_counts(demo: Demo) -> None:
    for period in (year(2026), year(2025), Period("month", date(2026, 7, 1), date(2026, 7, 31))):
        report = demo.reports.make(period)
        assert differences(report, plain(demo.settings, demo.store, demo.vault, demo.clock, period)) == []
        assert report.is_demo


def test_every_column_adds_up_and_every_figure_opens_to_exactly_its_cases(demo: Demo) -> None:
    report = demo.reports.make(year(2026))
    for name, figure in report.figures.items():
        if figure.drill is not None:
            assert Drill.read(figure.drill.parameters()) == figure.drill
            assert len(demo.reports.numbers(figure.drill)) == figure.value, name
    for dimension, table in report.tables.items():
        for column in table.columns:
            mark = {"judged": report.figures["on_time"].whole, "rated": report.figures["satisfaction"].whole, "satisfied": report.figures["satisfaction"].value}
            assert table.total(column) == (mark[column] if column in mark else report.figures[column].value), (dimension, column)  # type: ignore[index]
        for line in table.lines[:3]:
            drill = report.drill("concluded", dimension, line.key)
            assert drill is not None
            assert len(demo.reports.numbers(drill)) == line.counts.get("concluded", 0), (dimension, line.key)
            assert Drill.read(drill.parameters()) == drill


def test_a_report_narrowed_to_a_row_gives_the_rows_figures(demo: Demo) -> None:
    report = demo.reports.make(year(2026))
    for dimension in ("center", "matter", "kind", "door", "event"):
        for line in report.tables[dimension].lines:  # type: ignore[index]
            own = demo.reports.make(year(2026), Narrow(**{dimension: line.key}))
            assert [own.figures[name].value for name in ("received", "cases", "concluded")] == [  # type: ignore[index]
                line.counts.get(name, 0) for name in ("received", "cases", "concluded")
            ]
            assert dimension not in own.tables


def test_behind_every_mark_stands_a_name_that_a_page_may_ask_for() -> None:
    assert {"received", "late", "satisfaction", "judged", "rated"} <= {*BEHIND}


def test_what_does_not_fit_in_the_words_is_told_with_its_line(tmp_path: Path) -> None:
    folder = tmp_path / "knowledge"
    folder.mkdir()
    for name in ("cases", "words", "centers.yml", "routing.yml", "events.yml", "agencies.yml", "places.yml", "form_faults.yml"):
        (folder / name).symlink_to(KNOWLEDGE / name)
    text = (KNOWLEDGE / "demo.yml").read_text("utf-8")
    (folder / "demo.yml").write_text(text.replace("service_complaint: 3", "tax: 3"), "utf-8")
    assert [fault.message for fault in check_demo(folder)] == [
        "there is no kind of case tax", "no weight for the kind of case service_complaint",
    ]  # fmt: skip
    assert all(fault.line for fault in check_demo(folder))
    assert check_demo(KNOWLEDGE) == []
