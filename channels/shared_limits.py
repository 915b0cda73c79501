"""The limits when several replicas share them: counted in Redis; counted by each replica for itself while Redis is away, or where there is none."""

from __future__ import annotations

import asyncio
import logging
import math

from redis.asyncio import Redis
from redis.exceptions import RedisError

from aid.privacy.vault import Vault
from aid.settings import Settings
from channels.errors import RedisAway, TooManyFromHere, TooManyMessages
from channels.limits import AddressLimit, RateLimit, network_of
from channels.redis_exchange import WHOLE_SECONDS

log = logging.getLogger(__name__)

REST_SECONDS = 5.0
"""So long Redis is not asked again after it did not answer: a message must not wait for it each time."""
# Both go by Redis's own time, which all replicas share, and give milliseconds to wait; 0: taken.
WINDOW = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - 60000)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[1]) then
  local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
  return math.max(1, first[2] + 60000 - now)
end
redis.call('ZADD', KEYS[1], now, time[1] .. '.' .. time[2] .. '.' .. redis.call('ZCARD', KEYS[1]))
redis.call('PEXPIRE', KEYS[1], 60000)
return 0
"""
BUCKET = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local most = tonumber(ARGV[1])
local kept = redis.call('HMGET', KEYS[1], 'left', 'since')
local left = math.min(most, (tonumber(kept[1]) or most) + (now - (tonumber(kept[2]) or now)) * most / 60000)
if left < 1 then
  return math.max(1, math.ceil((1 - left) * 60000 / most))
end
redis.call('HSET', KEYS[1], 'left', tostring(left - 1), 'since', now)
redis.call('PEXPIRE', KEYS[1], 60000)
return 0
"""


class RedisCounts:
    """Counts in Redis. What is counted stands there under a keyed hash, for a minute: no address can be read."""

    def __init__(self, client: Redis, vault: Vault) -> None:
        """Take a client whose calls give up soon (``channels.redis_exchange.connect``); it is the caller's to close."""
        self._client, self._vault = client, vault
        self._rests_until = -math.inf

    async def window(self, what: str, key: str, most: int) -> float:
        """Count one of at most ``most`` in any 60 s; gives 0, or the seconds to wait. Raises ``RedisAway``."""
        return await self._asked(WINDOW, what, key, most)

    async def bucket(self, what: str, key: str, per_minute: int) -> float:
        """Count one of ``per_minute``, saved up for a minute at most; gives 0, or the seconds to wait. Raises ``RedisAway``."""
        return await self._asked(BUCKET, what, key, per_minute)

    async def _asked(self, script: str, what: str, key: str, most: int) -> float:
        now = asyncio.get_running_loop().time()
        if now < self._rests_until:
            raise RedisAway("Redis was away a moment ago")
        name = f"aid:limit:{what}:{self._vault.fingerprint(f'limit {key}')[:22]}"
        try:
            async with asyncio.timeout(WHOLE_SECONDS):
                waits: int = await self._client.eval(script, 1, name, str(most))
        except (RedisError, OSError) as fault:
            self._rests_until = asyncio.get_running_loop().time() + REST_SECONDS
            log.warning("Redis is away, each replica counts for itself: %s", type(fault).__name__)
            raise RedisAway("Redis does not answer") from fault
        return waits / 1000


class SharedRateLimit:
    """``RateLimit`` over all replicas."""

    def __init__(self, per_minute: int, counts: RedisCounts | None) -> None:
        self._per_minute, self._counts, self._alone = per_minute, counts, RateLimit(per_minute)

    async def take(self, conversation_id: str) -> None:
        """Count one message. Raises ``TooManyMessages``; a refused message is not counted."""
        if self._counts is not None:
            try:
                wait = await self._counts.window("messages", conversation_id, self._per_minute)
            except RedisAway:
                pass
            else:
                if wait:
                    raise TooManyMessages(math.ceil(wait))
                return
        self._alone.take(conversation_id)


class SharedAddressLimit:
    """``AddressLimit`` over all replicas."""

    def __init__(self, what: str, per_minute: int, counts: RedisCounts | None) -> None:
        """``what`` is counted: limits of different things do not share their counts."""
        self._what, self._per_minute, self._counts, self._alone = what, per_minute, counts, AddressLimit(per_minute)

    async def take(self, address: str | None) -> None:
        """Count one. Raises ``TooManyFromHere``; what is refused is not counted."""
        network = network_of(address)
        if self._counts is not None and network is not None:
            try:
                wait = await self._counts.bucket(self._what, network, self._per_minute)
            except RedisAway:
                pass
            else:
                if wait:
                    raise TooManyFromHere(math.ceil(wait))
                return
        self._alone.take(address)


class Limits:
    """What one conversation may say, and what one address may open and say with all its conversations, in a minute."""

    def __init__(self, settings: Settings, messages_per_minute: int, counts: RedisCounts | None = None) -> None:
        self.messages = SharedRateLimit(messages_per_minute, counts)
        self.openings_here = SharedAddressLimit("openings", settings.address_openings_per_minute, counts)
        self.messages_here = SharedAddressLimit("messages-here", settings.address_messages_per_minute, counts)
