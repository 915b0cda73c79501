"""The access log's page: of the own centers alone, with filters, in pages; and the way in which a part writes it."""

from __future__ import annotations

import pytest

from aid.people.errors import NotAllowed, ReasonMissing
from aid.people.rights import Where
from aid.people.sessions import Signed
from aid.people.sights import Filter, Reason, Subject
from console.gate import Visit
from tests.console.desk import Bench


def sights(bench: Bench, count: int = 1) -> None:
    li = bench.staff("li", "handler@subcenter-1")
    wu = bench.staff("wu", "supervisor@subcenter-2")
    for n in range(count):
        bench.desk.sights.note(li, "handler", "seen", Subject("t1", f"CC-2026-{n:06}", "subcenter-1"), ["name"], Reason("own", "核对<b>张</b>先生"))
    bench.desk.sights.note(wu, "supervisor", "taken_out", Subject("t2", "CC-2026-900000", "subcenter-2"), ["file 0a1b2c3d", "talk"], Reason("verify"))


def test_an_auditor_reads_who_saw_what_and_why(bench: Bench) -> None:
    sights(bench)
    bench.staff("he", "auditor@*")
    page = bench.browser("he").get("log").text
    assert "CC-2026-000000" in page
    assert "CC-2026-900000" in page
    assert "核对&lt;b&gt;张&lt;/b&gt;先生" in page
    assert "核实身份或者材料" in page
    assert "<td>联系人</td>" in page
    assert "<td>证据文件 0a1b2c3d、整个对话</td>" in page


@pytest.mark.parametrize("role", ["auditor", "supervisor"])
def test_of_another_center_nothing_is_shown_whatever_is_asked_for(bench: Bench, role: str) -> None:
    sights(bench)
    bench.staff("he", f"{role}@subcenter-1")
    browser = bench.browser("he")
    for query in ({}, {"number": "CC-2026-900000"}, {"who": "wu"}, {"act": "taken_out"}, {"before": "999999"}):
        page = browser.get("log", **query).text.replace('value="CC-2026-900000"', "")
        assert "CC-2026-900000" not in page


def test_filters_stand_in_the_address_and_what_has_no_sense_is_left_out(bench: Bench) -> None:
    sights(bench)
    bench.staff("he", "auditor@*")
    browser = bench.browser("he")
    assert "CC-2026-900000" not in browser.get("log", who="li").text
    assert "CC-2026-000000" not in browser.get("log", act="taken_out", since="2026-11-23", until="2026-11-23").text
    assert "没有符合条件" in browser.get("log", until="2026-11-22").text
    for strange in ({"since": "yesterday"}, {"until": "9999-12-31"}, {"before": "-1"}, {"before": "9" * 40}, {"act": "'"}, {"who": "x" * 900}):
        assert browser.get("log", **strange).status_code == 200


def test_many_lines_come_in_pages(bench: Bench) -> None:
    sights(bench, 60)
    bench.staff("he", "auditor@*")
    browser = bench.browser("he")
    first = browser.get("log", act="seen").text
    assert first.count("CC-2026-") == 50
    address = first.split('href="/console/log?')[1].split('"')[0].replace("&amp;", "&")
    assert "act=seen" in address
    assert browser.get(f"log?{address}").text.count("CC-2026-") == 10


def test_a_part_that_shows_personal_data_writes_the_line_first_or_shows_nothing(bench: Bench) -> None:
    li, mine = bench.staff("li", "handler@subcenter-1"), Where("subcenter-1", ("main",))
    visit = Visit(bench.desk, Signed(li, "full", "token"))
    subject = Subject("t1", "CC-2026-000001", "subcenter-1")
    assert visit.saw("case.reveal", mine, "seen", subject, ["name"], "contact") == "handler"
    with pytest.raises(ReasonMissing):
        visit.saw("case.reveal", mine, "seen", subject, ["name"], "own", " ")
    with pytest.raises(NotAllowed):
        visit.saw("case.reveal", Where("main", ("subcenter-1",)), "seen", subject, ["name"], "contact")
    assert len(bench.desk.sights.find(None, Filter())) == 1


def test_what_became_of_accounts_is_read_by_the_auditor_of_their_center(bench: Bench) -> None:
    sights(bench)
    guessing = bench.browser()
    guessing.get("sign-in")
    for name in ("wu", "my-secret-in-the-wrong-box"):
        for n in range(5):
            guessing.post("sign-in", {"name": name, "password": f"guess {n}"})
    bench.staff("he", "auditor@*")
    bench.staff("hua", "auditor@subcenter-1")
    everywhere, here = bench.browser("he").get("log/accounts").text, bench.browser("hua").get("log/accounts").text
    assert everywhere.count("连续输错") == 2
    assert "没有这个登录名" in everywhere
    assert "my-secret" not in everywhere
    assert "<td>wu</td>" in everywhere
    assert "<td>li</td>" in here
    assert "<td>wu</td>" not in here
    assert "没有这个登录名" not in here
    assert "<td>wu</td>" not in bench.browser("hua").get("log/accounts", who="wu").text
    assert "<td>li</td>" not in bench.browser("he").get("log/accounts", who="wu").text


def test_many_account_events_come_in_pages(bench: Bench) -> None:
    li = bench.staff("li", "handler@subcenter-1")
    for n in range(60):
        bench.desk.accounts.set_disabled(li.id, n % 2 == 0, by="test")
    bench.staff("he", "auditor@*")
    browser = bench.browser("he")
    first = browser.get("log/accounts", who="li").text
    assert first.count("<td>li</td>") == 50
    address = first.split('href="/console/log/accounts?')[1].split('"')[0].replace("&amp;", "&")
    assert browser.get(f"log/accounts?{address}").text.count("<td>li</td><td>test</td>") >= 10
