"""Reading 2,000 teams at 50 ms upstream latency, one of which hangs, over real HTTP to another process."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import aiohttp
import pytest

from core.actors import SYSTEM
from core.service import open_core
from core.storage import migrate
from core.sync import sync
from core.teams import teams
from tests.benchmarks.figures import report
from tests.support.house import settings_for
from tests.support.processes import Processes

pytestmark = pytest.mark.bench

TEAMS, AT_ONCE, LATENCY = 2_000, 10, 0.05
IDEAL = TEAMS * sync.CALLS_PER_READING * LATENCY / AT_ONCE
ALLOWED = 1.25


@pytest.mark.parametrize("hanging", [0, 1])
async def test_a_sync_takes_little_longer_than_its_calls(hanging: int, tmp_path: Path, processes: Processes) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'bench.db'}"
    await migrate.upgrade_database(url)
    file = tmp_path / "sessions.jsonl"
    arguments = ("--workspaces", str(TEAMS), "--seats", "4", "--latency-ms", str(int(LATENCY * 1000)))
    sandbox = processes.start("sandbox", "--port", "0", *arguments, "--sessions", file)
    root = (await asyncio.to_thread(sandbox.wait_for_line, "ready")).split()[1]
    settings = settings_for(url, upstream={"timeout": 10.0}, sync={"concurrency": AT_ONCE})
    async with open_core(settings) as core:
        read = await teams.preview_teams(core, SYSTEM, file.read_text())
        await teams.import_teams(core, SYSTEM, read)
        if hanging:
            async with aiohttp.ClientSession() as client:
                body = {"faults": ["hang"], "workspace": "ws-1"}
                async with client.post(f"{root}/_sandbox/faults", json=body) as answer:
                    assert answer.status == 200
        ended: list[float] = []

        async def watch(done: int, of: int) -> None:
            ended.append(time.perf_counter())

        start = time.perf_counter()
        readings = await sync.sync_all(core, SYSTEM, watch)
        assert sum(reading.complete for reading in readings) == TEAMS - hanging
        # The hanging team is left to its time-out; what counts is that the others did not wait for it.
        took = ended[-1 - hanging] - start
    name = f"sync of {TEAMS} teams, {AT_ONCE} at a time" + (", one hanging" if hanging else "")
    ratio = report(name, [took], "s", IDEAL, floor_name="calls × latency ÷ concurrency")
    assert ratio <= ALLOWED
