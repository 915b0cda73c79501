"""Routing: the first rule that holds, plain reasons, and nothing invented about a center."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from aid.cases.checks import check_tables
from aid.cases.kinds import load_kinds
from aid.cases.routing import Case, Router, load_router
from aid.faults import KnowledgeError

CARS, OPTICS, FOOD = "长春国际汽车博览会", "长春国际光电博览会", "中国长春国际农业·食品博览（交易）会"

DAY = date(2026, 11, 23)

ROUTES = [
    ({"event": CARS, "exhibit": "显微镜"}, "subcenter-1", "expo-automobile"),
    ({"event": OPTICS, "exhibit": "车灯"}, "subcenter-2", "expo-optoelectronics"),
    ({"event": FOOD}, "subcenter-3", "expo-agriculture"),
    ({"event": FOOD.replace("（", "(").replace("）", ")")}, "subcenter-3", "expo-agriculture"),
    ({"event": "一个玩具展", "exhibit": "汽车尾灯"}, "subcenter-1", "industry-automobile"),
    ({"event": "科技展", "exhibit": "激光测距仪"}, "subcenter-2", "industry-optoelectronics"),
    ({"event": "展销会", "exhibit": "蓝莓果干"}, "subcenter-3", "industry-agriculture"),
    ({"event": "展销会", "exhibit": "led灯带"}, "subcenter-2", "industry-optoelectronics"),
    ({"event": "展销会", "place": "宽城区黑水路二楼", "exhibit": "车灯"}, "subcenter-3", "market"),
    ({"event": "一个玩具展", "exhibit": "绘本", "right_kind": "著作权"}, "subcenter-4", "expo-other"),
    ({}, "subcenter-4", "expo-other"),
]


@pytest.fixture(scope="module")
def router() -> Router:
    return load_router(Path(__file__).parents[2] / "knowledge")


@pytest.fixture
def copy(tmp_path: Path, knowledge: Path) -> Path:
    return Path(shutil.copytree(knowledge, tmp_path / "knowledge"))


@pytest.mark.parametrize(("facts", "receiver", "rule"), ROUTES)
def test_an_expo_complaint_goes_to_a_sub_center_with_its_reason(
    router: Router, facts: dict[str, str], receiver: str, rule: str
) -> None:
    route = router.route_facts("expo_complaint", facts, DAY)
    assert (route.receiver, route.rule, route.copies) == (receiver, rule, ["main"])
    assert all(reason.endswith("。") for reason in route.reasons)


OTHER_KINDS = [
    ("infringement_report", {"exhibit": "冒牌运动鞋", "channel": "线下", "place": "二道区远东批发三楼"}, "subcenter-3", "market"),
    ("infringement_report", {"exhibit": "假冒车灯", "channel": "线下", "place": "绿园区"}, "subcenter-1", "industry-automobile"),
    ("infringement_report", {"exhibit": "冒牌书包", "channel": "线下", "place": "朝阳区桂林路"}, "subcenter-4", "report-offline"),
    ("infringement_report", {"exhibit": "冒牌书包", "channel": "网上", "platform": "拼多多，某某店"}, "main", "report-online"),
    ("infringement_report", {"exhibit": "盗版绘本", "channel": "网上", "platform": "淘宝"}, "main", "report-online"),
    ("aid_application", {"story": "同行照做我的激光测距仪", "place": "宽城区"}, "subcenter-2", "industry-optoelectronics"),
    ("aid_application", {"story": "有人抄我的布包", "place": "光复路"}, "subcenter-3", "market"),
    ("aid_application", {"story": "有人抄我的布包", "place": "南关区"}, "main", "aid"),
    ("mediation_request", {"story": "他家的木耳包装跟我的一样", "place": "榆树"}, "subcenter-3", "industry-agriculture"),
    ("mediation_request", {"story": "抄我的手机壳图案", "place": ""}, "main", "mediation"),
    ("adjudication_request", {"exhibit": "车灯", "place": "汽开区"}, "main", "adjudication"),
    ("service_complaint", {"story": "打了三次没人接"}, "main", "service-complaint"),
    ("consultation_callback", {"question": "车灯专利怎么续费"}, "main", "consultation-callback"),
]


@pytest.mark.parametrize(("kind", "facts", "receiver", "rule"), OTHER_KINDS)
def test_every_kind_of_case_finds_its_desk(router: Router, kind: str, facts: dict[str, str], receiver: str, rule: str) -> None:
    route = router.route_facts(kind, facts, DAY)
    assert (route.receiver, route.rule) == (receiver, rule)


def test_what_no_rule_takes_goes_to_the_main_center(router: Router) -> None:
    route = router.route(Case(kind="a_kind_of_tomorrow"), DAY)
    assert (route.receiver, route.copies, route.rule) == ("main", [], "rest")
    assert router.public_label("main") == "长春知识产权保护中心"


def test_an_unverified_center_shows_its_task_and_the_national_lines_only(router: Router) -> None:
    for number in range(1, 5):
        center = router.center(f"subcenter-{number}")
        assert not center.verified
        assert "由中心核实后告知" in router.public_label(center.id)
        assert center.task in router.public_label(center.id)
        assert router.phones(center.id) == ["12345", "12315"]


def test_a_workstation_named_in_the_source_document_shows_its_name_and_an_unnamed_one_its_task(router: Router) -> None:
    assert router.public_label("station-new-materials") == "新材料领域新质生产力知识产权保护工作站"
    assert router.public_label("station-new-productivity") == "长春新质生产力发展促进中心知识产权保护工作站"
    assert router.phones("station-new-materials") == ["12345", "12315"]
    for center in ("demonstration-1", "expo-automobile"):
        assert not router.center(center).verified
        assert "由中心核实后告知" in router.public_label(center)
        assert "分中心" not in router.public_label(center)


def test_a_door_s_event_code_is_an_expo(router: Router) -> None:
    assert router.event_name("automobile") == CARS
    assert router.event_code(CARS) == "automobile"
    assert router.event_name("nothing") is None


def test_the_shipped_tables_have_warnings_only(knowledge: Path) -> None:
    faults = check_tables(knowledge)
    assert [f for f in faults if f.level == "error"] == []
    assert len([f for f in faults if f.file.name == "centers.yml" and "not confirmed" in f.message]) == 14
    assert not [f for f in faults if "never reached" in f.message]


BREAKS = [
    ("routing.yml", "to: subcenter-4", "to: subcenter-9", "no center subcenter-9"),
    ("routing.yml", "event: [automobile]", "event: [motor-show]", "event motor-show is not known"),
    ("routing.yml", "mediation_request], industry: [agriculture]", "x], industry: [agriculture]", "kind x"),
    ("routing.yml", "id: market", "id: expo-other", "expo-other stands twice"),
    ("routing.yml", "    when: {}", "    when: {online: true}", "last rule"),
    ("routing.yml", "when: {kind: [expo_complaint]}", "when: {}", "never reached"),
    ("routing.yml", "远东批发市场,", "远方批发市场,", "market 远方批发市场 is missing"),
    (
        "centers.yml",
        "    name: null\n    task: 汽车产业",
        "    name: 某分中心\n    task: 汽车产业",
        "only together with verified",
    ),
    (
        "centers.yml",
        "    phones: []\n    verified: false\n  - id: subcenter-2",
        '    phones: ["043112345678"]\n    verified: false\n  - id: subcenter-2',
        "only together with verified",
    ),
    ("events.yml", "dates: null", "dates: {from: 2026-07-01, until: 2026-07-02}", "only together with verified"),
    ("events.yml", "dates: null\n    verified: false", "dates: {from: 2026-07-09, until: 2026-07-02}\n    verified: true", "before the first"),
    ("events.yml", "dates: null\n    verified: false", "dates: {from: 2026-07-09}\n    verified: true", "until"),
    ("events.yml", "dates: null\n    verified: false", "dates: {from: 七月, until: 2026-07-02}\n    verified: true", "from"),
    ("routing.yml", "refer: culture-enforcement", "refer: culture", "no agency culture"),
    ("routing.yml", "refer: province", "refer: city", "needs where: [partner]"),
    ("routing.yml", "where: [partner]", "where: [neighbour]", "where"),
    ("routing.yml", "copies: [main, subcenter-4]", "copies: [main, subcenter-7]", "no center subcenter-7"),
    ("routing.yml", "id: copy-market", "id: market", "market stands twice"),
    ("routing.yml", "district: [长春新区]", "district: [老区]", "district 老区 is missing"),
    ("places.yml", "  南关区: [南关]", "  南开区: [南关]", "district 南开区 is missing"),
    ("places.yml", "at: [在,", "at2: [在,", "at"),
    ("agencies.yml", "- id: police", "- id: consumer", "stands twice"),
    ("events.yml", "industry: automobile", "industry: cars", "no industry cars"),
    ("words/event.yml", "value: 长春国际汽车博览会", "value: 长春车展览会", "no expo of events.yml"),
    (
        "cases/expo_complaint.yml",
        "label: 展会知识产权投诉",
        "label: 展会知识产权投诉\nlabel: 又一次",
        "label stands twice",
    ),
    ("cases/expo_complaint.yml", "    skip: 手头没有就说“跳过”。\n", "", "says how to skip"),
    ("cases/expo_complaint.yml", "kind: expo_complaint", "kind: other", "must be the file's name"),
    ("calendar/2026.yml", "2026-10-10]", "2026-10-12]", "no weekend day"),
    ("states.yml", "  withdrawn: 已撤回\n", "", "no words for withdrawn"),
    ("privacy.yml", "article: 13,", "article: 十三,", "article"),
]


@pytest.mark.parametrize(("file", "old", "new", "said"), BREAKS)
def test_a_fault_is_told_with_file_and_line(copy: Path, file: str, old: str, new: str, said: str) -> None:
    path = copy / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    errors = [f for f in check_tables(copy) if f.level == "error"]
    assert any(said in f.message and f.file == path for f in errors), errors
    if path.parent.name != "words":
        assert all(re.match(r".+\.yml:\d+: error: ", str(f)) for f in errors)


def test_a_missing_table_stops_the_start(copy: Path) -> None:
    (copy / "centers.yml").unlink()
    with pytest.raises(KnowledgeError, match=r"centers\.yml"):
        load_router(copy)


def test_a_rule_without_a_center_stops_the_start_and_names_the_line(copy: Path) -> None:
    path = copy / "routing.yml"
    path.write_text(path.read_text("utf-8").replace("to: subcenter-4", "to: nowhere", 1), "utf-8")
    with pytest.raises(KnowledgeError) as caught:
        load_router(copy)
    (fault,) = [f for f in caught.value.faults if "nowhere" in f.message]
    assert "to: nowhere" in path.read_text("utf-8").splitlines()[fault.line - 1]


def test_without_case_kinds_there_is_no_start(copy: Path) -> None:
    shutil.rmtree(copy / "cases")
    with pytest.raises(KnowledgeError, match="holds no case kind"):
        load_kinds(copy)
