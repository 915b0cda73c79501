"""Routing by a table of cases, over the shipped tables and over the same with the expos' days filled in."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from aid.cases.checks import check_tables
from aid.cases.routing import Router, load_router
from aid.cases.tables import load_tables
from aid.language.words import ProjectWords

KNOWLEDGE = Path(__file__).parents[2] / "knowledge"
CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "routing_cases.yml").read_text("utf-8"))
DAYS = {
    "automobile": "{from: 2026-11-20, until: 2026-11-24}",
    "optoelectronics": "{from: 2026-11-23, until: 2026-11-23}",
    "agriculture": "{from: 2026-12-01, until: 2026-12-06}",
}


@pytest.fixture(scope="module")
def routers(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Router]:
    """The router without, and with, known days of the expos; an editor's edit of events.yml is all that differs."""
    folder = Path(shutil.copytree(KNOWLEDGE, tmp_path_factory.mktemp("dated") / "knowledge"))
    path = folder / "events.yml"
    parts = path.read_text("utf-8").split("  - code: ")
    for number, part in enumerate(parts[1:], 1):
        days = DAYS[part.split()[0]]
        parts[number] = part.replace("dates: null", f"dates: {days}").replace("verified: false", "verified: true")
    path.write_text("  - code: ".join(parts), "utf-8")
    assert not [fault for fault in check_tables(folder) if fault.level == "error"]
    return {False: load_router(KNOWLEDGE), True: load_router(folder)}


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_case_goes_where_the_table_means_it_to(routers: dict[bool, Router], case: dict[str, Any]) -> None:
    route = routers[case.get("dated", False)].route_facts(case["kind"], case["facts"], case.get("day", date(2026, 11, 23)))
    wanted = (case["to"], case["rule"], case["copies"], case.get("refer"))
    assert (route.receiver, route.rule, route.copies, route.referral) == wanted
    assert route.reasons
    assert all(reason.endswith("。") and "{" not in reason for reason in route.reasons)


def test_the_table_of_cases_covers_every_rule_market_district_industry_and_expo() -> None:
    tables, words = load_tables(KNOWLEDGE), ProjectWords.load(KNOWLEDGE / "words")
    last = tables.routing.rules[-1].id
    assert {case["rule"] for case in CASES} == {rule.id for rule in tables.routing.rules} - {last}
    assert {city.id for city in tables.places.partners} <= {case.get("refer") for case in CASES}
    said = " ".join(str(value) for case in CASES for value in case["facts"].values())
    for kind in ("market", "district", "event"):
        asked = [*words.of_kind(kind)]
        missing = [w.value for w in asked if not any(name in said for name in (*w.names, *tables.places.when_asked.get(w.value, [])))]
        assert missing == []
    assert [name for name, words in tables.routing.industries.items() if not any(word in said for word in words)] == []
    names = [case["name"] for case in CASES]
    assert len(names) == len(set(names)) >= 150


def test_a_referral_names_the_body_and_why_and_says_that_nothing_is_lost(routers: dict[bool, Router]) -> None:
    route = routers[False].route_facts("infringement_report", {"exhibit": "水杯", "place": "四平"}, date(2026, 11, 23))
    assert "四平市的市场监督管理部门" in route.reasons[1]
    assert "协作协议" in route.reasons[1]
    assert routers[False].referral_label("city-siping") == "四平市的市场监督管理部门"
    assert routers[False].referral_label("culture-enforcement") == "长春市文化市场综合行政执法支队"


def test_every_also_row_has_a_case(routers: dict[bool, Router]) -> None:
    fired = {row for case in CASES for row in routers[False].route_facts(case["kind"], case["facts"], date(2026, 11, 23)).also}
    assert fired == {row.id for row in load_tables(KNOWLEDGE).routing.also}
