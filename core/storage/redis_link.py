"""The connection to an optional Redis, which may be slow, gone or empty at any moment without any loss."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import structlog
from pydantic import SecretStr

from core.errors import Misconfigured
from core.setting_faults import SettingFault

if TYPE_CHECKING:
    from redis.asyncio import Redis

log = structlog.get_logger(__name__)

T = TypeVar("T")

LOOK_EVERY = 1.0
"""Seconds between two looks whether Redis is there, in a process that serves."""
TRY_AFTER = 30.0
"""Seconds until a process that does not watch lets one question find out whether Redis is back."""


class RedisAway(Exception):
    """Redis cannot be asked now; do without it."""


AskRedis: TypeAlias = Callable[["Redis"], Awaitable[T]]


class RedisLink:
    """Asks Redis, and waits at most `timeout` seconds for it.

    One question that fails or hangs is enough: all later ones are refused at once until Redis answers again. Where
    `watch` runs, it alone finds that out, so that no person waits for a Redis that is known to be away. Raises:
    Misconfigured if the library is missing.
    """

    def __init__(self, url: SecretStr, timeout: float) -> None:
        if importlib.util.find_spec("redis") is None:
            fault = SettingFault(
                'redis.url is set, but Redis support is not installed; install "usher[redis]" or remove the line'
            )
            raise Misconfigured(faults=[fault])
        self._url = url
        self._timeout = timeout
        self._client: Redis | None = None
        self._away = False
        self._watched = False
        self._next_try = 0.0

    @property
    def away(self) -> bool:
        """Did the last question fail?"""
        return self._away

    async def ask(self, question: AskRedis[T]) -> T:
        """Return what `question` returns. Raises: RedisAway, at once while Redis is known to be away."""
        if self._away and (self._watched or _ticks() < self._next_try):
            raise RedisAway
        # Set before it is known how this one ends: the others need not wait beside it.
        self._next_try = _ticks() + TRY_AFTER
        return await self._try(question)

    async def look(self) -> bool:
        """Find out now whether Redis is there and takes writes."""
        try:
            await self._try(_leave_a_mark)
        except RedisAway:
            return False
        return True

    async def watch(self, stop: asyncio.Event) -> None:
        """Look every second until `stop` is set."""
        self._watched = True
        try:
            while not stop.is_set():
                await self.look()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_EVERY):
                        await stop.wait()
        finally:
            self._watched = False

    async def close(self) -> None:
        if self._client is not None:
            from redis.exceptions import RedisError

            with contextlib.suppress(RedisError):  # a farewell that nobody hears
                await self._client.aclose()

    async def _try(self, question: AskRedis[T]) -> T:
        from redis.exceptions import RedisError

        client = self._opened()
        try:
            async with asyncio.timeout(self._timeout):
                answer = await question(client)
        except (RedisError, OSError) as fault:
            if not self._away:
                log.warning("redis_unavailable", kind=type(fault).__name__)
            self._away = True
            self._next_try = _ticks() + TRY_AFTER
            raise RedisAway from fault
        if self._away:
            log.info("redis_back")
        self._away = False
        return answer

    def _opened(self) -> Redis:
        if self._client is None:
            from redis.asyncio import from_url
            from redis.asyncio.retry import Retry
            from redis.backoff import NoBackoff

            # Once again is for a connection that broke while nobody looked; the library's own patience is ten seconds.
            self._client = from_url(
                self._url.get_secret_value(),
                socket_timeout=self._timeout,
                socket_connect_timeout=self._timeout,
                retry=Retry(NoBackoff(), 1),
            )
        return self._client


def _ticks() -> float:
    return asyncio.get_running_loop().time()


async def _leave_a_mark(redis: Redis) -> None:
    # One that only answers, and is full or a replica, is of no use.
    await redis.set("usher:there", 1, ex=60)
