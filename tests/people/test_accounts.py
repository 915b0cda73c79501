"""Accounts: made, changed, closed; what ends rights ends sessions; nobody locks the house from outside."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from aid.people.errors import GrantUnusable, LastAdministrator, NameUnusable, PasswordWeak, SessionOver, SignInRefused, UnknownPerson
from aid.people.rights import Grant
from aid.store.people_rows import StaffRow
from tests.people.conftest import PASSWORD, Staff

HANDLER = [Grant("handler", "subcenter-1")]


def test_the_first_start_makes_one_administrator_once(staff: Staff) -> None:
    made = staff.accounts.add_first("machine")
    assert made is not None
    name, password = made
    assert staff.accounts.add_first("machine") is None
    person = staff.accounts.named(name)
    assert (person.grants, person.must_change) == ((Grant("administrator", "*"),), True)
    entered = staff.doorkeeper.sign_in(name, password, None)
    assert staff.sessions.find(entered.token).person.must_change


def test_starts_at_once_make_one_administrator(staff: Staff) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = [one for one in pool.map(staff.accounts.add_first, ["machine"] * 4) if one]
    assert len(made) == 1
    assert len(staff.accounts.all()) == 1
    staff.doorkeeper.sign_in(*made[0], None)


@pytest.mark.parametrize("name", ["", "x", "9lives", "wang fang", "王芳", "a" * 33, "-wang", "<b>"])
def test_a_malformed_name_is_refused(staff: Staff, name: str) -> None:
    with pytest.raises(NameUnusable) as caught:
        staff.accounts.add(name, "王芳", HANDLER, by="test")
    assert not caught.value.taken


def test_a_name_is_one_persons_whatever_its_capitals(staff: Staff) -> None:
    staff.accounts.add("Wang", "王芳", HANDLER, by="test")
    with pytest.raises(NameUnusable) as caught:
        staff.accounts.add("wANG ", "王方", HANDLER, by="test")
    assert caught.value.taken
    assert staff.accounts.named("WANG").shown == "王芳"


@pytest.mark.parametrize("grants", [[], [Grant("handler", "nowhere")]])
def test_an_account_has_a_role_at_a_known_center(staff: Staff, grants: list[Grant]) -> None:
    with pytest.raises(GrantUnusable):
        staff.accounts.add("wang", "王芳", grants, by="test")
    person = staff.person("li", "handler@subcenter-1")
    with pytest.raises(GrantUnusable):
        staff.accounts.set_grants(person.id, grants, by="test")
    assert staff.accounts.named("li").grants == tuple(HANDLER)


def test_the_database_refuses_a_role_that_there_is_not(staff: Staff) -> None:
    person = staff.person("li", "handler@subcenter-1")
    with pytest.raises(IntegrityError), staff.store.session() as session:
        session.execute(text("UPDATE staff_role SET role = 'boss' WHERE staff_id = :id"), {"id": person.id})


def _roles(staff: Staff, id_: str) -> None:
    staff.accounts.set_grants(id_, [Grant("auditor", "main")], by="test")


def _disable(staff: Staff, id_: str) -> None:
    staff.accounts.set_disabled(id_, True, by="test")


def _reset(staff: Staff, id_: str) -> None:
    staff.accounts.reset(id_, by="test")


def _password(staff: Staff, id_: str) -> None:
    staff.accounts.change_password(id_, PASSWORD, "把雨伞挂在门后第二个钩上")


@pytest.mark.parametrize("change", [_roles, _disable, _reset, _password])
def test_what_changes_rights_or_password_ends_the_sessions_of_this_person_alone(staff: Staff, change: object) -> None:
    person, other = staff.person("li", "handler@subcenter-1"), staff.person("wu", "handler@subcenter-1")
    tokens = [staff.sessions.open(person.id, "full") for _ in range(2)]
    theirs = staff.sessions.open(other.id, "full")
    assert callable(change)
    change(staff, person.id)
    for token in tokens:
        with pytest.raises(SessionOver):
            staff.sessions.find(token)
    assert staff.sessions.find(theirs).person.name == "wu"


def test_a_reset_gives_a_password_that_must_be_changed_and_the_old_one_is_gone(staff: Staff) -> None:
    person = staff.person("li", "handler@subcenter-1")
    password = staff.accounts.reset(person.id, by="boss")
    with pytest.raises(SignInRefused):
        staff.doorkeeper.sign_in("li", PASSWORD, None)
    entered = staff.doorkeeper.sign_in("li", password, None)
    assert staff.sessions.find(entered.token).person.must_change


def test_a_wrong_or_weak_password_changes_nothing(staff: Staff) -> None:
    person = staff.person("li", "handler@subcenter-1")
    token = staff.sessions.open(person.id, "full")
    with pytest.raises(SignInRefused):
        staff.accounts.change_password(person.id, "wrong", "把雨伞挂在门后第二个钩上")
    with pytest.raises(PasswordWeak):
        staff.accounts.change_password(person.id, PASSWORD, "short")
    assert staff.sessions.find(token)
    staff.doorkeeper.sign_in("li", PASSWORD, None)


def test_the_last_administrator_stays(staff: Staff) -> None:
    first = staff.person("zhao", "administrator@*")
    staff.person("qian", "administrator@main")
    for change in (_disable, _roles):
        with pytest.raises(LastAdministrator):
            change(staff, first.id)
    second = staff.person("sun", "administrator@*", "supervisor@main")
    _roles(staff, first.id)
    with pytest.raises(LastAdministrator):
        _disable(staff, second.id)
    assert staff.accounts.named("sun").disabled_at is None


@pytest.mark.parametrize("ways", [(_disable, _disable), (_roles, _roles), (_disable, _roles)])
def test_two_last_administrators_that_leave_at_once_do_not_both_go(staff: Staff, ways: tuple[Callable[[Staff, str], None], ...]) -> None:
    ids = [staff.person(name, "administrator@*").id for name in ("zhao", "qian")]

    def leave(way: Callable[[Staff, str], None], id_: str) -> bool:
        try:
            way(staff, id_)
        except LastAdministrator:
            return False
        return True

    for _ in range(5):
        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(leave, ways, ids)) == [False, True]
        for id_ in ids:
            staff.accounts.set_disabled(id_, False, by="test")
            staff.accounts.set_grants(id_, [Grant("administrator", "*")], by="test")


def test_what_becomes_of_an_account_is_written_down_and_cannot_be_unwritten(staff: Staff) -> None:
    person = staff.person("li", "handler@subcenter-1")
    staff.accounts.set_grants(person.id, [Grant("auditor", "main")], by="boss")
    _disable(staff, person.id)
    staff.accounts.set_disabled(person.id, False, by="boss")
    newest = staff.accounts.events(["li"])
    assert [event.kind for event in newest] == ["enabled", "disabled", "roles", "password", "created"]
    assert newest[2].detail == {"before": ["handler@subcenter-1"], "after": ["auditor@main"]}
    assert newest[0].actor == "boss"
    for change in ("UPDATE staff_event SET actor = 'x'", "DELETE FROM staff_event"):
        with pytest.raises(IntegrityError, match="append-only"), staff.store.session() as session:
            session.execute(text(change))


def test_no_password_is_kept(staff: Staff) -> None:
    staff.person("li", "handler@subcenter-1")
    with staff.store.reading() as session:
        kept = session.scalars(select(StaffRow.password)).all()
    assert all(word.startswith("$argon2id$") and PASSWORD not in word for word in kept)


def test_who_is_not_there_is_an_error(staff: Staff) -> None:
    for ask in (staff.accounts.named, staff.accounts.by_id):
        with pytest.raises(UnknownPerson):
            ask("nobody")
