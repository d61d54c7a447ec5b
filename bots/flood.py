"""How many messages one identity may send: polite, and counted across processes where there is a Redis."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import structlog
from pydantic import SecretStr

from core import telemetry
from core.errors import Misconfigured

if TYPE_CHECKING:
    from redis.asyncio import Redis

log = structlog.get_logger(__name__)


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
"""Identities whose counts are kept before the old ones are swept out."""


class _Counter(Protocol):
    async def hit(self, rate: Rate, identity: str) -> bool: ...


class Flood:
    """Counts in memory, or in Redis when `url` names one."""

    def __init__(self, url: SecretStr | None = None) -> None:
        self._counter: _Counter = _InMemory() if url is None else _InRedis(url)

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
        hits = self._hits.setdefault((rate.name, identity), deque())
        while hits and hits[0] <= now - rate.seconds:
            hits.popleft()
        if len(hits) >= rate.amount:
            return False
        hits.append(now)
        if len(self._hits) > REMEMBERED:
            longest = max(MESSAGES.seconds, WORDS.seconds)
            self._hits = {who: kept for who, kept in self._hits.items() if kept and kept[-1] > now - longest}
        return True


class _InRedis:
    """A count for each identity that begins with its first hit and ends by itself.

    A Redis that is away limits nobody: being polite is worth less than being there.
    """

    def __init__(self, url: SecretStr) -> None:
        try:
            from redis.asyncio import from_url
        except ImportError as missing:
            fault = 'redis.url is set, but Redis support is not installed; install "usher[redis]" or remove the line'
            raise Misconfigured(faults=[fault]) from missing
        self._redis: Redis = from_url(url.get_secret_value(), socket_timeout=1, socket_connect_timeout=1)

    async def hit(self, rate: Rate, identity: str) -> bool:
        from redis.exceptions import RedisError

        name = f"usher:{rate.name}:{identity}"
        try:
            async with self._redis.pipeline(transaction=True) as pipeline:
                pipeline.incr(name)
                pipeline.expire(name, rate.seconds, nx=True)
                count, _ = await pipeline.execute()
        except (RedisError, OSError) as fault:
            log.warning("redis_unavailable", kind=type(fault).__name__)
            return True
        return int(count) <= rate.amount
