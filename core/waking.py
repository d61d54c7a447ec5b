"""Waiting for a time or for what comes sooner."""

from __future__ import annotations

import asyncio
import contextlib


async def until_woken(wake: asyncio.Event, seconds: float) -> None:
    """Return when `wake` is set, or after `seconds`."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await wake.wait()


async def wake_at_end(stop: asyncio.Event, wake: asyncio.Event) -> None:
    """Set `wake` once `stop` is set, so that a loop needs to wait for one thing only."""
    await stop.wait()
    wake.set()
