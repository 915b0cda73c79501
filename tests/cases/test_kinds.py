"""The case kind as written: every word there, personal data asked for last."""

from __future__ import annotations

from aid.cases.kinds import CaseKind


def test_consent_comes_before_personal_data_and_after_the_facts(kind: CaseKind) -> None:
    keys = [field.key for field in kind.fields]
    assert keys == [
        "event", "booth", "exhibit", "respondent", "right_kind",
        "right_number", "leaves_on", "consent", "name", "phone",
    ]  # fmt: skip
    assert kind.personal_keys() == {"name", "phone"}


def test_the_next_field_is_the_first_neither_known_nor_skipped(kind: CaseKind) -> None:
    facts: dict[str, str] = {}
    asked = []
    while field := kind.next_field(facts):
        asked.append(field.key)
        facts[field.key] = "" if field.optional else "x"
    assert asked == [field.key for field in kind.fields]
    assert kind.missing(facts) == []
    assert kind.missing({**facts, "phone": ""}) == ["phone"]
    assert kind.progress("exhibit", {}) == (3, 10)


def test_from_the_second_failure_on_more_is_explained(kind: CaseKind) -> None:
    texts = [kind.fault_text("phone_wrong", n) for n in (1, 2, 3)]
    assert texts[0] != texts[1] == texts[2]


def test_every_question_says_what_why_and_optional_ones_how_to_skip(kind: CaseKind) -> None:
    for field in kind.fields:
        assert field.why.endswith("。")
        assert field.ask or field.type == "consent"
        assert bool(field.skip) == field.optional
