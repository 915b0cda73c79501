"""From one kind of case to another in the middle of the form; nothing told is lost."""

from __future__ import annotations

import pytest

from aid.cases.kinds import CaseKind, load_kinds
from aid.cases.turning import carried, turns_to
from tests.cases.conftest import FACTS, KNOWLEDGE


@pytest.fixture(scope="module")
def kinds() -> dict[str, CaseKind]:
    return load_kinds(KNOWLEDGE)


@pytest.mark.parametrize(
    ("current", "said", "to"),
    [
        ("expo_complaint", "算了不投诉了，我想调解", "mediation_request"),
        ("expo_complaint", "不投诉了，改成调解吧", "mediation_request"),
        ("expo_complaint", "还是申请维权援助吧", "aid_application"),
        ("expo_complaint", "我想直接举报他", "infringement_report"),
        ("expo_complaint", "能不能改成行政裁决", "adjudication_request"),
        ("mediation_request", "不调解了，我要投诉", "expo_complaint"),
        ("mediation_request", "算了，帮我申请行政裁决", "adjudication_request"),
        ("infringement_report", "不举报了，给我回个电话吧", "consultation_callback"),
        ("aid_application", "不如先调解", "mediation_request"),
        ("adjudication_request", "我想改成举报", "infringement_report"),
        ("consultation_callback", "不用回电了，我要申请调解", "mediation_request"),
        ("aid_application", "可以改成调解吗", "mediation_request"),
    ],
)
def test_a_turning_is_heard(kinds: dict[str, CaseKind], current: str, said: str, to: str) -> None:
    found = turns_to(kinds.values(), kinds[current], said)
    assert found is not None
    assert found.kind == to


@pytest.mark.parametrize(
    ("current", "said"),
    [
        ("expo_complaint", "我要投诉"),
        ("expo_complaint", "调解要多少钱"),
        ("expo_complaint", "我想问调解要收费吗"),
        ("expo_complaint", "A3馆B12"),
        ("mediation_request", "我想调解，让他赔两万"),
        ("infringement_report", "我要举报的是一家网店"),
        ("expo_complaint", "上个月我们公司的人跟对方老板在派出所说过一次，当时说好了要调解但是他后来又反悔了，我想让他把展品撤下来"),
    ],
)
def test_what_is_no_turning_stays(kinds: dict[str, CaseKind], current: str, said: str) -> None:
    assert turns_to(kinds.values(), kinds[current], said) is None


@pytest.mark.parametrize("said", ["我要投诉你们的工作人员不接电话", "我想先举报过一次，没人管", "我要他先道歉，再谈调解"])
def test_an_answer_in_free_words_may_name_another_kind(kinds: dict[str, CaseKind], said: str) -> None:
    assert turns_to(kinds.values(), kinds["service_complaint"], said, in_words=True) is None


def test_the_longer_name_of_a_kind_wins(kinds: dict[str, CaseKind]) -> None:
    assert turns_to(kinds.values(), kinds["service_complaint"], "我要投诉你们") is None
    assert turns_to(kinds.values(), kinds["mediation_request"], "不调解了，还是投诉吧", in_words=True) is kinds["expo_complaint"]


def test_facts_go_along_under_the_new_names_and_none_is_lost(kinds: dict[str, CaseKind]) -> None:
    made = carried(FACTS, kinds["mediation_request"])
    assert made["story"] == FACTS["exhibit"]
    assert made["place"] == FACTS["event"]
    assert {key: value for key, value in FACTS.items() if value}.items() <= made.items()
    assert "respondent" not in made  # it was left out of the complaint, which a mediation cannot do
    field = kinds["mediation_request"].next_field({**made, "respondent": "星远光电"})
    assert field is not None
    assert field.key == "sought"


def test_a_choice_that_the_new_kind_does_not_know_is_asked_again(kinds: dict[str, CaseKind]) -> None:
    assert "right_kind" not in carried({"right_kind": "著作权"}, kinds["adjudication_request"])
    assert carried({"right_kind": "发明专利"}, kinds["adjudication_request"])["right_kind"] == "发明专利"
