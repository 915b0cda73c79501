"""The knowledge desk, to look: what waits, what people asked in vain, how answers do, what is old, why a question gets its answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query
from starlette.requests import Request
from starlette.responses import Response

from aid.clock import today
from aid.consultation.entries import all_entries
from aid.consultation.entry import Entry
from aid.knowledge_desk.changes import OPEN
from aid.knowledge_desk.content import digest
from aid.knowledge_desk.desk import differences
from aid.knowledge_desk.errors import TryUnavailable, UnknownEntry
from aid.knowledge_desk.quality import AnswerQuality, old_entries
from aid.knowledge_desk.search_server import SearchServer
from console.gate import Visit
from console.knowledge import Reader, desk_of, editor_of, show, sides, words_of

router = APIRouter(prefix="/knowledge")
Days = Annotated[int, Query(ge=1, le=3650)]
Months = Annotated[int, Query(ge=1, le=240)]
MOST_FOUND = 60
MOST_GROUPS = 100


@router.get("")
def overview(request: Request, visit: Reader, q: str = "") -> Response:
    """What waits for a second person or its author, and the entries in which ``q`` stands."""
    desk = desk_of(visit)
    proposals = desk.changes.listed(OPEN)
    entries = _entries(visit)
    found = [entry for entry in entries.values() if _holds(entry, q)] if q.strip() else []
    more: dict[str, Any] = {"proposals": proposals, "q": q[:100], "found": found[:MOST_FOUND], "many": len(found), "count": len(entries)}
    return show(request, "overview", visit, **more)


@router.get("/entries/{id}")
def entry(request: Request, id: str, visit: Reader) -> Response:
    """An entry as it is said now, with every version: who, when, why, and what changed."""
    desk = desk_of(visit)
    history, found = desk.history(id), _entries(visit).get(id)
    if found is None:
        raise UnknownEntry(id)
    rows = []
    for before, version in zip(history.versions, history.versions[1:], strict=False):
        changed = [(difference.field, sides(difference)) for difference in differences(before.content, version.content or {})]
        rows.append((version, changed))
    place = desk.folder.line(id)
    version_now = found.on(today(visit.desk.clock))
    waiting = [proposal for proposal in desk.changes.listed(OPEN) if proposal.entry == id]
    more: dict[str, Any] = {"entry": found, "said": version_now.card(1.0) if version_now else None, "rows": rows[::-1], "place": place}
    return show(request, "entry", visit, **more, history=history, waiting=waiting, newest=len(history.versions) - 1)


@router.get("/unanswered")
def unanswered(request: Request, visit: Reader, days: Days = 90) -> Response:
    """What people asked in vain, in groups, the largest first."""
    try:
        groups, fault = SearchServer(visit.desk.settings).gaps(days), ""
    except TryUnavailable as refused:
        groups, fault = [], words_of(request).error(refused)
    labels = {id_: entry.label for id_, entry in _entries(visit).items()}
    return show(request, "unanswered", visit, groups=groups[:MOST_GROUPS], many=len(groups), days=days, labels=labels, fault=fault)


@router.get("/quality")
def quality(request: Request, visit: Reader, days: Days = 30) -> Response:
    """How often each entry was shown, offered, chosen and refused, and what people said of it."""
    last = today(visit.desk.clock)
    rows = AnswerQuality(visit.desk.store, visit.desk.vault, visit.desk.clock).of(last - timedelta(days=days - 1), last)
    labels = {id_: entry.label for id_, entry in _entries(visit).items()}
    return show(request, "quality", visit, rows=rows, days=days, labels=labels)


@router.get("/old")
def old(request: Request, visit: Reader, months: Months = 12) -> Response:
    """Entries that nobody has checked for long, the longest first."""
    entries, now = _entries(visit), today(visit.desk.clock)
    found = old_entries(entries.values(), now, timedelta(days=round(months * 365 / 12)))
    return show(request, "old", visit, found=found, months=months, count=len(entries))


@router.get("/try")
def try_form(request: Request, visit: Reader) -> Response:
    """The box in which a question is tried."""
    return show(request, "try", visit, question="", told=None, proposal=None)


@router.post("/try")
def try_it(request: Request, visit: Reader, question: Annotated[str, Form()] = "", proposal: Annotated[str, Form()] = "") -> Response:
    """What the running search says of a question and why; with ``proposal``: as if this stood in the knowledge already."""
    question = question.strip()[:2000]
    draft = desk_of(visit).changes.one(proposal) if proposal else None
    told, fault, status = None, "", 200
    if question:
        try:
            told = SearchServer(visit.desk.settings).explain(question, draft.content if draft else None)
        except TryUnavailable as refused:
            fault, status = words_of(request).error(refused), 503
    return show(request, "try", visit, status=status, question=question, told=told, fault=fault, proposal=draft)


@router.get("/proposals/{id}")
def proposal(request: Request, id: str, visit: Reader, said: str = "") -> Response:
    """A proposal: side by side with what holds, its log, and what this person may do with it. ``said``: what became of it just now."""
    desk = desk_of(visit)
    row = desk.changes.one(id)
    changed = [(difference.field, sides(difference)) for difference in differences(row.base, row.content)]
    more: dict[str, Any] = {
        "row": row,
        "changed": changed,
        "log": desk.changes.log(id),
        "wrote": editor_of(visit).name in row.authors,
        "outdated": row.state in OPEN and digest(desk.folder.content(row.entry)) != row.base_digest,
        "said": words_of(request).standings.get(said, ""),
    }
    return show(request, "proposal", visit, **more)


def _entries(visit: Visit) -> dict[str, Entry]:
    return all_entries(visit.desk.settings.knowledge_dir)


def _holds(entry: Entry, q: str) -> bool:
    texts = (entry.id, entry.label, entry.topic_label, entry.text.short, *entry.variants)
    return all(any(word in text.casefold() for text in texts) for word in q.casefold().split()[:5])
