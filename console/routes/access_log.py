"""The access log: who saw, changed or took out personal data, of the centers that one may look into; and what became of accounts there."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from aid.clock import CHANGCHUN
from aid.people.rights import reached
from aid.people.sights import Act, Filter
from console.gate import Visit, staff
from console.rendering import pages_of

router = APIRouter()
PER_PAGE = 50
MOST_SAID = 64


@router.get("/log")
def log(
    request: Request,
    visit: Annotated[Visit, Depends(staff("log.see"))],
    who: str = "",
    number: str = "",
    act: str = "",
    since: str = "",
    until: str = "",
    before: str = "",
) -> Response:
    """The lines that fit, the newest first; the filters stand in the address."""
    known = get_args(Act)
    asked = {"who": who[:MOST_SAID], "number": number[:MOST_SAID], "act": act if act in known else "", "since": since, "until": until}
    first, last = _day(since), _day(until)
    wanted = Filter(
        staff_name=asked["who"],
        ticket_number=asked["number"],
        act=asked["act"],
        since=_midnight(first) if first else None,
        until=_midnight(last + timedelta(days=1)) if last else None,
    )
    lines = visit.desk.sights.find(reached(visit.person, "log.see").receivers, wanted, _id(before), PER_PAGE + 1)
    more = lines[PER_PAGE - 1].id if len(lines) > PER_PAGE else None
    labels = {field.key: field.label for kind in visit.desk.office.kinds.values() for field in kind.fields} | visit.desk.words.shown.model_dump()

    def told(what: str) -> str:
        """What was seen, in words; after a file's word stands the beginning of its hash."""
        name, _blank, rest = what.partition(" ")
        return f"{labels.get(name, name)} {rest}".rstrip()

    page: dict[str, Any] = {"lines": lines[:PER_PAGE], "asked": asked, "acts": known, "more": more}
    page |= {"reasons": visit.desk.words.reason_labels, "told": told}
    return pages_of(request).page(request, "log", visit, here="log", **page)


@router.get("/log/accounts")
def accounts(request: Request, visit: Annotated[Visit, Depends(staff("log.see"))], who: str = "", before: str = "") -> Response:
    """What became of the accounts that have a role at one of these centers; signing in and waiting for too many failures is among it."""
    centers, who = reached(visit.person, "log.see").receivers, who.strip().lower()[:MOST_SAID]
    names = None if centers is None else {p.name for p in visit.desk.accounts.all() if any(grant.center in centers for grant in p.grants)}
    if who:
        names = {who} if names is None else names & {who}
    events = visit.desk.accounts.events(names, _id(before), PER_PAGE + 1)
    more = events[PER_PAGE - 1].id if len(events) > PER_PAGE else None
    return pages_of(request).page(request, "log_accounts", visit, here="log", events=events[:PER_PAGE], who=who, more=more)


def _id(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1970 < day.year < 9999 else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHANGCHUN)
