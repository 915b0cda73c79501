"""Whether two cases are the same one told twice: the same respondent, or the same booth of the same expo, within 30 days."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from aid.cases.kinds import Facts
from aid.cases.ticket import Ticket
from aid.language.normalise import normalise
from aid.language.numerals import fold

LIKE_WITHIN = timedelta(days=30)
_LEGAL_FORM = re.compile(r"(?:股份|有限|责任|集团|公司|商行|经营部|工作室|个体户|店铺|专卖店|旗舰店|店)+$")
_SHORTEST = 2
"""Signs of a name from which two can be told to be the same."""


def same_respondent(one: str, other: str) -> bool:
    """Whether two names mean the same respondent: alike without the legal form, or one inside the other."""
    short, long = sorted((_bare(one), _bare(other)), key=len)
    if len(short) < _SHORTEST:
        return False
    return short == long or (len(short) > _SHORTEST and short in long)


def same_case(one: Facts, other: Facts) -> bool:
    """Whether the facts tell of the same respondent, or of the same booth of the same expo."""
    if one.get("respondent") and other.get("respondent"):
        return same_respondent(one["respondent"], other["respondent"])
    place = [(facts.get("event", ""), _folded(facts.get("booth", ""))) for facts in (one, other)]
    return all(place[0]) and place[0] == place[1]


def alike(tickets: Iterable[Ticket], facts: Facts, now: datetime) -> Ticket | None:
    """The newest of ``tickets`` of the last 30 days that is the same person's same case; ``None`` when there is none."""
    recent = [ticket for ticket in tickets if now - ticket.created_at <= LIKE_WITHIN and _same_person(ticket.parties, facts)]
    same = [ticket for ticket in recent if same_case(ticket.facts, facts)]
    return max(same, key=lambda ticket: (ticket.created_at, ticket.number), default=None)


def _same_person(parties: Facts, facts: Facts) -> bool:
    """By the telephone where both are known: one conversation may file for two people."""
    phones = {digits for held in (parties, facts) if (digits := phone_digits(held))}
    return len(phones) <= 1


def phone_digits(facts: Facts) -> str:
    """The telephone in figures only; ``""`` where there is none."""
    return re.sub(r"\D", "", facts.get("phone", ""))


def _bare(name: str) -> str:
    return _LEGAL_FORM.sub("", _folded(name))


def _folded(text: str) -> str:
    return re.sub(r"\W", "", fold(normalise(text))).lower()
