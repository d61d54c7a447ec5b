"""Windows of attempts begin anew when they are over, however often."""

from __future__ import annotations

from datetime import UTC, datetime

from core import attempts
from core.clock import MovedClock
from core.service import open_core
from tests.support.house import settings_for


async def test_each_minute_of_wrong_codes_is_counted_by_itself(database_url: str):
    clock = MovedClock(datetime(2026, 11, 21, 12, tzinfo=UTC))
    async with open_core(settings_for(database_url), clock=clock) as core:
        for _ in range(4):
            counts = [await core.write(attempts.count_wrong_code, core.now()) for _ in range(3)]
            assert counts == [1, 2, 3]
            clock.move(seconds=61)
