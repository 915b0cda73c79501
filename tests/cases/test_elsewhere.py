"""What belongs elsewhere: sentences for each body, and sentences of right holders that must not be sent away."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from aid.cases.elsewhere import Elsewhere
from aid.cases.tables import load_tables
from aid.faults import KnowledgeError

KNOWLEDGE = Path(__file__).parents[2] / "knowledge"
SENTENCES: dict[str, list[str]] = yaml.safe_load((Path(__file__).parent / "elsewhere.yml").read_text("utf-8"))
PAIRS = [(said, body) for body, rows in SENTENCES.items() for said in rows]
NATIONAL = {"110", "12315", "12333", "12345", "12348", "12360", "12368", "12388"}


@pytest.fixture(scope="module")
def elsewhere() -> Elsewhere:
    return Elsewhere.load(KNOWLEDGE)


@pytest.mark.parametrize(("said", "body"), PAIRS)
def test_a_sentence_is_told_the_right_body_or_none(elsewhere: Elsewhere, said: str, body: str) -> None:
    found = elsewhere.find(said, "infringement_report")
    assert (found.id if found else "none") == body


def test_of_the_openings_of_cases_in_the_training_examples_only_those_that_name_another_body_are_told(elsewhere: Elsewhere) -> None:
    """Written by others, for another purpose: none of the right holders among them is sent to 12315."""
    said: list[str] = []
    for name in ("requests", "infringement", "expo_complaint", "inform", "correct"):
        for group in yaml.safe_load((KNOWLEDGE.parent / "data" / "nlu" / f"{name}.yml").read_text("utf-8"))["nlu"]:
            said += [line.removeprefix("- ") for line in group["examples"].splitlines()]
    assert len(said) > 500
    told = {agency.id for text in said if (agency := elsewhere.find(text, "infringement_report"))}
    assert told <= {"culture-enforcement", "agriculture-enforcement", "cnipa"}


def test_a_complaint_about_the_center_is_never_handed_on(elsewhere: Elsewhere) -> None:
    assert elsewhere.find("我买到假货想退款，你们不管", "service_complaint") is None
    assert elsewhere.find("我买到假货想退款，你们不管") is not None


def test_blanks_capitals_and_traditional_characters_change_nothing(elsewhere: Elsewhere) -> None:
    for said in ("公司拖欠工資三個月", "公司拖欠工资三个月  ", "公司拖欠\u200b工资三个月"):
        found = elsewhere.find(said)
        assert found is not None, said
        assert found.id == "labour"


def test_every_body_has_sentences_and_only_national_lines() -> None:
    agencies = load_tables(KNOWLEDGE).agencies.agencies
    only_by_routing = {"province", "local-authority"}
    assert {agency.id for agency in agencies} - only_by_routing == set(SENTENCES) - {"none"}
    assert {line for agency in agencies for line in agency.lines} <= NATIONAL
    assert len(PAIRS) >= 60


def test_what_is_said_of_a_body_is_short_whole_sentences() -> None:
    for agency in load_tables(KNOWLEDGE).agencies.agencies:
        assert re.fullmatch(r"[^{}]+。", agency.says), agency.id
        assert not agency.still or agency.still.endswith("。"), agency.id


def test_a_body_that_stands_twice_is_named_with_file_and_line(tmp_path: Path) -> None:
    text = (KNOWLEDGE / "agencies.yml").read_text("utf-8").replace("- id: police", "- id: consumer", 1)
    (tmp_path / "agencies.yml").write_text(text, "utf-8")
    with pytest.raises(KnowledgeError, match=r"agencies\.yml.*stands twice"):
        Elsewhere.load(tmp_path)


def test_a_missing_table_is_told(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match=r"agencies\.yml"):
        Elsewhere.load(tmp_path)
