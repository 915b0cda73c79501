"""What stands in the navigation: each page with the action that opens it. A new part adds its row here."""

from __future__ import annotations

from typing import NamedTuple

from aid.people.rights import Action, Granted, may


class Place(NamedTuple):
    """A page of the navigation; ``action`` is ``None`` for what everybody who is signed in may open."""

    key: str
    label: str
    address: str
    action: Action | None


PLACES = (
    Place("cases", "案件", "cases", "case.see"),
    Place("talks", "对话", "talks", "talk.see"),
    Place("knowledge", "知识", "knowledge", "knowledge.see"),
    Place("reports", "报表", "reports", "report.see"),
    Place("log", "访问记录", "log", "log.see"),
    Place("people", "人员", "people", "people.manage"),
    Place("account", "我的账号", "account", None),
)
"""In the order in which they are shown; the first that a person may open is where he begins."""


def places_for(person: Granted) -> list[Place]:
    """What ``person`` may open."""
    return [place for place in PLACES if place.action is None or may(person, place.action)]
