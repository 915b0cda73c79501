"""The rounds that the door makes by itself: what staff say is told, steps of cases, and answers that a crash or a silent platform left untold."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from aid.clock import Clock
from aid.errors import AidError
from aid.store.followers import Follower, Followers
from aid.store.notices import Notice, Notices
from aid.wechat.tables import NoticeForm
from channels.hub import Hub
from channels.wechat.api import PlatformApi
from channels.wechat.delivery import Delivery
from channels.wechat.errors import ApiError
from channels.wechat.incoming import Incoming
from channels.wechat.steps import VALUE_CHARACTERS, Steps
from channels.wechat.waiting import Lanes

log = logging.getLogger(__name__)

EVERY_SECONDS = 5.0
STAFF_SECONDS = 1.0
"""So often it is looked whether staff have said something; so it reaches the follower whichever process they wrote it in."""
OWED_AFTER = timedelta(seconds=10)
"""An answer that is told in time never waits so long."""
UNSETTLED_AFTER = timedelta(minutes=1)
"""No call of the platform takes so long."""
UNDONE_AFTER = timedelta(minutes=5)
"""No file takes so long to be fetched."""
FORGET_EVERY = timedelta(hours=1)
AGAIN_AFTER = timedelta(seconds=30)
FORM_PATHS = {"template": "/cgi-bin/message/template/send", "subscription": "/cgi-bin/message/subscribe/bizsend"}


class Rounds:
    """Goes round every few seconds until it is stopped."""

    def __init__(
        self,
        hub: Hub,
        followers: Followers,
        notices: Notices,
        delivery: Delivery,
        lanes: Lanes,
        steps: Steps,
        form: NoticeForm | None,
        api: PlatformApi | None,
        clock: Clock,
        again: Callable[[Incoming], object],
        every: float = EVERY_SECONDS,
        staff: float = STAFF_SECONDS,
    ) -> None:
        """``again`` takes a message anew that a crash left undone; ``every`` and ``staff``: seconds between rounds, and between looks for staff."""
        self._hub, self._followers, self._notices, self._delivery = hub, followers, notices, delivery
        self._lanes, self._steps, self._form, self._api, self._clock, self._again = lanes, steps, form, api, clock, again
        self._every, self._staff = every, staff
        self._not_before: dict[str, tuple[int, datetime]] = {}
        self._forget_at = clock.now()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.get_running_loop().create_task(self._go())

    async def stop(self) -> None:
        """End, wherever it is: what was claimed is told by another process, or after the next start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _go(self) -> None:
        loop = asyncio.get_running_loop()
        last = loop.time()
        while True:
            await asyncio.sleep(min(self._every, self._staff))
            try:
                if loop.time() - last < self._every:
                    await self.staff_words()
                else:
                    last = loop.time()
                    await self.once()
            except AidError as fault:
                log.warning("%s", fault)
            except Exception:
                log.exception("a round was broken off")

    async def once(self) -> None:
        """One round."""
        await self.staff_words()
        await self._hub.offload(self._notices.collect)
        if self._clock.now() >= self._forget_at:
            await self._hub.offload(self._followers.forget_seen)
            self._forget_at = self._clock.now() + FORGET_EVERY
        for left in await self._hub.offload(self._followers.undone, UNDONE_AFTER):
            self._again(Incoming(**left))
        for notice in await self._hub.offload(self._notices.due):
            await self._tell(notice)
        for follower, before, until in await self._hub.offload(self._followers.unsettled, UNSETTLED_AFTER):
            if self._lanes.is_free(follower.openid):  # a process died while it told this
                await self._hub.offload(self._followers.untell, follower.conversation_id, before, until)
        await self._tell_all(await self._hub.offload(self._followers.owed, OWED_AFTER))

    async def staff_words(self) -> None:
        """Tell what staff and the house have said."""
        if self._delivery.may_push:
            await self._tell_all(await self._hub.offload(self._followers.owed_by_staff))

    async def _tell_all(self, owed: Sequence[tuple[Follower, int]]) -> None:
        """Each by a task of its own: one whose messages go slowly keeps nobody waiting."""
        done = await asyncio.gather(*(self._tell_owed(follower, last) for follower, last in owed), return_exceptions=True)
        for fault in done:
            if isinstance(fault, AidError):
                log.warning("%s", fault)
            elif isinstance(fault, BaseException):
                log.error("a follower could not be told", exc_info=fault)

    async def _tell(self, notice: Notice) -> None:
        follower = await self._hub.offload(self._followers.of, notice.conversation_id)
        if follower is not None and not self._lanes.is_free(follower.openid):
            return  # he is being answered: it goes along with that, or in the next round
        if not await self._hub.offload(self._notices.claim, notice):
            return
        parts = await self._hub.offload(self._steps.parts, notice)
        if not parts or follower is None:
            await self._hub.offload(self._notices.told, notice)
            return
        sent = await self._delivery.push(follower, await self._hub.offload(self._steps.told, notice))
        if sent == "no":
            sent = "sent" if await self._sent_as_form(follower, parts) else "no"
        if sent == "sent":
            await self._hub.offload(self._notices.told, notice)
        else:
            again = self._clock.now() + AGAIN_AFTER if sent == "later" else None
            await self._hub.offload(self._notices.give_back, notice, again)

    async def _sent_as_form(self, follower: Follower, parts: dict[str, str]) -> bool:
        """Whether the platform took it as a notice in one of its forms, where the account has one."""
        if self._form is None or self._api is None:
            return False
        short = {name: value[:VALUE_CHARACTERS] for name, value in parts.items()}
        data = {name: {"value": frame.format_map(short)} for name, frame in self._form.fields.items()}
        try:
            await self._api.call(FORM_PATHS[self._form.kind], {"touser": follower.openid, "template_id": self._form.id, "data": data})
        except ApiError as fault:
            log.warning("%s", fault)
            return False
        return True

    async def _tell_owed(self, follower: Follower, last: int) -> None:
        number, moment = self._not_before.get(follower.conversation_id, (0, self._clock.now()))
        if not self._lanes.is_free(follower.openid) or (number == last and self._clock.now() < moment):
            return
        async with self._lanes.visit(follower.openid) as lane:
            mine = lane.last = asyncio.current_task()  # what he says meanwhile is answered after this
            sent = await self._delivery.push_owed(follower)
            if lane.last is mine:
                lane.last = None
        again = AGAIN_AFTER if sent == "later" else timedelta(days=2)
        if sent == "sent":
            self._not_before.pop(follower.conversation_id, None)
        else:
            self._not_before[follower.conversation_id] = (last, self._clock.now() + again)
