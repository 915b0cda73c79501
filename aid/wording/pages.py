"""The sentences of the plain pages; the words are knowledge/pages.yml."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from aid.store.ratings import REASONS
from aid.yaml_files import read_yaml_model

Sentence = Annotated[str, Field(min_length=1)]
Label = Annotated[str, Field(pattern=r"\{label\}")]
Task = Annotated[str, Field(pattern=r"\{task\}")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PageNames(_Part):
    """What each page is called in links; ``index`` is the chat page with scripts."""

    index: Sentence
    talk: Sentence
    lookup: Sentence
    centers: Sentence
    privacy: Sentence
    accessibility: Sentence


class SiteWords(_Part):
    """What stands on every page."""

    name: Sentence
    short: Sentence
    skip: Sentence
    nav: Sentence
    large: Sentence
    standard: Sentence
    fault: Sentence
    help: Sentence
    pages: PageNames


class LookupWords(_Part):
    """The page on which a ticket is looked up."""

    title: Sentence
    lead: Sentence
    number: Sentence
    number_hint: Sentence
    code: Sentence
    code_hint: Sentence
    send: Sentence
    missing_number: Sentence
    missing_code: Sentence
    fault_title: Sentence
    found: Sentence
    again: Sentence
    nothing_personal: Sentence
    lost: Sentence


class CenterWords(_Part):
    """The page of the centers; what each is called and for is knowledge/centers.yml."""

    title: Sentence
    lead: Sentence
    honest: Sentence
    lines: Sentence
    lines_lead: Sentence
    line: Annotated[str, Field(pattern=r"\{number\}.*\{what\}")]
    main: Sentence
    main_for: Sentence
    subcenters: Sentence
    subcenters_for: Annotated[str, Field(pattern=r"\{count\}")]
    stations: Sentence
    stations_for: Sentence
    several: Annotated[str, Field(pattern=r"\{task\}.*\{count\}")]
    task: Task
    subcenter_task: Task
    expo_task: Task
    unnamed: Sentence
    no_contact: Sentence
    expos: Sentence
    expos_for: Sentence
    address: Sentence
    phones: Sentence


class TalkWords(_Part):
    """The talk by form posts."""

    title: Sentence
    lead: Sentence
    greeting: Sentence
    privacy: Sentence
    topics: Sentence
    transcript: Sentence
    you: Sentence
    bot: Sentence
    newest: Sentence
    to_answer: Sentence
    earlier: Annotated[str, Field(pattern=r"\{count\}")]
    write: Sentence
    write_hint: Sentence
    write_answer: Sentence
    pick_day: Sentence
    send: Sentence
    choices: Sentence
    file: Sentence
    file_hint: Sentence
    file_label: Sentence
    file_send: Sentence
    file_shown: Sentence
    waiting: Sentence
    waiting_hint: Sentence
    staff: Annotated[str, Field(pattern=r"\{name\}")]
    queue: Sentence
    queue_ahead: Annotated[str, Field(pattern=r"\{ahead\}")]
    queue_leave: Sentence
    with_staff: Annotated[str, Field(pattern=r"\{name\}")]
    staff_hint: Sentence
    staff_look: Sentence
    staff_write: Sentence
    look: Sentence
    still: Sentence
    stopped: Sentence
    leave: Sentence
    leave_hint: Sentence
    end: Sentence
    anew: Sentence
    ended: Sentence
    lapsed: Sentence
    kept: Sentence
    empty: Sentence
    no_file: Sentence
    no_cookie: Sentence
    fault_title: Sentence
    again: Sentence
    again_hint: Sentence
    state_new: Sentence
    state_waiting: Sentence
    state_answered: Sentence
    state_ended: Sentence


class RatingWords(_Part):
    """Whether an answer helped; ``reasons`` has words for each of ``aid.store.ratings.REASONS``."""

    ask: Sentence
    solved: Sentence
    unsolved: Sentence
    thanks: Sentence
    why: Sentence
    reasons: dict[str, Sentence]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if set(self.reasons) != set(REASONS):
            raise ValueError(f"reasons must be {', '.join(REASONS)}")
        return self


class CardWords(_Part):
    """What stands around the parts of a card."""

    more: Sentence
    points: Sentence
    steps: Sentence
    basis: Sentence
    checked: Annotated[str, Field(pattern=r"\{day\}")]
    progress: Annotated[str, Field(pattern=r"\{step\}.*\{steps\}")]
    why: Annotated[str, Field(pattern=r"\{why\}")]
    summary: Sentence
    summary_hint: Sentence
    field: Sentence
    value: Sentence
    change: Sentence
    change_label: Label
    change_say: Label
    receiver: Sentence
    reasons: Sentence
    notes: Sentence
    receipt: Sentence
    number: Sentence
    code: Sentence
    code_hint: Sentence
    look_up: Sentence
    expected: Sentence
    estimate: Sentence
    phones: Sentence
    materials: Sentence
    evidence: Sentence
    status: Annotated[str, Field(pattern=r"\{state\}")]
    received: Sentence
    deadlines: Sentence
    events: Sentence
    candidates: Sentence
    chosen: Sentence
    new_window: Sentence
    rating: RatingWords


class ProblemWords(_Part):
    """The page of an error that has no place elsewhere."""

    title: Sentence
    back: Sentence
    home: Sentence


class PageWords(_Part):
    """The whole file."""

    site: SiteWords
    lookup: LookupWords
    centers: CenterWords
    talk: TalkWords
    cards: CardWords
    problem: ProblemWords


def read_page_words(knowledge_dir: Path) -> PageWords:
    """Read ``pages.yml``. Raises ``aid.faults.KnowledgeError`` with file and line."""
    return read_yaml_model(knowledge_dir / "pages.yml", PageWords)
