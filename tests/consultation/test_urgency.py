"""What cannot wait is known by its words, and ordinary questions with the same words are not."""

import shutil
from pathlib import Path

import pytest

from aid.consultation.urgency import FILE, Urgencies, check_urgencies
from aid.faults import KnowledgeError
from aid.settings import PROJECT

ENTRIES = {"assistant.emergency", "expo.urgent-closing", "evidence.online"}


@pytest.fixture(scope="module")
def urgencies() -> Urgencies:
    return Urgencies.load(PROJECT / "knowledge")


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("对面展台抄我的灯，他们今晚就撤展了", "leaving"),
        ("仿冒的人正在装车，眼看就要走了", "leaving"),
        ("明天闭馆，来得及投诉吗", "leaving"),
        ("他说要打我，就因为我投诉他抄袭", "danger"),
        ("有人堵在门口不让我走", "danger"),
        ("他怕被查，连夜删链接", "vanishing"),
        ("担心对方转移财产怎么办", "vanishing"),
        ("對面今晚就撤展了怎麼辦", "leaving"),
    ],
)
def test_urgent_matters_are_known(urgencies: Urgencies, said: str, kind: str) -> None:
    found = urgencies.find(said)
    assert found is not None
    assert found.id == kind


@pytest.mark.parametrize(
    "said",
    [
        "展会结束后还能维权吗",
        "今天想问商标怎么注册",
        "我自己动手做的杯子能申请专利吗",
        "对方威胁要起诉我",
        "平台要我马上删链接，我该删吗",
        "我把链接删掉了，还会被告吗",
        "",
    ],
)
def test_ordinary_questions_are_not_urgent(urgencies: Urgencies, said: str) -> None:
    assert urgencies.find(said) is None


def test_a_kind_that_leads_nowhere_is_told_with_its_line(tmp_path: Path) -> None:
    shutil.copy(PROJECT / "knowledge" / FILE, tmp_path / FILE)
    assert check_urgencies(tmp_path, ENTRIES) == []
    fault = check_urgencies(tmp_path, ENTRIES - {"evidence.online"})[0]
    assert "evidence.online" in fault.message
    lines = (tmp_path / FILE).read_text("utf-8").splitlines()
    assert "evidence.online" in lines[fault.line - 1]


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("urgent: [{id: x}]", "utf-8")
    with pytest.raises(KnowledgeError):
        Urgencies.load(tmp_path)
