"""A claim is kept while its work lasts, and whoever loses it stops."""

from __future__ import annotations

import asyncio

import pytest

from core.errors import Busy
from core.heartbeat import heartbeat


async def test_it_beats_until_the_body_is_over() -> None:
    beats: list[int] = []
    third = asyncio.Event()

    async def renew() -> None:
        beats.append(1)
        if len(beats) == 3:
            third.set()

    async with heartbeat(0.001, renew):
        await third.wait()
    over = len(beats)
    await asyncio.sleep(0.02)
    assert len(beats) == over


async def test_what_the_renewal_raises_breaks_the_body_off_and_comes_as_itself() -> None:
    async def renew() -> None:
        raise Busy

    with pytest.raises(Busy):
        async with heartbeat(0.001, renew):
            await asyncio.sleep(60)


async def test_what_the_body_raises_comes_as_itself() -> None:
    with pytest.raises(Busy):
        async with heartbeat(60, asyncio.Event().wait):
            raise Busy


async def test_a_renewal_that_says_no_ends_the_beats_and_not_the_body() -> None:
    beats: list[int] = []

    async def renew() -> bool:
        beats.append(1)
        return False

    async with heartbeat(0.001, renew):
        await asyncio.sleep(0.05)
    assert len(beats) == 1
