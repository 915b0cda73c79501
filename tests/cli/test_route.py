"""`aid route` shows the outcome of the routing table."""

from __future__ import annotations

import json
from datetime import date

import pytest

from aid.cases.errors import UnknownCaseKind
from aid.cli.route import route
from aid.settings import Settings


def test_a_case_prints_its_receiver_rule_and_reasons_as_json() -> None:
    said: list[str] = []
    route(Settings(), "infringement_report", {"channel": "线下", "place": "远东批发三楼"}, True, said.append)
    found = json.loads(said[0])
    assert (found["receiver"], found["rule"], found["copies"]) == ("subcenter-3", "market", ["main"])
    assert found["reasons"]


def test_copies_and_referral_are_printed_with_the_rows_that_made_them() -> None:
    said: list[str] = []
    route(Settings(), "infringement_report", {"exhibit": "盗版教材", "right_kind": "著作权", "place": "远东批发"}, True, said.append)
    found = json.loads(said[0])
    assert (found["rule"], found["also"], found["copies"]) == ("report-copyright", ["copy-market"], ["subcenter-3"])
    assert (found["referral"], found["referral_label"]) == ("culture-enforcement", "长春市文化市场综合行政执法支队")


def test_a_day_decides_what_is_urgent() -> None:
    facts, said = {"event": "长春国际汽车博览会", "leaves_on": "2026-07-15"}, list[str]()
    for day in (date(2026, 7, 13), date(2026, 7, 14)):
        route(Settings(), "expo_complaint", facts, True, said.append, day)
    assert [json.loads(line)["copies"] for line in said] == [["main"], ["main", "subcenter-4"]]


def test_a_referral_is_printed_in_plain_words_too() -> None:
    said: list[str] = []
    route(Settings(), "mediation_request", {"place": "吉林市船营区"}, False, said.append)
    assert "may be referred to city-jilin" in said[1]


def test_plain_words_name_the_rule() -> None:
    said: list[str] = []
    route(Settings(), "service_complaint", {}, False, said.append)
    assert "rule service-complaint" in said[0]
    assert said[1].endswith("。")


def test_an_unknown_kind_names_the_known_ones() -> None:
    with pytest.raises(UnknownCaseKind, match="mediation_request"):
        route(Settings(), "nothing", {}, False, print)
