"""The account's menu as data: what each button says, and what the platform is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from aid.wechat.tables import Button


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
