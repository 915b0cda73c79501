"""One case as staff read it: what was told, by whom (masked), its log, its clocks, what may be the same case, and what can be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from aid.cases.board import standing
from aid.cases.calendar import WorkingDays
from aid.cases.deadlines import Deadline, Deadlines
from aid.cases.kinds import CaseField, CaseKind, Facts
from aid.cases.labels import Labels
from aid.cases.life import CLOSED, EventKind, State
from aid.cases.likeness import LIKE_WITHIN, same_case
from aid.cases.routing import Router
from aid.cases.ticket import Ticket, TicketEvent
from aid.cases.ticket_log import TicketLog
from aid.cases.tickets import Tickets
from aid.clock import Clock, today
from aid.desk.masked import Mask, mask_of
from aid.desk.queue import Queue, Sees
from aid.desk.texts import CaseTexts
from aid.desk.words import Why
from aid.privacy.vault import Vault
from aid.store.engine import Store
from aid.store.models import TicketRow

MOST_ALIKE = 8
_TOLD_BESIDE = ("text", "way", "on", "helper", "number", "into", "missing", "reason", "outcome", "to", "receiver", "score")
"""Keys of an event's detail that staff read, beside the sentence that the person reads. Not ``alike``: cases that may be the same stand
beside, those alone that one may know of."""


@dataclass(frozen=True, slots=True)
class Told:
    """One fact: its label and value, masked where it is personal; ``mark`` says that it stands on the person's word."""

    key: str
    label: str
    value: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the log: ``said`` as the person reads it, ``beside`` what else it holds; ``role`` and ``name`` of who did it."""

    seq: int
    kind: EventKind
    at: datetime
    role: str
    name: str
    said: str
    beside: dict[str, str]


@dataclass(frozen=True, slots=True)
class ClockLine:
    """A deadline: ``left`` in working days (negative: missed by so many), ``None`` when it stands still or was met."""

    label: str
    due_on: date | None
    is_estimate: bool
    left: int | None
    paused: bool
    met_at: datetime | None
    missed: bool
    source: str


@dataclass(frozen=True, slots=True)
class Alike:
    """A case that may be the same one, and by what."""

    number: str
    why: Why
    state: State
    received_at: datetime
    told: str


@dataclass(frozen=True, slots=True)
class CaseFile:
    """Everything of one case. ``copies``: centers that see it without having it; ``last_seq``: the newest line of the log."""

    ticket: Ticket
    kind: CaseKind
    state: State
    is_closed: bool
    receiver: str
    copies: tuple[str, ...]
    last_seq: int
    facts: list[Told]
    parties: list[Told]
    log: list[LogLine]
    events: list[TicketEvent]
    clocks: list[ClockLine]
    mask: Mask


class CaseFiles:
    """Opens cases. Every method may raise ``StoreUnavailable`` and ``CannotUnseal``."""

    def __init__(
        self,
        store: Store,
        vault: Vault,
        clock: Clock,
        kinds: dict[str, CaseKind],
        router: Router,
        labels: Labels,
        calendar: WorkingDays,
        deadlines: Deadlines,
        log: TicketLog,
        tickets: Tickets,
        queue: Queue,
        texts: CaseTexts,
    ) -> None:
        self._store, self._vault, self._clock, self._kinds = store, vault, clock, kinds
        self._router, self._labels, self._calendar, self._deadlines = router, labels, calendar, deadlines
        self._log, self._tickets, self._queue, self._texts = log, tickets, queue, texts

    def open(self, number: str, sees: Sees, *, revealed: bool = False) -> CaseFile | None:
        """The case with this number, personal data masked unless ``revealed``; ``None`` when there is none for these eyes."""
        ticket_id = self._queue.seen(number, sees)
        ticket = self._tickets.by_id(ticket_id) if ticket_id else None
        if ticket is None:
            return None
        kind, events = self._kinds[ticket.kind], self._log.events(ticket)
        now = standing(kind, ticket.receiver, ticket.copies, events, self._deadlines)
        mask = mask_of(kind, ticket.parties, revealed=revealed)
        return CaseFile(
            ticket=ticket,
            kind=kind,
            state=now.state,
            is_closed=now.state in CLOSED,
            receiver=now.receiver,
            copies=tuple(sorted(now.seeing - {now.receiver})),
            last_seq=now.last_seq,
            facts=self._facts(kind, ticket.facts, mask),
            parties=self._facts(kind, ticket.parties, mask),
            log=[self.line(event, mask) for event in events],
            events=events,
            clocks=[self._clock_line(one) for one in self._deadlines.of(kind, events)],
            mask=mask,
        )

    def line(self, event: TicketEvent, mask: Mask) -> LogLine:
        """A line of the log as staff read it."""
        detail = dict(event.detail)
        for key in ("receiver", "helper"):
            if key in detail:
                detail[key] = self._center(detail[key])
        role, _, name = event.actor.partition(":")
        said = mask.text(self._labels.event(event.kind, detail))
        beside = {key: mask.text(detail[key]) for key in _TOLD_BESIDE if detail.get(key) and mask.text(detail[key]) not in said}
        return LogLine(event.seq, event.kind, event.at, role, name, said, beside)

    def alike(self, file: CaseFile, sees: Sees) -> list[Alike]:
        """Cases that may be the same, of those that may be known of: by the same telephone, or by respondent or booth, within 30 days."""
        ticket, found = file.ticket, dict[str, Why]()
        told = next((event.detail.get("alike", "") for event in file.events if event.kind == "received"), "")
        around = (TicketRow.created_at >= ticket.created_at - LIKE_WITHIN, TicketRow.created_at <= ticket.created_at + LIKE_WITHIN)
        worded = self._worded(ticket)
        with self._store.reading() as session:
            own = session.scalar(select(TicketRow.person_hash).filter_by(id=ticket.id))
            rows = session.execute(select(TicketRow.number, TicketRow.facts_sealed).where(TicketRow.person_hash == own, *around)).all() if own else []
            for number, sealed in rows:
                found[number] = "same_case" if same_case(ticket.facts, self._vault.decrypt_json(sealed)) else "same_person"
            named = select(TicketRow.number, TicketRow.facts_sealed).where(TicketRow.id.in_(worded), *around)
            for number, sealed in session.execute(named):
                if number not in found and same_case(ticket.facts, self._vault.decrypt_json(sealed)):
                    found[number] = "same_respondent"
        if told and found.get(told) != "same_case":
            found[told] = "alike"
        found.pop(ticket.number, None)
        return self._shown(found, sees)

    def _worded(self, ticket: Ticket) -> list[str]:
        """Ids of cases in which this one's respondent or booth is named too; the search is in memory."""
        words = [ticket.facts[key] for key in ("respondent", "booth") if ticket.facts.get(key)]
        return list(dict.fromkeys(id_ for word in words for id_ in self._texts.find(word)[:200] if id_ != ticket.id))

    def _shown(self, found: dict[str, Why], sees: Sees) -> list[Alike]:
        order: list[Why] = ["same_case", "alike", "same_respondent", "same_person"]
        lines: list[Alike] = []
        for number, why in sorted(found.items(), key=lambda one: (order.index(one[1]), one[0])):
            if len(lines) == MOST_ALIKE:
                break
            ticket_id = self._queue.seen(number, sees)
            line = self._queue.line(ticket_id, sees) if ticket_id else None
            if line is not None:
                lines.append(Alike(number, why, line.state, line.received_at, line.told))
        return lines

    def _facts(self, kind: CaseKind, facts: Facts, mask: Mask) -> list[Told]:
        """The facts in the form's order, then what was told while the draft was of another kind."""
        others = {field.key: field for other in self._kinds.values() for field in other.fields}
        fields = {**others, **{field.key: field for field in kind.fields}}
        order = [*(field.key for field in kind.fields if field.key in facts), *(key for key in facts if key in others and not _of(kind, key))]
        return [
            Told(key, fields[key].label, _value(fields[key], facts[key], mask), fields[key].kept_mark if facts.get(f"{key}#mark") else "")
            for key in order
            if fields[key].type != "consent" and facts[key]
        ]

    def _clock_line(self, one: Deadline) -> ClockLine:
        day = today(self._clock)
        running = one.met_at is None and one.due is not None
        return ClockLine(
            label=one.rule.label,
            due_on=one.due.day if one.due else None,
            is_estimate=bool(one.due and one.due.is_estimate),
            left=self._calendar.between(day, one.due.day) if running and one.due else None,
            paused=one.met_at is None and one.due is None,
            met_at=one.met_at,
            missed=one.is_overdue(day),
            source=one.rule.source,
        )

    def _center(self, center_id: str) -> str:
        try:
            return self._router.public_label(center_id)
        except KeyError:
            return center_id


def changes(file: CaseFile, seen: int) -> Sequence[LogLine]:
    """The lines that were added after ``seen``."""
    return [line for line in file.log if line.seq > seen]


def _of(kind: CaseKind, key: str) -> bool:
    return any(field.key == key for field in kind.fields)


def _value(field: CaseField, value: str, mask: Mask) -> str:
    if field.type == "name":
        return mask.name(value)
    if field.type == "date":
        return value
    label = next((choice.label for choice in field.choices if choice.value == value and choice.label and field.type in ("right", "choice")), value)
    return mask.text(label)
