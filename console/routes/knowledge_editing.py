"""The knowledge desk, to write: the form of an entry with its checks, and what becomes of a proposal."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from aid.clock import today
from aid.consultation.entries import all_entries
from aid.consultation.entry import CASE_KINDS
from aid.knowledge_desk.changes import Proposal
from aid.knowledge_desk.checking import FieldFault
from aid.knowledge_desk.content import ABSENT, content_of, digest
from aid.knowledge_desk.desk import differences, merged
from aid.knowledge_desk.errors import BadText, DeskError, FaultyEntry, UnknownEntry
from aid.knowledge_desk.form import MOST_LATER, Said, form_of, row_of
from console.gate import Visit
from console.knowledge import Approver, Posted, Side, Writer, desk_of, editor_of, show, sides, status_of, words_of
from console.rendering import go

router = APIRouter(prefix="/knowledge")
Words = Annotated[str, Form()]


@router.get("/new")
def new(request: Request, visit: Writer) -> Response:
    """The empty form."""
    return _form(request, visit, _empty(visit), ABSENT)


@router.post("/new")
def new_from_group(request: Request, visit: Writer, variants: Words = "") -> Response:
    """The form with the wordings of a group of questions; nothing is kept yet."""
    return _form(request, visit, {**_empty(visit), "variants": variants[:20_000]}, ABSENT)


@router.get("/entries/{id}/edit")
def edit(request: Request, id: str, visit: Writer) -> Response:
    """The form with an entry as it is now."""
    content = desk_of(visit).folder.content(id)
    if content is None:
        raise UnknownEntry(id)
    return _form(request, visit, form_of(content), digest(content))


@router.get("/proposals/{id}/edit")
def edit_proposal(request: Request, id: str, visit: Writer) -> Response:
    """The form with a proposal's text; where the file has changed since, with the file's new fields and what changed in it."""
    desk = desk_of(visit)
    row = desk.changes.one(id)
    now = desk.folder.content(row.entry)
    since = [(difference.field, sides(difference)) for difference in differences(row.base, now)] if now and digest(now) != row.base_digest else []
    return _form(request, visit, form_of(merged(row.base, row.content, now)), digest(now), proposal=row, since=since)


@router.post("/check")
def check(request: Request, visit: Writer, said: Posted) -> Response:
    """What the checks say of the form as it stands; a piece for htmx."""
    try:
        _edit, checked = desk_of(visit).check(content_of(row_of(said)))
    except DeskError as fault:
        return show(request, "check", visit, faults=[], sentence=words_of(request).error(fault), sound=False)
    return show(request, "check", visit, faults=checked.own, sentence="", sound=not checked.errors)


@router.post("/propose")
def propose(request: Request, visit: Writer, said: Posted) -> Response:
    """Keep it as a proposal; with a fault the form comes again, with all that was written."""
    why, seen = _one(said, "why"), _one(said, "seen")
    try:
        row = desk_of(visit).propose(editor_of(visit), row_of(said), why, seen)
    except DeskError as fault:
        return _again(request, visit, said, seen, fault)
    return go(request, f"knowledge/proposals/{row.id}")


@router.post("/proposals/{id}/edit")
def revise(request: Request, id: str, visit: Writer, said: Posted) -> Response:
    """Another text for an open proposal."""
    why, seen, revision = _one(said, "why"), _one(said, "seen"), _one(said, "revision")
    desk = desk_of(visit)
    row = desk.changes.one(id)
    try:
        desk.revise(editor_of(visit), id, row_of(said), why, int(revision) if revision.isdecimal() and len(revision) < 6 else 0, seen)
    except DeskError as fault:
        return _again(request, visit, said, seen, fault, row)
    return go(request, f"knowledge/proposals/{id}")


@router.post("/proposals/{id}/approve")
def approve(request: Request, id: str, visit: Approver, seen: Words = "") -> Response:
    """Make it live. ``seen`` is the text that stood on the page."""
    carried = desk_of(visit).approve(editor_of(visit), id, seen)
    return go(request, f"knowledge/proposals/{id}", said=carried.standing)


@router.post("/proposals/{id}/return")
def send_back(request: Request, id: str, visit: Approver, why: Words = "") -> Response:
    """Give it back to its author, with the reason."""
    desk_of(visit).send_back(editor_of(visit), id, why)
    return go(request, f"knowledge/proposals/{id}")


@router.post("/proposals/{id}/withdraw")
def withdraw(request: Request, id: str, visit: Writer, why: Words = "") -> Response:
    """Take it away."""
    desk_of(visit).withdraw(editor_of(visit), id, why)
    return go(request, f"knowledge/proposals/{id}")


@router.post("/entries/{id}/rollback")
def roll_back(request: Request, id: str, visit: Writer, number: Annotated[int, Form()] = -1, why: Words = "") -> Response:
    """Propose an older version again; a second person approves it."""
    row = desk_of(visit).roll_back(editor_of(visit), id, number, why)
    return go(request, f"knowledge/proposals/{row.id}")


def _empty(visit: Visit) -> dict[str, str]:
    now = today(visit.desk.clock).isoformat()
    return {**form_of(None), "checked": now, "from": now, "roles": "anyone"}


def _again(request: Request, visit: Visit, said: Said, seen: str, fault: DeskError, proposal: Proposal | None = None) -> Response:
    """The form as it was sent, with what is wrong with it."""
    form = {name: " ".join(values) if name == "roles" else values[-1] for name, values in said.items() if values}
    faults = fault.faults if isinstance(fault, FaultyEntry) else []
    if isinstance(fault, BadText):
        form["fault-field"] = fault.field.partition(".")[0]
    sentence, status = words_of(request).error(fault), status_of(fault)
    return _form(request, visit, {**form_of(None), **form}, seen, proposal=proposal, fault=sentence, faults=faults, status=status)


def _form(
    request: Request,
    visit: Visit,
    form: dict[str, str],
    seen: str,
    proposal: Proposal | None = None,
    fault: str = "",
    faults: list[FieldFault] | None = None,
    status: int = 200,
    since: list[tuple[str, list[Side]]] | None = None,
) -> Response:
    entries = all_entries(visit.desk.settings.knowledge_dir)
    topics = {entry.topic: entry.topic_label for entry in entries.values()}
    wrong = {found.field for found in faults or []} | {form.get("fault-field", "")}
    later = [number for number in range(1, MOST_LATER + 1) if any(name.startswith(f"later-{number}-") and form[name] for name in form)]
    more: dict[str, Any] = {"form": form, "seen": seen, "topics": topics, "cases": CASE_KINDS, "faults": faults or [], "wrong": wrong}
    more |= {"proposal": proposal, "later": [*later, (later[-1] if later else 0) + 1][:MOST_LATER], "why": form.get("why", ""), "since": since or []}
    return show(request, "edit", visit, status=status, fault=fault, **more)


def _one(said: Said, name: str) -> str:
    values = said.get(name, ())
    return values[-1] if values else ""


