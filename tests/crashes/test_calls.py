"""A real process is killed at every point of a call; any process after it puts things right."""

from __future__ import annotations

import asyncio
import signal
import time
from typing import Any

import pytest

from core.actors import SYSTEM
from core.crashpoints import POINTS
from core.reports.doctor import examine
from tests.support.asking import MODEL, Asked, open_asked
from tests.support.processes import Processes

ASK_POINTS = ("C0", "C1", "C2", "C3", "C4", "C5", "C6", "C7", "C9", "C8")
RECOVERY_LIMIT = 240.0
"""Seconds within which any process puts right what a killed one left."""

WISH = ("ask", "--as", "telegram:1", "-m", MODEL, "Tell me something long", "--request-key", "wish-1", "--json")


async def closed(asked: Asked) -> None:
    start = time.monotonic()
    while await asked.value("SELECT count(*) FROM calls WHERE state IN ('claimed', 'sending', 'streaming')"):
        assert time.monotonic() - start < RECOVERY_LIMIT, "not settled within the recovery interval"
        await asyncio.sleep(0.2)


async def nothing_leaked(asked: Asked) -> None:
    assert await asked.value("SELECT count(*) FROM source_slots WHERE state = 'busy'") == 0
    await asked.books_balance()
    assert [finding for finding in await examine(asked.core, SYSTEM) if finding.breaches] == []


@pytest.mark.parametrize("point", ASK_POINTS)
async def test_killed_there_and_repeated_it_is_one_call(database_url: str, processes: Processes, point: str) -> None:
    async with open_asked(database_url, speed=100.0) as asked:
        await asked.grant("1")
        killed = await asyncio.to_thread(
            lambda: processes.start(*WISH, **asked.environment, USHER_CRASH_AT=point).finish()
        )
        assert killed.code == -signal.SIGKILL, str(killed)
        again: dict[str, Any] = (
            await asyncio.to_thread(lambda: processes.start(*WISH, **asked.environment).finish(timeout=120))
        ).json()
        await closed(asked)
        await nothing_leaked(asked)
        calls = await asked.rows("SELECT state, finish, charged, claimed, bytes_out FROM calls")
        assert len(calls) == 1
        [call] = calls
        assert call.state == "settled"
        charges = await asked.value("SELECT count(*) FROM ledger WHERE kind = 'charge'")
        if point == "C0":
            # Nothing had begun: the repeat is the first.
            assert (call.finish, charges, len(asked.bill())) == ("whole", 1, 1)
        elif point in {"C1", "C2", "C3", "C4", "C5"}:
            # Nobody had got anything that is known of: it costs nothing.
            assert (call.finish, call.charged, charges) == ("failed", 0, 0)
        elif point in {"C6", "C7", "C9"}:
            # What the last checkpoint knew is paid, kept and shown.
            assert (call.finish, charges) == ("killed", 1)
            assert 0 < call.charged <= call.claimed
            assert again["answer"]
            assert len(again["answer"].encode()) == call.bytes_out
        else:
            assert (call.finish, charges) == ("whole", 1)
            assert again["answer"]
            assert again["repeated"]
        assert len(asked.bill()) <= 1


async def test_killed_in_the_middle_a_worker_settles_it_without_being_asked(
    database_url: str, processes: Processes
) -> None:
    async with open_asked(database_url, speed=100.0) as asked:
        await asked.grant("1")
        killed = await asyncio.to_thread(
            lambda: processes.start(*WISH, **asked.environment, USHER_CRASH_AT="C6").finish()
        )
        assert killed.code == -signal.SIGKILL, str(killed)
        worker = processes.start("run", "--only", "worker", **asked.environment)
        await closed(asked)
        assert await asked.value("SELECT finish FROM calls") == "killed"
        assert await asked.value("SELECT count(*) FROM ledger WHERE kind = 'charge'") == 1
        await nothing_leaked(asked)
        await asyncio.to_thread(worker.terminate)


async def test_a_process_that_sleeps_past_its_claim_settles_nothing(database_url: str, processes: Processes) -> None:
    """Frozen in the middle of an answer, awake after another one has settled it: it is fenced off."""
    async with open_asked(database_url, speed=15.0) as asked:
        await asked.grant("1")
        sleeper = processes.start(*WISH, **asked.environment)
        start = time.monotonic()
        while not await asked.value("SELECT count(*) FROM calls WHERE state = 'streaming'"):
            assert time.monotonic() - start < RECOVERY_LIMIT
            await asyncio.sleep(0.1)
        sleeper.freeze()
        other = await asyncio.to_thread(lambda: processes.start(*WISH, **asked.environment).finish(timeout=120))
        assert other.json()["finish"] == "killed"
        sleeper.thaw()
        woken = await asyncio.to_thread(lambda: sleeper.finish(timeout=120))
        assert woken.json()["finish"] == "killed"
        assert woken.json()["charged"] == other.json()["charged"]
        assert await asked.value("SELECT count(*) FROM ledger WHERE kind = 'charge'") == 1
        await nothing_leaked(asked)


def test_every_point_is_tried() -> None:
    assert set(ASK_POINTS) == {point for point in POINTS if point.startswith("C")}
