"""What staff do to a case: the forms of the desk, read and held against the table of transitions, and written into the log."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from aid.cases.errors import IncompleteEvent, NotMergeable, UnknownReceiver
from aid.cases.life import Actor, EventKind, open_to
from aid.cases.routing import Router
from aid.cases.ticket import Ticket, TicketEvent
from aid.cases.ticket_log import TicketLog
from aid.clock import Clock, today
from aid.desk.canned import BLANK
from aid.desk.errors import ActionUnusable, NotOffered
from aid.desk.words import MOST, Action, ActionField, DeskWords
from aid.language.seen import seen

Form = Mapping[str, Sequence[str]]
"""What a form holds: the values of each field (several for ticks)."""
OTHER = "other"
"""Key of the free words beside a body that is not in the list."""


@dataclass(frozen=True, slots=True)
class Bodies:
    """To whom a case may be referred: centers by id, other authorities by id, with what each is called."""

    centers: dict[str, str]
    agencies: dict[str, str]


class Actions:
    """Offers and takes actions. ``take`` may raise ``StoreUnavailable``."""

    def __init__(self, log: TicketLog, router: Router, words: DeskWords, clock: Clock) -> None:
        self._log, self._router, self._words, self._clock = log, router, words, clock

    def bodies(self) -> Bodies:
        """All that a case may be transferred or referred to."""
        return Bodies(
            {id_: self._router.public_label(id_) for id_ in self._router.center_ids()},
            {id_: self._router.referral_label(id_) for id_ in self._router.referral_ids()},
        )

    def offered(self, log: Sequence[TicketEvent], actor: Actor) -> dict[EventKind, Action]:
        """The actions that the table of transitions allows ``actor`` now, in the order of the desk's file."""
        allowed = set(open_to([event.kind for event in log], actor.role))
        return {kind: action for kind, action in self._words.actions.items() if kind in allowed}

    def take(
        self,
        ticket: Ticket,
        kind: str,
        form: Form,
        actor: Actor,
        *,
        seen: int | None,
        key: str,
        may_see: Callable[[str], bool],
    ) -> TicketEvent:
        """Do it; the same ``key`` twice is one event.

        Args:
            ticket: the case.
            kind: the event.
            form: what the form holds.
            actor: who does it, with his name.
            seen: the last line of the log that he saw; ``None`` for what disturbs nobody (a note).
            key: names this one sending of the form.
            may_see: whether he may know of the case with a number (for a merger).

        Raises:
            NotOffered: this action is not open to him now.
            ActionUnusable: a field is not as it must be.
            LogMoved: somebody else was faster; nothing was written.
            ForbiddenTransition: it became impossible meanwhile.
        """
        action = self._words.actions.get(kind)  # type: ignore[call-overload]
        if action is None:
            raise NotOffered(f"there is no action {kind}")
        detail = self._detail(action, form, may_see)
        try:
            return self._log.add(ticket, kind, actor, detail, key=key, seen=seen)  # type: ignore[arg-type]
        except UnknownReceiver as fault:
            raise ActionUnusable({"receiver": "receiver"}) from fault
        except NotMergeable as fault:
            raise ActionUnusable({"into": fault.code}) from fault
        except IncompleteEvent as fault:
            raise ActionUnusable(dict.fromkeys(fault.missing, "missing")) from fault

    def _detail(self, action: Action, form: Form, may_see: Callable[[str], bool]) -> dict[str, str]:
        detail: dict[str, str] = {}
        faults: dict[str, str] = {}
        for field in action.fields:
            values = _told(form, field.key)
            if field.type == "body" and values == [OTHER]:
                values = _told(form, f"{field.key}_{OTHER}")
                found, code = {field.key: "；".join(values)}, _words_fault("line", "；".join(values)) if values else "missing"
            elif not values:
                if field.needed:
                    faults[field.key] = "unconfirmed" if field.type == "confirm" else "missing"
                continue
            else:
                found, code = self._read(field, values, may_see)
            if code:
                faults[field.key] = code
            detail |= found
        if faults:
            raise ActionUnusable(faults)
        return detail

    def _read(self, field: ActionField, values: list[str], may_see: Callable[[str], bool]) -> tuple[dict[str, str], str]:
        """What a field adds to the event, and the code of what is wrong with it (``""``: nothing)."""
        key, value = field.key, values[-1]
        if field.type == "confirm":
            return {}, ""
        if field.type in ("line", "text", "ticks"):
            lines = [line.strip() for one in values for line in one.splitlines() if line.strip()]
            value = "；".join(dict.fromkeys(lines)) if field.type == "ticks" else "\n".join(values)
            return {key: value}, _words_fault(field.type, value)
        if field.type in ("day", "past_day"):
            return {key: value}, self._day_fault(value, field.type == "past_day")
        if field.type == "choice":
            return {key: value}, "" if value in field.choices else "unknown"
        bodies = self.bodies()
        if field.type == "center":
            return {key: value}, "" if value in bodies.centers else "unknown"
        if field.type == "body":
            if value in bodies.centers:
                return {key: bodies.centers[value], "helper": value}, ""
            return {key: bodies.agencies.get(value, "")}, "" if value in bodies.agencies else "unknown"
        number = value.replace(" ", "").upper()
        return {key: number}, "" if may_see(number) else "unknown"

    def _day_fault(self, value: str, past: bool) -> str:
        try:
            day = date.fromisoformat(value)
        except ValueError:
            return "not_a_day"
        if str(day) != value or abs(day.year - today(self._clock).year) > 1:
            return "not_a_day"
        return "in_future" if past and day > today(self._clock) else ""


def _told(form: Form, key: str) -> list[str]:
    """What was written into a field, without unseen signs; the person may read it."""
    return [value for value in (seen(value).strip() for value in form.get(key, ())) if value]


def _words_fault(type_: str, value: str) -> str:
    if len(value) > MOST[type_]:
        return "too_long"
    return "blank_left" if BLANK in value else ""
