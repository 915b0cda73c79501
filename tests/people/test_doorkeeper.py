"""Signing in: failures alike, waits that grow, codes that serve once, sessions that end."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from sqlalchemy import select, text

from aid.people.errors import NoSecondFactor, SessionOver, SignInRefused, TooManyTries
from aid.people.passwords import Passwords
from aid.people.rights import Grant
from aid.people.sessions import Signed
from aid.people.sign_in import Doorkeeper
from aid.people.tries import ACCOUNT, ADDRESS, Counted, Limit, Tries, of_address
from aid.store.people_rows import SignInCountRow, StaffRow, StaffSessionRow
from tests.people.conftest import PASSWORD, Staff

HERE = "192.0.2.7"


def fail(staff: Staff, name: str, times: int, address: str | None = None) -> None:
    for _ in range(times):
        with pytest.raises(SignInRefused):
            staff.doorkeeper.sign_in(name, "wrong", address)


def waits(staff: Staff, name: str, password: str = PASSWORD, address: str | None = None) -> int:
    with pytest.raises(TooManyTries) as caught:
        staff.doorkeeper.sign_in(name, password, address)
    return caught.value.seconds


def enrolled(staff: Staff, name: str = "li") -> tuple[str, pyotp.TOTP, list[str]]:
    person = staff.person(name, "handler@subcenter-1")
    totp = pyotp.TOTP(staff.doorkeeper.begin_second_factor(person.id))
    codes = staff.doorkeeper.confirm_second_factor(person.id, totp.at(staff.clock.now()))
    staff.clock.advance(timedelta(minutes=2))
    return person.id, totp, codes


def waiting(staff: Staff, name: str = "li") -> Signed:
    entered = staff.doorkeeper.sign_in(name, PASSWORD, None)
    assert entered.stage == "second"
    return staff.sessions.find(entered.token)


def test_name_and_password_open_a_session(staff: Staff) -> None:
    staff.person("li", "handler@subcenter-1")
    entered = staff.doorkeeper.sign_in(" LI ", PASSWORD, HERE)
    assert entered.stage == "full"
    assert staff.sessions.find(entered.token).person.name == "li"
    with staff.store.reading() as session:
        assert entered.token not in session.scalars(select(StaffSessionRow.token_digest)).all()


def test_wrong_password_unknown_name_and_closed_account_fail_alike(staff: Staff) -> None:
    staff.person("zhao", "administrator@*")
    closed = staff.person("li", "handler@subcenter-1")
    staff.accounts.set_disabled(closed.id, True, by="test")
    said = set()
    for name, password in (("zhao", "wrong"), ("nobody", PASSWORD), ("li", PASSWORD)):
        with pytest.raises(SignInRefused) as caught:
            staff.doorkeeper.sign_in(name, password, HERE)
        said.add(str(caught.value))
    assert len(said) == 1


@pytest.mark.parametrize("name", ["li", "nobody"])
def test_after_five_failures_an_account_waits_longer_each_time_whether_or_not_there_is_one(staff: Staff, name: str) -> None:
    staff.person("li", "handler@subcenter-1")
    fail(staff, name, 5)
    assert waits(staff, name) == 60
    assert waits(staff, name) == 60, "a try while waiting does not count"
    expected = [120, 240, 480, 960, 1800, 1800]
    for seconds in expected:
        staff.clock.advance(timedelta(seconds=waits(staff, name)))
        fail(staff, name, 1)
        assert waits(staff, name) == seconds


def test_the_right_password_is_refused_while_waiting_and_afterwards_begins_anew(staff: Staff) -> None:
    staff.person("li", "handler@subcenter-1")
    fail(staff, "li", 5)
    staff.clock.advance(timedelta(seconds=59))
    assert waits(staff, "li") == 1
    staff.clock.advance(timedelta(seconds=1))
    staff.doorkeeper.sign_in("li", PASSWORD, None)
    fail(staff, "li", 4)
    staff.doorkeeper.sign_in("li", PASSWORD, None)


def test_failures_are_forgotten_after_a_day(staff: Staff) -> None:
    staff.person("li", "handler@subcenter-1")
    fail(staff, "li", 4)
    staff.clock.advance(timedelta(hours=24, seconds=1))
    fail(staff, "li", 4)
    staff.doorkeeper.sign_in("li", PASSWORD, None)


def test_an_address_that_tries_many_names_waits_and_others_do_not(staff: Staff) -> None:
    staff.person("li", "handler@subcenter-1")
    for number in range(ADDRESS.free):
        fail(staff, f"name{number}", 1, HERE)
    assert waits(staff, "li", address=HERE) == 60
    staff.doorkeeper.sign_in("li", PASSWORD, "192.0.2.8")


def test_good_sign_ins_of_an_office_behind_one_address_do_not_add_up(staff: Staff) -> None:
    staff.person("li", "handler@subcenter-1")
    for _ in range(ADDRESS.free + 5):
        staff.doorkeeper.sign_in("li", PASSWORD, HERE)


@pytest.mark.parametrize(
    ("address", "same"),
    [("2001:db8::1", "2001:db8::ffff"), ("::ffff:192.0.2.7", "192.0.2.7")],
)
def test_an_address_is_counted_as_the_household_it_is(address: str, same: str) -> None:
    assert of_address(address) == of_address(same) != []
    assert of_address("127.0.0.1") == of_address("::1") == of_address(None) == []
    assert of_address("2001:db8:0:1::1") != of_address("2001:db8:0:2::1")


def test_many_tries_at_once_gain_nothing(staff: Staff) -> None:
    staff.person("li", "handler@subcenter-1")

    def attempt(_number: int) -> str:
        try:
            staff.doorkeeper.sign_in("li", "wrong", None)
        except TooManyTries:
            return "wait"
        except SignInRefused:
            return "checked"
        return "in"

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(attempt, range(16)))
    assert results.count("checked") == ACCOUNT.free
    assert results.count("wait") == 16 - ACCOUNT.free


def test_neither_names_nor_addresses_lie_open_in_the_counts(staff: Staff) -> None:
    fail(staff, "li", 1, HERE)
    with staff.store.reading() as session:
        marks = session.scalars(select(SignInCountRow.mark)).all()
    assert len(marks) == 2
    assert all(re.fullmatch("[0-9a-f]{64}", mark) for mark in marks)


def test_a_lock_is_written_down_without_the_words_typed_for_a_name_that_nobody_has(staff: Staff) -> None:
    staff.person("li", "handler@subcenter-1")
    fail(staff, "li", 5)
    fail(staff, "my-secret-typed-in-the-wrong-box", 5)
    assert [(event.staff_name, event.kind) for event in staff.accounts.events()][:2] == [("-", "locked"), ("li", "locked")]


def test_a_one_time_password_opens_nothing_after_a_week(staff: Staff) -> None:
    one_time = staff.accounts.add("li", "李强", [Grant("handler", "main")], by="test")
    staff.clock.advance(timedelta(days=7, seconds=-1))
    staff.doorkeeper.sign_in("li", one_time, None)
    staff.clock.advance(timedelta(seconds=1))
    with pytest.raises(SignInRefused):
        staff.doorkeeper.sign_in("li", one_time, None)
    again = staff.accounts.reset(staff.accounts.named("li").id, by="test")
    staff.doorkeeper.sign_in("li", again, None)
    staff.person("wu", "handler@main")
    staff.clock.advance(timedelta(days=400))
    staff.doorkeeper.sign_in("wu", PASSWORD, None)


def test_a_password_word_of_other_costs_is_made_anew_at_sign_in(staff: Staff) -> None:
    person = staff.person("li", "handler@subcenter-1")
    dearer = Passwords(time_cost=2, memory_kib=8, lanes=1)
    keeper = Doorkeeper(staff.store, staff.vault, staff.clock, dearer, staff.accounts)
    keeper.sign_in("li", PASSWORD, None)
    with staff.store.reading() as session:
        kept = session.get_one(StaffRow, person.id).password
    assert not dearer.is_outdated(kept)
    keeper.sign_in("li", PASSWORD, None)


def test_a_session_ends_when_it_is_not_used(staff: Staff) -> None:
    person = staff.person("li", "handler@subcenter-1")
    token = staff.sessions.open(person.id, "full")
    for _ in range(3):
        staff.clock.advance(timedelta(minutes=29))
        staff.sessions.find(token)
    staff.clock.advance(timedelta(minutes=30))
    with pytest.raises(SessionOver):
        staff.sessions.find(token)


def test_a_page_that_asks_by_itself_keeps_no_session_alive(staff: Staff) -> None:
    person = staff.person("li", "handler@subcenter-1")
    token = staff.sessions.open(person.id, "full")
    for _ in range(2):
        staff.clock.advance(timedelta(minutes=14))
        staff.sessions.find(token, touch=False)
    staff.clock.advance(timedelta(minutes=2))
    with pytest.raises(SessionOver):
        staff.sessions.find(token, touch=False)


def test_a_session_ends_after_twelve_hours_however_busy(staff: Staff) -> None:
    person = staff.person("li", "handler@subcenter-1")
    token = staff.sessions.open(person.id, "full")
    for _ in range(35):
        staff.clock.advance(timedelta(minutes=20))
        staff.sessions.find(token)
    staff.clock.advance(timedelta(minutes=20))
    with pytest.raises(SessionOver):
        staff.sessions.find(token)


def test_sessions_that_are_over_are_swept(staff: Staff) -> None:
    person = staff.person("li", "handler@subcenter-1")
    for _ in range(3):
        staff.sessions.open(person.id, "full")
    staff.clock.advance(timedelta(hours=1))
    staff.sessions.open(person.id, "full")
    with staff.store.reading() as session:
        assert session.execute(text("SELECT count(*) FROM staff_session")).scalar_one() == 1


def test_signing_out_ends_the_session_and_may_be_done_twice(staff: Staff) -> None:
    person = staff.person("li", "handler@subcenter-1")
    token = staff.sessions.open(person.id, "full")
    staff.sessions.end(token)
    staff.sessions.end(token)
    with pytest.raises(SessionOver):
        staff.sessions.find(token)


def test_the_second_factor_opens_a_new_session_in_place_of_the_waiting_one(staff: Staff) -> None:
    _, totp, _ = enrolled(staff)
    signed = waiting(staff)
    entered = staff.doorkeeper.second(signed, totp.at(staff.clock.now()), None)
    assert staff.sessions.find(entered.token).stage == "full"
    with pytest.raises(SessionOver):
        staff.sessions.find(signed.token)


def test_a_code_serves_once(staff: Staff) -> None:
    _, totp, _ = enrolled(staff)
    code = totp.at(staff.clock.now())
    staff.doorkeeper.second(waiting(staff), code, None)
    with pytest.raises(SignInRefused):
        staff.doorkeeper.second(waiting(staff), code, None)
    earlier = totp.at(staff.clock.now() - timedelta(seconds=30))
    with pytest.raises(SignInRefused):  # one before a used one is as good as used
        staff.doorkeeper.second(waiting(staff), earlier, None)


def test_a_try_that_counts_while_a_success_forgives_is_no_fault(staff: Staff) -> None:
    tries = Tries(staff.store, staff.clock, staff.vault.fingerprint)
    free = Limit(1000, timedelta(0), timedelta(0))
    name, here = Counted("name:wang", free), Counted("address:192.0.2.7", free)

    def take_and_forgive(_turn: int) -> None:
        tries.take([name, here])
        tries.forgive([name], [here])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(take_and_forgive, range(60)))


def test_a_code_serves_once_even_at_the_same_moment(staff: Staff) -> None:
    _, totp, _ = enrolled(staff)
    code, both = totp.at(staff.clock.now()), [waiting(staff), waiting(staff)]

    def tell(signed: Signed) -> bool:
        try:
            staff.doorkeeper.second(signed, code, None)
        except SignInRefused:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(tell, both)) == [False, True]


@pytest.mark.parametrize(("seconds", "good"), [(-30, True), (30, True), (-61, False), (61, False)])
def test_a_telephones_clock_may_be_off_by_half_a_minute(staff: Staff, seconds: int, good: bool) -> None:
    _, totp, _ = enrolled(staff)
    code = totp.at(staff.clock.now() + timedelta(seconds=seconds))
    if good:
        staff.doorkeeper.second(waiting(staff), f" {code[:3]} {code[3:]} ", None)
    else:
        with pytest.raises(SignInRefused):
            staff.doorkeeper.second(waiting(staff), code, None)


def test_a_recovery_code_serves_once_however_it_is_written(staff: Staff) -> None:
    id_, _, codes = enrolled(staff)
    assert len(set(codes)) == 10
    staff.doorkeeper.second(waiting(staff), codes[3].lower().replace("-", " "), None)
    with pytest.raises(SignInRefused):
        staff.doorkeeper.second(waiting(staff), codes[3], None)
    assert staff.doorkeeper.recovery_codes_left(id_) == 9


def test_codes_cannot_be_tried_through(staff: Staff) -> None:
    _, totp, _ = enrolled(staff)
    signed = waiting(staff)
    wrong = f"{(int(totp.at(staff.clock.now())) + 500_000) % 1_000_000:06}"
    for _ in range(5):
        with pytest.raises(SignInRefused):
            staff.doorkeeper.second(signed, wrong, None)
    with pytest.raises(TooManyTries):
        staff.doorkeeper.second(signed, totp.at(staff.clock.now()), None)
    with pytest.raises(TooManyTries):  # a fresh password does not help
        staff.doorkeeper.second(waiting(staff), totp.at(staff.clock.now()), None)


def test_the_second_factor_is_waited_for_five_minutes(staff: Staff) -> None:
    enrolled(staff)
    signed = waiting(staff)
    staff.clock.advance(timedelta(minutes=5))
    with pytest.raises(SessionOver):
        staff.sessions.find(signed.token)


def test_a_whole_session_tells_no_second_factor(staff: Staff) -> None:
    person = staff.person("li", "handler@subcenter-1")
    with pytest.raises(SessionOver):
        staff.doorkeeper.second(staff.sessions.find(staff.sessions.open(person.id, "full")), "000000", None)


def test_a_second_factor_counts_once_it_is_confirmed(staff: Staff) -> None:
    person = staff.person("li", "handler@subcenter-1")
    with pytest.raises(NoSecondFactor):
        staff.doorkeeper.confirm_second_factor(person.id, "000000")
    secret = staff.doorkeeper.begin_second_factor(person.id)
    assert staff.doorkeeper.waiting_secret(person.id) == secret
    with pytest.raises(SignInRefused):
        staff.doorkeeper.confirm_second_factor(person.id, "12345")
    assert staff.doorkeeper.sign_in("li", PASSWORD, None).stage == "full"
    staff.doorkeeper.confirm_second_factor(person.id, pyotp.TOTP(secret).at(staff.clock.now()))
    assert staff.doorkeeper.sign_in("li", PASSWORD, None).stage == "second"
    assert staff.doorkeeper.waiting_secret(person.id) is None
    with pytest.raises(SignInRefused):  # nobody puts another secret over one in force
        staff.doorkeeper.begin_second_factor(person.id)


def test_it_is_taken_away_against_the_password_or_by_a_reset(staff: Staff) -> None:
    id_, _, _ = enrolled(staff)
    with pytest.raises(SignInRefused):
        staff.doorkeeper.end_second_factor(id_, "wrong")
    staff.doorkeeper.end_second_factor(id_, PASSWORD)
    assert staff.doorkeeper.sign_in("li", PASSWORD, None).stage == "full"
    other, _, _ = enrolled(staff, "wu")
    password = staff.accounts.reset(other, by="test")
    assert staff.doorkeeper.sign_in("wu", password, None).stage == "full"
    assert staff.doorkeeper.recovery_codes_left(other) == 0


def test_the_secret_lies_sealed_and_goes_with_a_new_key(staff: Staff) -> None:
    person = staff.person("li", "handler@subcenter-1")
    secret = staff.doorkeeper.begin_second_factor(person.id)
    with staff.store.reading() as session:
        row: Any = session.get_one(StaffRow, person.id)
    assert secret not in row.totp_sealed
    assert staff.vault.decrypt(row.totp_sealed) == secret
