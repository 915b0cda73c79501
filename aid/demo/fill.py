"""Filling an empty database with a year of invented cases and talks."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from io import BytesIO
from random import Random

from sqlalchemy import insert, select

from aid.cases.calendar import WorkingDays
from aid.cases.kinds import load_kinds
from aid.cases.office import open_office
from aid.cases.routing import Route, Router
from aid.cases.tables import Days, Expo, load_tables
from aid.clock import Clock
from aid.consultation.entries import require_knowledge
from aid.consultation.entry import Entry
from aid.demo.cases import Invented, Inventor, pick
from aid.demo.errors import NotEmpty
from aid.demo.lives import Lives
from aid.demo.mark import DEMO, is_demo
from aid.demo.rows import ORDER, RowMaker, Rows
from aid.demo.words import DemoWords, load_demo_words
from aid.evidence.files import sealed_files
from aid.language.words import ProjectWords
from aid.privacy.notice import load_notice
from aid.privacy.vault import Vault
from aid.replies import NoneCard, Reply
from aid.reports.report import open_reports
from aid.settings import Settings
from aid.store.engine import Store
from aid.store.models import Base, ConversationRow, CounterRow, DatabaseMarkRow, TicketRow

BATCH = 500
"""Cases that are written in one transaction."""
MOST_CASES = 50_000
PICTURES = 40
"""Cases that get a small generated picture as evidence."""
TALKS = 0.6
"""Talks without a case, for each case."""

ROUTED_BY = ("right_kind", "event", "place", "channel", "platform", "exhibit", "story", "leaves_on")
"""What routing looks at; many cases are alike in it."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What was written."""

    cases: int
    talks: int
    pictures: int
    first: date
    last: date


def fill(settings: Settings, store: Store, vault: Vault, clock: Clock, many: int, seed: int, say: Callable[[str], None]) -> Filled:
    """Fill the database of ``store`` with ``many`` invented cases of the year that ends now; the same seed and moment give the same.

    Raises:
        NotEmpty: there are conversations or tickets in it already; nothing was written.
        KnowledgeError: the knowledge cannot be used.
        NoRoom: the pictures cannot be written.
    """
    _mark(store, clock)
    work = _Work(settings, vault, clock.now(), seed)
    invented, talks = work.inventor.cases(many), 0
    for start in range(0, many, BATCH):
        rows: Rows = defaultdict(list)
        for case in invented[start : start + BATCH]:
            work.case(rows, case)
            for _ in range(work.more_talks()):
                work.talk(rows, case)
                talks += 1
        _write(store, rows)
        say(f"{min(start + BATCH, many)} of {many} cases")
    with store.session() as session:
        session.add_all(CounterRow(year=year, last=last) for year, last in work.maker.last.items())
    open_office(settings, store, vault, clock).board.catch_up()
    open_reports(settings, store, vault, clock).refresh()
    return Filled(many, talks, work.pictures, invented[0].at.date(), invented[-1].at.date())


class _Work:
    """Everything that invents, with one source of chance."""

    def __init__(self, settings: Settings, vault: Vault, now: datetime, seed: int) -> None:
        folder, self._random = settings.knowledge_dir, Random(seed)
        self._words, kinds, calendar = load_demo_words(folder), load_kinds(folder), WorkingDays.load(folder)
        self._now, tables = now, load_tables(folder)
        expos = [_with_days(expo, self._words, now) for expo in tables.expos.events]
        self._router = Router(replace(tables, expos=tables.expos.model_copy(update={"events": expos})), ProjectWords.load(folder / "words"))
        self._route = lru_cache(maxsize=20_000)(self._routed)
        self.inventor = Inventor(self._words, kinds, expos, calendar, now, self._random)
        centers = tables.centers.centers
        stations = [center.id for center in centers if center.id in {f"expo-{expo.code}" for expo in expos}]
        lives = Lives(self._words, calendar, [c.id for c in centers], stations, self._router.public_label, now, self._random)
        self.maker = RowMaker(vault, kinds, self._words, lives, load_notice(folder).version, self._random)
        self._entries, self._cards = _popular(list(require_knowledge(folder, now.date()).entries.values()), now.date(), self._random)
        self._files, self.pictures = sealed_files(settings, vault), 0

    def case(self, rows: Rows, case: Invented) -> None:
        """Add a case; of the first that show something, with a picture."""
        facts = {key: value for key, value in case.facts.items() if key in ROUTED_BY}
        self.maker.case(rows, case, self._route(case.kind, tuple(facts.items()), case.at.date()))
        if self.pictures < PICTURES and case.kind in ("expo_complaint", "infringement_report"):
            picture, id_ = _picture(self._random), self.maker.id()
            self._files.write(id_, picture, picture, case.at)
            self.maker.evidence(rows, id_, case.at - timedelta(minutes=1), picture, hashlib.sha256(picture).hexdigest())
            self.pictures += 1

    def more_talks(self) -> int:
        """How many talks without a case come beside one."""
        return self._random.choices((0, 1, 2), (1 - TALKS, TALKS * 0.8, TALKS * 0.2))[0]

    def talk(self, rows: Rows, beside: Invented) -> None:
        """Add a talk of about the same time."""
        random = self._random
        at, door = self.inventor.moment(beside.at.date()), pick(random, self._words.doors)
        if random.random() < 0.06:
            self.maker.unanswered(rows, at, door, Reply(text=self._words.unanswered[0], card=NoneCard(reason="none")))
            return
        event = beside.event if door == "kiosk" else None
        asked = [self._entries[min(int(random.expovariate(0.02)), len(self._entries) - 1)] for _ in range(random.choice((1, 1, 1, 2, 3)))]
        self.maker.consultation(rows, at, door, event, asked, self._cards)

    def _routed(self, kind: str, facts: tuple[tuple[str, str], ...], day: date) -> Route:
        return self._router.route_facts(kind, dict(facts), day)


def _mark(store: Store, clock: Clock) -> None:
    """Say first that everything here is invented: a run that breaks off leaves nothing that could be taken for real."""
    with store.session() as session:
        if session.scalar(select(TicketRow.id).limit(1)) or session.scalar(select(ConversationRow.id).limit(1)):
            held = "a demonstration" if is_demo(session) else "cases or talks, which may be real"
            raise NotEmpty(f"the database holds {held}; a demonstration needs an empty one of its own")
        if not is_demo(session):
            session.add(DatabaseMarkRow(name=DEMO, at=clock.now()))


def _write(store: Store, rows: Rows) -> None:
    with store.session() as session:
        for table in ORDER:
            if rows[table]:
                session.execute(insert(Base.metadata.tables[table]), rows[table])


def _with_days(expo: Expo, words: DemoWords, now: datetime) -> Expo:
    """The expo with invented days of the year that ends now, so that its station gets cases."""
    if expo.code not in words.expos:
        return expo
    given = words.expos[expo.code]
    year = now.year if f"{now:%m-%d}" > given.until else now.year - 1
    days = Days.model_validate({"from": f"{year}-{given.first}", "until": f"{year}-{given.until}"})
    return expo.model_copy(update={"dates": days, "verified": True})


def _popular(entries: list[Entry], day: date, random: Random) -> tuple[list[Entry], dict[str, Reply]]:
    """The entries that answer today, the most asked first, and their answers."""
    versions = {entry.id: version for entry in entries if (version := entry.on(day)) is not None}
    known = [entry for entry in entries if entry.id in versions]
    random.shuffle(known)
    return known, {id_: Reply(text=version.short, card=version.card(0.9)) for id_, version in versions.items()}


def _picture(random: Random) -> bytes:
    """A small JPEG of coloured fields, which shows nothing."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (96, 72), (random.randrange(256), random.randrange(256), random.randrange(256)))
    draw = ImageDraw.Draw(image)
    for _ in range(4):
        x, y = random.randrange(64), random.randrange(48)
        draw.rectangle((x, y, x + random.randrange(8, 32), y + random.randrange(8, 24)), fill=tuple(random.randrange(256) for _ in range(3)))
    out = BytesIO()
    image.save(out, "JPEG", quality=70)
    return out.getvalue()
