"""Users who ask one text after another, each waiting for the reply; bounded in count and time."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bench.errors import LoadError
from bench.measures import percentile
from bench.talks import OpenTalk, Talk

TEXTS_OF_ONE_TALK = 10
"""After so many texts a user begins a new conversation (the web door takes 30 a minute of one)."""


@dataclass
class LoadResult:
    """Times of the replies in milliseconds, wall seconds of the load, failures, and how often which reply came."""

    milliseconds: list[float] = field(default_factory=list)
    seconds: float = 0.0
    failures: list[str] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)

    @property
    def per_second(self) -> float:
        """Answered messages a second."""
        return len(self.milliseconds) / self.seconds if self.seconds else 0.0

    def percentile(self, share: float) -> float:
        """Milliseconds within which this share of the replies came. Raises ``ValueError`` when none came."""
        return percentile(self.milliseconds, share)


async def load(open_talk: OpenTalk, texts: Sequence[str], users: int, seconds: float) -> LoadResult:
    """Let ``users`` ask the texts, each text once; ends when all are asked or ``seconds`` are over."""
    result = LoadResult()
    waiting = iter(texts)
    started = time.perf_counter()
    await asyncio.gather(*(_user(open_talk, waiting, started + seconds, result) for _ in range(users)))
    result.seconds = time.perf_counter() - started
    return result


async def _user(open_talk: OpenTalk, waiting: Iterator[str], end: float, result: LoadResult) -> None:
    talk: Talk | None = None
    asked = 0
    try:
        while time.perf_counter() < end and (text := next(waiting, None)) is not None:
            try:
                if talk is None or asked % TEXTS_OF_ONE_TALK == 0:
                    if talk is not None:
                        await talk.close()
                    talk = None
                    talk = await open_talk()
                asked += 1
                started = time.perf_counter()
                kind = await talk.ask(text)
                result.milliseconds.append((time.perf_counter() - started) * 1000)
                result.kinds[kind] += 1
            except LoadError as fault:
                result.failures.append(str(fault))
                if talk is not None:
                    await talk.close()
                talk = None
    finally:
        if talk is not None:
            await talk.close()
