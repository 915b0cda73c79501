"""The same case told twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from aid.cases.likeness import alike, same_case, same_respondent


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("星远光电有限公司", "星远光电", True),
        ("长春星远光电有限公司", "星远光电", True),
        ("星远光电（长春）", "星远光电长春", True),
        ("ＡＢＣ车灯店", "abc车灯", True),
        ("星远光电", "星达光电", False),
        ("老王", "老王家具店", False),
        ("有限公司", "公司", False),
        ("", "星远光电", False),
    ],
)
def test_two_names_of_one_respondent(one: str, other: str, same: bool) -> None:
    assert same_respondent(one, other) == same


def test_the_same_booth_of_the_same_expo_is_the_same_case() -> None:
    at = {"event": "长春国际汽车博览会", "booth": "A3馆B12"}
    assert same_case(at, {**at, "booth": "a3馆ｂ12", "respondent": "星远"})
    assert not same_case(at, {**at, "booth": "A3馆B13"})
    assert not same_case({"booth": "B12"}, {"booth": "B12"})


def test_the_newest_ticket_of_the_last_thirty_days_is_found(office: Any) -> None:
    old = office.filed(respondent="星远光电有限公司")
    office.clock.advance(timedelta(days=20))
    new = office.filed(respondent="星远光电")
    facts = {"respondent": "星远光电公司", "phone": "13812345678"}
    now = office.clock.now()
    assert alike([old, new], facts, now) == new
    assert alike([old], facts, now + timedelta(days=11)) is None
    assert alike([old, new], {**facts, "phone": "13900007001"}, now) is None


def test_staff_are_told_of_a_likely_double_whoever_filed_it(office: Any) -> None:
    first = office.filed(respondent="星远光电有限公司")
    second = office.filed(respondent="星远光电")  # another conversation, the same telephone
    third = office.filed(respondent="别的公司", booth="C1", event="长春国际光电博览会")
    told = [office.log.events(ticket)[0].detail.get("alike") for ticket in (first, second, third)]
    assert told == [None, first.number, None]
    assert first.number not in office.cards.status(second).model_dump_json()
