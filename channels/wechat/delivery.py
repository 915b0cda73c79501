"""The way of an answer to the follower: in the platform's own connection when somebody still listens there, else as a message of its own.

What is told is counted by the number of the last reply: before anything is said it is written down as told (so that no two processes say
it), and taken back when it could not be sent. What was not told is told with the next message, together with that one's answer.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from aid.clock import Clock
from aid.logs.lines import in_talk
from aid.operations.figures import DoorFigures
from aid.replies import Reply
from aid.store.followers import Follower, Followers, Standing, Telling
from aid.store.notices import Notice, Notices
from aid.wechat.cutting import LIMITS
from aid.wording.doors import WechatWording
from channels.hub import Hub
from channels.wechat.api import NeverSent, PlatformApi
from channels.wechat.errors import ApiError, NotForAccount, QuotaUsedUp, WindowClosed
from channels.wechat.steps import Steps
from channels.wechat.text import Told, told
from channels.wechat.waiting import Waiting
from channels.wire import ShownReply

log = logging.getLogger(__name__)

ASKED_AGAIN = timedelta(hours=1)
"""An account that may not send messages is asked again after this: rights can be given."""
SETTLES_SECONDS, LOOK_SECONDS = 5.0, 0.2
"""So long it is waited for what another process tells, and so often it is looked whether it has."""
MOST_TAPS = 10
"""Choices of one message; with more of them numbers in a text are easier to overlook."""
Sent = Literal["sent", "unsure", "later", "no"]
"""``unsure``: the platform said nothing; ``later``: surely not sent, and may be tried again; ``no``: not before his next act."""


@dataclass(frozen=True, slots=True)
class _Ready:
    """What is told now: the first page, those that follow, and what stands behind them; ``menu``: its choices, where they can be shown apart.

    ``has_rest``: there are more words of staff than one page holds; they go as messages of their own.
    """

    pages: list[str]
    lead: str
    menu: list[tuple[str, str]]
    before: int
    until: int
    notices: list[Notice]
    has_rest: bool = False


class Delivery:
    """Tells followers what there is to tell. Every method may raise ``StoreUnavailable``."""

    def __init__(
        self, hub: Hub, followers: Followers, notices: Notices, steps: Steps, words: WechatWording, api: PlatformApi | None, clock: Clock,
        figures: DoorFigures,
    ) -> None:  # fmt: skip
        self._hub, self._followers, self._notices, self._steps = hub, followers, notices, steps
        self._words, self._api, self._clock, self._figures = words, api, clock, figures
        self._forbidden_until: datetime | None = None
        self._no_menus_until: datetime | None = None

    @property
    def may_push(self) -> bool:
        """Whether messages of our own can be sent at all, as far as is known."""
        return self._api is not None and (self._forbidden_until is None or self._clock.now() >= self._forbidden_until)

    async def deliver(self, follower: Follower, until: int | None, waiting: Waiting, key: str) -> None:
        """Tell the replies that have not been told, up to number ``until`` (all, when ``None``), and what waits of his cases."""
        is_heard = waiting.is_heard
        ready = await self._ready(follower, until, await self._claimed(follower), key if is_heard else "")
        if ready is None:
            waiting.give(None)
            return
        if is_heard and not waiting.give(ready.pages[0]):
            await self._hub.offload(self._followers.keep_answer, key, None)
            is_heard = False
        if not is_heard and await self._push_ready(follower, ready) != "sent":
            await self._taken_back(follower, ready)
            return
        await self._hub.offload(self._followers.settled, follower.conversation_id)
        for notice in ready.notices:
            await self._hub.offload(self._notices.told, notice)

    async def again(self, follower: Follower, answer: str, waiting: Waiting) -> None:
        """Give the answer of before to a repetition."""
        if waiting.give(answer):
            await self._hub.offload(self._followers.settled, follower.conversation_id)

    async def page(self, page: str, waiting: Waiting, follower: Follower, key: str) -> None:
        """Tell one page that was kept."""
        if waiting.give(page):
            await self._hub.offload(self._followers.keep_answer, key, page)
        else:
            await self.push(follower, page)

    async def push_owed(self, follower: Follower) -> Sent:
        """Tell as a message of our own what was not told: after a crash, or when the platform could not be reached."""
        while True:
            ready = await self._ready(follower, None, [], "")
            if ready is None:
                return "sent"
            sent = await self._push_ready(follower, ready)
            if sent != "sent":
                await self._taken_back(follower, ready)
                return sent
            await self._hub.offload(self._followers.settled, follower.conversation_id)
            if not ready.has_rest:
                return "sent"

    async def _push_ready(self, follower: Follower, ready: _Ready) -> Sent:
        return await self.push(follower, ready.pages[0], ready.lead, ready.menu)

    async def push(self, follower: Follower, content: str, lead: str = "", menu: Sequence[tuple[str, str]] = ()) -> Sent:
        """A message of our own, counted first; as a message of choices (``lead`` and ``menu``) where the account has that kind."""
        if self._api is None or not self.may_push:
            self._figures.push("off")
            return "no"
        if not await self._hub.offload(self._followers.may_send, follower.conversation_id):
            self._figures.push("used_up")
            return "no"
        with in_talk(follower.conversation_id), self._figures.step("push"):
            sent, result = await self._pushed(self._api, follower, content, lead, menu)
        self._figures.push(result)
        return sent

    async def _pushed(
        self, api: PlatformApi, follower: Follower, content: str, lead: str, menu: Sequence[tuple[str, str]]
    ) -> tuple[Sent, str]:
        """Whether it was sent, and what became of it in the figures' words."""
        try:
            if not (menu and await self._sent_as_menu(api, follower, lead, menu)):
                await api.send_text(follower.openid, content)
        except (QuotaUsedUp, WindowClosed) as fault:
            log.info("%s", fault)
            await self._hub.offload(self._followers.send_no_more, follower.conversation_id)
            return "no", "quota" if isinstance(fault, QuotaUsedUp) else "window"
        except NotForAccount as fault:
            log.warning("%s: answers that take long are given with the next message", fault)
            self._forbidden_until = self._clock.now() + ASKED_AGAIN
            return "no", "not_allowed"
        except NeverSent as fault:
            log.warning("%s", fault)
            return "later", "unreachable"
        except ApiError as fault:
            log.warning("%s", fault)
            return "unsure", "unsure"
        return "sent", "sent"

    async def _sent_as_menu(self, api: PlatformApi, follower: Follower, lead: str, menu: Sequence[tuple[str, str]]) -> bool:
        """``False`` where the account has no messages of choices: nothing was sent, and it is not tried again for a while."""
        if self._no_menus_until is not None and self._clock.now() < self._no_menus_until:
            return False
        try:
            await api.send_menu(follower.openid, lead, list(menu))
        except NotForAccount as fault:
            log.info("%s: choices are sent as text", fault)
            self._no_menus_until = self._clock.now() + ASKED_AGAIN
            return False
        return True

    async def typing(self, follower: Follower) -> None:
        """Show that an answer is being written; of no consequence when it fails."""
        if self._api is not None and self.may_push:
            try:
                await self._api.typing(follower.openid)
            except ApiError as fault:
                log.info("%s", fault)

    async def _ready(self, follower: Follower, until: int | None, notices: list[Notice], key: str) -> _Ready | None:
        conversation = follower.conversation_id
        standing = await self._settled(conversation)
        seen = await self._hub.read(conversation, standing.told_until)
        replies = [ShownReply.model_validate(reply.public()) for reply in seen.replies if until is None or reply.number <= until]
        steps = await self._steps_of(notices)
        if not replies and not steps:
            return None
        first = [Reply(text=step) for step in steps.values()]
        has_rest = False
        if any(reply.author for reply in replies):
            found, count = self._one_page(first, replies)
            has_rest, replies = count < len(replies), replies[:count]
            found = await self._asking_for_a_word(follower, found, has_rest, bool(key), seen.service.state == "staff")
        else:
            found = told([*first, *replies], self._words)
        last = max([standing.told_until, *(reply.number for reply in replies)])
        options = [[one.label, one.id, one.number] for one in found.options] if replies else standing.options
        more = found.pages[1:] if replies else [*found.pages[1:], *standing.pages]
        page = Telling(more, options, key, found.pages[0] if found.pages else "")
        mine = await self._hub.offload(self._followers.tell, conversation, standing.told_until, last, page)
        if mine and not found.pages:  # there is nothing to be read in it
            await self._hub.offload(self._followers.settled, conversation)
        if not mine or not found.pages:  # another process tells it
            for one in steps:
                await self._hub.offload(self._notices.give_back, one, None)
            return None
        menu = [(one.id, one.label) for one in found.options] if found.lead and len(found.options) <= MOST_TAPS else []
        return _Ready(found.pages, found.lead, menu, standing.told_until, last, list(steps), has_rest)

    async def _settled(self, conversation: str) -> Standing:
        """How it stands once nothing is on its way to him from another process; what stays on its way (it has died) is told again."""
        loop = asyncio.get_running_loop()
        end = loop.time() + SETTLES_SECONDS
        while (standing := await self._hub.offload(self._followers.standing, conversation)).since_number is not None:
            if loop.time() < end:
                await asyncio.sleep(LOOK_SECONDS)
            else:
                await self._hub.offload(self._followers.untell, conversation, standing.since_number, standing.told_until)
        return standing

    def _one_page(self, first: Sequence[Reply], replies: Sequence[ShownReply]) -> tuple[Told, int]:
        """What is told when words of staff are among it, and how many of the replies: as many as one page holds, so that none depends on 更多."""
        hint = max(self._words.more, self._words.answer_please, key=len)
        room, least = LIMITS.less(f"\n{hint}"), 0 if first else 1
        found, count = told([*first, *replies[:least]], self._words, room), least
        while count < len(replies):
            more = told([*first, *replies[: count + 1]], self._words, room)
            if len(more.pages) > 1:
                break
            found, count = more, count + 1
        return found, count

    async def _asking_for_a_word(self, follower: Follower, found: Told, has_rest: bool, is_passive: bool, is_staffs: bool) -> Told:
        """With the last message that the platform allows he is asked to say something: without that staff reach him no more."""
        if not found.pages or not (has_rest or is_staffs):
            return found
        hint = self._words.more
        if self.may_push:
            hint = self._words.answer_please
            if (await self._hub.offload(self._followers.reach, follower.conversation_id)).left > (0 if is_passive else 1):
                return found
        elif not has_rest:
            return found
        first, *others = found.pages
        return replace(found, pages=[f"{first}\n{hint}", *others], lead=f"{found.lead}\n{hint}" if found.lead else "")

    async def _steps_of(self, notices: list[Notice]) -> dict[Notice, str]:
        """The steps in words; one of a ticket that is gone is over with that."""
        found = {}
        for one in notices:
            if words := await self._hub.offload(self._steps.told, one):
                found[one] = words
            else:
                await self._hub.offload(self._notices.told, one)
        return found

    async def _claimed(self, follower: Follower) -> list[Notice]:
        own = await self._hub.offload(self._followers.conversations, follower.openid)
        waiting = await self._hub.offload(self._notices.of, own)
        return [one for one in waiting if await self._hub.offload(self._notices.claim, one)]

    async def _taken_back(self, follower: Follower, ready: _Ready) -> None:
        if ready.until != ready.before:
            await self._hub.offload(self._followers.untell, follower.conversation_id, ready.before, ready.until)
        for one in ready.notices:
            await self._hub.offload(self._notices.give_back, one, None)
