"""How many messages one identity may send: polite, and counted across processes where there is a Redis."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

from core import telemetry
from core.storage.redis_link import RedisAway, RedisLink

if TYPE_CHECKING:
    from redis.asyncio import Redis


@dataclass(frozen=True, slots=True)
class Rate:
    """`amount` hits within `seconds`."""

    name: str
    amount: int
    seconds: int


MESSAGES = Rate("flood", 25, 10)
"""Nobody types that fast; a stuck client does."""
WORDS = Rate("flood-word", 1, 30)
REMEMBERED = 10_000
"""Counts that are kept in memory; beyond them, who was not seen for the longest time is forgotten."""


class _Counter(Protocol):
    async def hit(self, rate: Rate, identity: str) -> bool: ...


class Flood:
    """Counts in Redis where there is one, else in the memory of this process."""

    def __init__(self, redis: RedisLink | None = None) -> None:
        self._counter: _Counter = _InMemory() if redis is None else _InRedis(redis)

    async def admits(self, identity: str) -> bool:
        """Count one message; False when it is one too many."""
        admitted = await self._counter.hit(MESSAGES, identity)
        if not admitted:
            telemetry.count("usher_rate_limit_hits", limit="flood")
        return admitted

    async def deserves_a_word(self, identity: str) -> bool:
        """True once in a while: who floods is told, but not as often as they write."""
        return await self._counter.hit(WORDS, identity)


class _InMemory:
    """A moving window for each identity."""

    def __init__(self) -> None:
        self._hits: dict[tuple[str, str], deque[float]] = {}

    async def hit(self, rate: Rate, identity: str) -> bool:
        now = asyncio.get_running_loop().time()
        hits = self._hits.pop((rate.name, identity), None) or deque()
        self._hits[rate.name, identity] = hits  # at the end again: the first is the one seen longest ago
        if len(self._hits) > REMEMBERED:
            del self._hits[next(iter(self._hits))]
        while hits and hits[0] <= now - rate.seconds:
            hits.popleft()
        if len(hits) >= rate.amount:
            return False
        hits.append(now)
        return True


class _InRedis:
    """A count for each identity that begins with its first hit and ends by itself.

    While Redis is away each process counts for itself: a flood of several processes' messages is let through then,
    one that a single process meets is not.
    """

    def __init__(self, link: RedisLink) -> None:
        self._link = link
        self._meanwhile = _InMemory()

    async def hit(self, rate: Rate, identity: str) -> bool:
        try:
            return await self._link.ask(partial(_count, rate, identity)) <= rate.amount
        except RedisAway:
            telemetry.count("usher_redis_fallbacks", use="flood")
            return await self._meanwhile.hit(rate, identity)


async def _count(rate: Rate, identity: str, redis: Redis) -> int:
    name = f"usher:{rate.name}:{identity}"
    async with redis.pipeline(transaction=True) as pipeline:
        # The first hit sets the end; EXPIRE … NX, which would say so, is unknown to Redis 6.
        pipeline.set(name, 0, ex=rate.seconds, nx=True)
        pipeline.incr(name)
        _, count = await pipeline.execute()
    return int(count)
