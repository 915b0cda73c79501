"""One turn: from a stored message to its stored replies, whatever happens to the bot meanwhile."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ParamSpec, Protocol, TypeVar

from aid.operations.figures import DoorFigures
from aid.replies import Choice, Reply
from aid.store.errors import StaffHaveIt, StoreUnavailable, TurnTaken, UnknownChoice
from aid.store.messages import Conversation, Inbound, Messages
from aid.wording.doors import ReplyWording
from channels import gate
from channels.errors import RasaBroken, RasaError, RasaTimeout, RasaUnreachable

log = logging.getLogger(__name__)
FAULTS: dict[type[RasaError], str] = {RasaUnreachable: "unreachable", RasaTimeout: "timeout", RasaBroken: "broken"}

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class Bot(Protocol):
    """Who answers: ``RasaClient``, or another in tests."""

    def prepare(self, text: str) -> None:
        """Told of typed words as they arrive; their turn comes later, or never."""
        ...

    async def send(self, sender: str, text: str, metadata: dict[str, Any]) -> list[Reply]:
        """The replies of one turn. Raises ``RasaError``."""
        ...


Late = Callable[[str], list[Reply]]
"""What a message has done that the person must be told even when staff have the talk; see ``aid.takeover.late``."""


class Offload(Protocol):
    """Runs a blocking call beside the event loop."""

    async def __call__(self, call: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        """The call's result."""
        ...


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a turn is tried, in seconds; pauses between tries double from ``first_pause`` up to ``longest_pause``.

    A bot that answers, but wrongly, is a fault that waiting seldom heals: it gets less time than one that is away. Yet so a bot looks too whose
    action server is just being started again, which takes up to 45 s on a busy machine of two cores (bench/results.md).
    """

    away: float = 90.0
    broken: float = 75.0
    first_pause: float = 0.5
    longest_pause: float = 8.0


@dataclass(frozen=True, slots=True)
class _Message:
    text: str
    metadata: dict[str, Any]


class Turns:
    """Runs turns. Two turns of one conversation must not run at the same time; the hub sees to that."""

    def __init__(
        self,
        messages: Messages,
        bot: Bot,
        wording: ReplyWording,
        offload: Offload,
        patience: Patience,
        at_once: int,
        holder: str,
        late: Late,
        figures: DoorFigures,
    ) -> None:
        """``at_once`` is how many turns the bot is given at the same time; ``holder`` is who runs them (``aid.store.leases``).

        ``late`` gives what a person must still be told of a message whose reply staff have cut off.
        """
        self._messages, self._bot, self._wording, self._holder, self._late = messages, bot, wording, holder, late
        self._offload, self._patience, self._figures = offload, patience, figures
        self._places = asyncio.Semaphore(at_once)

    def prepare(self, text: str) -> None:
        """Let the bot work ahead on words that have just come in."""
        if not gate.over_long(text) and not gate.meaningless(text):
            self._bot.prepare(text)

    async def run(self, inbound: Inbound, since: float | None = None) -> None:
        """Answer ``inbound`` and store the answer. Whatever happens the turn ends, unless it is cancelled or another replica runs it.

        ``since``: when it was stored (``time.monotonic``), where that is known.
        While staff have the talk, or when they take it over before the end, nothing that the bot says is stored.

        Raises:
            TurnTaken: another replica runs the conversation's turns; nothing was stored.
        """
        if since is not None:
            self._figures.took("queue", time.monotonic() - since)
        standing = await self.stored(self._messages.standing, inbound.id)
        if not standing.is_pending:
            return
        if standing.holder != self._holder:
            raise TurnTaken("another replica runs this conversation now")
        door = standing.conversation.door
        if not standing.conversation.is_bots:
            await self._end_unheard(inbound)
            self._figures.turn(door, "left_to_staff")
            return
        try:
            replies = await self._answered(inbound, standing.conversation)
        except TurnTaken:
            raise
        except Exception:
            log.exception("turn of message %s failed", inbound.id)
            replies = None
        if replies is None:
            await self.give_up(inbound, standing.conversation.tenure)
            self._figures.turn(door, "given_up")
            return
        try:
            with self._figures.step("end"):
                await self.stored(self._messages.finish_turn, inbound.id, replies, self._holder, standing.conversation.tenure)
        except StaffHaveIt:
            await self._end_unheard(inbound)
            self._figures.turn(door, "left_to_staff")
            return
        self._figures.turn(door, "answered", None if since is None else time.monotonic() - since)
        for reply in replies:
            self._figures.reply(reply.card.kind if reply.card else None, getattr(reply.card, "reason", ""))

    async def give_up(self, inbound: Inbound, tenure: int | None = None) -> None:
        """Mark the message failed and tell the person what to do; a tap says the same again. Raises ``TurnTaken``."""
        try:
            payload = await self._payload(inbound) or _said_again(inbound)
            choices = [Choice(label=self._wording.retry, payload=payload)]
        except Exception:
            log.exception("message %s cannot be offered again", inbound.id)
            choices = []
        reply = Reply(text=self._wording.turn_failed, choices=choices)
        try:
            await self.stored(self._messages.fail_turn, inbound.id, [reply], self._holder, tenure)
        except StaffHaveIt:
            await self._end_unheard(inbound)

    async def _end_unheard(self, inbound: Inbound) -> None:
        """End the turn without the bot's reply: staff speak now. A receipt is no talk: it reaches the person all the same."""
        try:
            late = await self.stored(self._late, inbound.id)
        except Exception:
            log.exception("what message %s has done cannot be told", inbound.id)
            late = []
        await self.stored(self._messages.finish_turn, inbound.id, late, self._holder)

    async def _answered(self, inbound: Inbound, conversation: Conversation) -> list[Reply] | None:
        """The bot's replies; ``None`` when it gave none for as long as the patience lasts."""
        if gate.over_long(inbound.text) and inbound.choice_id is None:
            return [Reply(text=self._wording.too_long)]
        message = await self._message(inbound, conversation)
        epoch, pause, begun = conversation.epoch, self._patience.first_pause, asyncio.get_running_loop().time()
        while True:
            try:
                async with self._places:
                    # Only the very first try of the first message finds no form that a session must put back.
                    metadata = {**message.metadata, "first": inbound.seq == 1 and epoch == 0}
                    with self._figures.step("bot"):
                        return await self._bot.send(f"{conversation.id}.{epoch}", message.text, metadata)
            except RasaError as fault:
                log.warning("turn of message %s: %s", inbound.id, fault)
                self._figures.bot_fault(FAULTS.get(type(fault), ""))
                allowed = self._patience.broken if isinstance(fault, RasaBroken) else self._patience.away
            # The tracker may stand in the middle of a turn: go on with a fresh one.
            epoch = await self.stored(self._messages.bump_epoch, inbound.conversation_id, self._holder)
            if asyncio.get_running_loop().time() + pause - begun > allowed:
                return None
            await asyncio.sleep(pause)
            pause = min(pause * 2, self._patience.longest_pause)

    async def _message(self, inbound: Inbound, conversation: Conversation) -> _Message:
        metadata: dict[str, Any] = {
            "inbound": inbound.id,
            "conversation": inbound.conversation_id,
            "door": conversation.door,
            "event": conversation.event_code,
        }
        if inbound.evidence_id is not None:
            return _Message(gate.FILE_FOR_BOT, {**metadata, "file": inbound.evidence_id})
        payload = await self._payload(inbound)
        if payload is not None:
            return _Message(gate.choice_for_bot(payload), metadata)
        metadata["said"] = inbound.text
        if gate.meaningless(inbound.text):
            metadata["meaningless"] = True
        return _Message(gate.text_for_bot(inbound.text), metadata)

    async def _payload(self, inbound: Inbound) -> dict[str, Any] | None:
        """What the tapped choice means; ``None`` for typed words, and for a choice that is gone (its label counts)."""
        if inbound.choice_id is None:
            return None
        try:
            choice = await self.stored(self._messages.choice, inbound.conversation_id, inbound.choice_id)
        except UnknownChoice:
            return None
        return choice.payload

    async def stored(self, call: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        """A call to the record, tried until the record answers: without it a turn can neither go on nor end."""
        pause = self._patience.first_pause
        while True:
            try:
                return await self._offload(call, *args, **kwargs)
            except StoreUnavailable as fault:
                log.warning("%s", fault)
            await asyncio.sleep(pause)
            pause = min(pause * 2, self._patience.longest_pause)


def _said_again(inbound: Inbound) -> dict[str, Any]:
    """What a tap on "try again" means after typed words or a file."""
    return {"file": inbound.evidence_id, "do": "again"} if inbound.evidence_id else {"say": inbound.text}
