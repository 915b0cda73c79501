"""What a kiosk shows, put together from kiosk.yml, the entries, the expos and the telephones; live after an edit."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import Lock

from aid.cases.tables import Centers, Expos, Line
from aid.clock import Clock, today
from aid.consultation.entries import Entry, load_entries
from aid.faults import KnowledgeError
from aid.kiosk.tables import FILE, KioskFile, OfflineWords, Question, Way, load_kiosk
from aid.replies import AnswerCard
from aid.yaml_files import read_yaml_model

log = logging.getLogger(__name__)

SURE = 1.0
"""The chance on the card of an entry that was named, not searched for."""
Stamp = tuple[date, tuple[tuple[str, int], ...]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and its answer as it holds today."""

    ask: str
    answer: AnswerCard


@dataclass(frozen=True, slots=True)
class Tile:
    """A topic and its questions."""

    id: str
    label: str
    questions: list[Asked]


@dataclass(frozen=True, slots=True)
class Kiosk:
    """Everything that one kiosk shows. ``event_name``: ``None`` where no known expo was named; ``phones``: the center's own first, once confirmed."""

    event: str | None
    event_name: str | None
    service: str
    ways: list[Way]
    questions: list[Asked]
    tiles: list[Tile]
    phones: list[Line]
    offline: OfflineWords


@dataclass(frozen=True, slots=True)
class _Read:
    stamp: Stamp
    file: KioskFile
    entries: dict[str, Entry]
    expos: dict[str, str]
    phones: list[Line]


class KioskContent:
    """Reads the files at first use and again when one has changed; a file with a fault leaves what was read before. Safe from many threads."""

    def __init__(self, knowledge_dir: Path, clock: Clock) -> None:
        self._folder, self._clock = knowledge_dir, clock
        self._lock = Lock()
        self._read: _Read | None = None

    def file(self) -> KioskFile:
        """The file as it is now. Raises ``KnowledgeError``: it never could be read."""
        return self._now().file

    def of(self, event: str | None) -> Kiosk:
        """What the kiosk at this expo shows. Raises ``KnowledgeError``: the files never could be read."""
        read = self._now()
        name = read.expos.get(event or "")
        code = event if name else None
        return Kiosk(
            event=code,
            event_name=name,
            service=read.file.service,
            ways=[way.model_copy(update={"say": way.said(name), "say_at": ""}) for way in read.file.ways],
            questions=self._asked(read, read.file.first(code)),
            tiles=[Tile(topic.id, topic.label, self._asked(read, topic.questions)) for topic in read.file.topics],
            phones=read.phones,
            offline=read.file.offline,
        )

    def _asked(self, read: _Read, questions: Sequence[Question]) -> list[Asked]:
        """Those of the questions that have an answer today."""
        day, found = read.stamp[0], []
        for question in questions:
            entry = read.entries.get(question.entry)
            version = entry.on(day) if entry else None
            if version is not None:
                found.append(Asked(question.ask, version.card(SURE, unfolded=True)))
        return found

    def _now(self) -> _Read:
        with self._lock:
            stamp = self._stamp()
            if self._read is None or self._read.stamp != stamp:
                try:
                    self._read = self._load(stamp)
                except KnowledgeError as fault:
                    if self._read is None:
                        raise
                    log.error("the kiosk keeps what it had: %s", fault)
                    self._read = _Read(stamp, self._read.file, self._read.entries, self._read.expos, self._read.phones)
            return self._read

    def _stamp(self) -> Stamp:
        paths = [self._folder / name for name in (FILE, "events.yml", "centers.yml", "laws.yml")]
        paths += sorted((self._folder / "consultations").glob("*.yml"))
        return today(self._clock), tuple((path.name, path.stat().st_mtime_ns) for path in paths if path.exists())

    def _load(self, stamp: Stamp) -> _Read:
        file = load_kiosk(self._folder)
        entries = load_entries(self._folder, file.entries())
        expos = read_yaml_model(self._folder / "events.yml", Expos)
        centers = read_yaml_model(self._folder / "centers.yml", Centers)
        return _Read(stamp, file, entries, {expo.code: expo.name for expo in expos.events}, _phones(centers))


def _phones(centers: Centers) -> list[Line]:
    """The main center's own telephones once they are confirmed, before the national lines."""
    main = next(center for center in centers.centers if center.role == "main")
    own = [Line.model_construct(number=number, for_=main.name or main.task) for number in main.phones]
    return own + list(centers.national_lines)
