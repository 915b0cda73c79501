"""``knowledge/wechat.yml``: the account's menu, and the platform's form in which a step of a case is told when no message may be sent."""

from __future__ import annotations

import hashlib
from pathlib import Path
from string import Formatter
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from aid.faults import Fault, KnowledgeError
from aid.yaml_files import read_yaml_model

FILE = "wechat.yml"
FULL_WIDTH = 2
"""Units of a Chinese character on a button; others are one."""
BUTTON_UNITS, SUB_BUTTON_UNITS = 8, 16
URL_BYTES = 1024
EXPO_SCENE = "expo."
"""A code whose scene is this and an expo's code begins a talk at that expo."""
STEP_PARTS = ("number", "event", "state", "day")
"""What a field of a notice may hold of a step."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Button(_Part):
    """One button: words that it says, a page that it opens, or buttons under it."""

    name: Annotated[str, Field(min_length=1)]
    says: str = ""
    url: Annotated[str, Field(pattern=r"^(https?://\S+)?$")] = ""
    buttons: list[Button] = Field(default=[], max_length=5)

    @model_validator(mode="after")
    def _one_of_three(self) -> Self:
        if [bool(self.says), bool(self.url), bool(self.buttons)].count(True) != 1:
            raise ValueError(f"{self.name}: give exactly one of says, url and buttons")
        if len(self.url.encode()) > URL_BYTES:
            raise ValueError(f"{self.name}: the address is longer than {URL_BYTES} bytes")
        if any(one.buttons for one in self.buttons):
            raise ValueError(f"{self.name}: a button under a button has none under itself")
        if wide := [one.name for one in self.buttons if units(one.name) > SUB_BUTTON_UNITS]:
            raise ValueError(f"{wide[0]}: at most {SUB_BUTTON_UNITS // FULL_WIDTH} Chinese characters are shown")
        return self

    @property
    def key(self) -> str:
        """What a click sends: made of the words, so that a button that is moved stays the same."""
        return "say." + hashlib.sha256(self.says.encode()).hexdigest()[:16]

    def for_platform(self) -> dict[str, Any]:
        """As the platform wants it."""
        if self.buttons:
            return {"name": self.name, "sub_button": [one.for_platform() for one in self.buttons]}
        if self.url:
            return {"type": "view", "name": self.name, "url": self.url}
        return {"type": "click", "name": self.name, "key": self.key}


class NoticeForm(_Part):
    """A form of the platform's for notices: its kind, its id in the account, and what goes into its fields."""

    kind: Literal["template", "subscription"]
    id: Annotated[str, Field(min_length=1)]
    fields: dict[str, str] = Field(min_length=1)

    @model_validator(mode="after")
    def _parts_exist(self) -> Self:
        for name, frame in self.fields.items():
            try:
                asked = [part for _text, part, _format, _conversion in Formatter().parse(frame) if part is not None]
            except ValueError as fault:
                raise ValueError(f"{name}: a brace stands alone") from fault
            if unknown := [part for part in asked if part not in STEP_PARTS]:
                raise ValueError(f"{name}: {{{unknown[0]}}} is no part of a step; there are {', '.join(STEP_PARTS)}")
        return self


class WechatData(_Part):
    """The whole file."""

    menu: list[Button] = Field(min_length=1, max_length=3)
    notice: NoticeForm | None

    @model_validator(mode="after")
    def _names_fit(self) -> Self:
        if wide := [one.name for one in self.menu if units(one.name) > BUTTON_UNITS]:
            raise ValueError(f"{wide[0]}: at most {BUTTON_UNITS // FULL_WIDTH} Chinese characters are shown")
        return self


def units(name: str) -> int:
    """How wide a name is."""
    return sum(FULL_WIDTH if ord(sign) > 0x2E7F else 1 for sign in name)


def load_wechat(knowledge_dir: Path) -> WechatData:
    """Read ``wechat.yml``. Raises ``KnowledgeError`` with file and line."""
    return read_yaml_model(knowledge_dir / FILE, WechatData)


def check_wechat(knowledge_dir: Path) -> list[Fault]:
    """Faults of the file."""
    try:
        load_wechat(knowledge_dir)
    except KnowledgeError as fault:
        return fault.faults
    return []
