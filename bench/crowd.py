"""A crowd: many people who talk at the same time, each at his own moments, drawn from one seed so that every bot meets the same crowd."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bench.complaints import Complaint, draw
from bench.errors import LoadError
from bench.measures import percentile

QUESTIONS = 2
ANSWERS = 3
MESSAGES = QUESTIONS + 1 + ANSWERS
"""Of one person: questions, the words that begin a complaint, answers to what is then asked."""
THINKS = (10.0, 30.0)
"""Seconds that a person reads and writes before the next message."""
CLOSING_SECONDS = 0.05
"""A connection that is closed needs the loop once more."""
AT_ONCE_OPENING = 8
"""Conversations that are opened at the same time before the talk begins."""


@dataclass(frozen=True)
class Plan:
    """One person of the crowd.

    Attributes:
        number: counts the people.
        address: whence he comes, of the range that is kept for measurements (RFC 2544).
        questions: what he asks first.
        complaint: what he then tells.
        arrives: seconds after the beginning at which he sends his first message.
        thinks: seconds before each further message.
        chance: seed of the ids of his messages.
    """

    number: int
    address: str
    questions: Sequence[str]
    complaint: Complaint
    arrives: float
    thinks: Sequence[float]
    chance: int


def crowd(people: int, seed: int, texts: Sequence[str], window: float, messages: int = MESSAGES) -> list[Plan]:
    """The plans of a crowd whose first messages come within ``window`` seconds, each person sending ``messages``; the same seed gives the same.

    ``texts`` are the questions, two a person, none asked twice.
    """
    chance, complaints = random.Random(seed), draw(people, seed)
    return [
        Plan(
            number=n,
            address=f"198.{18 + n // 65_025 % 2}.{n // 255 % 255}.{n % 255 + 1}",
            questions=texts[n * QUESTIONS : (n + 1) * QUESTIONS],
            complaint=complaints[n],
            arrives=chance.uniform(0, window),
            thinks=[chance.uniform(*THINKS) for _ in range(messages - 1)],
            chance=chance.getrandbits(64),
        )
        for n in range(people)
    ]


class Visit(Protocol):
    """One person's conversation, open."""

    async def say(self, step: int) -> None:
        """Send the message number ``step`` of the plan (from 0), and wait until the whole reply is there. Raises ``LoadError``."""
        ...

    async def faults(self) -> list[str]:
        """What is wrong with the conversation when it is held against what the bot keeps of it. Raises ``LoadError``."""
        ...

    async def close(self) -> None:
        """Let go of the connections."""
        ...


Enter = Callable[[Plan], Awaitable[Visit]]


@dataclass
class Crowd:
    """What a crowd has met: milliseconds from sending a message to its whole reply, wall seconds, and everything that went wrong."""

    opening: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    later: list[float] = field(default_factory=list)
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)

    @property
    def replies(self) -> int:
        """Messages that were answered."""
        return len(self.first) + len(self.later)

    @property
    def per_second(self) -> float:
        """Answered messages a second."""
        return self.replies / self.seconds if self.seconds else 0.0

    def spread(self, times: Sequence[float]) -> tuple[float, float, float]:
        """p50, p95 and p99 in milliseconds; not a number where nothing was answered."""
        return (percentile(times, 0.5), percentile(times, 0.95), percentile(times, 0.99)) if times else (float("nan"),) * 3


async def meet(enter: Enter, plans: Sequence[Plan], seconds: float) -> Crowd:
    """Let everyone come in, then all talk at the same time, each by his plan; afterwards every conversation is looked through.

    Ends by itself: nothing is sent later than ``seconds`` after the beginning, and what is then unsent is a fault.
    """
    seen = Crowd()
    doors = asyncio.Semaphore(AT_ONCE_OPENING)
    visits = await asyncio.gather(*(_entered(enter, plan, doors, seen) for plan in plans))
    begun = time.perf_counter()
    try:
        inside = [(plan, visit) for plan, visit in zip(plans, visits, strict=True) if visit is not None]
        await asyncio.gather(*(_talk(plan, visit, begun, seconds, seen) for plan, visit in inside))
        seen.seconds = time.perf_counter() - begun
        for plan, visit in inside:
            await _looked_through(plan, visit, seen)
    finally:
        await asyncio.gather(*(visit.close() for visit in visits if visit is not None))
        await asyncio.sleep(CLOSING_SECONDS)
    return seen


async def _entered(enter: Enter, plan: Plan, doors: asyncio.Semaphore, seen: Crowd) -> Visit | None:
    async with doors:
        started = time.perf_counter()
        try:
            visit = await enter(plan)
        except LoadError as fault:
            seen.faults.append(f"person {plan.number} did not get in: {fault}")
            return None
        seen.opening.append((time.perf_counter() - started) * 1000)
        return visit


async def _talk(plan: Plan, visit: Visit, begun: float, seconds: float, seen: Crowd) -> None:
    await asyncio.sleep(max(0.0, begun + plan.arrives - time.perf_counter()))
    for step in range(len(plan.thinks) + 1):
        if step:
            await asyncio.sleep(plan.thinks[step - 1])
        if time.perf_counter() > begun + seconds:
            seen.faults.append(f"person {plan.number}: the time was over before message {step + 1}")
            return
        started = time.perf_counter()
        try:
            await visit.say(step)
        except LoadError as fault:
            seen.faults.append(f"person {plan.number}, message {step + 1}: {fault}")
            return
        (seen.later if step else seen.first).append((time.perf_counter() - started) * 1000)


async def _looked_through(plan: Plan, visit: Visit, seen: Crowd) -> None:
    try:
        found = await visit.faults()
    except LoadError as fault:
        found = [str(fault)]
    seen.faults += [f"person {plan.number}: {fault}" for fault in found]
