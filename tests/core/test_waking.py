"""Waiting for a place among a few."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from core.waking import Turnstile


async def test_so_many_are_inside_at_once_and_each_lets_the_next_one_in() -> None:
    gate, inside, open_ = Turnstile(2), [], [asyncio.Event() for _ in range(5)]

    async def pass_through(number: int) -> None:
        async with gate.entered() as let_next:
            inside.append(number)
            await open_[number].wait()
            let_next()
            let_next()  # a second time lets nobody else in
            await open_[4].wait()

    async with asyncio.TaskGroup() as group:
        for number in range(4):
            group.create_task(pass_through(number))
        await _settled(lambda: inside == [0, 1])
        open_[1].set()
        await _settled(lambda: inside == [0, 1, 2])
        for one in open_:
            one.set()
    assert inside == [0, 1, 2, 3]
    async with gate.entered(), gate.entered():
        pass


async def test_whoever_fails_or_gives_up_takes_no_place_along() -> None:
    gate = Turnstile(1)
    with pytest.raises(LookupError):
        async with gate.entered():
            raise LookupError
    async with gate.entered():
        waits = asyncio.ensure_future(_enter(gate))
        await asyncio.sleep(0)
        waits.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waits
    await _enter(gate)


async def _enter(gate: Turnstile) -> None:
    async with gate.entered():
        pass


async def _settled(holds: Callable[[], bool]) -> None:
    for _ in range(10):
        await asyncio.sleep(0)
    assert holds()
