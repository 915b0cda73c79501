"""What people see of a case: the read-back, the receipt, and where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from aid.cases.calendar import DueDay
from aid.cases.cards import shown, summary_lines
from aid.cases.deadlines import FIRST_CONTACT, Deadline, Deadlines
from aid.cases.drafts import Draft
from aid.cases.kinds import CaseKind
from aid.cases.labels import HIDDEN, Labels
from aid.cases.life import state_of
from aid.cases.routing import Router
from aid.cases.ticket import Ticket, TicketEvent
from aid.cases.ticket_log import TicketLog
from aid.clock import CHANGCHUN, Clock, today
from aid.replies import ReceiptCard, StatusCard, SummaryCard, SummaryLine


class TicketCards:
    """Draws the cards. Methods that read a log may raise ``StoreUnavailable``."""

    def __init__(self, kinds: dict[str, CaseKind], router: Router, labels: Labels, deadlines: Deadlines, log: TicketLog, clock: Clock) -> None:
        self._kinds, self._router, self._labels = kinds, router, labels
        self._deadlines, self._log, self._clock = deadlines, log, clock

    def summary(self, draft: Draft) -> SummaryCard:
        """The read-back of a draft: facts with personal data masked, receiving center and why."""
        route = self._router.route_facts(draft.kind, draft.facts, today(self._clock))
        return SummaryCard(
            case_kind=draft.kind,
            lines=summary_lines(self._kinds[draft.kind], draft.facts) + self._carried(draft),
            receiver=self._router.public_label(route.receiver),
            reasons=route.reasons,
            notes=self._kinds[draft.kind].said_beside(draft.facts),
        )

    def receipt(self, ticket: Ticket) -> ReceiptCard:
        """What the person takes away."""
        due = self.expected(ticket, self._log.events(ticket))
        return ReceiptCard(
            number=ticket.number,
            lookup_code=ticket.lookup_code,
            receiver=self._router.public_label(ticket.receiver),
            reasons=ticket.reasons,
            expected=due.day,
            expected_is_estimate=due.is_estimate,
            phones=self._router.phones(ticket.receiver),
            materials=self._kinds[ticket.kind].materials,
        )

    def status(self, ticket: Ticket) -> StatusCard:
        """Where the ticket stands; nothing of the parties, and nothing that staff wrote for themselves."""
        log = self._log.events(ticket)
        state = state_of(event.kind for event in log)
        return StatusCard(
            number=ticket.number,
            state=state,
            state_label=self._labels.states[state],
            receiver=self._router.public_label(self._log.receiver(ticket, log)),
            received=ticket.created_at.astimezone(CHANGCHUN).date(),
            expected=self.expected(ticket, log).day,
            events=[f"{event.at.astimezone(CHANGCHUN):%Y-%m-%d %H:%M} {self.told(event)}" for event in log if event.kind not in HIDDEN],
            deadlines=[said for deadline in self.deadlines(ticket, log) if (said := self._running(deadline))],
        )

    def deadlines(self, ticket: Ticket, log: Sequence[TicketEvent]) -> list[Deadline]:
        """The deadlines of a ticket with this log."""
        return self._deadlines.of(self._kinds[ticket.kind], log)

    def expected(self, ticket: Ticket, log: Sequence[TicketEvent]) -> DueDay:
        """The day by which a first contact is expected; an estimate while the target or a calendar is not confirmed."""
        first = next(deadline for deadline in self.deadlines(ticket, log) if deadline.rule.id == FIRST_CONTACT)
        assert first.due is not None  # the first contact is never paused
        return first.due

    def _running(self, deadline: Deadline) -> str:
        """What is told of a clock that still runs; ``""`` for one that is met, paused, past, or not for the person."""
        day = deadline.due.day if deadline.due else None
        if deadline.met_at or day is None or day < today(self._clock) or not deadline.rule.says:
            return ""
        return deadline.rule.says.format(day=in_words(day)) + ("（以中心通知为准）" if deadline.due and deadline.due.is_estimate else "")

    def told(self, event: TicketEvent) -> str:
        """A line of the log as people read it."""
        detail = dict(event.detail)
        if "receiver" in detail:
            detail["receiver"] = self._router.public_label(detail["receiver"])
        return self._labels.event(event.kind, detail)

    def _carried(self, draft: Draft) -> list[SummaryLine]:
        """What was told while the draft was of another kind and this kind does not ask for: it is filed too."""
        own = {field.key for field in self._kinds[draft.kind].fields}
        others = {field.key: field for kind in self._kinds.values() for field in kind.fields}
        told = [(others[key], value) for key, value in draft.facts.items() if value and key in others and key not in own]
        return [SummaryLine(field=field.key, label=field.label, value=shown(field, value)) for field, value in told]


def in_words(day: date) -> str:
    """``12月9日``."""
    return f"{day.month}月{day.day}日"
