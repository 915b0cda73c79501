"""Accounts and roles, for administrators: each sees and changes only accounts whose roles all lie where he is administrator."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.requests import Request
from starlette.responses import Response

from aid.people.accounts import Person
from aid.people.errors import GrantUnusable, LastAdministrator, NameUnusable, UnknownPerson
from aid.people.rights import EVERYWHERE, ROLES, Grant, may_manage, reached
from console.gate import Visit, staff
from console.rendering import go, pages_of

router = APIRouter(prefix="/people")
Administrator = Annotated[Visit, Depends(staff("people.manage"))]
Said = Annotated[str, Form()]
Given = Annotated[list[str], Form()]


@router.get("")
def everybody(request: Request, visit: Administrator) -> Response:
    """Who has an account, and the form for a new one."""
    return _list(request, visit)


@router.post("")
def add(request: Request, visit: Administrator, name: Said = "", shown: Said = "", role: Said = "", center: Said = "") -> Response:
    """Make an account; its one-time password is shown this once."""
    errors = pages_of(request).words.errors
    try:
        grants = [Grant.read(f"{role}@{center}")]
        if not may_manage(visit.person, grants):
            return _list(request, visit, errors.not_yours_to_give, 403, name, shown)
        password = visit.desk.accounts.add(name, shown, grants, by=visit.person.name)
    except GrantUnusable:
        return _list(request, visit, errors.no_role, 422, name, shown)
    except NameUnusable as fault:
        return _list(request, visit, errors.name_taken if fault.taken else errors.name_malformed, 422, name, shown)
    return _password(request, visit, visit.desk.accounts.named(name), password)


@router.get("/{id}")
def one(request: Request, id: str, visit: Administrator) -> Response:
    """One account with its history."""
    return _one(request, visit, _managed(visit, id))


@router.post("/{id}/roles")
def roles(request: Request, id: str, visit: Administrator, grant: Given | None = None, role: Said = "", center: Said = "") -> Response:
    """Give other roles: those that stay ticked, and one more where chosen."""
    person, errors = _managed(visit, id), pages_of(request).words.errors
    try:
        wanted = [Grant.read(text) for text in grant or []] + ([Grant.read(f"{role}@{center}")] if role else [])
        if not may_manage(visit.person, wanted):
            return _one(request, visit, person, errors.not_yours_to_give, 403)
        visit.desk.accounts.set_grants(person.id, wanted, by=visit.person.name, manager=visit.person.id)
    except GrantUnusable:
        return _one(request, visit, person, errors.no_role, 422)
    except LastAdministrator:
        return _one(request, visit, person, errors.last_administrator, 409)
    return go(request, f"people/{person.id}")


@router.post("/{id}/disable")
def disable(request: Request, id: str, visit: Administrator) -> Response:
    """Close the account."""
    person, errors = _managed(visit, id), pages_of(request).words.errors
    if person.id == visit.person.id:
        return _one(request, visit, person, errors.not_yourself, 409)
    try:
        visit.desk.accounts.set_disabled(person.id, True, by=visit.person.name, manager=visit.person.id)
    except LastAdministrator:
        return _one(request, visit, person, errors.last_administrator, 409)
    return go(request, f"people/{person.id}")


@router.post("/{id}/enable")
def enable(request: Request, id: str, visit: Administrator) -> Response:
    """Open it again."""
    person = _managed(visit, id)
    visit.desk.accounts.set_disabled(person.id, False, by=visit.person.name, manager=visit.person.id)
    return go(request, f"people/{person.id}")


@router.post("/{id}/reset")
def reset(request: Request, id: str, visit: Administrator) -> Response:
    """A new one-time password, shown this once; the second factor goes, and waiting times with it."""
    person = _managed(visit, id)
    password = visit.desk.accounts.reset(person.id, by=visit.person.name, manager=visit.person.id)
    visit.desk.doorkeeper.forgive(person.name, person.id)
    return _password(request, visit, person, password)


def _managed(visit: Visit, id_: str) -> Person:
    """The account, where it is his to manage. Raises ``UnknownPerson`` otherwise: what he may not manage, he does not learn of."""
    person = visit.desk.accounts.by_id(id_)
    if not may_manage(visit.person, person.grants):
        raise UnknownPerson("not his to manage")
    return person


def _choices(visit: Visit) -> list[str]:
    """The centers at which he may give roles."""
    centers = reached(visit.person, "people.manage").receivers
    known = [center.id for center in visit.desk.centers.centers]
    return [*known, EVERYWHERE] if centers is None else [id_ for id_ in known if id_ in centers]


def _list(request: Request, visit: Visit, fault: str = "", status: int = 200, name: str = "", shown: str = "") -> Response:
    people = [person for person in visit.desk.accounts.all() if may_manage(visit.person, person.grants)]
    more = {"people": people, "roles": ROLES, "centers": _choices(visit), "fault": fault, "name": name[:32], "shown": shown[:64]}
    return pages_of(request).page(request, "people", visit, here="people", status=status, **more)


def _one(request: Request, visit: Visit, person: Person, fault: str = "", status: int = 200) -> Response:
    more = {"roles": ROLES, "centers": _choices(visit), "events": visit.desk.accounts.events([person.name], limit=30), "fault": fault}
    return pages_of(request).page(request, "person", visit, here="people", status=status, person=person, **more)


def _password(request: Request, visit: Visit, person: Person, password: str) -> Response:
    return pages_of(request).page(request, "one_time_password", visit, here="people", person=person, password=password)
