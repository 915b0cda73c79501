"""What each kind of message becomes in the talk: words for the bot, a file of the case, or an answer of the door itself."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass

from aid.cases.office import Office
from aid.evidence.errors import FileRefused, NoRoom
from aid.kiosk.content import Kiosk, KioskContent
from aid.replies import Author, Choice, Reply
from aid.store.errors import HandoverGone
from aid.store.followers import Follower, Followers
from aid.store.messages import Inbound, Messages
from aid.takeover.desk import Desk
from aid.takeover.staff import shown_center
from aid.wechat.tables import EXPO_SCENE
from aid.wording.doors import Wording
from channels.files import Files
from channels.hub import Hub
from channels.problems import ANSWERS
from channels.wechat.api import PlatformApi
from channels.wechat.choices import Option, is_one_of, resolve
from channels.wechat.errors import ApiBroken, ApiError, MediaGone
from channels.wechat.incoming import Incoming
from channels.wechat.menu import Menu

log = logging.getLogger(__name__)
_HANDOVER = re.compile(r"[A-Za-z0-9_-]{32}")
"""What the code of a kiosk's conversation looks like (aid/store/access.py)."""


@dataclass(frozen=True, slots=True)
class Page:
    """The next page of what was told before; nothing of the bot is asked."""

    text: str


@dataclass(frozen=True, slots=True)
class Rest:
    """Everything that is ready and has not been told."""


Arrival = Inbound | Page | Rest | None
"""What came of a message: one in the talk whose answer is to come, a page, the rest, or nothing."""


class Kinds:
    """Puts what came into the follower's conversation. Every method may raise ``StoreUnavailable`` and ``HubStopped``."""

    def __init__(
        self,
        hub: Hub,
        messages: Messages,
        files: Files,
        followers: Followers,
        office: Office,
        desk: Desk,
        wording: Wording,
        menu: Menu,
        expos: KioskContent,
        api: PlatformApi | None,
    ) -> None:
        self._hub, self._messages, self._files, self._followers = hub, messages, files, followers
        self._office, self._wording, self._menu, self._expos, self._api = office, wording, menu, expos, api
        self._words, self._waiting = wording.wechat, desk.waiting
        self._house = Author(kind="system", name=shown_center(office.router.main, desk.words.unnamed))

    async def arrive(self, follower: Follower, incoming: Incoming, is_new: bool) -> Arrival:
        """Store what came; a repetition (``is_new`` false) finds what the first stored, and what cannot be done twice is not done."""
        match incoming.kind:
            case "text":
                return await self._text(follower, incoming, is_new)
            case "image" | "video":
                arrival = await self._file(follower, incoming)
                await self._hub.offload(self._followers.done, incoming.key)
                return arrival
            case "location":
                return await self._location(follower, incoming)
            case "link":
                return await self._link(follower, incoming)
            case "voice":
                return await self._say(follower, incoming, self._words.said_voice, [Reply(text=self._words.voice)], self._words.voice_to_staff)
            case "subscribe":
                return await self._welcome(follower, incoming)
            case "click":
                return await self._click(follower, incoming)
            case "other":
                return await self._say(follower, incoming, self._words.said_other, [Reply(text=self._words.other)], self._words.other_to_staff)
        return None

    async def scanned(self, openid: str, incoming: Incoming) -> tuple[Follower, Arrival]:
        """Go on with the conversation whose code was scanned; a code that opens nothing is said to do so.

        The code of an expo begins, or goes on with, a talk at that expo; any other scene is a welcome.
        """
        said, gone = self._words.said_scan, []
        if _HANDOVER.fullmatch(incoming.event_key):
            try:
                follower = await self._hub.offload(self._followers.take_over, openid, incoming.event_key)
                self._hub.cut(follower.conversation_id)  # the kiosk sees no more of it
                words = self._words.taken_over
                return follower, await self._say(follower, incoming, said, [Reply(text=words)], words)
            except HandoverGone:
                gone = [Reply(text=self._wording.errors.handover_gone)]
        follower = await self._hub.offload(self._followers.enter, openid)
        expo = None
        if incoming.event_key.startswith(EXPO_SCENE):
            expo = await self._hub.offload(self._expos.of, incoming.event_key.removeprefix(EXPO_SCENE))
        if expo is not None and expo.event is not None:
            await self._hub.offload(self._followers.attend, follower, expo.event)
        return follower, await self._say(follower, incoming, said, [*gone, self._greeting(expo)], *(reply.text for reply in gone))

    async def _text(self, follower: Follower, incoming: Incoming, is_new: bool) -> Arrival:
        conversation, client_id = follower.conversation_id, client_id_of(incoming)
        standing = await self._hub.offload(self._followers.standing, conversation)
        options = [Option(label, id_, number) for label, id_, number in standing.options]
        chosen = resolve(incoming.text, options, incoming.menu_id)
        if chosen is None and is_one_of(incoming.text, self._words.more_words):
            if not is_new:
                return None
            page = await self._hub.offload(self._followers.next_page, conversation)
            if page is not None:
                return Page(page)
            if await self._is_owed(conversation, standing.told_until):
                return Rest()
        if chosen is None and is_one_of(incoming.text, self._words.leave_words) and await self._is_waiting(conversation):
            return await self._leaves(follower, incoming)
        if chosen is not None and chosen.id:
            return (await self._hub.receive(conversation, client_id, choice_id=chosen.id))[0]
        return (await self._hub.receive(conversation, client_id, incoming.text))[0]

    async def _is_waiting(self, conversation: str) -> bool:
        return (await self._hub.offload(self._waiting.service, conversation)).state == "waiting"

    async def _leaves(self, follower: Follower, incoming: Incoming) -> Inbound:
        """He waits for staff no more; said in words, for the choice may have been told long ago."""
        inbound = await self._say(follower, incoming, incoming.text, [])
        await self._hub.stop_waiting(follower.conversation_id)
        return inbound

    async def _is_owed(self, conversation: str, told_until: int) -> bool:
        seen = await self._hub.read(conversation, told_until)
        return bool(seen.replies) or seen.pending

    async def _file(self, follower: Follower, incoming: Incoming) -> Arrival:
        """Fetched at once: the platform keeps it for three days only, and a case is to hold it for good."""
        is_image = incoming.kind == "image"
        said = self._words.said_image if is_image else self._words.said_video
        if self._api is None:
            return await self._say(follower, incoming, said, [Reply(text=self._words.file_later)], self._words.file_later)
        try:
            content = await self._api.media(incoming.media)
            name = self._words.image_name if is_image else self._words.video_name
            return await self._files.take(follower.conversation_id, client_id_of(incoming), name, content)
        except (FileRefused, NoRoom) as fault:
            sentence = self._wording.errors.of(ANSWERS[type(fault)][1])
        except (MediaGone, ApiBroken) as fault:
            log.warning("a follower's file: %s", fault)
            sentence = self._words.file_gone
        except ApiError as fault:
            log.warning("a follower's file: %s", fault)
            sentence = self._words.file_later
        return await self._say(follower, incoming, said, [Reply(text=sentence)], sentence)

    async def _location(self, follower: Follower, incoming: Incoming) -> Arrival:
        """While a case is written down the place is an answer; otherwise a case can be begun with it."""
        place, conversation = " ".join(incoming.text.split()), follower.conversation_id
        if place and await self._has_draft(conversation):
            return (await self._hub.receive(conversation, client_id_of(incoming), place))[0]
        said = self._words.said_location.format(place=place)
        if not place:
            return await self._say(follower, incoming, said, [Reply(text=self._words.place_empty)])
        center = self._office.router.center_near(place)
        near = self._words.place_no_center
        if center is not None:
            near = self._words.place_center.format(center=center.name, address=center.address)
        lines = [self._words.place.format(place=place), near, self._words.place_next]
        report = ("infringement_report", self._words.place_report)
        return await self._say(follower, incoming, said, [Reply(text="\n".join(lines))], start=report)

    async def _link(self, follower: Follower, incoming: Incoming) -> Arrival:
        title, conversation = " ".join(incoming.text.split())[:100], follower.conversation_id
        if await self._has_draft(conversation):
            return (await self._hub.receive(conversation, client_id_of(incoming), f"{title} {incoming.url}"))[0]
        said = self._words.said_link.format(title=title, url=incoming.url[:1000])
        asks = Choice(label=self._words.link_ask, payload={"say": self._words.link_ask_say})
        reply = Reply(text=self._words.link.format(title=title), choices=[asks])
        return await self._say(follower, incoming, said, [reply], start=("infringement_report", self._words.link_report))

    async def _welcome(self, follower: Follower, incoming: Incoming) -> Arrival:
        return await self._say(follower, incoming, self._words.said_follow, [self._greeting()])

    def _greeting(self, expo: Kiosk | None = None) -> Reply:
        """The welcome; at an expo with its name, and with the questions that its kiosk shows first."""
        choices = [Choice(label=one.label, payload=one.payload()) for one in self._words.welcome_choices]
        if expo is None or expo.event is None:
            return Reply(text=self._words.welcome, choices=choices)
        asked = [Choice(label=one.ask, payload={"say": one.ask}) for one in expo.questions]
        return Reply(text=self._words.welcome_expo.format(event=expo.event_name), choices=[*asked, *choices])

    async def _click(self, follower: Follower, incoming: Incoming) -> Arrival:
        says = self._menu.says(incoming.event_key)
        if says is None:
            log.warning("a button of the menu that knowledge/wechat.yml does not know was clicked")
            return None
        return (await self._hub.receive(follower.conversation_id, client_id_of(incoming), says))[0]

    async def _has_draft(self, conversation: str) -> bool:
        return await self._hub.offload(self._office.drafts.current, conversation) is not None

    async def _say(
        self, follower: Follower, incoming: Incoming, said: str, replies: Sequence[Reply], *to_staff: str, start: tuple[str, str] | None = None
    ) -> Inbound:
        """The door's own answer, kept in the talk like the bot's; ``start`` (kind of case, label) begins a case with what was said.

        ``to_staff``: what he must be told of it though staff have the talk: that they cannot hear or see what he sent.
        """

        def answer(inbound_id: str) -> list[Reply]:
            if start is None:
                return list(replies)
            first, *others = replies
            begins = Choice(label=start[1], payload={"start": start[0], "from": inbound_id})
            first = first.model_copy(update={"choices": [begins, *first.choices]})
            return [first, *others]

        house = [Reply(text=text, author=self._house) for text in to_staff]
        return await self._hub.offload(self._messages.add_answered, follower.conversation_id, client_id_of(incoming), said, answer, house)


def client_id_of(incoming: Incoming) -> str:
    """The id of the message in its conversation: the same for the platform's repetitions."""
    return f"wx.{incoming.key}"
