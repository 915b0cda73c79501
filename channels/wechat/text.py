"""Replies as WeChat can show them: one joined text a page, choices as numbers and links, answers in short first."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Protocol
from urllib.parse import quote

from aid.replies import AnswerCard, Card, QuestionCard, StatusCard
from aid.wechat.cutting import LIMITS, Limits, first_piece
from aid.wording.doors import WechatWording
from channels.wechat.choices import Option

MOST_STEPS = 3
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩"
_MARKUP = re.compile(r"<(?=[A-Za-z/!])")
_BOLD = re.compile(r"(?<!\*)\*\*([^*\n]+)\*\*(?!\*)")  # not the stars of 139****7001
_NEXT_PAGE_FROM = 0.25
"""A text that must be cut begins on a page of its own when less than this share of the page is left."""


class Labelled(Protocol):
    """A choice, whatever else it holds."""

    @property
    def label(self) -> str:
        """What is shown."""
        ...


class Said(Protocol):
    """A reply of the assistant: ``aid.replies.Reply`` or what a door shows of it."""

    @property
    def text(self) -> str:
        """The small markdown subset."""
        ...

    @property
    def speak(self) -> str:
        """Plain text, where it differs."""
        ...

    @property
    def card(self) -> Card | None:
        """What the text tells, in parts."""
        ...

    @property
    def choices(self) -> Sequence[Labelled]:
        """What may be tapped."""
        ...


@dataclass(frozen=True, slots=True)
class Told:
    """The replies of a turn: ``pages`` to be sent one at a time, and the choices that are open from now on.

    ``lead``: the words without the choices, where all stands on one page: for a message that shows choices by itself.
    """

    pages: list[str]
    options: list[Option]
    lead: str = ""


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines of a page. Those with ``options`` are choices, one a line, and stay together."""

    text: str
    options: tuple[Option, ...] = ()


def told(replies: Sequence[Said], wording: WechatWording, limits: Limits = LIMITS) -> Told:
    """The replies as pages of plain text within the limits; every page but the last says how to see the next.

    What must be read and the choices come first, what may be read after them (the rest of a long answer) last.
    """
    options = _options(replies)
    numbers = iter(options)
    first: list[_Block] = []
    last: list[_Block] = []
    rest: list[_Block] = []
    is_one_group = sum(bool(reply.choices) for reply in replies) == 1
    for reply in replies:
        now, later = _in_parts(reply, wording)
        first += [_Block(part) for part in now]
        rest += [_Block(part) for part in later]
        own = tuple(next(numbers) for _choice in reply.choices)
        if own:  # the only choices stand at the end; those of several replies each after their own words
            lead = wording.pick if own[0].number else wording.say
            (last if is_one_group else first).extend([_Block(lead), _Block("\n".join(map(_line, own)), own)])
    room = limits.less("\n" + wording.more)
    pages = [*_filled([*first, *last], room), *_filled(rest, room)]
    lead = _joined([block for block in pages[0] if not block.options and block.text not in (wording.pick, wording.say)]) if len(pages) == 1 else ""
    return Told([_page(page, wording.more if n < len(pages) else "", limits) for n, page in enumerate(pages, 1)], options, lead if options else "")


def _options(replies: Sequence[Said]) -> list[Option]:
    """The choices of all replies, with numbers unless a number could be the answer itself.

    A lone choice is called by its label, and so is every choice while the last question is answered in free words.
    """
    choices = [choice for reply in replies for choice in reply.choices]
    asked = [reply for reply in replies if isinstance(reply.card, QuestionCard)]
    is_free = bool(asked) and len(asked[-1].choices) < 2
    numbers = count(1)
    return [
        Option(_plain(" ".join(choice.label.split())), str(getattr(choice, "id", "")), None if is_free or len(choices) < 2 else next(numbers))
        for choice in choices
    ]


def _in_parts(reply: Said, wording: WechatWording) -> tuple[list[str], list[str]]:
    """What of a reply is told first, and what on later pages."""
    card, text = reply.card, _plain(reply.speak or reply.text)
    author = getattr(reply, "author", None)
    if author is not None and author.kind == "staff":
        return [f"【{_plain(author.name)}】\n{text}"], []
    if isinstance(card, AnswerCard):
        return _answer(card, wording)
    if isinstance(card, QuestionCard):
        return [wording.progress.format(step=card.step, steps=card.steps) + text], []
    if isinstance(card, StatusCard) and card.events:
        return [text, wording.log, *(_plain(f"· {event}") for event in card.events)], []
    return [text] if text else [], []


def _answer(card: AnswerCard, wording: WechatWording) -> tuple[list[str], list[str]]:
    """The short answer, three steps (or points, where nothing is to be done) and what it rests on; then the rest."""
    steps = [f"{_CIRCLED[n] if n < len(_CIRCLED) else f'({n + 1})'}{step}" for n, step in enumerate(card.steps)]
    points = [f"· {point}" for point in card.points]
    shown, left = (steps, points) if steps else (points, [])
    cited = wording.basis.format(basis="；".join(basis.cited() for basis in card.basis[:MOST_STEPS]))
    now = [card.short, *([wording.steps] if steps else []), *shown[:MOST_STEPS]]
    says = [f"· {basis.line()}" for basis in card.basis]
    later = [*shown[MOST_STEPS:], *left, *([wording.basis_whole, *says] if says else []), wording.checked.format(checked=card.checked.isoformat())]
    if card.unfolded:
        now, later = [*now, *later], []
    elif card.basis:
        now.append(cited)
    return [_plain(line) for line in now], [_plain(line) for line in later]


def _plain(text: str) -> str:
    """Without markdown, without what WeChat would take for a link, without halves of surrogate pairs."""
    whole = "".join(sign for sign in text if not "\ud800" <= sign <= "\udfff" and sign not in "\0\r")
    lines = (re.sub(r"^\s*-\s+", "· ", line).rstrip() for line in _BOLD.sub(r"\1", whole).split("\n"))
    return _MARKUP.sub("＜", "\n".join(lines).strip("\n"))


def _line(option: Option) -> str:
    return f"{option.number}. {option.label}" if option.number else f"· {option.label}"


def _filled(blocks: Sequence[_Block], room: Limits) -> list[list[_Block]]:
    """The blocks laid on pages in order; choices stay together where a page can hold them."""
    pages: list[list[_Block]] = [[]]
    waiting = deque(block for block in blocks if block.text)
    while waiting:
        block = waiting.popleft()
        left = room.less(_joined(pages[-1]) + "\n") if pages[-1] else room
        if left.hold(block.text):
            pages[-1].append(block)
            continue
        is_short = min(left.characters / room.characters, left.octets / room.octets) < _NEXT_PAGE_FROM
        if pages[-1] and (is_short or room.hold(block.text)):
            _turn_over(pages)
            waiting.appendleft(block)
            continue
        at = first_piece(block.text, left) or 1
        pages[-1] += [_Block(piece)] if (piece := block.text[:at].rstrip()) else []
        pages.append([])
        waiting.appendleft(replace(block, text=block.text[at:].lstrip(), options=()))
    return [page for page in pages if page]


def _turn_over(pages: list[list[_Block]]) -> None:
    """Begin a page; a line that leads to what follows (it ends in a colon) goes over with it."""
    leading = len(pages[-1]) > 1 and pages[-1][-1].text.endswith("：")
    pages.append([pages[-1].pop()] if leading else [])


def _joined(page: Sequence[_Block], with_links: bool = False) -> str:
    return "\n".join("\n".join(map(_link, block.options)) if with_links and block.options else block.text for block in page)


def _page(page: Sequence[_Block], more: str, limits: Limits) -> str:
    """The page's text; its choices as links where that keeps within the limits, else as numbers only."""
    for with_links in (True, False):
        text = _joined(page, with_links) + (f"\n{more}" if more else "")
        if limits.hold(text):
            return text
    return text


def _link(option: Option) -> str:
    """A tap sends the label as a text; the id comes along on some accounts. Both are resolved on the server."""
    content, sign = quote(option.label, safe=""), quote(option.id or str(option.number or 0), safe="")
    return f'<a href="weixin://bizmsgmenu?msgmenucontent={content}&msgmenuid={sign}">{_line(option)}</a>'
