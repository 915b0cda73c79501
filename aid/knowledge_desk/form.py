"""An entry as the fields of a form, and back: lists one item a line, a citation as ``law | article | what it says``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aid.consultation.laws import is_article
from aid.knowledge_desk.content import Content

Form = dict[str, str]
Said = Mapping[str, Sequence[str]]
"""What a form posts: each name with all its values."""
LATER = ("from", "label", "short", "points", "steps", "basis")
MOST_LATER = 6
_LISTS = ("variants", "points", "steps")
_BAR = "|"
NOTHING = "无"
"""In a ``later`` block: from then on nothing is to be done; an empty field there means that nothing changes."""


def form_of(content: Content | None) -> Form:
    """The fields of the form for an entry; empty ones for none. ``roles`` is separated by spaces."""
    known = content or {}
    form = {name: "\n".join(known.get(name, ())) for name in _LISTS}
    form |= {name: known.get(name, "") for name in ("id", "label", "short", "case", "checked")}
    form |= {"roles": " ".join(known.get("roles", ())), "related": "\n".join(known.get("related", ())), "basis": _citations(known.get("basis", ()))}
    form |= {"from": known.get("valid", {}).get("from", ""), "until": known.get("valid", {}).get("until", "")}
    for number, row in enumerate(known.get("later", ()), start=1):
        form |= {f"later-{number}-{name}": _shown(name, row[name]) for name in LATER if name in row}
    return form


def row_of(said: Said) -> dict[str, Any]:
    """The entry that a form says, unchecked (``aid.knowledge_desk.content.content_of`` checks it); empty fields are left out."""
    one = {name: values[-1].strip() for name, values in said.items() if values}
    row: dict[str, Any] = {"id": one.get("id") or f"{one.get('topic', '')}.{one.get('slug', '')}"}
    row |= {name: one[name] for name in ("label", "short", "checked", "case") if one.get(name)}
    row["roles"] = [value for value in said.get("roles", ()) if value]
    row |= {name: lines(one.get(name, "")) for name in _LISTS}
    row["basis"] = [citation(line) for line in lines(one.get("basis", ""))]
    row["valid"] = {name: one[name] for name in ("from", "until") if one.get(name)}
    row["related"] = one.get("related", "").replace(",", " ").replace("，", " ").split()
    later = [_later(one, number) for number in range(1, MOST_LATER + 1)]
    return {**row, "later": [block for block in later if block]}


def lines(text: str) -> list[str]:
    """The lines of a text field that say something."""
    return [line.strip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n") if line.strip()]


def citation(line: str) -> dict[str, str]:
    """``专利法 | 65 | 可以起诉``; the article or what it says may be missing."""
    parts = [part.strip() for part in line.replace("｜", _BAR).split(_BAR, 2)]
    article = parts[1].removeprefix("第").removesuffix("条") if len(parts) > 1 else ""
    if len(parts) == 2 and not is_article(article):
        return {"law": parts[0], "says": parts[1]}
    said = {"law": parts[0], "article": article, "says": parts[2] if len(parts) > 2 else ""}
    return {name: value for name, value in said.items() if value or name == "law"}


def _shown(name: str, value: Any) -> str:
    if not isinstance(value, list):
        return str(value)
    return (_citations(value) if name == "basis" else "\n".join(value)) or NOTHING


def _citations(rows: Sequence[Mapping[str, str]]) -> str:
    return "\n".join(f" {_BAR} ".join((row["law"], row.get("article", ""), row.get("says", ""))).rstrip(f" {_BAR}") for row in rows)


def _later(one: Mapping[str, str], number: int) -> dict[str, Any]:
    block: dict[str, Any] = {}
    for name in LATER:
        value = one.get(f"later-{number}-{name}", "")
        if value and name == "basis":
            block[name] = [citation(line) for line in lines(value)]
        elif value:
            block[name] = [line for line in lines(value) if line != NOTHING] if name in ("points", "steps") else value
    return block
