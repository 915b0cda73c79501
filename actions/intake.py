"""The form of a case: one Rasa form for every kind, whose only slot says whether it still runs; the draft in the database holds what was said.

Rasa calls the validation at every message while the form runs. It understands the sentence (``aid.cases.intake``), keeps the facts, and
asks the next question.
"""

from __future__ import annotations

from rasa_sdk.events import SlotSet

from actions.alike import alike_ticket, join, joined
from actions.base import Events, TurnAction, say_what_was_done
from actions.consult import say_entry, say_urgent
from actions.digression import answer_aside
from actions.elsewhere import say_elsewhere
from actions.files import say_bound, say_choice_of_file, say_file
from actions.human import tapped_human
from actions.questions import say_question, say_receipt, say_summary, told
from actions.status import answer_status
from actions.turn import Turn
from aid.cases import intake
from aid.cases.drafts import Draft
from aid.cases.intake import understand
from aid.cases.kinds import SUMMARY, CaseKind, Facts
from aid.cases.turning import carried, turns_to, wishes_again

TAPPED = {"affirm": "确认", "deny": "不对", "cancel": "取消", "skip": "跳过", "dont_know": "不知道", "ask_why": "为什么要这个"}
"""The words that a tapped act stands for inside a form."""
ASIDE_SURE = 0.5
"""Confidence from which the classifier's intent is told to the form."""


ABOUT = "about_number"
"""The field that asks for a ticket's number itself."""
LOOP, SLOT = "case_form", "case_intake"
"""Names of the form and of its slot in Rasa."""
KINDS = {
    "start_expo_complaint": "expo_complaint",
    "start_consultation_callback": "consultation_callback",
    "report_infringement": "infringement_report",
    "request_aid": "aid_application",
    "request_mediation": "mediation_request",
    "request_adjudication": "adjudication_request",
    "service_complaint": "service_complaint",
}
"""The kind of case that an intent asks for."""


class Intake(TurnAction):
    """The validation of the form."""

    action_name = f"validate_{LOOP}"
    ends_turn = False
    in_form = True

    def answer(self, turn: Turn) -> Events:
        """Understand the message, keep what it says, ask what comes next; the slot is set when the form is over."""
        end = self._advance(turn)
        if end is None:
            turn.done()
        return [SlotSet("intake_turn", turn.inbound_id), SlotSet(SLOT, end)]

    def _advance(self, turn: Turn) -> str | None:
        """How the form ended (``confirmed``, ``cancelled``), or ``None`` while it runs."""
        draft = self.context.drafts.current(turn.conversation_id)
        if draft is None and say_what_was_done(turn):
            return None
        if turn.file_id is not None:
            return self._take_file(turn, draft)
        if draft is None:
            self._begin(turn, self.context.kinds[asked_kind(turn)])
            return None
        kind = self.context.kinds[draft.kind]
        if draft.last_inbound_id == turn.inbound_id:
            ask_next(turn, kind, draft)  # this message was taken before a crash; only its reply was lost
            return None
        return self._continue(turn, kind, draft)

    def _take_file(self, turn: Turn, draft: Draft | None) -> str | None:
        """A file in the middle: it belongs to the draft, and the open question comes again."""
        say_file(turn, turn.file_id)
        if draft is None:
            return "cancelled"
        ask_next(turn, self.context.kinds[draft.kind], draft)
        return None

    def _begin(self, turn: Turn, kind: CaseKind) -> None:
        turn.remember(managing=None, pending=None)
        say_urgent(turn)
        facts: Facts = self._asked_before(turn, kind)
        opening = self._opening_words(turn)
        for text in [*facts.values(), *opening]:
            if say_elsewhere(turn, text, kind.kind):
                break
        for text in opening:
            heard = understand(kind, facts, None, text, turn.entities(text), None, self.context.today())
            if heard.outcome == "set":
                facts = heard.applied_to(facts)
        draft = self.context.drafts.open(turn.conversation_id, kind.kind, turn.inbound_id)
        draft = self.context.drafts.save(draft, facts=facts, asked=asked_next(kind, facts), inbound_id=turn.inbound_id, failures=0)
        turn.say("utter_form_begin", begin=kind.begin)
        say_bound(turn, draft.id)
        if facts:
            turn.say("utter_form_understood", facts=told(kind, facts))
        ask_next(turn, kind, draft)

    def _asked_before(self, turn: Turn, kind: CaseKind) -> Facts:
        """The question that led to the form, for the field that listens for it."""
        field = next((f for f in kind.fields if f.listens == "opening"), None)
        asked = turn.memory.get("asked") if (turn.choice or {}).get("about") == "asked" else None
        return {field.key: str(asked)} if field and asked else {}

    def _opening_words(self, turn: Turn) -> list[str]:
        """What began the case: the words before a tap (``from``), then the words of this message."""
        payload = turn.choice or {}
        if "start" not in payload:
            return [turn.text]
        origin = payload.get("from")
        return [self.context.messages.inbound(str(origin)).text] if origin else []

    def _continue(self, turn: Turn, kind: CaseKind, draft: Draft) -> str | None:
        text = "" if turn.is_meaningless else TAPPED.get(str((turn.choice or {}).get("act")), turn.text)
        payload = turn.choice or {}
        if "entry" in payload or payload.get("none"):  # an answer was offered aside, and one was tapped
            if "entry" in payload:
                say_entry(turn, str(payload["entry"]), 1.0)
            turn.say("utter_form_back")
            ask_next(turn, kind, self._save(turn, draft, draft.facts, draft.asked, draft.failures))
            return None
        if (ticket := joined(turn, draft, text)) is not None and join(turn, draft, ticket):
            return "cancelled"
        if ticket is not None or "manage" in payload or say_choice_of_file(turn):
            if ticket is None and "manage" in payload:
                turn.say("utter_manage_after_form")
            ask_next(turn, kind, self._save(turn, draft, draft.facts, draft.asked, draft.failures))
            return None
        if "human" in payload:
            tapped_human(turn, payload, in_form=True)
            turn.say("utter_form_back")
            ask_next(turn, kind, self._save(turn, draft, draft.facts, draft.asked, draft.failures))
            return None
        is_status = is_status_told(turn, draft.asked)
        if is_status or payload.get("start") == kind.kind or wishes_again(kind, text):  # another ticket is asked about, or this form wished for again
            if is_status:
                answer_status(turn)
            turn.say("utter_form_back")
            ask_next(turn, kind, self._save(turn, draft, draft.facts, draft.asked, draft.failures))
            return None
        if other := self._other_kind(turn, kind, draft, text):
            self._turn_to(turn, draft, other)
            return None
        if payload.get("field") in {field.key for field in kind.fields} - {draft.asked}:  # a choice of an earlier question
            return self._react(turn, kind, draft, intake.tapped(kind, draft.facts, str(payload["field"]), str(payload["value"])))
        act = turn.intent if turn.confidence >= ASIDE_SURE and not turn.is_tapped else None
        heard = understand(kind, draft.facts, draft.asked, text, turn.entities(text), act, self.context.today())
        return self._react(turn, kind, draft, heard)

    def _other_kind(self, turn: Turn, kind: CaseKind, draft: Draft, text: str) -> CaseKind | None:
        tapped = str((turn.choice or {}).get("start") or "")
        if tapped:
            return self.context.kinds[tapped] if tapped != kind.kind else None
        in_words = draft.asked not in (None, SUMMARY) and kind.field(str(draft.asked)).type == "text"
        return turns_to(self.context.kinds.values(), kind, text, in_words)

    def _turn_to(self, turn: Turn, draft: Draft, kind: CaseKind) -> None:
        """Go on with another kind of case; what was told stays."""
        facts = carried(draft.facts, kind)
        changed = self.context.drafts.change_kind(draft, kind.kind, facts=facts, asked=asked_next(kind, facts), inbound_id=turn.inbound_id)
        turn.say("utter_form_turned", label=kind.label, begin=kind.begin)
        known = {field.key: facts[field.key] for field in kind.asked(facts) if facts.get(field.key)}
        if known:
            turn.say("utter_form_understood", facts=told(kind, known))
        ask_next(turn, kind, changed)

    def _react(self, turn: Turn, kind: CaseKind, draft: Draft, heard: intake.Turn) -> str | None:
        match heard.outcome:
            case "set" | "skip":
                self._keep(turn, kind, draft, heard)
            case "reopen":
                facts = {k: v for k, v in draft.facts.items() if k.split("#")[0] != heard.field}
                ask_next(turn, kind, self._save(turn, draft, facts, heard.field, 0))
            case "why":
                turn.say("utter_form_why", why=kind.field(heard.field).why if heard.field != SUMMARY else kind.fault_text("summary_unclear", 1))
                ask_next(turn, kind, self._save(turn, draft, draft.facts, draft.asked, draft.failures))
            case "cannot_skip":
                self._fault(turn, kind, draft, draft.facts, "utter_form_cannot_skip", kind.field(heard.field).why)
            case "invalid" | "deny":
                fault = heard.fault or "summary_unclear"
                failures = draft.failures + 1
                self._fault(turn, kind, draft, heard.applied_to(draft.facts), "utter_form_fault", kind.fault_text(fault, failures))
            case "question":
                answer_aside(turn)
                ask_next(turn, kind, self._save(turn, draft, draft.facts, draft.asked, draft.failures))
            case "cancel":
                files = self.context.evidence.of_draft(draft.id)
                self.context.drafts.cancel(draft, turn.inbound_id)
                self.context.evidence.erase(files)
                turn.say("utter_form_cancelled")
                return "cancelled"
            case "refuse":
                files = self.context.evidence.of_draft(draft.id)
                self.context.drafts.refuse_consent(draft, turn.inbound_id)
                self.context.evidence.erase(files)
                turn.say("utter_form_consent_refused", refused=kind.refused)
                return "cancelled"
            case "confirm":
                return "confirmed"
        return None

    def _keep(self, turn: Turn, kind: CaseKind, draft: Draft, heard: intake.Turn) -> None:
        facts = heard.applied_to(draft.facts)
        saved = self._save(turn, draft, facts, asked_next(kind, facts), 0)
        news = {k: v for k, v in heard.changes.items() if v and "#" not in k}
        for key in news:
            if kind.field(key).type == "text" and say_elsewhere(turn, turn.text, kind.kind):
                break
        if heard.corrected:
            turn.say("utter_form_corrected", facts=told(kind, {k: facts[k] for k in heard.corrected}))
        if len(news) > 1 or (news and draft.asked not in news and not heard.corrected):
            turn.say("utter_form_understood", facts=told(kind, {k: v for k, v in news.items() if k not in heard.corrected}))
        ask_next(turn, kind, saved)

    def _fault(self, turn: Turn, kind: CaseKind, draft: Draft, facts: Facts, response: str, words: str) -> None:
        failures = draft.failures + 1
        turn.say(response, fault=words, why=words)
        if failures >= 2:
            turn.say("utter_form_leave", leave=kind.leave)
        ask_next(turn, kind, self._save(turn, draft, facts, draft.asked, failures))

    def _save(self, turn: Turn, draft: Draft, facts: Facts, asked: str | None, failures: int) -> Draft:
        return self.context.drafts.save(draft, facts=facts, asked=asked, inbound_id=turn.inbound_id, failures=failures)


class CloseIntake(TurnAction):
    """After a form: files what was confirmed and gives the receipt; a cancelled one has been spoken of already."""

    action_name = "action_close_intake"
    in_form = True

    def answer(self, turn: Turn) -> Events:
        """File the confirmed draft; the same message never files twice."""
        draft = self.context.drafts.current(turn.conversation_id)
        if draft is not None:
            ticket, _ = self.context.tickets.file(draft, turn.inbound_id)
            say_receipt(turn, ticket)
        return [SlotSet(SLOT, None)]


def asked_kind(turn: Turn) -> str:
    """The kind of case that the message begins: what was tapped, else what its intent asks for."""
    return str((turn.choice or {}).get("start") or KINDS[turn.intent])


def is_status_told(turn: Turn, asked: str | None) -> bool:
    """Whether number and code of an earlier ticket are told in the middle of a form, together or one after the other."""
    told_now = {e.kind for e in turn.entities()} & {"ticket_number", "lookup_code"}
    is_awaited = turn.memory.get("pending") == "status"
    return asked != ABOUT and bool(told_now) and (is_awaited or len(told_now) == 2)


def asked_next(kind: CaseKind, facts: Facts) -> str:
    """Key of the next open field, or ``SUMMARY``."""
    field = kind.next_field(facts)
    return field.key if field else SUMMARY


def ask_next(turn: Turn, kind: CaseKind, draft: Draft) -> None:
    """Ask the draft's open question, or read everything back."""
    if draft.asked in (None, SUMMARY):
        say_summary(turn, kind, draft, alike_ticket(turn, draft))
    else:
        say_question(turn, kind, kind.field(str(draft.asked)), draft.facts)
