"""`aid route` shows the outcome of the routing table."""

from __future__ import annotations

import json

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


def test_plain_words_name_the_rule() -> None:
    said: list[str] = []
    route(Settings(), "service_complaint", {}, False, said.append)
    assert "rule service-complaint" in said[0]
    assert said[1].endswith("。")


def test_an_unknown_kind_names_the_known_ones() -> None:
    with pytest.raises(UnknownCaseKind, match="mediation_request"):
        route(Settings(), "nothing", {}, False, print)
