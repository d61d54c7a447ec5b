"""A rolling restart under load: `RATE=100 pytest -m bench tests/benchmarks/test_rolling_restart.py -s`."""

from __future__ import annotations

import os

import pytest

from tests.benchmarks.figures import report
from tests.support.house import open_house
from tests.support.postgres import PostgresServer
from tests.support.processes import Processes
from tests.support.rolling import open_rolling

pytestmark = pytest.mark.bench

RATE = float(os.environ.get("RATE", "100"))
"""Redemptions that people begin in a second, whether or not they are answered as fast."""
SECONDS = 30
STOP_WITHIN = 10.0


@pytest.mark.timeout(900)
async def test_three_processes_restarted_in_turn(processes: Processes):
    with PostgresServer(durable=True) as server:
        url = server.create_database()
        async with open_house(url, workspaces=20, seats=600, latency_ms=50) as house:
            codes = await house.make_codes(10_000)
            async with open_rolling(house, processes, 3) as (rolling, ports):
                figures = await rolling.run(ports, codes, rate=RATE, at_least=int(RATE * SECONDS))
                await rolling.check()
                told_more = await rolling.told_more()
    delays, name = figures.delays, f"rolling restart of 3 under {RATE:g}/s"
    report(f"{name}: offered", [figures.offered], "/s", RATE, floor_name="asked for")
    report(f"{name}: answered", [figures.reached], "/s", RATE, floor_name="asked for")
    report(f"{name}: slowest answer", [delays[-1]], "s", STOP_WITHIN, floor_name="the time that stopping may take")
    report(f"{name}: median answer", [delays[len(delays) // 2]], "s", STOP_WITHIN, floor_name="the same")
    report(f"{name}: slowest stop", [max(figures.stops)], "s", STOP_WITHIN, floor_name="the promise")
    report(f"{name}: told more than once", [len(told_more)], "people", len(figures.said), floor_name="of")
    assert max(figures.stops) <= STOP_WITHIN
