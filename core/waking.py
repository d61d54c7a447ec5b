"""Waiting for a time or for what comes sooner."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator


async def until_woken(wake: asyncio.Event, seconds: float) -> None:
    """Return when `wake` is set, or after `seconds`."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await wake.wait()


async def wake_at_end(stop: asyncio.Event, wake: asyncio.Event) -> None:
    """Set `wake` once `stop` is set, so that a loop needs to wait for one thing only."""
    await stop.wait()
    wake.set()


class Bell:
    """Tells whoever listens in this process to look now at what they would find a moment later anyway."""

    def __init__(self) -> None:
        self._listening: set[asyncio.Event] = set()

    def ring(self) -> None:
        """Let everybody look."""
        for one in self._listening:
            one.set()

    @contextlib.contextmanager
    def heard(self) -> Iterator[asyncio.Event]:
        """An event that each ring sets; whoever listens clears it."""
        rung = asyncio.Event()
        self._listening.add(rung)
        try:
            yield rung
        finally:
            self._listening.discard(rung)


class Turnstile:
    """Lets so many in at once, in the order in which they came; whoever is through lets the next one in."""

    def __init__(self, most: int) -> None:
        self._free = asyncio.Semaphore(most)

    @contextlib.asynccontextmanager
    async def entered(self) -> AsyncIterator[Callable[[], None]]:
        """Wait to be let in. What is given lets the next one in, once; leaving does so at the latest."""
        await self._free.acquire()
        inside = True

        def let_next() -> None:
            nonlocal inside
            if inside:
                inside = False
                self._free.release()

        try:
            yield let_next
        finally:
            let_next()
