"""What `aid check` says of a routing table that does not do what its editor meant: each finding on a table broken for it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from aid.cases.checks import check_tables
from aid.cases.routing import load_router
from aid.faults import Fault, KnowledgeError

Edit = Callable[[str, str, str], list[Fault]]
EXPO_OTHER = "  - id: expo-other\n"


def row(rule: str, when: str, to: str = "subcenter-2") -> str:
    return f"  - id: {rule}\n    when: {when}\n    to: {to}\n    copies: []\n    because: [试一试。]\n"


@pytest.fixture
def edit(tmp_path: Path, knowledge: Path) -> Edit:
    """The faults of the tables after ``old`` has become ``new`` in ``file``."""
    folder = Path(shutil.copytree(knowledge, tmp_path / "knowledge"))

    def edited(file: str, old: str, new: str) -> list[Fault]:
        text = (folder / file).read_text("utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new, 1), "utf-8")
        return check_tables(folder)

    return edited


def one(faults: list[Fault], said: str) -> Fault:
    (found,) = [fault for fault in faults if said in fault.message]
    return found


def line(fault: Fault) -> str:
    return fault.file.read_text("utf-8").splitlines()[fault.line - 1]


def test_a_rule_below_a_broader_one_is_never_reached(edit: Edit) -> None:
    late = row("late", "{kind: [expo_complaint], event: [automobile], online: true}")
    fault = one(edit("routing.yml", EXPO_OTHER, late + EXPO_OTHER), "late is never reached")
    assert fault.level == "error"
    assert "expo-automobile above it take every such case" in fault.message
    assert "id: late" in line(fault)


def test_a_rule_below_two_that_share_its_cases_is_never_reached(edit: Edit) -> None:
    both = row("rest-of-reports", "{kind: [infringement_report], matter: [商标]}")
    fault = one(edit("routing.yml", "  - id: aid\n", both + "  - id: aid\n"), "rest-of-reports is never reached")
    assert "report-online" in fault.message
    assert "report-offline" in fault.message


def test_a_rule_that_asks_for_what_cannot_be_is_never_reached(edit: Edit) -> None:
    never = row("never", "{kind: [service_complaint], where: [province], market: [远东批发市场]}")
    fault = one(edit("routing.yml", "  - id: partner-city\n", never + "  - id: partner-city\n"), "never is never reached")
    assert "exclude one another" in fault.message


def test_a_table_with_a_rule_that_is_never_reached_does_not_start(edit: Edit) -> None:
    late = row("late", "{kind: [expo_complaint], event: [automobile]}")
    folder = edit("routing.yml", EXPO_OTHER, late + EXPO_OTHER)[0].file.parent
    with pytest.raises(KnowledgeError, match="late is never reached"):
        load_router(folder)


def test_a_rule_of_which_one_case_gets_through_is_reached(edit: Edit) -> None:
    late = row("late", "{kind: [expo_complaint, service_complaint], event: [automobile]}")
    assert not [fault for fault in edit("routing.yml", EXPO_OTHER, late + EXPO_OTHER) if "late is never reached" in fault.message]


def test_two_rules_that_vie_for_a_case_are_told_with_both_ids(edit: Edit) -> None:
    rival = row("rival", "{kind: [mediation_request], matter: [商标]}")
    fault = one(edit("routing.yml", "  - id: zone-automobile\n", rival + "  - id: zone-automobile\n"), "rival (subcenter-2) wins")
    assert fault.level == "note"
    assert "zone-automobile" in fault.message
    assert "zone-new-area" not in fault.message, "that one sends to the same center"


def test_a_special_case_before_the_general_one_is_not_told(knowledge: Path) -> None:
    assert not [fault for fault in check_tables(knowledge) if fault.message.startswith("expo-automobile (") and "expo-other" in fault.message]


def test_a_kind_without_a_rule_of_its_own_is_told(edit: Edit) -> None:
    fault = one(edit("routing.yml", "when: {kind: [aid_application]}", "when: {kind: [aid_application], matter: [商标]}"), "aid_application has no")
    assert fault.level == "warning"
    assert "发明专利" in fault.message
    assert "商标" not in fault.message


def test_an_industry_that_no_rule_asks_for_is_told(edit: Edit) -> None:
    fault = one(edit("routing.yml", "  seeds: [", "  medicine: [药品]\n  seeds: ["), "industry medicine")
    assert fault.level == "warning"
    assert "medicine" in line(fault)


def test_an_expo_with_days_but_without_a_rule_for_them_is_told(edit: Edit) -> None:
    edit("routing.yml", "event: [automobile], on_site: true", "event: [optoelectronics], on_site: true, online: true")
    days = "dates: {from: 2026-07-01, until: 2026-07-09}\n    verified: true"
    old = "  - code: automobile\n    name: 长春国际汽车博览会\n    industry: automobile\n    workstation: 2024年设过维权援助工作站\n    dates: null\n    verified: false"
    fault = one(edit("events.yml", old, old.replace("dates: null\n    verified: false", days)), "on_site: true for automobile")
    assert fault.level == "warning"


def test_a_zone_may_be_written_with_either_brackets(edit: Edit) -> None:
    zone = row("zone-korea", "{kind: [aid_application], district: [中韩（长春）国际合作示范区]}", "main")
    assert [fault for fault in edit("routing.yml", "  - id: aid\n", zone + "  - id: aid\n") if fault.level == "error"] == []


def test_the_shipped_table_has_no_finding_but_notes_and_each_is_one_line(knowledge: Path) -> None:
    faults = [fault for fault in check_tables(knowledge) if fault.file.name == "routing.yml"]
    assert {fault.level for fault in faults} == {"note"}
    assert len(faults) < 30
