"""What counts, when, and where: each figure by cases that were filed and handled through the domain."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime

import pytest
from sqlalchemy import text

from aid.cases.office import open_office
from aid.cases.ticket import Ticket
from aid.clock import CHANGCHUN
from aid.privacy.audit import Audit
from aid.privacy.erasure import Erasure
from aid.privacy.persons import Persons
from aid.replies import Reply
from aid.reports.cases import Logged, line_of
from aid.reports.errors import UnknownFilter, UnknownPeriod
from aid.reports.periods import Drill, Narrow, month, read_period, spanning, year
from aid.reports.report import Report
from tests.reports.conftest import DESK, FACTS, HANDLER, PERSON, Desk, answer

YEAR = year(2026)


def values(report: Report, *names: str) -> list[int]:
    return [report.figures[name].value for name in names]  # type: ignore[index]


def test_all_seven_kinds_are_received_and_five_of_them_are_protection_cases(desk: Desk) -> None:
    for kind in FACTS:
        desk.filed(kind, "2026-11-23T10:00")
    desk.filed("mediation_request", "2026-11-23T10:05")
    report = desk.reports.make(YEAR)
    assert values(report, "received", "cases", "aid", "mediation") == [8, 6, 1, 2]
    assert report.sentence.startswith("2026年，共受理知识产权保护维权案件6件，其中维权援助1件，纠纷调解2件。")


def test_the_sentence_of_2024_comes_out_as_the_source_document_has_it(desk: Desk) -> None:
    said = desk.reports.words.sentence.format(period="2024年", cases=1316, aid=79, mediation=999)
    assert said == "2024年，共受理知识产权保护维权案件1316件，其中维权援助79件，纠纷调解999件。"


def test_of_one_expo_its_outreach_is_told_as_the_source_document_tells_it(desk: Desk) -> None:
    desk.asked("2026-11-23T10:00", "trademark.squatted", door="kiosk", event="automobile")
    whole, expo = desk.reports.make(YEAR), desk.reports.make(YEAR, Narrow(event="automobile"))
    assert whole.sentence.endswith("为企业和公众提供知识产权咨询1次，惠及各类群体1人次。")
    assert expo.sentence.endswith("为参展企业和公众提供知识产权咨询1次，惠及各类群体1人次。")


def test_what_is_not_accepted_is_received_and_no_case(desk: Desk) -> None:
    ticket = desk.filed("aid_application", "2026-11-23T10:00")
    desk.does(ticket, ("2026-11-24T10:00", "not_accepted", HANDLER, {"reason": "不属于知识产权"}))
    assert values(desk.reports.make(YEAR), "received", "cases", "aid", "concluded") == [1, 0, 0, 0]


def test_a_withdrawn_case_counts_nowhere_until_it_is_taken_up_again(desk: Desk) -> None:
    ticket = desk.filed("mediation_request", "2026-11-23T10:00")
    desk.does(ticket, ("2026-11-23T11:00", "withdrawn", PERSON, {}))
    assert values(desk.reports.make(YEAR), "received", "cases", "mediation", "late") == [0, 0, 0, 0]
    desk.does(ticket, ("2026-11-23T12:00", "reopened", PERSON, {"reason": "又谈崩了"}))
    assert values(desk.reports.make(YEAR), "received", "cases", "mediation", "late") == [1, 1, 1, 0]


def test_a_duplicate_that_was_merged_counts_nowhere_and_a_reopened_one_again() -> None:
    at = datetime(2026, 11, 23, 10, tzinfo=CHANGCHUN)
    plain = {"kind": "mediation_request", "door": "web", "event": "", "matter": "商标", "center": "main"}
    log = [Logged(1, "received", at, {}), Logged(2, "routed", at, {}), Logged(3, "merged", at, {"into": "CC-2026-000001"})]
    assert line_of("t", plain, log, ["accepted"]).merged
    assert not line_of("t", plain, log[:2], ["accepted"]).merged
    assert not line_of("t", plain, [*log, Logged(4, "reopened", at, {})], ["accepted"]).merged


def test_a_day_is_a_day_in_changchun(desk: Desk) -> None:
    desk.filed("mediation_request", "2025-12-31T23:59")
    desk.filed("mediation_request", "2026-01-01T00:01")
    desk.at("2026-01-05T09:00")
    assert values(desk.reports.make(year(2025)), "received") == [1]
    report = desk.reports.make(YEAR)
    assert values(report, "received") == [1]
    assert [(line.key, line.counts["received"]) for line in report.tables["month"].lines if line.counts] == [("2026-01", 1)]


def test_a_case_is_concluded_in_the_month_of_its_end_wherever_it_began(desk: Desk) -> None:
    ticket = desk.concluded(desk.filed("mediation_request", "2026-09-29T10:00"), "2026-10-12T10:00")
    assert values(desk.reports.make(month(9, 2026)), "received", "concluded") == [1, 0]
    assert values(desk.reports.make(month(10, 2026)), "received", "concluded") == [0, 1]
    desk.does(ticket, ("2026-10-20T10:00", "reopened", PERSON, {"reason": "没有履行"}))
    assert values(desk.reports.make(month(10, 2026)), "concluded") == [0]
    desk.does(ticket, ("2026-11-02T10:00", "concluded", HANDLER, {"outcome": "履行了"}))
    assert values(desk.reports.make(month(10, 2026)), "concluded") == [0]
    assert values(desk.reports.make(month(11, 2026)), "concluded") == [1]


def test_a_transferred_case_counts_where_it_is_now(desk: Desk) -> None:
    ticket = desk.filed("expo_complaint", "2026-11-23T10:00")
    assert values(desk.reports.make(YEAR, Narrow(center=ticket.receiver)), "received") == [1]
    desk.does(ticket, ("2026-11-23T11:00", "transferred", DESK, {"receiver": "subcenter-2", "reason": "是光电产品"}))
    assert values(desk.reports.make(YEAR, Narrow(center=ticket.receiver)), "received") == [0]
    report = desk.reports.make(YEAR, Narrow(center="subcenter-2"))
    assert values(report, "received") == [1]
    assert report.narrowed == "只统计：分中心（光电信息产业）"
    assert "reached" not in report.figures  # a talk has no center


def test_first_contact_is_on_time_on_its_last_working_day_and_late_after_it(desk: Desk) -> None:
    in_time = desk.filed("mediation_request", "2026-11-20T16:00")  # a Friday: the last day is Monday
    late = desk.filed("mediation_request", "2026-11-20T16:00")
    never = desk.filed("mediation_request", "2026-11-20T16:00")
    desk.does(in_time, ("2026-11-23T17:00", "contacted", DESK, {}))
    assert values(desk.reports.make(YEAR), "on_time", "late") == [1, 0]
    assert desk.reports.make(YEAR).figures["on_time"].whole == 1  # the others still have this day
    desk.does(late, ("2026-11-24T09:00", "contacted", DESK, {}))
    report = desk.reports.make(YEAR)
    assert values(report, "on_time", "late") == [1, 2]
    assert report.figures["on_time"].shown == "33.3%"
    assert desk.reports.numbers(Drill("late", YEAR.first, YEAR.last, Narrow())) == [late.number, never.number]


def aid_application(desk: Desk, accepted: str, returned: bool) -> Ticket:
    ticket = desk.filed("aid_application", "2026-11-02T10:00")  # fifteen working days: until 23 November
    desk.does(ticket, ("2026-11-02T15:00", "contacted", DESK, {}))
    if returned:
        desk.does(
            ticket, ("2026-11-03T10:00", "returned", DESK, {"missing": "证书"}), ("2026-11-10T10:00", "supplemented", PERSON, {"text": "补了"})
        )
    return desk.does(ticket, (accepted, "accepted", DESK, {}))


@pytest.mark.parametrize(("accepted", "returned", "late"), [("2026-11-23T16:00", False, 0), ("2026-11-24T09:00", False, 1), ("2026-11-30T09:00", True, 0)])
def test_the_review_of_an_application_counts_too_and_stands_still_while_material_is_missing(
    desk: Desk, accepted: str, returned: bool, late: int
) -> None:
    aid_application(desk, accepted, returned)
    assert values(desk.reports.make(YEAR), "on_time", "late") == [1 - late, late]


def test_the_last_word_of_a_rating_counts_in_the_month_in_which_it_was_said(desk: Desk) -> None:
    ticket = desk.concluded(desk.filed("mediation_request", "2026-09-01T10:00"), "2026-09-10T10:00")
    desk.does(ticket, ("2026-09-11T10:00", "rated", PERSON, {"score": "unsatisfied"}))
    figure = desk.reports.make(month(9, 2026)).figures["satisfaction"]
    assert (figure.value, figure.whole, figure.shown) == (0, 1, "0.0%")
    desk.does(ticket, ("2026-10-01T10:00", "rated", PERSON, {"score": "fair"}))
    assert desk.reports.make(month(9, 2026)).figures["satisfaction"].shown == "-"
    assert desk.reports.make(month(10, 2026)).figures["satisfaction"].shown == "100.0%"


def test_answers_and_talks_are_counted_once_and_stay_counted_when_the_talk_is_deleted(desk: Desk) -> None:
    conversation = desk.asked("2026-11-23T10:00", "trademark.squatted", "patent.fee", door="kiosk", event="automobile")
    desk.asked("2026-11-23T11:00")  # no answer in it
    desk.messages.open_conversation("web")  # nobody said a word
    for _ in range(2):
        assert values(desk.reports.make(YEAR), "answered", "reached") == [2, 2]
    assert values(desk.reports.make(YEAR, Narrow(event="automobile")), "answered", "reached") == [2, 1]
    assert values(desk.reports.make(YEAR, Narrow(door="web")), "answered", "reached") == [0, 1]
    with desk.store.session() as session:
        session.execute(text("DELETE FROM conversation WHERE id = :id"), {"id": conversation})
    assert values(desk.reports.make(YEAR), "answered", "reached") == [2, 2]


def test_a_talk_that_goes_on_is_counted_on_from_where_it_was_left(desk: Desk) -> None:
    conversation = desk.asked("2026-11-23T10:00", "trademark.squatted")
    assert values(desk.reports.make(YEAR), "answered", "reached") == [1, 1]
    desk.at("2026-11-24T10:00")
    inbound = desk.messages.add_inbound(conversation, "again", "再问")[0].id
    desk.messages.finish_turn(inbound, [Reply(text="答", card=answer("patent.fee"))])
    report = desk.reports.make(YEAR)
    assert values(report, "answered", "reached") == [2, 1]
    assert dict(report.entries) == {"trademark.squatted": 1, "patent.fee": 1}
    assert values(desk.reports.make(month(11, 2026)), "answered") == [2]


def test_reports_made_at_the_same_moment_count_everything_once(desk: Desk) -> None:
    for n in range(12):
        desk.filed("mediation_request", f"2026-11-23T10:{n:02}")
        desk.asked(f"2026-11-23T11:{n:02}", "trademark.squatted")
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _n: desk.reports.make(YEAR), range(4)))
    assert {tuple(values(report, "received", "answered", "reached")) for report in [*made, desk.reports.make(YEAR)]} == {(12, 12, 24)}


def test_the_rating_outlives_the_deletion_of_personal_data(desk: Desk) -> None:
    ticket = desk.concluded(desk.filed("expo_complaint", "2026-11-02T10:00"), "2026-11-10T10:00")
    desk.does(ticket, ("2026-11-11T10:00", "rated", PERSON, {"score": "satisfied"}))
    before = desk.reports.make(YEAR)
    office = open_office(desk.settings, desk.store, desk.vault, desk.clock)
    erasure = Erasure(desk.store, desk.vault, desk.clock, office, Audit(desk.store, desk.clock, "演示"))
    erasure.carry_out(erasure.plan(Persons(desk.store, desk.vault, office.kinds).by_ticket(ticket.number)), "erased", "request")
    desk.does(ticket, ("2026-11-12T10:00", "noted", HANDLER, {"text": "归档"}))  # so that its log is read anew
    after = desk.reports.make(YEAR)
    names = ("received", "cases", "concluded", "satisfaction", "on_time")
    assert values(after, *names) == values(before, *names)
    assert [line.label for line in after.tables["matter"].lines] == ["外观设计专利"]
    assert [line.label for line in after.tables["event"].lines if line.counts.get("received")] == ["长春国际汽车博览会"]


@pytest.mark.parametrize("narrow", [Narrow(center="subcenter-9"), Narrow(kind="tax"), Narrow(event="furniture")])
def test_a_filter_that_does_not_exist_is_refused(desk: Desk, narrow: Narrow) -> None:
    with pytest.raises(UnknownFilter):
        desk.reports.make(YEAR, narrow)


def test_behind_a_figure_of_talks_there_are_no_cases(desk: Desk) -> None:
    with pytest.raises(UnknownFilter):
        desk.reports.numbers(Drill("answered", YEAR.first, YEAR.last, Narrow()))


def test_an_expo_without_known_days_is_reported_over_the_present_year(desk: Desk) -> None:
    period = desk.reports.event_period("automobile")
    assert (period.first, period.last) == (date(2026, 1, 1), date(2026, 12, 31))
    with pytest.raises(UnknownPeriod):
        desk.reports.event_period("furniture")


@pytest.mark.parametrize(
    ("first", "last", "kind"),
    [("2026-11-01", "2026-11-30", "month"), ("2026-01-01", "2026-12-31", "year"), ("2026-11-30", "2026-11-30", "day"), ("2026-11-01", "2026-11-29", "span")],
)
def test_days_are_called_by_the_day_month_or_year_that_they_are(first: str, last: str, kind: str) -> None:
    period = spanning(date.fromisoformat(first), date.fromisoformat(last))
    assert (period.kind, period.first, period.last) == (kind, date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(("kind", "said"), [("span", "2000-01-01..2999-12-31"), ("span", "0001-01-01..0001-01-02"), ("day", "9999-12-31"), ("year", "1999")])
def test_days_without_end_or_outside_our_years_are_no_period(kind: str, said: str) -> None:
    with pytest.raises(UnknownPeriod):
        read_period(kind, said, date(2026, 11, 30))  # type: ignore[arg-type]
