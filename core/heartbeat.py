"""Keeping a claim while its work takes as long as it takes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager


@asynccontextmanager
async def heartbeat(seconds: float, renew: Callable[[], Awaitable[object]]) -> AsyncIterator[None]:
    """Call `renew` every so many seconds while the body runs, until it returns False.

    What `renew` raises breaks the body off. Raises: that, or what the body raises, as itself and not in a group.
    """

    async def beat() -> None:
        while True:
            await asyncio.sleep(seconds)
            if await renew() is False:
                return

    try:
        async with asyncio.TaskGroup() as group:
            beating = group.create_task(beat())
            try:
                yield
            finally:
                beating.cancel()
    except BaseExceptionGroup as failures:
        raise _first(failures) from None


@asynccontextmanager
async def broken_off_by(
    event: asyncio.Event | None, failure: BaseException, first: Callable[[], Awaitable[object]] | None = None
) -> AsyncIterator[None]:
    """Break the body off with `failure` as soon as the event is set, and `first` is over; without an event, let it be."""
    if event is None:
        yield
        return

    async def watch() -> None:
        await event.wait()
        if first is not None:
            await first()
        raise failure

    try:
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(watch())
            try:
                yield
            finally:
                watching.cancel()
    except BaseExceptionGroup as failures:
        raise _first(failures) from None


def _first(failure: BaseException) -> BaseException:
    while isinstance(failure, BaseExceptionGroup):
        failure = failure.exceptions[0]
    return failure
