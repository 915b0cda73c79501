"""The queue: whose cases, in which order, found by what, page by page."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from sqlalchemy import update

from aid.cases.ticket import Ticket
from aid.clock import CHANGCHUN
from aid.desk import queue as queue_module
from aid.desk.filters import Filters
from aid.privacy.audit import Audit
from aid.privacy.erasure import Erasure
from aid.privacy.persons import Found
from aid.store.models import BoardRow
from tests.desk.house import HANDLER, House

OPTICS, CARS = "subcenter-2", "subcenter-1"


def numbers(house: House, filters: Filters | None = None, sees: set[str] | None = None, me: str = "") -> list[str]:
    return [line.number for line in house.desk.queue.page(filters or Filters(), sees, me).lines]


def found(house: House, words: str, **more: object) -> list[str]:
    return numbers(house, Filters(words=words, show="all", **more))  # type: ignore[arg-type]


def test_the_most_urgent_stands_first(house: House) -> None:
    """The days are reckoned by the real calendar from a Monday; the case that is due first is not the one that was told first."""
    late = house.filed("aid_application")  # 1 working day for the first contact
    house.later(days=2)
    running = house.filed("aid_application")
    house.does(running, "contacted")  # the review runs on
    quiet = house.filed()
    house.does(quiet, "contacted")  # no clock runs
    awaiting = house.filed()
    house.does(awaiting, "returned")
    tomorrow = house.filed()
    leaving = house.filed(leaves_on="2026-11-26")
    over = house.filed()
    house.does(over, "withdrawn")
    wanted = [leaving, late, tomorrow, running, quiet, awaiting]
    page = house.desk.queue.page(Filters(), None)
    assert [line.number for line in page.lines] == [ticket.number for ticket in wanted]
    assert [line.urgency for line in page.lines] == ["leaving", "overdue", "soon", "running", "open", "awaiting"]
    assert [line.left for line in page.lines] == [1, -1, 1, 15, None, 7]
    assert page.total == 6
    assert numbers(house, Filters(show="closed")) == [over.number]


def test_a_paused_clock_is_said_to_stand_still(house: House) -> None:
    ticket = house.filed("aid_application")
    house.does(ticket, "returned")
    [line] = house.desk.queue.page(Filters(), None).lines
    assert (line.paused, line.clock, line.urgency) == (True, "correction", "awaiting")
    house.later(days=12)
    [line] = house.desk.queue.page(Filters(), None).lines
    assert line.urgency == "overdue", "nobody put it right in time: somebody must decide"
    house.does(ticket, "supplemented")
    [line] = house.desk.queue.page(Filters(), None).lines
    assert (line.paused, line.clock) == (False, "review")


def test_a_person_sees_his_centers_cases_and_those_in_copy_and_no_others(house: House) -> None:
    cars, optics = house.filed(), house.filed(event="长春国际光电博览会")
    assert (cars.receiver, optics.receiver) == (CARS, OPTICS)
    assert numbers(house, sees={CARS}) == [cars.number]
    assert numbers(house, sees=set()) == []
    assert "main" in cars.copies
    assert set(numbers(house, sees={"main"})) == {cars.number, optics.number}
    assert numbers(house, Filters(center=("main",), copies=False), sees={"main"}) == [], "in copy, not in hand"
    assert house.desk.queue.seen(cars.number, {OPTICS}) is None
    assert house.desk.queue.line(cars.id, {OPTICS}) is None
    assert house.desk.queue.seen(cars.number, {CARS}) == cars.id


def test_a_transfer_takes_the_sight_along_and_a_helper_gets_it(house: House) -> None:
    ticket = house.filed()
    house.does(ticket, "transferred")  # to subcenter-2
    assert numbers(house, sees={CARS}) == []
    assert numbers(house, sees={OPTICS}) == [ticket.number]
    house.office.log.add(ticket, "referred", HANDLER, {"to": "新材料站", "helper": "station-new-materials", "reason": "懂材料"})
    assert numbers(house, sees={"station-new-materials"}) == [ticket.number]
    assert house.row(ticket).receiver == OPTICS


def test_each_filter_narrows_by_its_own(house: House) -> None:
    cars, optics, aid = house.filed(), house.filed(event="长春国际光电博览会", right_kind="发明专利"), house.filed("aid_application")
    house.does(cars, "accepted", by=HANDLER)
    asked: list[tuple[str, object, list[Ticket]]] = [
        ("kind", ("aid_application",), [aid]),
        ("state", ("accepted",), [cars]),
        ("center", (OPTICS,), [optics]),
        ("matter", ("发明专利", "商标"), [optics, aid]),
        ("expo", (house.row(optics).expo,), [optics]),
        ("urgency", ("open",), [cars]),
        ("due_within", 1, [optics, aid]),
        ("due_within", 0, []),
        ("mine", True, [cars]),
        ("since", date(2026, 11, 24), []),
        ("until", date(2026, 11, 23), [cars, optics, aid]),
    ]
    for name, value, wanted in asked:
        filters = Filters.model_validate({name: value})
        assert set(numbers(house, filters, me="handler1")) == {ticket.number for ticket in wanted}, name
    assert numbers(house, Filters(mine=True)) == [], "one without a name has none of his own"


def test_pages_of_fifty_go_on_where_the_last_one_ended_whatever_comes_in_between(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_module, "PAGE", 3)
    tickets = [house.filed("aid_application" if n % 2 else "expo_complaint") for n in range(8)]
    for sort in ("urgency", "newest", "oldest"):
        filters, seen = Filters(sort=sort), []  # type: ignore[arg-type]
        for _ in range(3):
            page = house.desk.queue.page(filters, None)
            assert page.total == len(tickets)
            seen += [line.number for line in page.lines]
            filters = filters.model_copy(update={"after": page.next})
        assert page.next is None
        assert sorted(seen) == sorted(ticket.number for ticket in tickets)
        assert len(seen) == len(set(seen))
    first = house.desk.queue.page(Filters(), None)
    house.does(tickets[0], "contacted")  # one of the first page sinks to the end
    late = house.filed(leaves_on="2026-11-23")  # and one comes in at the very top
    rest = numbers(house, Filters(after=first.next)) + numbers(house, Filters(after=house.desk.queue.page(Filters(after=first.next), None).next))
    assert late.number not in rest
    assert {*rest} | {line.number for line in first.lines} == {ticket.number for ticket in tickets}


def test_a_page_may_be_asked_for_among_given_numbers_however_many(house: House) -> None:
    tickets = [house.filed() for _ in range(3)]
    among = [tickets[2].number, tickets[0].number, *(f"CC-2019-{n:06}" for n in range(2000))]
    page = house.desk.queue.page(Filters(show="all"), None, among=among)
    assert ([line.number for line in page.lines], page.total) == ([tickets[0].number, tickets[2].number], 2)
    assert house.desk.queue.page(Filters(show="all"), ["subcenter-2"], among=among).total == 0, "of others' cases not even the number"
    assert house.desk.queue.page(Filters(), None, among=[]).total == 0


def test_a_page_that_is_turned_after_midnight_keeps_its_day(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_module, "PAGE", 2)
    tickets = [house.filed() for _ in range(4)]
    house.later(hours=14)
    first = house.desk.queue.page(Filters(), None)
    house.later(hours=2)  # another day: every rank has moved
    second = house.desk.queue.page(Filters(after=first.next), None)
    assert second.day == first.day == date(2026, 11, 23)
    assert [line.number for line in (*first.lines, *second.lines)] == [ticket.number for ticket in tickets]


def test_a_case_is_found_by_number_and_by_its_last_figures(house: House) -> None:
    tickets = [house.filed(booth=f"B{n}90", right_number="") for n in range(3)]
    wanted = tickets[1].number
    for words in (wanted, wanted.lower(), wanted.removeprefix("CC-"), wanted[-3:], wanted[-6:], "ＣＣ－" + wanted[3:]):
        assert found(house, words) == [wanted], words
    assert found(house, "CC-2025-000002") == []


def test_a_case_is_found_by_whole_telephone_and_name_and_by_its_lookup_code(house: House) -> None:
    one, two = house.filed(), house.filed("aid_application")
    assert found(house, "139-0000-7101") == [one.number]
    assert found(house, "13900007102") == [two.number]
    assert found(house, "王小强") == [one.number]
    assert found(house, two.lookup_code.lower()) == [two.number]
    for part in ("1390000710", "0007101", "王小", "小强", two.lookup_code[:7]):
        assert found(house, part) == [], "personal data is found whole or not at all"


def test_a_case_is_found_by_what_was_told_in_any_spelling_and_all_words_count(house: House) -> None:
    one, two = house.filed(), house.filed(respondent="", exhibit="車窗膜", booth="C7")
    assert found(house, "亮车灯具") == [one.number]
    assert found(house, "车窗") == [two.number]
    assert found(house, "b12 车灯") == [one.number]
    assert found(house, "c7 车灯") == []
    assert found(house, "\u200b") == []


def test_what_is_filed_later_is_found_at_once_and_an_erased_name_no_more(house: House) -> None:
    assert found(house, "王小强") == []
    ticket = house.filed()
    assert found(house, "王小强") == found(house, "车灯") == [ticket.number]
    house.does(ticket, "withdrawn")
    house.later(days=3)
    erasure = Erasure(house.store, house.vault, house.clock, house.office, Audit(house.store, house.clock, "officer"))
    erasure.carry_out(erasure.plan(Found([ticket.id], [], [])), "erased", "request")
    assert found(house, "王小强") == found(house, "车灯") == found(house, "13900007101") == []
    assert found(house, ticket.number) == [ticket.number]


def test_words_and_sight_hold_together(house: House) -> None:
    cars, optics = house.filed(), house.filed(event="长春国际光电博览会")
    assert numbers(house, Filters(words="车灯"), sees={OPTICS}) == [optics.number]
    assert numbers(house, Filters(words=cars.number), sees={OPTICS}) == []


def test_the_lines_say_what_it_is_about_with_telephones_masked(house: House) -> None:
    house.filed(exhibit="车灯，打13900007199")
    [line] = house.desk.queue.page(Filters(), None).lines
    assert "车灯" in line.told
    assert "13900007199" not in line.told
    assert "王小强" not in line.told


def test_the_lines_hide_the_name_of_the_person_in_his_own_account(house: House) -> None:
    house.filed("aid_application", help="我叫李梅，帮我看看")
    [line] = house.desk.queue.page(Filters(), None).lines
    assert "李梅" not in line.told
    assert "李*" in line.told


def test_what_announces_itself_is_counted_for_whom_it_concerns(house: House) -> None:
    assert house.desk.queue.tally(None) == queue_module.Tally(0, 0, 0, "")
    first = house.filed(leaves_on="2026-11-23")
    house.filed("aid_application")
    house.later(days=4)
    taken = house.filed(event="长春国际光电博览会")
    house.does(taken, "accepted")
    tally = house.desk.queue.tally(None)
    assert (tally.new, tally.overdue, tally.leaving, tally.newest) == (2, 2, 0, taken.number)
    assert house.desk.queue.tally({CARS}).newest == first.number
    assert house.desk.queue.tally(set()) == queue_module.Tally(0, 0, 0, "")


def test_many_hits_are_no_trouble_for_the_database(house: House) -> None:
    """More ids than a statement takes parameters."""
    ticket = house.filed()
    house.desk.texts.catch_up()
    known = house.desk.texts._known
    known.update({f"{n:022d}": known[ticket.id] for n in range(70_000)})
    house.desk.texts._shelf = None
    assert found(house, "车灯") == [ticket.number]


def test_days_are_those_of_changchun(house: House) -> None:
    ticket: Ticket = house.filed()
    with house.store.session() as session:
        session.execute(update(BoardRow).values(received_at=datetime(2026, 11, 24, 0, 30, tzinfo=CHANGCHUN)))
    assert numbers(house, Filters(since=date(2026, 11, 24), until=date(2026, 11, 24))) == [ticket.number]
    assert numbers(house, Filters(until=date(2026, 11, 23))) == []
