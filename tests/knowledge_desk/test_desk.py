"""Two persons stand behind every answer: proposing, deciding, versions and going back."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from aid.knowledge_desk.desk import KnowledgeDesk, differences, merged, waiting
from aid.knowledge_desk.errors import (
    BadText,
    FaultyEntry,
    NoReason,
    NotAllowed,
    NothingChanged,
    NotOpen,
    Outdated,
    UnknownEntry,
    UnknownProposal,
)
from aid.knowledge_desk.folder import KnowledgeFolder
from aid.knowledge_desk.rights import ACTIONS, require
from aid.people.rights import MATRIX, Role
from tests.consultation.conftest import entry, topic
from tests.knowledge_desk.conftest import SECOND, WRITER, Place, patent, person

NEW_SHORT = "可以请专利管理部门处理，也可以直接向法院起诉。"


def test_a_change_is_in_the_file_once_a_second_person_has_approved_it(place: Place) -> None:
    before = place.file().read_text("utf-8")
    proposal = place.desk.propose(WRITER, patent(short=NEW_SHORT), "说得更清楚")
    assert (proposal.kind, proposal.state, proposal.authors) == ("change", "proposed", ("王编辑",))
    assert place.file().read_text("utf-8") == before
    assert [d.field for d in differences(proposal.base, proposal.content)] == ["short"]
    assert place.desk.approve(SECOND, proposal.id, proposal.digest).standing == "written"
    content = place.desk.folder.content("patent.copied")
    assert content is not None
    assert content["short"] == NEW_SHORT
    assert [event.kind for event in place.desk.changes.log(proposal.id)] == ["proposed", "approved"]
    with pytest.raises(NotOpen):
        place.desk.approve(SECOND, proposal.id, proposal.digest)


def test_a_new_entry_goes_to_its_topics_shortest_file(place: Place) -> None:
    place.file("patent-2.yml").write_text(topic("patent", entry("patent.other")), "utf-8")
    place.approved(entry("patent.search", label="查专利"))
    assert "patent.search" in place.file("patent-2.yml").read_text("utf-8")
    with pytest.raises(UnknownEntry, match="no topic 'customs'"):
        place.desk.propose(WRITER, entry("customs.what"), "新主题")
    with pytest.raises(Outdated):  # who writes a new entry has seen none of this id
        place.desk.propose(WRITER, entry("patent.search", label="另一个"), "新条目", seen="")


@pytest.mark.parametrize("role", get_args(Role))
def test_no_author_decides_on_his_own_text_whatever_his_roles(place: Place, role: Role) -> None:
    proposal = place.desk.propose(WRITER, patent(short=NEW_SHORT), "说得更清楚")
    author = person(WRITER.name, role, "supervisor", "handler")
    with pytest.raises(NotAllowed):
        place.desk.approve(author, proposal.id, proposal.digest)
    with pytest.raises(NotAllowed):
        place.desk.send_back(author, proposal.id, "不好")
    assert waiting([proposal], author) == []
    assert waiting([proposal], SECOND) == [proposal]
    assert place.desk.changes.one(proposal.id).state == "proposed"


@pytest.mark.parametrize("other", ["Li Hua", "li  hua", "Ｌｉ Ｈｕａ", "LI HUA"])
def test_one_person_is_not_two_by_writing_his_name_differently(other: str) -> None:
    with pytest.raises(NotAllowed):
        require(person(" ".join(other.split()), "supervisor"), "approve", ["Li Hua"])


@pytest.mark.parametrize("role", get_args(Role))
@pytest.mark.parametrize("act", ["read", "propose", "send_back", "approve", "export"])
def test_each_act_is_open_to_its_roles_only(act: str, role: Role) -> None:
    by, allowed = person("张三", role), role in MATRIX[ACTIONS[act]]  # type: ignore[index]
    if allowed:
        require(by, act)  # type: ignore[arg-type]
    else:
        with pytest.raises(NotAllowed):
            require(by, act)  # type: ignore[arg-type]
    assert not {"auditor", "administrator"} & {*MATRIX["knowledge.edit"], *MATRIX["knowledge.approve"]}


def test_who_mends_anothers_text_may_not_approve_it(place: Place) -> None:
    proposal = place.desk.propose(WRITER, patent(short=NEW_SHORT), "说得更清楚")
    with pytest.raises(NotAllowed):
        place.desk.revise(person("赵接待", "handler"), proposal.id, patent(short="改一改。"), "改字", 1)
    revised = place.desk.revise(SECOND, proposal.id, patent(short="先留证据，再找专利管理部门。"), "改字", 1)
    assert revised.authors == ("王编辑", "李主任")
    with pytest.raises(NotAllowed):
        place.desk.approve(SECOND, proposal.id, revised.digest)
    third = person("孙科长", "supervisor")
    assert place.desk.approve(third, proposal.id, revised.digest).standing == "written"


def test_a_text_that_changed_after_it_was_read_is_not_approved(place: Place) -> None:
    proposal = place.desk.propose(WRITER, patent(short=NEW_SHORT), "说得更清楚")
    place.desk.revise(WRITER, proposal.id, patent(short="什么也不用做。"), "改了", proposal.revision)
    with pytest.raises(Outdated):
        place.desk.approve(SECOND, proposal.id, proposal.digest)
    with pytest.raises(Outdated):  # and the record itself holds this, whatever was read before
        place.desk.changes.approve(proposal.id, proposal.digest, 1, "patch", SECOND.name)
    with pytest.raises(Outdated):
        place.desk.revise(WRITER, proposal.id, patent(short="再改。"), "旧页", proposal.revision)
    assert "什么也不用做" not in place.file().read_text("utf-8")


def test_what_is_sent_back_waits_for_its_author_and_comes_again(place: Place) -> None:
    proposal = place.desk.propose(WRITER, patent(short=NEW_SHORT), "说得更清楚")
    with pytest.raises(NoReason):
        place.desk.send_back(SECOND, proposal.id, "  ")
    place.desk.send_back(SECOND, proposal.id, "请写明先留证据")
    with pytest.raises(NotOpen):
        place.desk.approve(SECOND, proposal.id, proposal.digest)
    again = place.desk.revise(WRITER, proposal.id, patent(short="先留好证据，再请专利管理部门处理。"), "加了证据", 1)
    assert (again.state, again.revision) == ("proposed", 2)
    place.desk.approve(SECOND, proposal.id, again.digest)
    log = place.desk.changes.log(proposal.id)
    assert [(event.kind, event.words) for event in log] == [
        ("proposed", "说得更清楚"), ("returned", "请写明先留证据"), ("revised", "加了证据"), ("approved", "")
    ]  # fmt: skip


def test_a_withdrawn_proposal_stays_withdrawn(place: Place) -> None:
    proposal = place.desk.propose(WRITER, patent(short=NEW_SHORT), "说得更清楚")
    with pytest.raises(NotAllowed):
        place.desk.withdraw(person("赵接待", "handler"), proposal.id, "不要了")
    place.desk.withdraw(WRITER, proposal.id, "不要了")
    with pytest.raises(NotOpen):
        place.desk.approve(SECOND, proposal.id, proposal.digest)
    assert place.desk.changes.listed() == []


def test_a_file_that_changed_since_is_not_overwritten(place: Place) -> None:
    proposal = place.desk.propose(WRITER, patent(short=NEW_SHORT), "说得更清楚")
    other = place.desk.propose(WRITER, patent(points=["先留好证据。", "再打电话。"]), "另一处")
    place.desk.approve(SECOND, other.id, other.digest)
    with pytest.raises(Outdated, match="author must look"):
        place.desk.approve(SECOND, proposal.id, proposal.digest)
    seen = place.desk.changes.one(proposal.id)
    again = place.desk.revise(WRITER, proposal.id, patent(short=NEW_SHORT, points=["先留好证据。", "再打电话。"]), "合在一起", seen.revision)
    assert place.desk.approve(SECOND, proposal.id, again.digest).standing == "written"
    with pytest.raises(Outdated):  # who began from an older text is told at once
        place.desk.propose(WRITER, patent(short="另一句。"), "改", seen=proposal.base_digest)


def test_an_author_goes_on_from_what_the_file_says_now_without_losing_either() -> None:
    base, points = patent(), ["先留好证据。", "再打电话。"]
    mine, now = patent(short=NEW_SHORT, case="aid_application"), patent(points=points, checked="2026-11-20")
    assert merged(base, mine, now) == patent(short=NEW_SHORT, case="aid_application", points=points, checked="2026-11-20")
    assert merged(base, mine, patent(short="别人的话。"))["short"] == NEW_SHORT  # both changed it: the author sees it and decides
    assert merged(None, mine, None) == mine
    assert merged(patent(case="aid_application"), base, patent(case="aid_application")) == base  # taken out stays out


def test_another_entry_of_the_same_file_may_change_meanwhile(place: Place) -> None:
    proposal = place.desk.propose(WRITER, patent(short=NEW_SHORT), "说得更清楚")
    place.approved(entry("patent.fee", short="年费可以补交，请尽快去办。"))
    assert place.desk.approve(SECOND, proposal.id, proposal.digest).standing == "written"
    text = place.file().read_text("utf-8")
    assert NEW_SHORT in text
    assert "年费可以补交" in text


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"basis": [{"law": "商标法", "article": 57, "says": "侵权"}]}, "basis", "商标法 changes on 2027-01-01"),
        ({"basis": [{"law": "没有的法", "says": "侵权"}]}, "basis", "not in laws.yml"),
        ({"short": "罚款5万元。", "basis": [{"law": "展会指引", "says": "罚"}]}, "short", "says 5万元 but no article"),
        ({"related": ["patent.none"]}, "related", "does not exist"),
        ({"checked": "2027-01-01"}, "checked", "in the future"),
        ({"variants": [*entry("patent.copied")["variants"], "商标被别人抢注了"]}, "variants", "also in"),
    ],
)
def test_what_the_checks_refuse_is_not_proposed_and_is_told_with_line_and_field(
    place: Place, changes: dict[str, object], field: str, message: str
) -> None:
    with pytest.raises(FaultyEntry) as refused:
        place.desk.propose(WRITER, patent(**changes), "改")
    [fault] = [found for found in refused.value.faults if message in found.fault.message]
    edit, _ = place.desk.check(patent(**changes))
    assert fault.fault.line > 0
    if fault.fault.file == place.file():
        assert fault.field == field
        assert edit.after.splitlines()[fault.fault.line - 1].strip()
    assert place.desk.changes.listed() == []


def test_a_law_that_changes_later_is_taken_with_its_later_block(place: Place) -> None:
    later = [{"from": "2027-01-01", "basis": [{"law": "商标法", "article": 72, "says": "哪些行为侵权"}]}]
    basis = [{"law": "商标法", "article": 57, "says": "哪些行为侵权"}]
    place.approved(patent(basis=basis, later=later))
    content = place.desk.folder.content("patent.copied")
    assert content is not None
    assert content["later"] == [{"from": "2027-01-01", "basis": [{"law": "商标法", "article": "72", "says": "哪些行为侵权"}]}]


def test_an_error_that_came_into_another_file_meanwhile_stops_the_approval(place: Place) -> None:
    proposal = place.desk.propose(WRITER, patent(short=NEW_SHORT), "说得更清楚")
    path = place.file("mediation.yml")
    path.write_text(path.read_text("utf-8").replace("related: []", "related: [patent.none]"), "utf-8")
    with pytest.raises(Outdated, match="error elsewhere"):
        place.desk.approve(SECOND, proposal.id, proposal.digest)
    assert place.desk.changes.one(proposal.id).state == "proposed"


def test_nothing_changed_is_nothing_proposed(place: Place) -> None:
    with pytest.raises(NothingChanged):
        place.desk.propose(WRITER, patent(), "没改")
    with pytest.raises(UnknownProposal):
        place.desk.changes.one("nothing")
    with pytest.raises(NoReason):
        place.desk.propose(WRITER, patent(short=NEW_SHORT), " ")
    with pytest.raises(BadText):
        place.desk.propose(WRITER, patent(short=NEW_SHORT), "因" * 501)


def test_the_history_tells_who_when_and_what_and_leads_back(place: Place) -> None:
    place.approved(patent(short=NEW_SHORT))
    place.clock.advance(timedelta(hours=2))
    place.approved(patent(short="先留证据。"), "短一点")
    history = place.desk.history("patent.copied")
    assert [(v.number, v.authors, v.approver) for v in history.versions] == [
        (0, (), ""), (1, ("王编辑",), "李主任"), (2, ("王编辑",), "李主任")
    ]  # fmt: skip
    assert history.versions[2].at == place.clock.now()
    assert not history.by_hand
    back = place.desk.roll_back(WRITER, "patent.copied", 1, "新写法有误")
    assert back.kind == "rollback"
    with pytest.raises(NotAllowed):
        place.desk.approve(WRITER, back.id, back.digest)
    place.desk.approve(SECOND, back.id, back.digest)
    history = place.desk.history("patent.copied")
    assert [v.number for v in history.versions] == [0, 1, 2, 3]
    assert history.now == history.versions[1].content
    place.desk.approve(SECOND, (first := place.desk.roll_back(WRITER, "patent.copied", 0, "回到最初")).id, first.digest)
    assert place.desk.history("patent.copied").now == patent()
    with pytest.raises(UnknownEntry, match="no version 9"):
        place.desk.roll_back(WRITER, "patent.copied", 9, "没有")
    with pytest.raises(NothingChanged):
        place.desk.roll_back(WRITER, "patent.copied", 0, "已经是")


def test_a_change_by_hand_is_told_in_the_history_and_stays(place: Place) -> None:
    place.approved(patent(short=NEW_SHORT))
    place.file().write_text(place.file().read_text("utf-8").replace(NEW_SHORT, "手改的话。"), "utf-8")
    assert place.desk.history("patent.copied").by_hand
    assert [carried.standing for carried in place.desk.carry_over()] == ["by_hand"]
    assert "手改的话" in place.file().read_text("utf-8")
    place.approved(patent(short="又经两个人改的话。"))
    assert [v.by_hand for v in place.desk.history("patent.copied").versions] == [False, False, True]


KILLED = """
import os, sys
from pathlib import Path
from aid.settings import Settings
from aid.store import open_store
from aid.knowledge_desk.desk import KnowledgeDesk
from aid.knowledge_desk.folder import KnowledgeFolder
from tests.knowledge_desk.conftest import SECOND

if sys.argv[4] == "before":
    KnowledgeFolder.write = lambda *_: os._exit(9)
else:
    os.replace = lambda *_: os._exit(9)
settings = Settings(_env_file=None, var_dir=Path(sys.argv[1]), knowledge_dir=Path(sys.argv[2]))
desk = KnowledgeDesk.of(settings, open_store(settings))
desk.approve(SECOND, sys.argv[3], desk.changes.one(sys.argv[3]).digest)
"""


@pytest.mark.parametrize("moment", ["before", "within"])
def test_a_process_that_is_killed_between_record_and_file_is_finished_at_the_next_start(place: Place, moment: str, tmp_path: Path) -> None:
    proposal = place.desk.propose(WRITER, patent(short=NEW_SHORT, checked="2026-11-01"), "说得更清楚")
    before = place.file().read_text("utf-8")
    arguments = [str(place.settings.var_dir), str(place.settings.knowledge_dir), proposal.id, moment]
    root = Path(__file__).resolve().parents[2]
    killed = subprocess.run([sys.executable, "-c", KILLED, *arguments], cwd=root, capture_output=True, timeout=60)
    assert killed.returncode == 9, killed.stderr.decode()
    assert place.file().read_text("utf-8") == before  # never half
    assert place.desk.changes.one(proposal.id).state == "approved"
    left = [path.name for path in place.file().parent.iterdir() if path.name.startswith(".")]
    assert bool(left) == (moment == "within")
    assert [carried.standing for carried in place.desk.carry_over()] == ["written"]
    assert NEW_SHORT in place.file().read_text("utf-8")
    assert [path.name for path in place.file().parent.iterdir() if path.name.startswith(".")] == []
    assert [carried.standing for carried in place.desk.carry_over()] == ["live"]


def test_every_folder_is_brought_up_from_whatever_version_it_holds(place: Place, tmp_path: Path) -> None:
    from tests.knowledge_desk.conftest import small_knowledge

    place.approved(patent(short=NEW_SHORT))
    place.approved(entry("patent.search", label="查专利"))
    old = KnowledgeFolder(small_knowledge(tmp_path / "replica"), tmp_path / "replica.lock")
    place.approved(patent(short="第二版。"))
    other = KnowledgeDesk(place.store, old, place.clock)
    assert [(c.entry, c.standing) for c in other.carry_over()] == [("patent.copied", "written"), ("patent.search", "written")]
    for name in ("patent.copied", "patent.search"):
        assert old.content(name) == place.desk.folder.content(name)


def test_a_folder_that_cannot_be_written_keeps_the_approval_and_says_so(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    proposal = place.desk.propose(WRITER, patent(short=NEW_SHORT), "说得更清楚")

    def refuses(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr("aid.knowledge_desk.folder.os.replace", refuses)
        carried = place.desk.approve(SECOND, proposal.id, proposal.digest)
    assert (carried.standing, place.desk.changes.one(proposal.id).state) == ("failed", "approved")
    assert "cannot be written" in carried.words
    assert place.desk.carry_over()[0].standing == "written"


def test_an_approved_text_that_does_not_fit_another_folder_is_not_written_there(place: Place, tmp_path: Path) -> None:
    from tests.knowledge_desk.conftest import small_knowledge

    place.approved(entry("patent.search", label="查专利"))
    place.approved(patent(related=["patent.search"]))
    folder = small_knowledge(tmp_path / "replica")
    (folder / "laws.yml").write_text((folder / "laws.yml").read_text("utf-8").replace("专利法:", "旧专利法:"), "utf-8")
    other = KnowledgeDesk(place.store, KnowledgeFolder(folder, tmp_path / "replica.lock"), place.clock)
    before = (folder / "consultations" / "patent.yml").read_text("utf-8")
    assert {carried.standing for carried in other.carry_over()} == {"faulty"}
    assert (folder / "consultations" / "patent.yml").read_text("utf-8") == before


def test_two_who_approve_two_texts_of_one_entry_at_once_make_one_version(place: Place) -> None:
    one = place.desk.propose(WRITER, patent(short=NEW_SHORT), "一")
    two = place.desk.propose(WRITER, patent(short="另一句。"), "二")
    place.desk.changes.approve(one.id, one.digest, 1, "patch", "a")
    with pytest.raises(Outdated, match="another version"):
        place.desk.changes.approve(two.id, two.digest, 1, "patch", "b")
    assert place.desk.changes.one(two.id).state == "proposed"


@pytest.mark.parametrize("statement", ["UPDATE knowledge_event SET actor = 'x'", "DELETE FROM knowledge_event"])
def test_the_log_is_appended_only(place: Place, statement: str) -> None:
    place.desk.propose(WRITER, patent(short=NEW_SHORT), "说得更清楚")
    with pytest.raises(DatabaseError, match="append-only"), place.store.session() as session:
        session.execute(text(statement))
