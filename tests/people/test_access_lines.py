"""The access log."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from aid.people.errors import ReasonMissing
from aid.people.sights import Filter, Reason, Subject
from aid.people.words import load_console_words
from aid.settings import PROJECT
from tests.people.conftest import Staff

KNOWN = load_console_words(PROJECT / "knowledge").reason_labels
TICKET = Subject("t1", "CC-2026-000001", "subcenter-1")


def test_a_line_says_who_saw_what_of_whom_and_why(staff: Staff) -> None:
    li = staff.person("li", "handler@subcenter-1")
    staff.sights.note(li, "handler", "seen", TICKET, ["name", "phone"], Reason.read("own", "  张先生 来电\n核对 ", KNOWN))
    [line] = staff.sights.find(None, Filter())
    assert (line.staff_name, line.role, line.act, line.ticket_number, line.center) == ("li", "handler", "seen", "CC-2026-000001", "subcenter-1")
    assert (line.what, line.reason, line.words, line.at) == (["name", "phone"], "own", "张先生 来电 核对", staff.clock.now())
    with staff.store.reading() as session:
        assert "张先生" not in session.execute(text("SELECT words_sealed FROM sight")).scalar_one()


@pytest.mark.parametrize(("code", "words"), [("", ""), ("own", ""), ("own", " 。 "), ("curious", "就是想看"), ("", "联系")])
def test_without_a_reason_nothing_is_shown(code: str, words: str) -> None:
    with pytest.raises(ReasonMissing):
        Reason.read(code, words, KNOWN)


def test_the_log_is_appended_only(staff: Staff) -> None:
    li = staff.person("li", "handler@subcenter-1")
    staff.sights.note(li, "handler", "seen", TICKET, ["name"], Reason("contact"))
    for change in ("UPDATE sight SET reason = 'x'", "DELETE FROM sight"):
        with pytest.raises(IntegrityError, match="append-only"), staff.store.session() as session:
            session.execute(text(change))


def test_a_change_that_fails_leaves_no_line_of_it(staff: Staff) -> None:
    li = staff.person("li", "handler@subcenter-1")

    def change_and_fail() -> None:
        with staff.store.session() as session:
            staff.sights.note_in(session, li, "handler", "changed", TICKET, ["phone"], Reason("verify"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        change_and_fail()
    assert staff.sights.find(None, Filter()) == []


def test_lines_are_found_by_center_person_ticket_act_and_day_the_newest_first(staff: Staff) -> None:
    li, wu = staff.person("li", "handler@subcenter-1"), staff.person("wu", "supervisor@main")
    staff.sights.note(li, "handler", "seen", TICKET, ["name"], Reason("contact"))
    staff.clock.advance(timedelta(days=1))
    staff.sights.note(wu, "supervisor", "taken_out", Subject("t2", "CC-2026-000002", "main"), ["file"], Reason("verify"))
    staff.sights.note(wu, "supervisor", "seen", Subject(talk="c1"), ["talk"], Reason("verify"))
    ids = [line.id for line in staff.sights.find(None, Filter())]
    assert ids == sorted(ids, reverse=True)
    assert len(ids) == 3
    now = staff.clock.now()
    for wanted, expected in (
        (Filter(staff_name=" LI "), [ids[2]]),
        (Filter(ticket_number="cc-2026-000002"), [ids[1]]),
        (Filter(act="seen"), [ids[0], ids[2]]),
        (Filter(since=now), [ids[0], ids[1]]),
        (Filter(until=now), [ids[2]]),
    ):
        assert [line.id for line in staff.sights.find(None, wanted)] == expected
    assert [line.id for line in staff.sights.find({"subcenter-1"}, Filter())] == [ids[2]]
    assert staff.sights.find(frozenset(), Filter()) == []
    assert [line.id for line in staff.sights.find(None, Filter(), before=ids[0], limit=1)] == [ids[1]]
