"""Counting messages in the memory of one process."""

from __future__ import annotations

from bots.incoming.flood import MESSAGES, REMEMBERED, Flood


async def test_what_is_counted_in_memory_stays_small():
    flood = Flood()
    for _ in range(MESSAGES.amount):
        await flood.admits("who floods")
    for number in range(REMEMBERED + 100):
        await flood.admits(f"stranger {number}")
        if number % 1000 == 0:
            assert await flood.admits("who floods") is False
    assert len(flood._counter._hits) == REMEMBERED  # type: ignore[attr-defined]
