"""What is proved by the time that has passed is not proved by a clock that has jumped."""

from __future__ import annotations

from datetime import datetime

import pytest
import sqlalchemy as sa

from core.actors import SYSTEM
from core.clock import SteppedClock
from core.leases import leases, recovery
from core.restores import marks, reconcile
from core.storage import tables as t
from core.sync import sync
from core.transfers import sweep as transfer_sweep
from core.upkeep import clock_watch
from tests.support.house import House, open_house

LAGGING = "list-lag=60"
"""As long as the adapter allows for."""


async def jump(house: House, jumps: bool) -> None:
    """An hour ahead, or just the look at the clock."""
    assert isinstance(house.core.clock, SteppedClock)
    house.core.clock.step(hours=jumps)
    await clock_watch.look(house.core)


def due(tx: sa.Connection, now: datetime) -> int:
    return tx.execute(sa.update(t.removals).values(due_at=now)).rowcount


@pytest.mark.parametrize("unseen", [False, True], ids=["seen", "while no process ran"])
async def test_a_list_that_lags_proves_no_invite_away(database_url: str, unseen: bool):
    """The list shows nothing yet, and the repeated invite is refused: the first one may have been applied all the same."""
    async with open_house(database_url, workspaces=2, clock=SteppedClock()) as house:
        await jump(house, False)
        [code] = await house.make_codes()
        house.sandbox.set_faults(["applied-then-reset=1", LAGGING])
        assert (await house.redeem("ann@example.com", code, key="k1", wait=0.0)).state == "unclear"
        house.sandbox.set_faults(["429=1", LAGGING])
        assert isinstance(house.core.clock, SteppedClock)
        house.core.clock.step(hours=1)
        if unseen:
            await house.core.set_clock()
        await clock_watch.look(house.core)
        await recovery.recover(house.core)
        assert await house.value("SELECT state FROM redemptions") == "unclear"
        assert len(house.invited()) == 1
        house.sandbox.set_faults([])
        await house.core.write(clock_watch.look_at_unclear, house.core.now())
        await recovery.recover(house.core)
        assert await house.value("SELECT state FROM redemptions") == "invited"
        assert await house.breaches() == []


@pytest.mark.parametrize("provider", ["chatgpt", "openai_admin", "scim"])
@pytest.mark.parametrize("back", [False, True], ids=["still ahead", "right again"])
async def test_whoever_joined_by_an_hours_error_earlier_was_not_there_before(
    database_url: str, provider: str, back: bool
):
    """The invite left while our clock was an hour ahead of the upstream's, and nobody knows whether it was applied."""
    async with open_house(database_url, clock=SteppedClock(), kinds=[provider]) as house:
        await jump(house, False)
        assert isinstance(house.core.clock, SteppedClock)
        house.core.clock.step(hours=1)
        await house.core.set_clock()  # nobody has seen the jump yet
        [code] = await house.make_codes()
        house.sandbox.set_faults(["invite:applied-then-reset=1"])
        assert (await house.redeem("ann@example.com", code, key="k1", wait=0.0)).state == "unclear"
        house.sandbox.accept("ann@example.com")
        if back:
            house.core.clock.step(hours=-1)
        await clock_watch.look(house.core)
        await house.core.write(clock_watch.look_at_unclear, house.core.now())
        await recovery.recover(house.core)
        assert await house.value("SELECT state FROM redemptions") == "invited"
        assert await house.value("SELECT used FROM codes") == 1


async def test_a_list_that_lags_ends_nobody(database_url: str):
    """Where no count of the upstream's own contradicts it."""
    async with open_house(database_url, clock=SteppedClock(), kinds=["openai_admin"]) as house:
        await jump(house, False)
        [code] = await house.make_codes()
        house.sandbox.set_faults([LAGGING])
        assert (await house.redeem("ann@example.com", code, key="k1")).state == "invited"
        await jump(house, True)
        for _ in range(3):
            await sync.sync_all(house.core, SYSTEM)
        assert await house.value("SELECT status FROM leases") == "invited"
        assert await house.value("SELECT absent_reads FROM leases") == 0


async def test_a_list_that_lags_removes_nobody(database_url: str):
    async with open_house(database_url, clock=SteppedClock()) as house:
        await jump(house, False)
        [code] = await house.make_codes()
        house.sandbox.set_faults([LAGGING])
        assert (await house.redeem("ann@example.com", code, key="k1")).state == "invited"
        await jump(house, True)
        await clock_watch.confirm(house.core, SYSTEM)
        await leases.end(house.core, SYSTEM, "ann@example.com")
        for _ in range(3):
            await house.core.write(due, house.core.now())
            await transfer_sweep.advance_transfers(house.core)
        assert await house.value("SELECT state FROM removals") == "planned"
        assert await house.value("SELECT status FROM leases") != "ended"


async def test_a_list_that_lags_makes_nobody_a_stranger(database_url: str):
    """Who was taken out a moment ago still stands in it."""
    async with open_house(database_url, clock=SteppedClock()) as house:
        await jump(house, False)
        [code] = await house.make_codes()
        assert (await house.redeem("ann@example.com", code, key="k1")).state == "invited"
        house.sandbox.accept("ann@example.com")
        await sync.sync_all(house.core, SYSTEM)
        house.sandbox.set_faults([LAGGING])
        await leases.end(house.core, SYSTEM, "ann@example.com")
        for _ in range(3):
            await house.core.write(due, house.core.now())
            await transfer_sweep.advance_transfers(house.core)
        assert await house.value("SELECT status FROM leases") == "ended"
        await jump(house, True)
        await sync.sync_all(house.core, SYSTEM)
        assert await house.value("SELECT count(*) FROM seats WHERE occupant IS NOT NULL") == 0


async def test_a_list_that_lags_ends_nobody_in_a_restored_database(database_url: str):
    async with open_house(database_url, clock=SteppedClock()) as house:
        await jump(house, False)
        [code] = await house.make_codes()
        house.sandbox.set_faults([LAGGING])
        assert (await house.redeem("ann@example.com", code, key="k1")).state == "invited"
        await jump(house, True)
        await marks.distrust(house.core, SYSTEM, house.core.now())
        await reconcile.reconcile(house.core, SYSTEM, do=True, apart=0.0)
        assert await house.value("SELECT status FROM leases") == "invited"
