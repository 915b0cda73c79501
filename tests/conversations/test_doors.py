"""The happy path of each kind of case in every door's format. The web's is walked with all other talks.

At WeChat only what is written on the pages is read, and choices are answered by their numbers there.
"""

from __future__ import annotations

import re
from contextlib import closing

import pytest

from aid.cases.kinds import load_kinds
from aid.cli.ticket import office
from aid.privacy.vault import open_vault
from aid.settings import PROJECT, Settings
from aid.store.engine import open_store
from aid.store.messages import Messages
from aid.wechat.cutting import LIMITS
from aid.wording.doors import read_wording
from channels.tokens import Tokens, token_key
from channels.wechat.choices import Option, is_one_of, resolve
from channels.wechat.text import told
from channels.wire import ShownReply
from tests.conversations.conftest import Stack
from tests.conversations.talk import Talk, Visitor, talks, walk

PATHS = {talk.path_of: talk for _name, talk in talks() if talk.path_of}
WORDING = read_wording(PROJECT / "knowledge").wechat
NUMBERED = re.compile(r"^(?:<a [^>]*>)?(\d+)\. ([^<\n]+)(?:</a>)?$", re.MULTILINE)
IN_WORDS = re.compile(r"^(?:<a [^>]*>)?· ([^<\n]+)(?:</a>)?$", re.MULTILINE)


def begun(settings: Settings, door: str, event: str | None = None) -> tuple[str, str]:
    """A conversation as the door itself would begin it: its id and a token to read it with."""
    store = open_store(settings)
    try:
        conversation = Messages(store, open_vault(settings), settings.clock()).open_conversation(door, event).id
    finally:
        store.close()
    return conversation, Tokens(token_key(settings), settings.clock()).issue(conversation, door)


class WechatVisitor:
    """A person who reads pages of text, one after the other, and types."""

    def __init__(self, visitor: Visitor) -> None:
        self._visitor = visitor
        self._options: list[Option] = []
        self.read = ""

    def type(self, words: str) -> str:
        """Type something as at the telephone; gives what is then read, every page of it."""
        option = resolve(words, self._options)
        heard = self._visitor.post(choice=option.id) if option else self._visitor.post(words)
        heard.raise_for_status()
        found = told([ShownReply.model_validate(reply) for reply in self._visitor.collect().replies], WORDING)
        self._options = found.options
        assert found.pages
        for number, page in enumerate(found.pages, 1):
            assert LIMITS.hold(page)
            assert page.endswith(WORDING.more) == (number < len(found.pages))
        assert is_one_of("更多", WORDING.more_words)
        self.read = "\n".join(found.pages)
        return self.read

    def pick(self, label: str) -> str:
        """Answer with the number that stands before a label on the page; where it has none, with the label."""
        numbers = {words: number for number, words in NUMBERED.findall(self.read)}
        assert label in numbers or label in IN_WORDS.findall(self.read), f"{label!r} does not stand on the page:\n{self.read}"
        return self.type(numbers.get(label, label))


def walk_by_text(visitor: WechatVisitor, talk: Talk) -> None:
    for number, turn in enumerate(talk.turns, 1):
        text = visitor.pick(turn.tap) if turn.tap else visitor.type(turn.say or "")
        where = f"turn {number} ({turn.tap or turn.say!r}):\n{text}"
        for words in turn.has:
            assert words in text, f"{words!r} is missing at {where}"
        for words in turn.lacks:
            assert words not in text, f"{words!r} stands at {where}"
        for label in turn.offers:
            assert label in text, f"{label!r} is not offered at {where}"
        assert "**" not in re.sub(r"\d\*+\d|\*{3,}", "", text), where


def holds(stack: Stack, conversation: str, talk: Talk) -> None:
    """The one ticket of the talk holds what was said."""
    with office(stack.settings) as desk:
        made = desk.tickets.of(conversation)
    assert [ticket.kind for ticket in made] == [talk.path_of]
    told_facts = {**made[0].facts, **made[0].parties}
    assert {key: told_facts.get(key) for key in talk.facts} == talk.facts


def test_every_kind_of_case_has_a_happy_path_that_ends_with_a_ticket() -> None:
    assert set(PATHS) == set(load_kinds(PROJECT / "knowledge"))
    assert all(talk.tickets == 1 for talk in PATHS.values())


@pytest.mark.stack
@pytest.mark.parametrize("kind", sorted(PATHS))
def test_at_a_kiosk_of_an_expo(stack: Stack, kind: str) -> None:
    with closing(Visitor(stack.address, begun=begun(stack.settings, "kiosk", "optoelectronics"))) as visitor:
        walk(visitor, PATHS[kind])
        holds(stack, visitor.conversation, PATHS[kind])


@pytest.mark.stack
@pytest.mark.parametrize("kind", sorted(PATHS))
def test_at_wechat_by_what_is_written_alone(stack: Stack, kind: str) -> None:
    with closing(Visitor(stack.address, begun=begun(stack.settings, "wechat"))) as visitor:
        reader = WechatVisitor(visitor)
        walk_by_text(reader, PATHS[kind])
        assert re.search(r"受理编号：CC-20\d\d-\d{6}\n查询码：[A-Z0-9]{8}\n", reader.read)
        holds(stack, visitor.conversation, PATHS[kind])
