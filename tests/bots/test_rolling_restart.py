"""Three processes on one PostgreSQL are restarted in turn while people redeem: nobody notices."""

from __future__ import annotations

import pytest

from tests.support.house import open_house
from tests.support.processes import Processes
from tests.support.rolling import open_rolling

PEOPLE = 60


@pytest.mark.slow
async def test_nobody_is_lost_or_answered_twice(postgres_url: str, processes: Processes):
    async with open_house(postgres_url, workspaces=4, seats=200, latency_ms=50) as house:
        codes = await house.make_codes(600)
        async with open_rolling(house, processes, 3) as (rolling, ports):
            figures = await rolling.run(ports, codes, rate=6.0, at_least=PEOPLE)
            await rolling.check()
        assert len(figures.said) >= PEOPLE
