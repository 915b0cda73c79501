"""The account's menu as data: what each button says, and what the platform is told."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from aid.yaml_files import read_yaml_model

FULL_WIDTH = 2
"""Units of a Chinese character on a button; others are one."""
BUTTON_UNITS, SUB_BUTTON_UNITS = 8, 16
URL_BYTES = 1024


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


class WechatData(_Part):
    """The whole file."""

    menu: list[Button] = Field(min_length=1, max_length=3)
    notice: NoticeForm | None

    @model_validator(mode="after")
    def _names_fit(self) -> Self:
        if wide := [one.name for one in self.menu if units(one.name) > BUTTON_UNITS]:
            raise ValueError(f"{wide[0]}: at most {BUTTON_UNITS // FULL_WIDTH} Chinese characters are shown")
        return self


class Menu:
    """The menu that the editors keep."""

    def __init__(self, buttons: list[Button]) -> None:
        self._buttons = buttons
        self._says = {one.key: one.says for one in self._all() if one.says}

    def says(self, key: str) -> str | None:
        """The words of the button with this key."""
        return self._says.get(key)

    def for_platform(self) -> dict[str, Any]:
        """The body of the call that sets it."""
        return {"button": [one.for_platform() for one in self._buttons]}

    def lines(self) -> list[str]:
        """The menu for an operator to read."""
        return _lines(self.for_platform(), self._says)

    def _all(self) -> Iterator[Button]:
        for one in self._buttons:
            yield one
            yield from one.buttons


def differences(ours: dict[str, Any], theirs: dict[str, Any]) -> list[str]:
    """Lines that stand in one menu only: ``- `` in the account's, ``+ `` in ours; none when they are the same."""
    here, there = _lines(ours, {}), _lines(theirs, {})
    return [f"- {line}" for line in there if line not in here] + [f"+ {line}" for line in here if line not in there] if here != there else []


def units(name: str) -> int:
    """How wide a name is."""
    return sum(FULL_WIDTH if ord(sign) > 0x2E7F else 1 for sign in name)


def read_data(knowledge_dir: Path) -> WechatData:
    """Read ``wechat.yml``. Raises ``KnowledgeError`` with file and line."""
    return read_yaml_model(knowledge_dir / "wechat.yml", WechatData)


def _lines(menu: dict[str, Any], says: dict[str, str]) -> list[str]:
    found = []
    for button in menu.get("button") or []:
        found.append(_line(button, says))
        subs = button.get("sub_button") or []
        found += [f"    {_line(one, says)}" for one in (subs.get("list", []) if isinstance(subs, dict) else subs)]
    return found


def _line(button: dict[str, Any], says: dict[str, str]) -> str:
    key, url = button.get("key"), button.get("url")
    does = says.get(key, f"key {key}") if key else url or ""
    return json.dumps(button.get("name", ""), ensure_ascii=False) + (f"  {does}" if does else "")
