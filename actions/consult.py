"""Consultation: from a question to a sourced answer, a choice of likely entries, or an honest no."""

from __future__ import annotations

from actions.base import Events, TurnAction
from actions.elsewhere import say_elsewhere_only
from actions.files import say_choice_of_file
from actions.human import tapped_human
from actions.manage import tapped
from actions.status import answer_status
from actions.turn import Turn
from aid.cases.acts import looks_like_question
from aid.consultation.entry import EntryVersion
from aid.consultation.search import SearchResult
from aid.replies import AnswerCard, CandidatesCard, Choice, NoneCard

OFF_TOPIC_SURE = 0.6
"""Confidence of the intent from which a question without an answer counts as off topic."""
MOST_REMEMBERED = 200
"""Characters of the last question that are kept for the next."""
CALLBACK = "consultation_callback"
CASE_OFFERED = "utter_choice_start_{}"
"""The response that is the label of a kind's start; ``CALLBACK``: staff telephone about what was asked."""


class Consult(TurnAction):
    """A question, or anything that no other action claims."""

    action_name = "action_consult"

    def answer(self, turn: Turn) -> Events:
        """Answer the question by its band; a pending question of ours (ticket status) takes what fits it first."""
        if turn.is_meaningless:
            turn.say("utter_meaningless", NoneCard(reason="invalid"))
            return []
        if turn.memory.get("pending") == "status" and _has_status_facts(turn):
            answer_status(turn)
            return []
        if answer_follow_up(turn):
            return []
        say_urgent(turn)
        answer_question(turn, turn.text)
        return []


def say_urgent(turn: Turn) -> None:
    """What cannot wait comes before the answer, in full once a talk; the entry that says more is one tap away."""
    urgency = turn.context.urgencies.find(turn.text)
    if urgency is None or urgency.id == turn.memory.get("urgent"):
        return
    entry = turn.context.searcher.knowledge.entry(urgency.entry)
    holds = entry is not None and entry.on(turn.context.today()) is not None
    turn.say("utter_urgent", None, [Choice(label=entry.label, payload={"entry": entry.id})] if entry and holds else [], words=urgency.say)
    turn.remember(urgent=urgency.id)


def answer_question(turn: Turn, question: str, without: str = "") -> None:
    """Answer by the band; a text with two questions, each of which has an answer of its own, gets both.

    ``without``: the entry that was answered before the question was asked of another right.
    """
    searcher, today = turn.context.searcher, turn.context.today()
    result = searcher.search(question, today, without) if without else turn.context.foresight.search(question)
    parts = searcher.search_parts(question, today) if result.band != "none" and not without else ()
    turn.remember(asked=question[:MOST_REMEMBERED], entry=None)
    if parts:
        turn.say("utter_two_questions")
        for part in parts:
            say_entry(turn, part.hits[0].entry_id, part.hits[0].probability)
    elif result.band == "answer":
        say_entry(turn, result.hits[0].entry_id, result.hits[0].probability)
    elif result.band == "candidates" and not (turn.intent == "off_topic" and turn.confidence >= OFF_TOPIC_SURE):
        if not looks_like_question(question):  # somebody tells his matter and the entries are unsure: who handles it comes first
            say_elsewhere_only(turn, question)
        say_candidates(turn, question, result)
    else:
        say_none(turn, question, result)


def answer_follow_up(turn: Turn) -> bool:
    """Whether the message asked about the last answer, and so has been answered from it."""
    entry = turn.context.searcher.knowledge.entry(str(turn.memory.get("entry")))
    version = entry.on(turn.context.today()) if entry else None
    found = turn.context.follow_ups.find(turn.text, str(turn.memory.get("asked") or "")) if version else None
    if version is None or found is None:
        return False
    if found.question:
        answer_question(turn, found.question, without=version.id)
    elif found.aspect == "unsolved":
        _say_unsolved(turn, version)
    elif found.aspect == "basis":
        turn.say("utter_follow_up_basis", None, label=version.label, basis=flat(version.card(1.0))["basis"])
    elif turn.context.follow_ups.wants_whole(found.aspect):
        turn.say("utter_again", None)
        say_entry(turn, version.id, 1.0, unfolded=True)
    elif lines := turn.context.follow_ups.lines(found.aspect, version):
        turn.say("utter_follow_up", None, label=version.label, lines="\n".join(f"- {line}" for line in lines))
    else:
        turn.say("utter_follow_up_unknown", None, follow_ups(turn, version), label=version.label)
    return True


def _say_unsolved(turn: Turn, version: EntryVersion) -> None:
    """The answer did not help: what was asked is kept for the editors, and the ways on are said."""
    asked = str(turn.memory.get("asked") or turn.text)
    turn.context.later(turn.context.unanswered.add, turn.conversation_id, asked, "unsolved", 1.0, version.id)
    turn.say("utter_unsolved", None, [call_back(turn), *_related(turn, version, 2)])
    turn.remember(entry=None)


class Choose(TurnAction):
    """Something was tapped: a candidate, 以上都不是, or what becomes of a file."""

    action_name = "action_choose"

    def answer(self, turn: Turn) -> Events:
        """Do what the choice's payload says; a choice that is gone is said kindly."""
        payload = turn.choice or {}
        if say_choice_of_file(turn):
            return []
        if "entry" in payload:
            say_entry(turn, str(payload["entry"]), 1.0)
        elif payload.get("none"):
            say_none_of_these(turn)
        elif "human" in payload:
            tapped_human(turn, payload)
        elif "manage" in payload and payload["manage"] != "join":
            tapped(turn, payload)
        else:
            turn.say("utter_choice_gone", NoneCard(reason="invalid"))
        return []


def say_entry(turn: Turn, entry_id: str, probability: float, unfolded: bool = False) -> None:
    """Say an entry's answer as it holds today, with what it may lead to; ``unfolded`` when the whole was asked for."""
    entry = turn.context.searcher.knowledge.entry(entry_id)
    version = entry.on(turn.context.today()) if entry else None
    if version is None:
        turn.say("utter_entry_gone", NoneCard(reason="invalid"))
        return
    card = version.card(probability, unfolded)
    response = "utter_answer" if card.steps else "utter_answer_without_steps"
    turn.say(response, card, follow_ups(turn, version), **flat(card))
    if not turn.memory.get("disclaimed"):
        turn.say("utter_disclaimer")
    turn.remember(misses=None, disclaimed=True, pending=None, entry=entry_id)


def flat(card: AnswerCard) -> dict[str, str]:
    """The parts of an answer as lines, for the response's frame."""
    return {
        "short": card.short,
        "points": "\n".join(f"- {point}" for point in card.points),
        "steps": "\n".join(f"{number}. {step}" for number, step in enumerate(card.steps, 1)),
        "basis": "\n".join(f"- {basis.line()}" for basis in card.basis),
        "checked": card.checked.isoformat(),
    }


def follow_ups(turn: Turn, version: EntryVersion) -> list[Choice]:
    """The case that the answer may lead to and related entries that hold today, at most three; a call back comes last."""
    choices = []
    if version.case == CALLBACK:
        return [*_related(turn, version, 2), call_back(turn)]
    if version.case:
        payload = {"start": version.case, "from": turn.inbound_id}
        choices.append(turn.choice_of(CASE_OFFERED.format(version.case), payload))
    return [*choices, *_related(turn, version, 3 - len(choices))]


def _related(turn: Turn, version: EntryVersion, most: int) -> list[Choice]:
    entries = [turn.context.searcher.knowledge.entry(related) for related in version.related]
    valid = [entry for entry in entries if entry and entry.on(turn.context.today())]
    return [Choice(label=entry.label, payload={"entry": entry.id}) for entry in valid[:most]]


def call_back(turn: Turn) -> Choice:
    """Staff shall telephone about what was asked."""
    return turn.choice_of("utter_choice_start_consultation_callback", {"start": CALLBACK, "about": "asked"})


def say_candidates(turn: Turn, question: str, result: SearchResult) -> None:
    """您是不是想问: labels that an editor wrote, and 以上都不是."""
    entries = [(hit, turn.context.searcher.knowledge.entry(hit.entry_id)) for hit in result.hits[:3]]
    known = [(hit, entry) for hit, entry in entries if entry]
    card = CandidatesCard(
        entries=[e.id for _, e in known],
        labels=[e.label for _, e in known],
        probabilities=[hit.probability for hit, _ in known],
    )
    choices = [Choice(label=e.label, payload={"entry": e.id}) for _, e in known]
    choices.append(turn.choice_of("utter_choice_none", {"none": True}))
    turn.say("utter_candidates", card, choices)
    turn.context.later(
        turn.context.unanswered.add, turn.conversation_id, question, "candidates", result.probability, known[0][1].id
    )
    turn.remember(pending=None)


def say_none(turn: Turn, question: str, result: SearchResult) -> None:
    """Nothing fits: another body's matter is named with that body, off topic pointed elsewhere; else once 'say it differently', then a person."""
    nearest = result.hits[0].entry_id if result.hits else None
    is_off_topic = turn.intent == "off_topic" and turn.confidence >= OFF_TOPIC_SURE
    if say_elsewhere_only(turn, question, NoneCard(reason="off_topic", probability=result.probability)):
        if not is_off_topic:
            turn.context.later(turn.context.unanswered.add, turn.conversation_id, question, "none", result.probability, nearest)
        return
    if is_off_topic:
        turn.say("utter_off_topic", NoneCard(reason="off_topic", probability=result.probability))
        return
    if turn.intent in {"inform", "correct"} and not turn.memory.get("misses"):
        choices = [
            turn.choice_of("utter_choice_start_expo_complaint", {"start": "expo_complaint", "from": turn.inbound_id}),
            turn.choice_of("utter_choice_help", {"act": "help"}),
        ]
        turn.say("utter_inform_without_question", NoneCard(reason="none", probability=result.probability), choices)
        turn.remember(misses=1, pending=None)
        return
    turn.context.later(turn.context.unanswered.add, turn.conversation_id, question, "none", result.probability, nearest)
    _say_miss(turn, result.probability)


def say_none_of_these(turn: Turn) -> None:
    """以上都不是: a failed clarification."""
    _say_miss(turn, 0.0)


def _say_miss(turn: Turn, probability: float) -> None:
    misses = int(turn.memory.get("misses") or 0) + 1
    again = misses >= 2
    choices = [call_back(turn)] if again and turn.memory.get("asked") else []
    turn.say("utter_none_again" if again else "utter_none", NoneCard(reason="none", probability=probability), choices)
    turn.remember(misses=misses if misses < 2 else None, pending=None)


def _has_status_facts(turn: Turn) -> bool:
    return any(e.kind in {"ticket_number", "lookup_code"} for e in turn.entities())
