"""A real process is killed at every point of a redemption; any process after it puts things right."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from core.crashpoints import POINTS
from tests.support.house import KEY, House, open_house
from tests.support.processes import Processes

REDEEM_POINTS = ("K1", "K2", "K3", "K4", "K5", "K6", "K7")
"""The points a command passes; K0 and K8 are the inbox's (tests/bots/test_kills.py), K9 is a recovery's, below."""

RECOVERY_LIMIT = 240.0
"""Seconds within which any process puts right what a killed one left."""


def environment(house: House) -> dict[str, Any]:
    return {
        "USHER_DATABASE__URL": house.url,
        "USHER_VAULT__KEYS__k1": KEY,
        "USHER_UPSTREAM__TIMEOUT": "20",
        "USHER_SWEEPS__RECOVERY": "1",
        "USHER_REDEMPTION__CLAIM": "2",  # seconds, instead of 10: how long a dead owner is waited for
    }


async def settled(house: House, limit: float = RECOVERY_LIMIT) -> float:
    """Seconds until nothing is under way."""
    start = time.monotonic()
    while await house.value("SELECT count(*) FROM redemptions WHERE state IN ('sending', 'unclear')"):
        assert time.monotonic() - start < limit, "not settled within the recovery interval"
        await asyncio.sleep(0.2)
    return time.monotonic() - start


async def until(asked: Callable[[], Awaitable[Any]], limit: float = RECOVERY_LIMIT) -> None:
    """Ask again until the answer is yes."""
    start = time.monotonic()
    while not await asked():
        assert time.monotonic() - start < limit
        await asyncio.sleep(0.05)


async def nothing_leaked(house: House, invited: int) -> None:
    assert len(house.invited()) == invited, house.sandbox.ledger()["invites"]
    assert await house.value("SELECT count(*) FROM seats WHERE state = 'held'") == 0
    assert await house.value("SELECT sum(reserved) FROM codes") == 0
    assert await house.value("SELECT sum(used) FROM codes") == invited
    assert await house.value("SELECT count(*) FROM leases WHERE status = 'invited'") == invited


@pytest.mark.parametrize("point", REDEEM_POINTS)
async def test_killed_there_and_repeated_it_is_one_redemption(
    database_url: str, processes: Processes, point: str
) -> None:
    async with open_house(database_url, workspaces=2) as house:
        [code] = await house.make_codes()
        wish = ("redeem", "a@example.com", code, "--request-key", "wish-1")
        killed = await asyncio.to_thread(
            lambda: processes.start(*wish, **environment(house), USHER_CRASH_AT=point).finish()
        )
        assert killed.code == -signal.SIGKILL, str(killed)
        again = await asyncio.to_thread(lambda: processes.json(*wish, **environment(house)))
        assert again["results"][0]["state"] == "invited", again
        await nothing_leaked(house, invited=1)


@pytest.mark.parametrize("point", ["K2", "K3", "K5", "K6"])
async def test_killed_there_a_worker_settles_it_without_being_asked(
    database_url: str, processes: Processes, point: str
) -> None:
    async with open_house(database_url, workspaces=2) as house:
        [code] = await house.make_codes()
        wish = ("redeem", "a@example.com", code, "--request-key", "wish-1")
        killed = await asyncio.to_thread(
            lambda: processes.start(*wish, **environment(house), USHER_CRASH_AT=point).finish()
        )
        assert killed.code == -signal.SIGKILL, str(killed)
        worker = processes.start("run", "--only", "worker", **environment(house))
        await settled(house)
        # Killed inside the reserving transaction, nothing had happened yet: nobody was promised anything.
        await nothing_leaked(house, invited=0 if point == "K2" else 1)
        await asyncio.to_thread(worker.terminate)


async def test_a_recovery_that_is_killed_too_is_recovered(database_url: str, processes: Processes) -> None:
    async with open_house(database_url, workspaces=2) as house:
        [code] = await house.make_codes()
        wish = ("redeem", "a@example.com", code, "--request-key", "wish-1")
        for point in ("K5", "K9"):
            killed = await asyncio.to_thread(processes.start(*wish, **environment(house), USHER_CRASH_AT=point).finish)
            assert killed.code == -signal.SIGKILL, str(killed)
        again = await asyncio.to_thread(lambda: processes.json(*wish, **environment(house)))
        assert again["results"][0]["state"] == "invited"
        await nothing_leaked(house, invited=1)


async def test_a_process_that_sleeps_past_its_claim_settles_nothing(database_url: str, processes: Processes) -> None:
    """Frozen while the upstream answers, awake after another one has settled: it is fenced off (I14)."""
    async with open_house(database_url, workspaces=2, faults=["slow=1500"]) as house:
        [code] = await house.make_codes()
        wish = ("redeem", "a@example.com", code, "--request-key", "wish-1")
        sleeper = processes.start(*wish, "--json", **environment(house))
        await until(lambda: house.value("SELECT count(*) FROM leases WHERE status = 'held'"))
        sleeper.freeze()
        other = await asyncio.to_thread(
            lambda: processes.json(*wish[:3], "--request-key", "wish-2", **environment(house))
        )
        sleeper.thaw()
        woken = await asyncio.to_thread(sleeper.finish)
        assert other["results"][0]["state"] == "invited"
        assert woken.json()["results"][0]["state"] == "invited"
        assert len(house.invited()) == 1
        assert await house.value("SELECT sum(used) FROM codes") == 1
        settlements = "SELECT count(*) FROM audit_log WHERE action = 'redemption.invited'"
        assert await house.value(settlements) == 1


def test_every_point_is_tried_somewhere() -> None:
    elsewhere = {"K0", "K8", "K9"}
    assert {*REDEEM_POINTS, *elsewhere} == {point for point in POINTS if point.startswith("K")}
