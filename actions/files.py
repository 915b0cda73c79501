"""Files that a person sends: said what came, bound to the open case, or asked what they are for."""

from __future__ import annotations

from actions.base import Events, TurnAction
from actions.turn import Turn
from aid.cases.errors import ForbiddenTransition
from aid.cases.ticket import Ticket
from aid.evidence.errors import EvidenceFiled, TooManyFiles, UnknownEvidence
from aid.evidence.files import Evidence
from aid.evidence.types import MOST_FILES
from aid.replies import Choice

STARTS = ("expo_complaint", "infringement_report")
"""The cases that are offered for a file that came before any case."""


class TakeFile(TurnAction):
    """A file outside a form."""

    action_name = "action_take_file"

    def answer(self, turn: Turn) -> Events:
        """Say what came and ask what it is for."""
        say_file(turn, turn.file_id)
        return []


def say_file(turn: Turn, file_id: str | None) -> None:
    """Say of a file of this conversation that it came. With an open draft it belongs to it; otherwise the person is asked what it is for."""
    evidence = _own(turn, file_id)
    if evidence is None:
        turn.say("utter_file_gone")
        return
    draft = turn.context.drafts.current(turn.conversation_id)
    if draft is not None:
        turn.context.evidence.take_into(evidence.id, draft.id)
        _say_received(turn, evidence, turn.context.evidence.of_draft(draft.id), [_drop(turn, evidence, "utter_choice_file_remove")])
        return
    _say_received(turn, evidence, turn.context.evidence.waiting(turn.conversation_id), [])
    ticket = turn.context.tickets.latest_of(turn.conversation_id)
    if ticket is None:
        turn.say("utter_file_what_for", None, [*_starts(turn), _drop(turn, evidence, "utter_choice_file_remove")])
    else:
        turn.say("utter_file_where", None, _places(turn, evidence, ticket))


def say_choice_of_file(turn: Turn) -> bool:
    """Whether a choice about a file was tapped, and so has been done and answered."""
    payload = turn.choice or {}
    if "file" not in payload:
        return False
    evidence = _own(turn, str(payload["file"]))
    if evidence is None:
        turn.say("utter_file_gone")
        return True
    match payload.get("do"):
        case "again":
            say_file(turn, evidence.id)
        case "add":
            _add(turn, evidence, str(payload.get("ticket")))
        case "drop":
            _do_drop(turn, evidence)
        case _:
            turn.say("utter_file_kept", None, _starts(turn))
    return True


def say_bound(turn: Turn, draft_id: str) -> None:
    """Say which files that came before the case now belong to it."""
    files = turn.context.evidence.of_draft(draft_id)
    if files:
        turn.say("utter_file_bound", files="\n".join(f"- {turn.context.evidence_words.told(one)}" for one in files))


def _own(turn: Turn, file_id: str | None) -> Evidence | None:
    evidence = turn.context.evidence.find(file_id) if file_id else None
    return evidence if evidence is not None and evidence.conversation_id == turn.conversation_id else None


def _say_received(turn: Turn, evidence: Evidence, all_of_them: list[Evidence], choices: list[Choice]) -> None:
    is_new = evidence.inbound_id == turn.inbound_id or turn.file_id is None
    file = turn.context.evidence_words.told(evidence)
    turn.say("utter_file_received" if is_new else "utter_file_known", None, choices, file=file, count=len(all_of_them), most=MOST_FILES)
    if not turn.memory.get("file_told"):
        turn.say("utter_file_notice")
        turn.remember(file_told=True)


def _starts(turn: Turn) -> list[Choice]:
    return [turn.choice_of(f"utter_choice_start_{kind}", {"start": kind}) for kind in STARTS]


def _drop(turn: Turn, evidence: Evidence, label: str) -> Choice:
    return turn.choice_of(label, {"file": evidence.id, "do": "drop"})


def _places(turn: Turn, evidence: Evidence, ticket: Ticket) -> list[Choice]:
    label = turn.context.labels["utter_choice_file_add"].format(number=ticket.number)
    return [
        Choice(label=label, payload={"file": evidence.id, "do": "add", "ticket": ticket.id}),
        turn.choice_of("utter_choice_file_keep", {"file": evidence.id, "do": "keep"}),
        _drop(turn, evidence, "utter_choice_file_drop"),
    ]


def _add(turn: Turn, evidence: Evidence, ticket_id: str) -> None:
    ticket = next((t for t in turn.context.tickets.of(turn.conversation_id) if t.id == ticket_id), None)
    if ticket is None:
        turn.say("utter_file_gone")
        return
    try:
        turn.context.additions.add(evidence.id, turn.conversation_id, ticket.id)
    except ForbiddenTransition:
        turn.say("utter_file_closed", None, _starts(turn), number=ticket.number)
    except TooManyFiles:
        turn.say("utter_file_full", number=ticket.number, most=MOST_FILES)
    except EvidenceFiled as fault:
        turn.say("utter_file_filed", number=fault.number)
    except UnknownEvidence:
        turn.say("utter_file_gone")
    else:
        turn.context.evidence.erase([evidence])  # where the ticket has the same bytes already, these are not kept twice
        turn.say("utter_file_added", number=ticket.number, file=turn.context.evidence_words.told(evidence))


def _do_drop(turn: Turn, evidence: Evidence) -> None:
    try:
        turn.context.evidence.drop(evidence.id, turn.conversation_id)
    except EvidenceFiled as fault:
        turn.say("utter_file_filed", number=fault.number)
    else:
        turn.say("utter_file_dropped")
