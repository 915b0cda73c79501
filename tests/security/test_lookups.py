"""Guessing at tickets: every wrong way is the same answer by the same path, counted by talk and by number, however it is typed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from aid.cases.errors import TicketNotFound, TooManyAttempts
from aid.cases.lookups import LOOKUP_WINDOW, WRONG_LOOKUPS
from aid.cases.tickets import Ticket
from aid.privacy.vault import Vault
from tests.privacy.conftest import House, house

__all__ = ["house"]


def wrong(house: House, number: str, code: str, conversation: str) -> str:
    """What a wrong lookup says."""
    with pytest.raises((TicketNotFound, TooManyAttempts)) as caught:
        house.office.tickets.find(number, code, conversation)
    return type(caught.value).__name__ + str(caught.value)


def lock(house: House, number: str, conversation: str) -> None:
    for n in range(WRONG_LOOKUPS):
        assert wrong(house, number, f"WRONG{n}34", conversation).startswith("TicketNotFound")


def test_every_wrong_lookup_takes_the_same_path_and_says_the_same(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """One comparison each, whether the number exists or not: what is measured from outside does not tell them apart."""
    ticket, other, mine = house.filed(), house.filed(), house.filed()
    compared: list[str] = []
    stock: Callable[[Vault, str, str], bool] = Vault.matches

    def counting(self: Vault, code: str, fingerprint: str) -> bool:
        compared.append(fingerprint)
        return stock(self, code, fingerprint)

    monkeypatch.setattr(Vault, "matches", counting)
    said = set()
    for n, (number, code) in enumerate(
        (
            (ticket.number, "WRONG234"),
            ("CC-2026-999999", ticket.lookup_code),
            (ticket.number, other.lookup_code),
            (other.number, ticket.lookup_code),
            (ticket.number, ""),
            ("", ""),
            ("' OR 1=1 --", "' OR 1=1 --"),
            (ticket.number, ticket.lookup_code + "A"),
            (ticket.number, ticket.lookup_code[:-1]),
            ("%", "%"),
        )
    ):
        said.add(wrong(house, number, code, f"conversation-{n}"))
        assert len(compared) == n + 1
    assert len(said) == 1
    assert {len(fingerprint) for fingerprint in compared} == {64}
    assert house.office.tickets.find(mine.number, mine.lookup_code, "mine") == mine
    assert len(compared) == 11


def test_a_locked_number_opens_to_no_code_from_no_talk_and_compares_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = house.filed()
    lock(house, ticket.number, "guesser")
    monkeypatch.setattr(Vault, "matches", lambda *_args: pytest.fail("compared while locked"))
    for conversation in ("guesser", "another"):
        for code in (ticket.lookup_code, "WRONG234"):
            assert wrong(house, ticket.number, code, conversation).startswith("TooManyAttempts")


def test_asking_while_locked_neither_lengthens_nor_shortens_the_lock(house: House) -> None:
    ticket = house.filed()
    lock(house, ticket.number, "guesser")
    for _ in range(30):
        house.clock.advance(timedelta(seconds=19))
        assert wrong(house, ticket.number, ticket.lookup_code, "guesser").startswith("TooManyAttempts")
    house.clock.advance(LOOKUP_WINDOW - timedelta(seconds=30 * 19))
    assert house.office.tickets.find(ticket.number, ticket.lookup_code, "guesser") == ticket


def test_another_writing_of_the_number_is_the_same_number(house: House) -> None:
    """Lower case, blanks, full-width figures and dashes win no further tries."""
    ticket = house.filed()
    writings = [
        ticket.number.lower(),
        f"  {ticket.number} ",
        "ＣＣ-2026-000001",
        "cc-2026-00 00 01",
        "CC–2026–000001",
    ]
    assert len(writings) == WRONG_LOOKUPS
    for n, writing in enumerate(writings):
        assert wrong(house, writing, "WRONG234", f"conversation-{n}").startswith("TicketNotFound")
    assert wrong(house, ticket.number, ticket.lookup_code, "mine").startswith("TooManyAttempts")


def test_many_talks_guess_at_one_number_no_more_often_than_one(house: House) -> None:
    ticket = house.filed()
    said = [wrong(house, ticket.number, f"WRONG{n % 10}34", f"conversation-{n}") for n in range(50)]
    assert sum(one.startswith("TicketNotFound") for one in said) == WRONG_LOOKUPS


def test_one_talk_guesses_at_many_numbers_no_more_often_than_at_one(house: House) -> None:
    tickets: list[Ticket] = [house.filed() for _ in range(8)]
    said = [wrong(house, ticket.number, "WRONG234", "guesser") for ticket in tickets]
    assert sum(one.startswith("TicketNotFound") for one in said) == WRONG_LOOKUPS


def test_guesses_at_the_same_moment_are_all_counted(house: House) -> None:
    ticket = house.filed()
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda n: wrong(house, ticket.number, "WRONG234", f"conversation-{n}"), range(24)))
    assert sum(one.startswith("TicketNotFound") for one in said) == WRONG_LOOKUPS


def test_a_right_lookup_does_not_forgive_the_wrong_ones(house: House) -> None:
    """Else who has one ticket of his own could guess without end at others."""
    mine, other = house.filed(), house.filed()
    for n in range(WRONG_LOOKUPS):
        wrong(house, other.number, "WRONG234", "guesser")
        if n < WRONG_LOOKUPS - 1:
            assert house.office.tickets.find(mine.number, mine.lookup_code, "guesser") == mine
    assert wrong(house, other.number, other.lookup_code, "guesser").startswith("TooManyAttempts")


def test_a_code_opens_its_ticket_alone(house: House) -> None:
    first, second = house.filed(), house.filed()
    assert first.lookup_code != second.lookup_code
    assert wrong(house, second.number, first.lookup_code, "a").startswith("TicketNotFound")
    assert house.office.tickets.find(second.number, second.lookup_code, "a") == second
