"""What a sweep has begun comes to its end, whatever happens to the next claim."""

from __future__ import annotations

import asyncio

import pytest

from core.errors import Busy
from core.rounds import work_off


async def test_what_runs_ends_although_nothing_more_can_be_claimed():
    ended: list[int] = []
    left = [[1, 2], [3], Busy(), []]

    async def claim(room: int) -> list[int]:
        assert room > 0
        found = left.pop(0)
        if isinstance(found, Exception):
            raise found
        return found  # type: ignore[return-value]

    async def work(number: int) -> None:
        await asyncio.sleep(0.01 * number)
        ended.append(number)

    with pytest.raises(Busy):
        await work_off(claim, work, together=3)
    assert sorted(ended) == [1, 2, 3]


async def test_there_are_never_more_at_once_than_wanted():
    left, at_once, most = list(range(20)), 0, 0

    async def claim(room: int) -> list[int]:
        taken, left[:] = left[:room], left[room:]
        return taken

    async def work(number: int) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0)
        at_once -= 1

    await work_off(claim, work, together=3)
    assert (left, most) == ([], 3)
