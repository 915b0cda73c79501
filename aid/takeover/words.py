"""When staff can be spoken to, and what is said of it: knowledge/service.yml."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from aid.cases.acts import wants_again
from aid.cases.calendar import WorkingDays
from aid.clock import CHANGCHUN
from aid.faults import Fault, KnowledgeError
from aid.yaml_files import YamlFile, read_yaml_model

FILE = "service.yml"
Sentence = Annotated[str, Field(min_length=1)]
OfCenter = Annotated[str, Field(pattern=r"\{center\}")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Span(_Part):
    """From when (included) until when (not included) on one day."""

    from_: time = Field(alias="from")
    until: time

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.until <= self.from_:
            raise ValueError("it ends before it begins")
        return self


class Hours(_Part):
    """When staff can be spoken to. While not ``verified`` no hour is told to anybody; ``extra_days`` are days beside the working days."""

    verified: bool
    spans: list[Span] = Field(min_length=1)
    extra_days: list[date] = []

    def hold(self, moment: datetime, days: WorkingDays) -> bool:
        """Whether staff can be spoken to at this moment."""
        here = moment.astimezone(CHANGCHUN)
        works = here.date() in self.extra_days or days.is_working_day(here.date())
        return works and any(span.from_ <= here.time().replace(tzinfo=None) < span.until for span in self.spans)


class Patience(_Part):
    """How long is waited.

    ``wait_minutes``: a person, until he is told that nobody comes; ``away_seconds``: he may be away before he loses his place;
    ``absent_minutes``: staff may be away before the bot goes on with their talks.
    """

    wait_minutes: int = Field(ge=1, le=240)
    away_seconds: int = Field(ge=60, le=3600)
    absent_minutes: int = Field(ge=2, le=240)


class Unnamed(_Part):
    """What a center is called while its name is not verified."""

    subcenter: Sentence
    workstation: Sentence


class Said(_Part):
    """What the house says to the person."""

    taken: OfCenter
    colleague: OfCenter
    handed_back: OfCenter
    ended: Sentence
    absent: Sentence
    form_open: Annotated[str, Field(pattern=r"\{label\}")]
    go_on: Sentence
    go_on_says: Sentence
    left: Sentence
    stopped: Sentence
    unanswered: Sentence
    call_back: Sentence
    wait_on: Sentence
    receipt: Annotated[str, Field(pattern=r"\{number\}.*\{code\}")]
    done: Annotated[str, Field(pattern=r"\{number\}")]


class Reach(_Part):
    """What is said to staff of a person who does not read at once."""

    now: Sentence
    at_next_message: Sentence
    wechat_now: Sentence
    wechat_last: Sentence
    wechat_later: Sentence
    untold: Annotated[str, Field(pattern=r"\{count\}")]


class Refused(_Part):
    """What staff are told when something cannot be done to a talk."""

    taken_by: Annotated[str, Field(pattern=r"\{who\}")]
    not_yours: Sentence
    only_supervisors: Sentence
    nothing_said: Sentence
    empty: Sentence
    over: Sentence


class Canned(_Part):
    """An answer kept ready for staff."""

    label: Annotated[str, Field(min_length=2, max_length=16)]
    text: Annotated[str, Field(min_length=2, max_length=500)]


class ServiceWords(_Part):
    """The whole file."""

    hours: Hours
    patience: Patience
    unnamed: Unnamed
    say: Said
    reach: Reach
    refused: Refused
    canned: list[Canned]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        labels = [one.label for one in self.canned]
        if len(labels) != len(set(labels)):
            raise ValueError("a label of canned stands twice")
        return self


Reachable = Literal["now", "at_next_message", "wechat_now", "wechat_last", "wechat_later"]


def load_service_words(knowledge_dir: Path) -> ServiceWords:
    """Read ``service.yml``. Raises ``KnowledgeError`` with file and line."""
    return read_yaml_model(knowledge_dir / FILE, ServiceWords)


def check_service(knowledge_dir: Path) -> list[Fault]:
    """Every fault of ``service.yml``; that the hours are not verified yet is a note."""
    file = knowledge_dir / FILE
    try:
        words = load_service_words(knowledge_dir)
    except KnowledgeError as fault:
        return fault.faults
    faults = []
    if not wants_again(words.say.go_on_says):
        faults.append(YamlFile(file).fault("a form does not take these words for a wish to hear its question again", ["say", "go_on_says"]))
    if not words.hours.verified:
        faults.append(Fault(file, YamlFile(file).line(["hours", "verified"]), "the service hours are not verified; nobody is told them", "note"))
    return faults
