"""What the workbench says where the sentence depends on what happened, the reasons, the denied passwords: knowledge/console.yml."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from aid.people.rights import ROLES, Role
from aid.people.sights import OWN_WORDS
from aid.yaml_files import read_yaml_model

Sentence = Annotated[str, Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    def of(self, code: str) -> str:
        """The words of a code. Raises ``AttributeError`` for a code that there is not."""
        words: str = getattr(self, code)
        return words


class ReasonWords(_Part):
    """A reason for which personal data may be shown."""

    code: Annotated[str, Field(pattern="^[a-z][a-z_]{1,31}$")]
    label: Sentence


class ActWords(_Part):
    """What was done with personal data."""

    seen: Sentence
    changed: Sentence
    taken_out: Sentence


class ShownWords(_Part):
    """What of a case or talk was seen, beside the fields of its form, which have names of their own."""

    text: Sentence
    talk: Sentence
    document: Sentence
    file: Sentence


class EventWords(_Part):
    """What became of an account."""

    created: Sentence
    disabled: Sentence
    enabled: Sentence
    reset: Sentence
    roles: Sentence
    password: Sentence
    totp_on: Sentence
    totp_off: Sentence
    signed_in: Sentence
    signed_out: Sentence
    locked: Sentence


class PasswordWords(_Part):
    """Why a new password is not taken."""

    short: Sentence
    long: Sentence
    common: Sentence
    plain: Sentence
    name: Sentence
    same: Sentence
    differ: Sentence
    wrong: Sentence


class ErrorWords(_Part):
    """Why something was not done, and what to do next."""

    sign_in: Sentence
    code: Sentence
    wait: Annotated[str, Field(pattern=r"\{minutes\}")]
    stale: Sentence
    foreign: Sentence
    forbidden: Sentence
    not_found: Sentence
    not_allowed: Sentence
    bad_request: Sentence
    too_large: Sentence
    too_slow: Sentence
    busy: Sentence
    damaged: Sentence
    broken: Sentence
    name_taken: Sentence
    name_malformed: Sentence
    no_role: Sentence
    not_yours_to_give: Sentence
    last_administrator: Sentence
    not_yourself: Sentence
    no_reason: Sentence


class ConsoleWords(_Part):
    """The whole file."""

    roles: dict[Role, Sentence]
    everywhere: Sentence
    on_machine: Sentence
    reasons: Annotated[list[ReasonWords], Field(min_length=1)]
    own_reason: Sentence
    acts: ActWords
    shown: ShownWords
    events: EventWords
    passwords: PasswordWords
    errors: ErrorWords
    denied_passwords: Annotated[list[Annotated[str, Field(min_length=2)]], Field(min_length=10)]

    @field_validator("denied_passwords")
    @classmethod
    def _small(cls, words: list[str]) -> list[str]:
        return [word.casefold() for word in words]

    @field_validator("roles")
    @classmethod
    def _whole(cls, roles: dict[Role, str]) -> dict[Role, str]:
        if missing := set(ROLES) - set(roles):
            raise ValueError(f"without words: {', '.join(sorted(missing))}")
        return roles

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        codes = [reason.code for reason in self.reasons]
        if len(codes) != len(set(codes)) or OWN_WORDS in codes:
            raise ValueError(f"a reason's code stands twice, or is {OWN_WORDS}")
        return self

    @cached_property
    def reason_labels(self) -> dict[str, str]:
        """The reasons by code, one's own words last."""
        return {**{reason.code: reason.label for reason in self.reasons}, OWN_WORDS: self.own_reason}


def load_console_words(knowledge_dir: Path) -> ConsoleWords:
    """Read the file. Raises ``KnowledgeError`` with file and line."""
    return read_yaml_model(knowledge_dir / "console.yml", ConsoleWords)
