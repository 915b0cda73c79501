"""desk.yml and canned.yml: what is wrong in them is named with its line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from aid.clock import today
from aid.consultation.entries import load_knowledge
from aid.desk.canned import BLANK, check_canned, load_canned
from aid.desk.words import check_desk, load_desk
from aid.settings import PROJECT
from tests.desk.house import House


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(PROJECT / "knowledge", tmp_path / "knowledge", ignore=shutil.ignore_patterns("consultations"))
    return tmp_path / "knowledge"


def faults(folder: Path, name: str, old: str, new: str) -> list[str]:
    path = folder / name
    before = path.read_text("utf-8")
    assert before.count(old) >= 1
    path.write_text(before.replace(old, new, 1), "utf-8")
    line = before[: before.index(old)].count("\n") + 1
    known = {id_ for ids in load_desk(PROJECT / "knowledge").entries.values() for id_ in ids}
    found = [*check_desk(folder, known), *check_canned(folder, known)]
    assert all(fault.file.name == name and abs(fault.line - line) < 130 for fault in found)
    return [fault.message for fault in found]


def test_the_projects_own_files_are_sound(house: House) -> None:
    knowledge, _ = load_knowledge(PROJECT / "knowledge", today(house.clock))
    assert check_desk(PROJECT / "knowledge", knowledge.entries) == []
    assert check_canned(PROJECT / "knowledge", knowledge.entries) == []


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("desk.yml", "{key: reason, label: 为什么归他们办, type: text, hint: 当事人会看到}", "{key: why, label: 为什么, type: text}", "must ask for reason"),
        ("desk.yml", "  noted:\n    label: 内部记录", "  rated:\n    label: 内部记录", "actions missing or not for staff"),
        ("desk.yml", "  leaving: 快撤展\n", "", "no words for leaving"),
        ("desk.yml", "expo.accused,", "expo.nothing,", "expo.nothing does not exist"),
        ("desk.yml", "  service_complaint: [", "  service: [", "no case kind service"),
        ("desk.yml", "type: choice, choices: [电话, 当面, 微信, 短信, 在线对话, 信函]", "type: choice", "belong to a field of type choice"),
        ("canned.yml", "我是{center}", "我是{name}", "no placeholder name"),
        ("canned.yml", "编号是 {number}", "编号是 {number", "stands alone"),
        ("canned.yml", "〔哪一种、哪一号〕", "〔哪一种", "not closed"),
        ("canned.yml", "kinds: [mediation_request]", "kinds: [mediation]", "no case kind mediation"),
        ("canned.yml", "action: accepted", "action: routed", "asks for no words"),
        ("canned.yml", "field: missing", "field: complete", "asks for no words"),
        ("canned.yml", "id: talk-number", "id: talk-hello", "talk-hello stands twice"),
    ],
)
def test_what_is_wrong_is_named(folder: Path, name: str, old: str, new: str, said: str) -> None:
    found = faults(folder, name, old, new)
    assert any(said in message for message in found), found


def test_canned_words_are_offered_by_kind_and_action_and_filled_in() -> None:
    canned = load_canned(PROJECT / "knowledge")
    expo = [one.id for one in canned.fitting("expo_complaint", "concluded")]
    assert expo == ["concluded-removed", "concluded-not-established"], "those for this kind alone first"
    assert "concluded-removed" not in [one.id for one in canned.fitting("aid_application", "concluded")]
    [hello, number] = canned.fitting("aid_application", "talk")
    assert hello.filled({"center": "长春知识产权保护中心"}) == "您好，我是长春知识产权保护中心的工作人员，您的情况我正在看，请稍等。"
    assert BLANK in number.filled({}), "what is not known is left for staff to fill in"
