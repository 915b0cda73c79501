"""What the queue is asked for goes through the address and comes back the same."""

from __future__ import annotations

from datetime import date
from typing import get_args
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aid.cases.life import State
from aid.desk.errors import FilterUnusable
from aid.desk.filters import Cursor, Filters, Urgency

DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))
CODES = st.lists(st.from_regex(r"[a-z][a-z0-9_-]{0,20}", fullmatch=True), max_size=4).map(tuple)
CURSORS = st.builds(
    Cursor, day=DAYS, rank=st.integers(0, 9), due=DAYS, number=st.integers(1, 999_999).map(lambda n: f"CC-2026-{n:06d}")
)
FILTERS = st.builds(
    Filters,
    show=st.sampled_from(["open", "closed", "all"]),
    state=st.lists(st.sampled_from(get_args(State)), max_size=4).map(tuple),
    kind=CODES,
    center=CODES,
    copies=st.booleans(),
    expo=CODES,
    matter=st.lists(st.text("外观设计专利商标&=? +%#", min_size=1, max_size=8).filter(str.strip), max_size=3).map(tuple),
    urgency=st.lists(st.sampled_from(get_args(Urgency)), max_size=4).map(tuple),
    due_within=st.none() | st.integers(0, 60),
    mine=st.booleans(),
    since=st.none() | DAYS,
    until=st.none() | DAYS,
    words=st.text("车灯A3馆B12 &=?+%#中", max_size=40),
    sort=st.sampled_from(["urgency", "newest", "oldest"]),
    after=st.none() | CURSORS,
)


@given(FILTERS)
def test_filters_come_back_from_the_address_the_same(filters: Filters) -> None:
    assert Filters.read(parse_qsl(filters.query(), keep_blank_values=True)) == filters


def test_asking_for_nothing_leaves_the_address_bare() -> None:
    assert Filters().query() == ""
    assert Filters.read([("kind", ""), ("words", "  "), ("utm", "x")]) == Filters()
    assert not Filters(sort="newest").is_narrowed()
    assert Filters(mine=True).is_narrowed()


def test_the_same_choices_in_another_order_are_the_same_address() -> None:
    one = Filters.read([("state", "returned"), ("state", "accepted"), ("state", "returned")])
    assert one.query() == Filters.read([("state", "accepted"), ("state", "returned")]).query() == "state=accepted&state=returned"


@pytest.mark.parametrize(
    ("pairs", "names"),
    [
        ([("state", "open")], ["state"]),
        ([("kind", "'; DROP TABLE board")], ["kind"]),
        ([("due_within", "-1"), ("since", "2026-13-01")], ["due_within", "since"]),
        ([("after", "x")], ["after"]),
        ([("after", "2026-11-23.3.2026-11-25.CC-1")], ["after"]),
        ([("words", "长" * 65)], ["words"]),
        ([("center", f"c{n}") for n in range(21)], ["center"]),
    ],
)
def test_a_filter_without_sense_is_named(pairs: list[tuple[str, str]], names: list[str]) -> None:
    with pytest.raises(FilterUnusable) as caught:
        Filters.read(pairs)
    assert caught.value.names == names
