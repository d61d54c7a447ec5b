"""A real process is killed at every step of a transfer; the sweeps of another one go on with it, once."""

from __future__ import annotations

import asyncio
import signal

import pytest

from core.actors import SYSTEM
from core.clock import Clock, MovedClock
from core.crashpoints import POINTS
from core.leases import recovery
from core.transfers import sweep, transfers
from tests.support.house import KEY, House, open_house
from tests.support.moved import MovedHouse
from tests.support.processes import Processes

ANN = "ann@example.com"
BEFORE_ANYTHING = ("T0",)
"""Killed inside the planning transaction, the wish is not there: whoever asked gets no answer and asks again."""
STEPS = ("T0", "T1", "T2", "K3", "K5", "K6", "T3", "T4", "T5", "T6")


def _environment(house: House) -> dict[str, str]:
    return {
        "USHER_DATABASE__URL": house.url,
        "USHER_VAULT__KEYS__k1": KEY,
        "USHER_UPSTREAM__TIMEOUT": "20",
    }


@pytest.mark.parametrize("point", STEPS)
async def test_killed_there_it_is_resumed_and_nothing_is_done_twice(
    database_url: str, processes: Processes, point: str
) -> None:
    clock = MovedClock(Clock().now())
    async with open_house(database_url, workspaces=2, clock=clock) as opened:
        house = MovedHouse(opened.core, opened.sandbox, opened.url, clock)
        await house.seat(ANN)
        killed = await asyncio.to_thread(
            lambda: processes.start_python(
                "-m", "tests.support.move_somebody", ANN, **_environment(house), USHER_CRASH_AT=point
            ).finish()
        )
        assert killed.code == -signal.SIGKILL, str(killed)
        assert house.where(ANN), "at no point nowhere"
        if point in BEFORE_ANYTHING:
            assert await house.value("SELECT count(*) FROM transfers") == 0
            await transfers.transfer(house.core, SYSTEM, ANN, forced=True)
        for _ in range(4):
            clock.move(minutes=2)
            await recovery.recover(house.core)
            await sweep.advance_transfers(house.core)
            assert house.where(ANN), "at no point nowhere"
        assert house.where(ANN) == {"ws-2": "pending"}
        assert [entry for entry in house.invited() if entry[0] == "ws-2"] == [("ws-2", ANN)]
        assert await house.leases(ANN) == [("ended", 1), ("invited", 2)]
        assert await house.value("SELECT count(*) FROM transfers WHERE state = 'done'") == 1
        assert await house.value("SELECT count(*) FROM removals WHERE state = 'done'") == 1
        assert await house.value("SELECT count(*) FROM seats WHERE state = 'held'") == 0
        assert await house.value("SELECT count(*) FROM seats WHERE state = 'taken'") == 1
        assert await house.notices("transfer_done") <= 1


def test_every_point_of_a_transfer_is_tried() -> None:
    assert {point for point in STEPS if point.startswith("T")} == {point for point in POINTS if point.startswith("T")}
