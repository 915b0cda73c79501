"""Facts as people see them: a line of the read-back with personal data masked."""

from __future__ import annotations

from datetime import date

from aid.cases.kinds import CaseField, CaseKind, Facts
from aid.privacy.masking import mask, mask_name
from aid.replies import SummaryLine


def shown(field: CaseField, value: str) -> str:
    """A value as shown: names and telephones masked, days in Chinese, a choice by its label."""
    if field.type == "name":
        return mask_name(value)
    if field.type == "date":
        day = date.fromisoformat(value)
        return f"{day.month}月{day.day}日（周{'一二三四五六日'[day.weekday()]}）"
    if field.type == "consent":
        return "已同意"
    return mask(next((c.label for c in field.choices if c.value == value and c.label and field.type in ("right", "choice")), value))


def summary_lines(kind: CaseKind, facts: Facts) -> list[SummaryLine]:
    """The read-back, in the form's order; what was skipped is said to be so."""
    lines = []
    for field in kind.asked(facts):
        if field.key not in facts:
            continue
        value = shown(field, facts[field.key]) if facts[field.key] else "（没有填）"
        if facts.get(f"{field.key}#mark"):
            value += f"（{field.kept_mark}）"
        lines.append(SummaryLine(field=field.key, label=field.label, value=value))
    return lines
