"""kiosk.yml: what is wrong in it is named, and an edit is live."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from aid.clock import FixedClock
from aid.faults import KnowledgeError
from aid.kiosk.content import KioskContent
from aid.kiosk.tables import check_kiosk, load_kiosk
from aid.settings import PROJECT

Edit = Callable[[str, str], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(PROJECT / "knowledge", tmp_path / "knowledge")
    return tmp_path / "knowledge"


@pytest.fixture
def edit(folder: Path) -> Edit:
    file = folder / "kiosk.yml"

    def change(old: str, new: str) -> None:
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), "utf-8")
        stat = file.stat()
        os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1_000_000))

    return change


@pytest.fixture
def content(folder: Path) -> KioskContent:
    return KioskContent(folder, FixedClock(datetime(2026, 11, 22, 10, 0)))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("entry: expo.auto-parts", "entry: expo.nothing", "the entry expo.nothing does not exist"),
        ("entry: preexam.what", "entry: preexam.nothing", "the entry preexam.nothing does not exist"),
        ("  agriculture:\n", "  agricultur:\n", "events.yml has no expo agricultur"),
        ("event: optoelectronics,", "event: optics,", "events.yml has no expo optics"),
        ("id: automobile-1", "id: agriculture-1", "the station agriculture-1 stands twice"),
        ("id: complain", "id: complaint", "ways.1.id"),
        ("label: 快速预审", "label: 专利快速预审和备案", "topics.7.label"),
    ],
)
def test_a_fault_is_named_with_file_and_line(folder: Path, edit: Edit, old: str, new: str, said: str) -> None:
    edit(old, new)
    faults = check_kiosk(folder, KioskEntries(folder).ids)
    assert [fault for fault in faults if said in fault.message], faults
    assert all(fault.file.name == "kiosk.yml" and fault.line for fault in faults)


class KioskEntries:
    """The ids that the entries of a folder have, without reading all of them."""

    def __init__(self, folder: Path) -> None:
        text = "\n".join(path.read_text("utf-8") for path in (folder / "consultations").glob("*.yml"))
        self.ids = {line.split("id:", 1)[1].strip() for line in text.splitlines() if line.strip().startswith("- id:")}


def test_the_projects_own_file_has_no_fault(folder: Path) -> None:
    assert check_kiosk(folder, KioskEntries(folder).ids) == []


def test_an_edit_is_live_and_a_broken_one_changes_nothing(content: KioskContent, edit: Edit) -> None:
    assert content.of("automobile").questions[0].ask == "汽博会上车灯、车身外观像我的怎么办？"
    edit("汽博会上车灯、车身外观像我的怎么办？", "车灯外观像我的怎么办？")
    assert content.of("automobile").questions[0].ask == "车灯外观像我的怎么办？"
    edit("ways:", "way:")
    assert content.of("automobile").questions[0].ask == "车灯外观像我的怎么办？"
    edit("way:", "ways:")
    edit("车灯外观像我的怎么办？", "车灯像我的怎么办？")
    assert content.of("automobile").questions[0].ask == "车灯像我的怎么办？"


def test_a_file_that_never_could_be_read_is_an_error(content: KioskContent, edit: Edit) -> None:
    edit("ways:", "way:")
    with pytest.raises(KnowledgeError, match=r"kiosk\.yml:"):
        content.of("automobile")


def test_the_centers_own_telephone_comes_first_once_it_is_confirmed(folder: Path, content: KioskContent) -> None:
    file = folder / "centers.yml"
    text = file.read_text("utf-8")
    file.write_text(text.replace("phones: []\n    verified: true", "phones: [0431-55500001]\n    verified: true", 1), "utf-8")
    assert [(line.number, line.for_) for line in content.of(None).phones][:2] == [("0431-55500001", "长春知识产权保护中心"), ("12345", "政务服务，可转知识产权部门")]


def test_every_expo_of_the_events_has_questions_of_its_own() -> None:
    assert set(load_kiosk(PROJECT / "knowledge").events) == {"optoelectronics", "automobile", "agriculture"}
