"""How the answers do, counted out of the record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import uuid4

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import delete, select

from aid.clock import FixedClock
from aid.consultation.entries import load_knowledge
from aid.knowledge_desk.quality import AnswerQuality, Quality, old_entries
from aid.privacy.vault import Vault
from aid.replies import AnswerCard, CandidatesCard, Choice, NoneCard, Reply
from aid.store.messages import Messages
from aid.store.models import ConversationRow, KnowledgeDayRow
from aid.store.ratings import Ratings
from tests.consultation.conftest import entry, topic
from tests.knowledge_desk.conftest import TODAY, Place


@dataclass
class Talks:
    """Talks as the doors store them."""

    place: Place
    vault: Vault

    @property
    def quality(self) -> AnswerQuality:
        return AnswerQuality(self.place.store, self.vault, self.place.clock)

    def __post_init__(self) -> None:
        self.messages = Messages(self.place.store, self.vault, self.place.clock)
        self.talk = self.messages.open_conversation("web").id

    def says(self, reply: Reply, choice: str | None = None) -> tuple[int, list[str]]:
        """A message, typed or tapped, with its answer: the answer's number and the ids of its choices."""
        inbound, _ = self.messages.add_inbound(self.talk, uuid4().hex, "问", choice)
        [stored] = self.messages.finish_turn(inbound.id, [reply])
        return stored.number, [choice["id"] for choice in stored.body["choices"]]

    def answered(self, name: str, choice: str | None = None) -> int:
        card = AnswerCard(entry=name, label="题", short="答。", points=[], steps=[], basis=[], checked=date(2026, 11, 1), probability=0.9)
        return self.says(Reply(text="答", card=card), choice)[0]

    def offered(self, names: Sequence[str]) -> list[str]:
        card = CandidatesCard(entries=list(names), labels=list(names), probabilities=[0.1] * len(names))
        choices = [*(Choice(label=name, payload={"entry": name}) for name in names), Choice(label="以上都不是", payload={"none": True})]
        return self.says(Reply(text="是不是", card=card, choices=choices))[1]

    def refused(self, choice: str) -> None:
        self.says(Reply(text="没有", card=NoneCard(reason="none")), choice)

    def rated(self, number: int, solved: bool, reason: str | None = None) -> None:
        Ratings(self.place.store, self.vault, self.place.clock).rate(self.talk, number, solved, reason)  # type: ignore[arg-type]


@pytest.fixture
def talks(place: Place) -> Talks:
    return Talks(place, Vault([Fernet.generate_key().decode()]))


def a_day(talks: Talks) -> None:
    """Two questions answered, one candidate chosen, one list refused, three words on it."""
    first = talks.answered("patent.copied")
    talks.rated(first, True)
    second = talks.answered("patent.copied")
    talks.rated(second, False, "unclear")
    chosen = talks.offered(["patent.fee", "patent.copied"])
    third = talks.answered("patent.fee", chosen[0])
    talks.rated(third, False, "wrong")
    none = talks.offered(["patent.fee", "mediation.start"])
    talks.refused(none[-1])


def of(rows: list[Quality], name: str) -> Quality:
    return next(row for row in rows if row.entry == name)


def test_each_entry_is_counted_as_shown_offered_chosen_refused_and_rated(talks: Talks) -> None:
    a_day(talks)
    rows = talks.quality.of(TODAY, TODAY)
    assert of(rows, "patent.copied") == Quality(2, 2, 1, 0, 0, "patent.copied", 1, 1, {"unclear": 1})
    assert of(rows, "patent.fee") == Quality(1, 0, 2, 1, 1, "patent.fee", 0, 1, {"wrong": 1})
    assert of(rows, "mediation.start") == Quality(0, 0, 1, 0, 1, "mediation.start")
    assert [row.entry for row in rows] == ["patent.copied", "patent.fee", "mediation.start"]
    copied, fee = of(rows, "patent.copied"), of(rows, "patent.fee")
    assert (copied.solved_rate, copied.unsure_rate, copied.refused_rate) == (0.5, 1 / 3, 0.0)
    assert (fee.solved_rate, fee.unsure_rate, fee.refused_rate) == (0.0, 1.0, 0.5)
    assert of(rows, "mediation.start").solved_rate is None


def test_a_day_that_is_over_is_counted_once_and_outlives_its_talks(talks: Talks) -> None:
    a_day(talks)
    talks.place.clock.advance(timedelta(days=1))
    talks.answered("patent.copied")
    before = talks.quality.of(TODAY, TODAY + timedelta(days=1))
    assert of(before, "patent.copied").shown == 3
    with talks.place.store.reading() as session:
        days = set(session.scalars(select(KnowledgeDayRow.day)))
    assert days == {TODAY}  # the present day is not over
    with talks.place.store.session() as session:
        session.execute(delete(ConversationRow))
    after = talks.quality.of(TODAY, TODAY)
    assert of(after, "patent.copied").shown == 2
    assert of(after, "mediation.start").refused == 1
    talks.quality.count(TODAY, TODAY)
    assert of(talks.quality.of(TODAY, TODAY), "patent.copied").shown == 2


def test_the_day_is_the_day_in_changchun(talks: Talks, clock: FixedClock) -> None:
    clock.advance(timedelta(hours=13, minutes=59))  # 23:59
    talks.answered("patent.copied")
    clock.advance(timedelta(minutes=2))
    talks.answered("patent.copied")
    assert of(talks.quality.of(TODAY, TODAY), "patent.copied").shown == 1
    assert of(talks.quality.of(TODAY + timedelta(days=1), TODAY + timedelta(days=1)), "patent.copied").shown == 1


def test_two_who_count_the_same_day_at_once_count_it_once(talks: Talks, monkeypatch: pytest.MonkeyPatch) -> None:
    a_day(talks)
    talks.place.clock.advance(timedelta(days=1))
    inner, other = AnswerQuality._counted, talks.quality

    def meanwhile(self: AnswerQuality, session: object, day: date) -> object:
        monkeypatch.setattr(AnswerQuality, "_counted", inner)
        other.count(TODAY, TODAY)
        return inner(self, session, day)  # type: ignore[arg-type]

    monkeypatch.setattr(AnswerQuality, "_counted", meanwhile)
    assert of(talks.quality.of(TODAY, TODAY), "patent.copied").shown == 2


def test_without_talks_there_is_nothing_to_count(talks: Talks) -> None:
    assert talks.quality.of(TODAY - timedelta(days=90), TODAY) == []
    with talks.place.store.reading() as session:
        assert session.scalars(select(KnowledgeDayRow)).all() == []


def test_entries_that_nobody_has_checked_for_long_are_listed_the_longest_first(place: Place) -> None:
    old, older = entry("patent.copied", checked=date(2025, 11, 22)), entry("patent.fee", checked=date(2025, 1, 1))
    ended = entry("patent.ended", checked=date(2024, 1, 1), valid={"from": date(2021, 6, 1), "until": date(2026, 1, 1)})
    place.file().write_text(topic("patent", old, older, ended), "utf-8")
    knowledge, _ = load_knowledge(place.settings.knowledge_dir, TODAY)
    assert [found.id for found in old_entries(knowledge.entries.values(), TODAY)] == ["patent.fee", "patent.copied"]
    assert [found.id for found in old_entries(knowledge.entries.values(), date(2026, 11, 21))] == ["patent.fee"]
