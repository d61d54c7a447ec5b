"""How many messages one identity may send: polite, and counted across processes where there is a Redis."""

from __future__ import annotations

from typing import cast

from limits import parse
from limits.aio.storage import MemoryStorage, Storage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.storage import storage_from_string
from pydantic import SecretStr

from core import telemetry

MESSAGES = parse("25/10seconds")
"""Nobody types that fast; a stuck client does."""
WORDS = parse("1/30seconds")


class Flood:
    """Counts in memory, or in Redis when `url` names one."""

    def __init__(self, url: SecretStr | None = None) -> None:
        storage = MemoryStorage() if url is None else storage_from_string(f"async+{url.get_secret_value()}")
        self._limiter = MovingWindowRateLimiter(cast("Storage", storage))

    async def admits(self, identity: str) -> bool:
        """Count one message; False when it is one too many."""
        admitted = await self._limiter.hit(MESSAGES, "flood", identity)
        if not admitted:
            telemetry.count("usher_rate_limit_hits", limit="flood")
        return admitted

    async def deserves_a_word(self, identity: str) -> bool:
        """True once in a while: who floods is told, but not as often as they write."""
        return await self._limiter.hit(WORDS, "flood-word", identity)
