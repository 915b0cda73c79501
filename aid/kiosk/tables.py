"""``knowledge/kiosk.yml``: what the kiosk shows and which machines there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Annotated, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from aid.cases.tables import Expos
from aid.faults import Fault, KnowledgeError
from aid.yaml_files import YamlFile, read_yaml_model

FILE = "kiosk.yml"
WayId = Literal["consult", "complain", "aid", "status"]
STATION = r"^[a-z0-9][a-z0-9-]{0,24}$"
"""A station's id; short enough that wrong PINs can be counted under it (aid.kiosk.pins)."""


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Question(_Row):
    """What is tapped and asked, and the entry that answers it."""

    ask: str = Field(min_length=4, max_length=24)
    entry: str


Questions = Annotated[list[Question], Field(min_length=1, max_length=6)]


class Way(_Row):
    """A large way in. ``say``: said for the person; ``say_at``: the same, naming the expo; without either the talk is opened only."""

    id: WayId
    label: str = Field(min_length=1, max_length=6)
    hint: str = Field(min_length=1, max_length=16)
    say: str = ""
    say_at: str = Field(default="", pattern=r"^$|\{event\}")

    def said(self, event_name: str | None) -> str:
        """What is said at the expo of this name, or anywhere."""
        return self.say_at.format(event=event_name) if event_name and self.say_at else self.say


class Topic(_Row):
    """A tile with its questions."""

    id: str = Field(pattern=r"^[a-z][a-z-]{0,23}$")
    label: str = Field(min_length=1, max_length=8)
    questions: Questions


class OfflineWords(_Row):
    """What is said while the line is down."""

    title: str = Field(min_length=1, max_length=24)
    still: str = Field(min_length=1, max_length=60)
    paper: str = Field(min_length=1, max_length=60)
    phone: str = Field(min_length=1, max_length=24)
    back: str = Field(min_length=1, max_length=24)


class Station(_Row):
    """A machine: its id in the address of its page, the expo where it stands, and where exactly (for staff)."""

    id: str = Field(pattern=STATION)
    event: str | None
    place: str | None


class KioskFile(_Row):
    """The whole file."""

    service: str = Field(min_length=1, max_length=24)
    ways: list[Way]
    topics: list[Topic] = Field(min_length=1, max_length=8)
    general: Questions
    events: dict[str, Questions]
    offline: OfflineWords
    stations: list[Station]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if [way.id for way in self.ways] != list(get_args(WayId)):
            raise ValueError(f"ways: give {', '.join(get_args(WayId))}, in this order")
        for name, ids in (("topic", [t.id for t in self.topics]), ("station", [s.id for s in self.stations])):
            if twice := [one for one, count in Counter(ids).items() if count > 1]:
                raise ValueError(f"the {name} {twice[0]} stands twice")
        return self

    def first(self, event: str | None) -> list[Question]:
        """The questions that stand first at an expo."""
        return self.events.get(event or "", self.general)

    def entries(self) -> set[str]:
        """The ids of every entry that is named."""
        lists = [self.general, *self.events.values(), *(topic.questions for topic in self.topics)]
        return {question.entry for questions in lists for question in questions}

    def station(self, station_id: str) -> Station | None:
        """The machine of this id."""
        return next((station for station in self.stations if station.id == station_id), None)


def load_kiosk(knowledge_dir: Path) -> KioskFile:
    """Read ``kiosk.yml``. Raises ``KnowledgeError`` with file and line."""
    return read_yaml_model(knowledge_dir / FILE, KioskFile)


def check_kiosk(knowledge_dir: Path, entries: Collection[str]) -> list[Fault]:
    """Faults of the file: its schema, and entries and expos that do not exist."""
    try:
        file = YamlFile(knowledge_dir / FILE)
        kiosk = file.as_model(KioskFile)
        codes = {expo.code for expo in read_yaml_model(knowledge_dir / "events.yml", Expos).events}
    except KnowledgeError as fault:
        return fault.faults
    return [*_entry_faults(file, kiosk, entries), *_event_faults(file, kiosk, codes)]


def _entry_faults(file: YamlFile, kiosk: KioskFile, entries: Collection[str]) -> Iterator[Fault]:
    places: list[tuple[list[str | int], list[Question]]] = [(["general"], kiosk.general)]
    places += [(["events", code], questions) for code, questions in kiosk.events.items()]
    places += [(["topics", number, "questions"], topic.questions) for number, topic in enumerate(kiosk.topics)]
    for place, questions in places:
        for number, question in enumerate(questions):
            if question.entry not in entries:
                yield file.fault(f"the entry {question.entry} does not exist", [*place, number, "entry"])


def _event_faults(file: YamlFile, kiosk: KioskFile, codes: Collection[str]) -> Iterator[Fault]:
    for code in kiosk.events:
        if code not in codes:
            yield file.fault(f"events.yml has no expo {code}", ["events", code])
    for number, station in enumerate(kiosk.stations):
        if station.event is not None and station.event not in codes:
            yield file.fault(f"events.yml has no expo {station.event}", ["stations", number, "event"])
