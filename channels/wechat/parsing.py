"""Reading of the platform's XML, and of nothing else: what a hostile sender could add is refused before anything is built from it."""

from __future__ import annotations

import re
from xml.parsers import expat

from channels.wechat.errors import CallbackMalformed

MOST_BYTES = 128 * 1024
DEEPEST = 6
"""Elements within one another; the platform's deepest event (SendPicsInfo) has five."""
_DECLARATION = re.compile(r"<\?xml\s[^<>]*\?>")


def parse(body: bytes) -> dict[str, str]:
    """The fields right under ``<xml>`` that hold words; those that hold further elements are left out.

    Whatever encoding the document says it has, it is read as UTF-8.

    Raises:
        CallbackMalformed: too large, not UTF-8, no XML; another root; a DOCTYPE, an instruction, an attribute, a field that stands twice,
            or elements deeper than the platform's.
    """
    if len(body) > MOST_BYTES:
        raise CallbackMalformed("the body is too large")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise CallbackMalformed("the body is not UTF-8") from fault
    return _Reader().read(_DECLARATION.sub("", text, count=1) if text.startswith("<?xml") else text)


class _Reader:
    """Handlers of one parse."""

    def __init__(self) -> None:
        self._fields: dict[str, str] = {}
        self._nested: set[str] = set()
        self._path: list[str] = []
        self._words: list[str] = []
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._said
        parser.StartDoctypeDeclHandler = self._refuse
        parser.ProcessingInstructionHandler = self._refuse
        self._parser = parser

    def read(self, text: str) -> dict[str, str]:
        try:
            self._parser.Parse(text.encode(), True)
        except expat.ExpatError as fault:
            raise CallbackMalformed("the body is no XML") from fault
        return {name: words for name, words in self._fields.items() if name not in self._nested}

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if attributes:
            raise CallbackMalformed("an element has attributes")
        if len(self._path) >= DEEPEST:
            raise CallbackMalformed("the elements are too deep")
        if not self._path and name != "xml":
            raise CallbackMalformed("the root is another element")
        if len(self._path) == 1:
            if name in self._fields:
                raise CallbackMalformed("a field stands twice")
            self._fields[name], self._words = "", []
        elif len(self._path) > 1:
            self._nested.add(self._path[1])
        self._path.append(name)

    def _end(self, _name: str) -> None:
        if len(self._path) == 2:
            self._fields[self._path[1]] = "".join(self._words)
        self._path.pop()

    def _said(self, words: str) -> None:
        if len(self._path) == 2:
            self._words.append(words)

    def _refuse(self, *_what: object) -> None:
        raise CallbackMalformed("a DOCTYPE or an instruction stands in the body")
