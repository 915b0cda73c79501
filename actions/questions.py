"""What a form says: its question, its read-back, its receipt."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

from actions.turn import Turn
from aid.cases.cards import shown
from aid.cases.drafts import Draft
from aid.cases.kinds import CaseField, CaseKind, Facts
from aid.cases.ticket import Ticket
from aid.replies import Choice, QuestionCard, SummaryLine

INPUTS: dict[str, Literal["tel", "date"]] = {"phone": "tel", "date": "date"}
OFFERED_DAYS = timedelta(days=366)
"""How far ahead a calendar lets a day be picked; a day that has passed is no answer (``date_past``)."""


def say_question(turn: Turn, kind: CaseKind, field: CaseField, facts: Facts) -> None:
    """Ask a field: what, why, how to skip, where in the form. The consent's question is the privacy notice itself."""
    step, steps = kind.progress(field.key, facts)
    ask = turn.context.notice.text() if field.type == "consent" else field.ask
    today = turn.context.today() if field.type == "date" else None
    card = QuestionCard(
        case_kind=kind.kind,
        field=field.key,
        ask=ask,
        why=field.why,
        skip=field.skip,
        step=step,
        steps=steps,
        input=INPUTS.get(field.type, "text"),
        earliest=today,
        latest=today and today + OFFERED_DAYS,
    )
    response = "utter_form_question_optional" if field.optional else "utter_form_question"
    turn.say(response, card, _choices(turn, field), ask=ask, why=field.why, skip=field.skip)


def _choices(turn: Turn, field: CaseField) -> list[Choice]:
    if field.type == "consent":
        return [
            turn.choice_of("utter_choice_agree", {"act": "affirm"}),
            turn.choice_of("utter_choice_disagree", {"act": "deny"}),
        ]
    choices = [Choice(label=c.label or c.value, payload={"value": c.value, "field": field.key}) for c in field.choices]
    if field.optional:
        choices.append(turn.choice_of("utter_choice_skip", {"act": "skip"}))
    return choices


def say_summary(turn: Turn, kind: CaseKind, draft: Draft, like: Ticket | None = None) -> None:
    """Read everything back, personal data masked, with the receiving center and why; ``like``: the person's ticket of the same case."""
    words, files = turn.context.evidence_words, turn.context.evidence.of_draft(draft.id)
    card = turn.context.cards.summary(draft)
    told_files = [SummaryLine(field="evidence", label=words.label, value=words.told(one)) for one in files]
    card = card.model_copy(update={"lines": card.lines + told_files, "evidence": [words.part(one) for one in files]})
    turn.say(
        "utter_form_summary",
        card,
        [
            turn.choice_of("utter_choice_file", {"act": "affirm"}),
            turn.choice_of("utter_choice_cancel", {"act": "cancel"}),
        ],
        lines="\n".join(f"- {line.label}：{line.value}" for line in card.lines),
        receiver=card.receiver,
        reasons="\n".join(f"- {reason}" for reason in card.reasons),
        notes="".join(f"\n**请注意**：{note}" for note in card.notes),
    )
    if like is not None:
        join = turn.choice_of("utter_choice_join", {"manage": "join", "ticket": like.id})
        turn.say("utter_alike", None, [join], number=like.number, day=day(like.created_at.date()))


def say_receipt(turn: Turn, ticket: Ticket) -> None:
    """Number, lookup code, receiving center and why, the files that were filed, expected date, telephones."""
    words, files = turn.context.evidence_words, turn.context.evidence.of_ticket(ticket.id)
    card = turn.context.cards.receipt(ticket)
    card = card.model_copy(update={"evidence": [words.part(one) for one in files]})
    turn.say(
        "utter_form_receipt",
        card,
        number=card.number,
        code=card.lookup_code,
        receiver=card.receiver,
        reasons="\n".join(f"- {reason}" for reason in card.reasons),
        files=words.listed(files),
        expected=day(card.expected),
        phones="、".join(card.phones),
        materials="".join(f"\n{line}" for line in ["**要准备的材料**", *(f"- {line}" for line in card.materials)]) if card.materials else "",
    )


def told(kind: CaseKind, facts: Facts) -> str:
    """Facts in one line, as the form calls them; personal data masked."""
    return "；".join(f"{kind.field(k).label} {shown(kind.field(k), v)}" for k, v in facts.items() if v and "#" not in k)


def day(value: date) -> str:
    """``11月24日（周二）``."""
    return f"{value.month}月{value.day}日（周{'一二三四五六日'[value.weekday()]}）"
