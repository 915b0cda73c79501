"""One case: its page, what is done with it, who else has it open, and its personal data for a reason."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from aid.cases.errors import ForbiddenTransition, LogMoved
from aid.cases.life import Actor, EventKind, open_to
from aid.clock import today
from aid.desk.casefile import CaseFile, changes
from aid.desk.errors import ActionUnusable, NotOffered
from aid.people.errors import ReasonMissing
from aid.people.rights import Action, Where, reached, roles_for
from aid.people.sights import Subject
from console.gate import Visit, staff
from console.passes import new_pass
from console.rendering import go, pages_of
from console.routes.cases import sees, shown_names

router = APIRouter(prefix="/cases/{number}")
Said = Annotated[str, Form()]
RIGHTS: Mapping[str, Action] = {"noted": "case.note", "merged": "case.merge"}
"""The right that an action needs; every other one needs ``case.work``."""
DESK_ROLES = ("supervisor", "handler", "intake")
KEY_SIGNS = 64


def opened(visit: Visit, number: str, *, revealed: bool = False) -> CaseFile:
    """The case, where he may know of it. Raises ``HTTPException`` 404: what he may not know of is as if it were not."""
    file = visit.desk.cases.files.open(number, sees(visit), revealed=revealed)
    if file is None:
        raise HTTPException(404)
    return file


def where(file: CaseFile) -> Where:
    """Whose case it is."""
    return Where(file.receiver, file.copies)


def subject(file: CaseFile) -> Subject:
    """Whose personal data it is, for the log."""
    return Subject(file.ticket.id, file.ticket.number, file.receiver)


@router.get("")
def page(request: Request, number: str, visit: Annotated[Visit, Depends(staff("case.see"))]) -> Response:
    """The case, personal data masked."""
    return show(request, visit, opened(visit, number))


@router.post("/do/{event}")
async def do(request: Request, number: str, event: str, visit: Annotated[Visit, Depends(staff("case.note"))]) -> Response:
    """Do something to the case; where somebody else was faster, what he did is shown and nothing that was written is lost."""
    form = await request.form()
    said = {key: [str(value) for value in form.getlist(key) if isinstance(value, str)] for key in form}
    return await asyncio.to_thread(_do, request, number, event, visit, said)


@router.post("/reveal")
def reveal(
    request: Request, number: str, visit: Annotated[Visit, Depends(staff("case.reveal"))], reason: Said = "", words: Said = ""
) -> Response:
    """The case with personal data in full; written down before it is shown."""
    file = opened(visit, number)
    try:
        visit.saw("case.reveal", where(file), "seen", subject(file), [told.key for told in file.parties] or ["text"], reason, words)
    except ReasonMissing:
        return show(request, visit, file, status=422, no_reason=True)
    return show(request, visit, opened(visit, number, revealed=True), revealed=True)


@router.post("/here")
def here(request: Request, number: str, visit: Annotated[Visit, Depends(staff("case.see", quiet=True))], seen: Said = "") -> Response:
    """A beat of the open page: who else has the case open, and whether its log has moved on."""
    file = opened(visit, number)
    others = visit.desk.cases.presence.beat(file.ticket.id, visit.person.name)
    known = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 9 else file.last_seq
    more: dict[str, Any] = {"others": others, "moved": changes(file, known), "people": shown_names(visit.desk), "number": number}
    return pages_of(request).page(request, "case_here", visit, **more)


def show(request: Request, visit: Visit, file: CaseFile, *, status: int = 200, revealed: bool = False, **told: Any) -> Response:
    """The page of a case.

    Args:
        request: whose answer it is.
        visit: who looks.
        file: the case; opened with ``revealed`` where a reason was given.
        status: of the answer.
        revealed: whether previews may be fetched.
        told: what a refused action leaves behind: ``tried`` (the event), ``said`` (the form), ``faults``, ``moved``; ``no_reason``.
    """
    desk, cases = visit.desk, visit.desk.cases
    files = desk.office.evidence.of_ticket(file.ticket.id)
    due = min((clock.due_on for clock in file.clocks if clock.left is not None and clock.due_on), default=None)
    known: dict[Any, str] = {
        "number": file.ticket.number, "kind": file.kind.label, "center": desk.office.router.public_label(file.receiver),
        "today": f"{today(desk.clock)}", "due": str(due) if due else "",
    }  # fmt: skip
    actions = offered(visit, file)
    more = {
        "file": file,
        "where": where(file),
        "line": cases.queue.line(file.ticket.id, sees(visit)),
        "urgency": cases.words.urgency,
        "state": desk.office.labels.states[file.state],
        "states": desk.office.labels.states,
        "files": files,
        "passes": {one.id: new_pass(visit, one.id) for one in files if revealed and one.has_preview},
        "types": desk.office.evidence_words.types,
        "talk": cases.transcripts.of(file.ticket.conversation_id, file.mask),
        "alike": cases.files.alike(file, sees(visit)),
        "why": cases.words.why,
        "at_hand": cases.at_hand(file.kind.kind),
        "basis": cases.documents.basis(file.ticket),
        "has_document": cases.documents.has(file.kind.kind),
        "actions": actions,
        "canned": {kind: [(one, one.filled(known)) for one in cases.canned.fitting(file.kind.kind, kind)] for kind in actions},
        "bodies": cases.actions.bodies(),
        "fault_words": cases.words.faults,
        "people": shown_names(desk),
        "key": secrets.token_urlsafe(16),
        "revealed": revealed,
        "tried": "", "said": {}, "faults": {}, "moved": [], "no_reason": False,
    }  # fmt: skip
    return pages_of(request).page(request, "case", visit, here="cases", status=status, **{**more, **told})


def offered(visit: Visit, file: CaseFile) -> dict[EventKind, Any]:
    """The actions that are open to this person at this case now, in the desk's order."""
    return {kind: action for kind, action in visit.desk.cases.words.actions.items() if actor_for(visit, file, kind) is not None}


def actor_for(visit: Visit, file: CaseFile, kind: str) -> Actor | None:
    """In which role he may do this now, the strongest that both the matrix and the table of transitions allow; ``None``: in none."""
    log = [event.kind for event in file.events]
    for role in roles_for(visit.person, RIGHTS.get(kind, "case.work"), where(file)):
        if role in DESK_ROLES and kind in open_to(log, role):  # type: ignore[arg-type]
            return Actor(role, visit.person.name)  # type: ignore[arg-type]
    return None


def _do(request: Request, number: str, event: str, visit: Visit, said: dict[str, list[str]]) -> Response:
    file = opened(visit, number)
    if event not in visit.desk.cases.words.actions:
        raise HTTPException(404)
    visit.must(RIGHTS.get(event, "case.work"), where(file))
    seen, key = _number(said.get("seen", [""])[0]), f"{visit.person.name}:{said.get('key', [''])[0]}"[:KEY_SIGNS]
    kept: dict[str, Any] = {"tried": event, "said": said}
    actor = actor_for(visit, file, event)
    moved = changes(file, seen) if seen is not None else []
    writes = reached(visit.person, "case.note").in_copy  # a merger writes into the other case's log too
    if actor is None:
        return show(request, visit, file, status=409, moved=moved, **kept)
    try:
        visit.desk.cases.actions.take(
            file.ticket, event, said, actor,
            seen=None if event == "noted" else seen or 0, key=key, may_see=lambda other: visit.desk.cases.queue.seen(other, writes) is not None,
        )  # fmt: skip
    except ActionUnusable as fault:
        return show(request, visit, file, status=422, faults=fault.faults, **kept)
    except (LogMoved, ForbiddenTransition, NotOffered):
        file = opened(visit, number)
        return show(request, visit, file, status=409, moved=changes(file, seen or 0), **kept)
    still = visit.desk.cases.queue.seen(number, sees(visit)) is not None
    return go(request, f"cases/{number}" if still else "cases")


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None
