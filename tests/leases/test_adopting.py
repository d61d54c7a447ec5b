"""Members whom Usher did not invite are given a lease, and stop being strangers."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from core.actors import SYSTEM
from core.errors import Busy
from core.leases import adopting, removal_plans
from core.leases.adopting import Adoption
from core.rules.addresses import read_address
from core.storage.guards import without
from core.sync import sync
from core.teams import seats
from tests.support.house import House, open_house

ANN = read_address("ann@example.com")


async def with_strangers(house: House, count: int = 2) -> None:
    house.sandbox.set_faults(["foreign-member"] * count)
    await sync.sync_all(house.core, SYSTEM)
    house.sandbox.set_faults([])


async def test_all_of_a_team_after_a_preview(database_url: str):
    async with open_house(database_url) as house:
        await with_strangers(house)
        [address] = [row[0] for row in await house.rows("SELECT occupant FROM seats WHERE occupant IS NOT NULL")]
        long_ago = house.core.now() - timedelta(days=400)
        over = await adopting.preview(house.core, SYSTEM, Adoption("Workspace 1", (), "1mo", long_ago))
        assert [one.refused for one in over] == ["over"]
        since = house.core.now() - timedelta(days=10)
        wish = Adoption("Workspace 1", (ANN,), "30d", since)
        assert [(one.address, one.refused) for one in await adopting.preview(house.core, SYSTEM, wish)] == [
            (ANN.original, "not_there")
        ]
        wish = Adoption("Workspace 1", (), "30d", since)
        told = await asyncio.gather(*(adopting.adopt(house.core, SYSTEM, wish) for _ in range(4)))
        assert sum(one.lease_id is not None for each in told for one in each) == 1, "one of four wins"
        [row] = await house.rows("SELECT address, status, seat_id IS NOT NULL FROM leases")
        assert tuple(row) == (address, "active", 1)
        await sync.sync_all(house.core, SYSTEM)
        assert await house.value("SELECT count(*) FROM seats WHERE occupant IS NOT NULL") == 0
        assert await house.value("SELECT count(*) FROM audit_log WHERE action = 'lease.adopted'") == 1
        assert await house.breaches() == []


@pytest.mark.parametrize("sent", [True, False], ids=["sent", "planned"])
async def test_whoever_is_being_taken_out_is_left_and_whoever_only_was_to_be_stays(database_url: str, sent: bool):
    async with open_house(database_url) as house:
        await with_strangers(house)
        member = await house.value("SELECT occupant FROM seats WHERE occupant IS NOT NULL")
        plan = removal_plans.plan_stranger
        assert await house.core.write(plan, SYSTEM, 1, member, "unauthorised", house.core.now())
        if sent:
            await house.execute("UPDATE removals SET sent_at = created_at")
        [told] = await adopting.adopt(house.core, SYSTEM, Adoption("Workspace 1"))
        assert (told.refused, told.lease_id is None) == (("leaving", True) if sent else (None, False))
        assert await house.value("SELECT state FROM removals") == ("planned" if sent else "cancelled")
        assert await house.breaches() == []


async def test_a_reading_that_is_behind_takes_no_seat_from_a_lease(database_url: str):
    async with open_house(database_url) as house:
        await with_strangers(house)
        [(seat, member)] = await house.rows("SELECT id, occupant FROM seats WHERE occupant IS NOT NULL")
        await adopting.adopt(house.core, SYSTEM, Adoption("Workspace 1"))
        with pytest.raises(Busy):
            await house.core.write(lambda tx: seats.give_back(tx, seat, of=member))
        with without("strangers_seat"):
            await house.core.write(lambda tx: seats.give_back(tx, seat, of=member))
        assert await house.breaches() != []
