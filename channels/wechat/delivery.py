"""The way of an answer to the follower: in the platform's own connection when somebody still listens there, else as a message of its own.

What is told is counted by the number of the last reply: before anything is said it is written down as told (so that no two processes say
it), and taken back when it could not be sent. What was not told is told with the next message, together with that one's answer.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from aid.clock import Clock
from aid.replies import Reply
from aid.store.followers import Follower, Followers, Telling
from aid.store.notices import Notice, Notices
from aid.wording.doors import WechatWording
from channels.hub import Hub
from channels.wechat.api import NeverSent, PlatformApi
from channels.wechat.errors import ApiError, NotForAccount, QuotaUsedUp, WindowClosed
from channels.wechat.steps import Steps
from channels.wechat.text import told
from channels.wechat.waiting import Waiting
from channels.wire import ShownReply

log = logging.getLogger(__name__)

ASKED_AGAIN = timedelta(hours=1)
"""An account that may not send messages is asked again after this: rights can be given."""
MOST_TAPS = 10
"""Choices of one message; with more of them numbers in a text are easier to overlook."""
Sent = Literal["sent", "unsure", "later", "no"]
"""``unsure``: the platform said nothing; ``later``: surely not sent, and may be tried again; ``no``: not before his next act."""


@dataclass(frozen=True, slots=True)
class _Ready:
    """What is told now: the first page, those that follow, and what stands behind them; ``menu``: its choices, where they can be shown apart."""

    pages: list[str]
    lead: str
    menu: list[tuple[str, str]]
    before: int
    until: int
    notices: list[Notice]


class Delivery:
    """Tells followers what there is to tell. Every method may raise ``StoreUnavailable``."""

    def __init__(
        self, hub: Hub, followers: Followers, notices: Notices, steps: Steps, words: WechatWording, api: PlatformApi | None, clock: Clock
    ) -> None:
        self._hub, self._followers, self._notices, self._steps = hub, followers, notices, steps
        self._words, self._api, self._clock = words, api, clock
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
        ready = await self._ready(follower, None, [], "")
        if ready is None:
            return "sent"
        sent = await self._push_ready(follower, ready)
        if sent == "sent":
            await self._hub.offload(self._followers.settled, follower.conversation_id)
        else:
            await self._taken_back(follower, ready)
        return sent

    async def _push_ready(self, follower: Follower, ready: _Ready) -> Sent:
        return await self.push(follower, ready.pages[0], ready.lead, ready.menu)

    async def push(self, follower: Follower, content: str, lead: str = "", menu: Sequence[tuple[str, str]] = ()) -> Sent:
        """A message of our own, counted first; as a message of choices (``lead`` and ``menu``) where the account has that kind."""
        if self._api is None or not self.may_push:
            return "no"
        if not await self._hub.offload(self._followers.may_send, follower.conversation_id):
            return "no"
        try:
            if not (menu and await self._sent_as_menu(self._api, follower, lead, menu)):
                await self._api.send_text(follower.openid, content)
        except (QuotaUsedUp, WindowClosed) as fault:
            log.info("%s", fault)
            await self._hub.offload(self._followers.send_no_more, follower.conversation_id)
            return "no"
        except NotForAccount as fault:
            log.warning("%s: answers that take long are given with the next message", fault)
            self._forbidden_until = self._clock.now() + ASKED_AGAIN
            return "no"
        except NeverSent as fault:
            log.warning("%s", fault)
            return "later"
        except ApiError as fault:
            log.warning("%s", fault)
            return "unsure"
        return "sent"

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
        standing = await self._hub.offload(self._followers.standing, conversation)
        seen = await self._hub.read(conversation, standing.told_until)
        numbers = [reply.number for reply in seen.replies if until is None or reply.number <= until]
        replies = [ShownReply.model_validate(reply.public()) for reply in seen.replies if reply.number in numbers]
        steps = await self._steps_of(notices)
        if not replies and not steps:
            return None
        said: Sequence[Reply | ShownReply] = [*(Reply(text=step) for step in steps.values()), *replies]
        found = told(said, self._words)
        last = max([standing.told_until, *numbers])
        options = [[one.label, one.id, one.number] for one in found.options] if replies else standing.options
        more = found.pages[1:] if replies else [*found.pages[1:], *standing.pages]
        page = Telling(more, options, key, found.pages[0] if found.pages else "")
        mine = await self._hub.offload(self._followers.tell, conversation, standing.told_until, last, page)
        if not mine or not found.pages:  # another process tells it, or there is nothing to be read in it
            for one in steps:
                await self._hub.offload(self._notices.give_back, one, None)
            return None
        menu = [(one.id, one.label) for one in found.options] if found.lead and len(found.options) <= MOST_TAPS else []
        return _Ready(found.pages, found.lead, menu, standing.told_until, last, list(steps))

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
