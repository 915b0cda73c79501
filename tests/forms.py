"""A browser without scripts: reads a page's forms and sends them as a person would, by the label of a button."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

VOID = {"meta", "link", "input", "br", "img", "hr"}


@dataclass
class Element:
    """A tag with its attributes; ``text`` is all that stands in it."""

    tag: str
    attributes: dict[str, str]
    parent: Element | None
    children: list[Element] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join("".join(self.pieces).split())

    def all(self, *tags: str) -> list[Element]:
        found = []
        for child in self.children:
            found += ([child] if child.tag in tags or not tags else []) + child.all(*tags)
        return found


@dataclass
class Form:
    """What a form sends besides its buttons."""

    element: Element

    @property
    def action(self) -> str:
        return self.element.attributes["action"]

    @property
    def fields(self) -> dict[str, str]:
        """Hidden and typed fields with their present values; those of files are left out."""
        found = {}
        for one in self.element.all("input", "textarea"):
            if one.attributes.get("type") != "file" and (name := one.attributes.get("name")):
                found[name] = one.attributes.get("value", "") if one.tag == "input" else "".join(one.pieces).removeprefix("\n")
        return found

    @property
    def buttons(self) -> dict[str, tuple[str, str]]:
        """Label (or name for ears) → name and value."""
        return {b.attributes.get("aria-label") or b.text: (b.attributes.get("name", ""), b.attributes.get("value", "")) for b in self.element.all("button")}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self.open = Element("", {}, None)
        self.stray: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, self.open)
        self.open.children.append(element)
        if tag not in VOID:
            self.open = element

    def handle_endtag(self, tag: str) -> None:
        if self.open.tag != tag:
            self.stray.append(f"</{tag}> in <{self.open.tag}>")
            return
        assert self.open.parent
        self.open = self.open.parent

    def handle_data(self, data: str) -> None:
        element: Element | None = self.open
        while element is not None:
            element.pieces.append(data)
            element = element.parent


class Page:
    """A page as read; ``stray`` are end tags that close nothing."""

    def __init__(self, html: str) -> None:
        reader = _Reader()
        reader.feed(html)
        reader.close()
        self.html, self.root = html, reader.root
        self.stray = [*reader.stray, *([f"<{reader.open.tag}> stays open"] if reader.open is not reader.root else [])]

    def all(self, *tags: str) -> list[Element]:
        return self.root.all(*tags)

    def one(self, tag: str) -> Element:
        [found] = self.all(tag)
        return found

    def of_class(self, name: str) -> list[Element]:
        return [e for e in self.all() if name in e.attributes.get("class", "").split()]

    @property
    def title(self) -> str:
        return self.one("title").text

    @property
    def text(self) -> str:
        return self.one("main").text

    @property
    def forms(self) -> list[Form]:
        return [Form(e) for e in self.all("form")]

    @property
    def is_waiting(self) -> str:
        """Where the page goes by itself; ``""`` where it stays."""
        found = [e.attributes["content"] for e in self.all("meta") if e.attributes.get("http-equiv") == "refresh"]
        return re.sub(r"^\d+; url=", "", found[0]) if found else ""

    def form(self, button: str) -> Form:
        """The last form with a button of this label."""
        found = [form for form in self.forms if button in form.buttons]
        assert found, f"no button {button!r} among {[list(form.buttons) for form in self.forms]}"
        return found[-1]

    def pressed(self, button: str, **typed: str) -> tuple[str, dict[str, str]]:
        """Action and fields of a form whose button is pressed after something was typed."""
        form = self.form(button)
        unknown = set(typed) - set(form.fields)
        assert not unknown, f"no field {unknown}"
        name, value = form.buttons[button]
        return form.action, {**form.fields, **typed, **({name: value} if name else {})}


Send = Callable[[str, str, dict[str, Any]], Any]
