"""The sentences that the doors themselves say; the words are knowledge/wording.yml."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from aid.yaml_files import read_yaml_model

Sentence = Annotated[str, Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ReplyWording(_Part):
    """What stands in for the assistant's answer."""

    turn_failed: Sentence
    retry: Sentence
    too_long: Sentence
    file: Annotated[str, Field(pattern=r"\{name\}")]


class ErrorWording(_Part):
    """One sentence for each error code of the API."""

    bad_request: Sentence
    too_large: Sentence
    too_slow: Sentence
    no_token: Sentence
    token_wrong: Sentence
    token_expired: Sentence
    not_yours: Sentence
    choice_unknown: Sentence
    conversation_closed: Sentence
    too_many: Sentence
    too_many_here: Sentence
    too_many_pages: Sentence
    busy: Sentence
    broken: Sentence
    not_found: Sentence
    not_allowed: Sentence
    page_not_built: Sentence
    foreign_origin: Sentence
    stale_page: Sentence
    handover_gone: Sentence
    ticket_not_found: Sentence
    too_many_lookups: Sentence
    station_unknown: Sentence
    pin_wrong: Sentence
    too_many_pins: Sentence
    file_empty: Sentence
    file_too_large: Sentence
    file_unknown_type: Sentence
    file_broken: Sentence
    file_locked: Sentence
    file_too_many: Sentence
    file_too_much: Sentence
    file_no_room: Sentence
    file_unknown: Sentence

    def of(self, code: str) -> str:
        """The sentence of an error code. Raises ``AttributeError`` for a code that is none."""
        sentence: str = getattr(self, code)
        return sentence


class WechatChoice(_Part):
    """A choice that the door itself offers: the start of a kind of case, or words as if typed."""

    label: Sentence
    start: str = ""
    say: str = ""

    @model_validator(mode="after")
    def _one_of_both(self) -> WechatChoice:
        if bool(self.start) == bool(self.say):
            raise ValueError("give either start or say")
        return self

    def payload(self) -> dict[str, str]:
        """What the choice means (``aid.replies.Choice``)."""
        return {"start": self.start} if self.start else {"say": self.say}


class WechatWording(_Part):
    """What the WeChat door says beside the replies, and what stands in the talk for what is no text."""

    more: Sentence
    more_words: list[Sentence] = Field(min_length=1)
    pick: Sentence
    say: Sentence
    progress: Annotated[str, Field(pattern=r"\{step\}.*\{steps\}")]
    steps: Sentence
    basis: Annotated[str, Field(pattern=r"\{basis\}")]
    basis_whole: Sentence
    checked: Annotated[str, Field(pattern=r"\{checked\}")]
    log: Sentence
    said_voice: Sentence
    said_video: Sentence
    said_image: Sentence
    said_other: Sentence
    said_link: Annotated[str, Field(pattern=r"\{title\}.*\{url\}")]
    said_location: Annotated[str, Field(pattern=r"\{place\}")]
    said_follow: Sentence
    said_scan: Sentence
    voice: Sentence
    other: Sentence
    image_name: Sentence
    video_name: Sentence
    file_gone: Sentence
    file_later: Sentence
    place: Annotated[str, Field(pattern=r"\{place\}")]
    place_empty: Sentence
    place_center: Annotated[str, Field(pattern=r"\{center\}.*\{address\}")]
    place_no_center: Sentence
    place_next: Sentence
    place_report: Sentence
    link: Annotated[str, Field(pattern=r"\{title\}")]
    link_report: Sentence
    link_ask: Sentence
    link_ask_say: Sentence
    welcome: Sentence
    welcome_expo: Annotated[str, Field(pattern=r"\{event\}")]
    welcome_choices: list[WechatChoice] = Field(max_length=7)
    taken_over: Sentence
    voice_to_staff: Sentence
    other_to_staff: Sentence
    leave_words: list[Sentence] = Field(min_length=1)
    answer_please: Sentence
    later: Sentence
    notice: Annotated[str, Field(pattern=r"\{number\}.*\{event\}.*\{state\}")]


class Wording(_Part):
    """The whole file."""

    replies: ReplyWording
    errors: ErrorWording
    wechat: WechatWording


def read_wording(knowledge_dir: Path) -> Wording:
    """Read ``wording.yml``. Raises ``aid.faults.KnowledgeError`` with file and line."""
    return read_yaml_model(knowledge_dir / "wording.yml", Wording)
