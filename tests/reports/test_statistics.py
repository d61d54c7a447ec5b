"""Statistics tell what happened, per pool and per day, before and after folding."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.actors import SYSTEM, Actor, Role
from core.clock import MovedClock
from core.errors import NotAllowed, NotFound
from core.reports.statistics import statistics
from core.rules.gifts import Giving
from core.teams import pools
from core.teams.pool_report import pool_list
from core.upkeep import folding
from tests.support.house import open_house

NOON = datetime(2026, 5, 20, 12, tzinfo=UTC)


async def test_everything_is_counted_where_and_when_it_happened(database_url: str):
    clock = MovedClock(NOON)
    patient = {"timeout": 20.0, "connect_timeout": 20.0}  # the clock stands still: what times out stays unclear
    async with open_house(
        database_url, workspaces=2, seats=3, clock=clock, timezone="Asia/Shanghai", upstream=patient
    ) as house:
        await pools.create_pool(house.core, SYSTEM, "plus", pools.NewPool(prefix="PLUS"))
        codes = await house.make_codes(5, label="spring")
        await house.make_codes(2, pool="plus", expires_at=datetime(2026, 5, 21, tzinfo=UTC))
        for number, code in enumerate(codes[:4]):
            await house.redeem(f"person{number}@example.com", code, key=f"k{number}")
            clock.move(hours=2)  # 12:00 to 18:00 UTC: the last two are tomorrow in Shanghai
        await house.execute("UPDATE leases SET status = 'active', joined_at = invited_at WHERE id IN (1, 2, 3)")
        clock.move(hours=10)
        for _ in range(2):
            found = await statistics(house.core, SYSTEM, days=7)
            assert (found.codes.codes, found.codes.unused, found.codes.used, found.codes.expired) == (7, 1, 4, 2)
            assert (found.seats.total, found.seats.taken, found.seats.free, found.seats.held) == (6, 4, 2, 0)
            assert (found.pending, found.members) == (1, 3)
            assert (found.redeemed, found.people, found.redeemed_ever, found.people_ever) == (4, 4, 4, 4)
            assert (found.invited, found.accepted, found.joined) == (4, 3, 3)
            assert found.acceptance == 0.75
            assert found.median_seconds == 0.0
            assert [(day.day.day, day.redeemed, day.joined) for day in found.trend][-2:] == [(20, 2, 2), (21, 2, 1)]
            assert len(found.trend) == 7
            assert [(team.team, team.seats.taken) for team in found.fullest] == [("Workspace 1", 3), ("Workspace 2", 1)]
            assert found.teams == 2
            assert [(one.name, one.count) for one in found.platforms] == [("system", 4)]
            assert [(one.name, one.count) for one in found.batches] == [("spring", 4)]
            by_name = {line.pool: line for line in found.pools}
            assert by_name["default"].generatable == 1
            assert (by_name["plus"].codes.expired, by_name["plus"].seats.total) == (2, 0)
            await folding.fold(house.core)

        one = await statistics(house.core, SYSTEM, days=30, pool="PLUS")
        assert (one.pool, one.redeemed, one.codes.codes, one.teams, one.fullest) == ("plus", 0, 2, 0, [])
        clock.move(days=7)
        later = await statistics(house.core, SYSTEM, days=7)
        assert (later.redeemed, later.redeemed_ever, later.people_ever) == (0, 4, 4)


async def test_what_needs_no_seat_takes_none_from_what_may_be_generated(database_url: str):
    clock = MovedClock(NOON)
    async with open_house(database_url, workspaces=1, seats=4, clock=clock) as house:
        await house.make_codes(1)
        before = (await statistics(house.core, SYSTEM)).pools[0].generatable
        giving = Giving("credit", amount=5_000_000)
        for expires_at in (None, NOON + timedelta(hours=1)):
            await house.make_codes(6, giving=giving, expires_at=expires_at)
        clock.move(hours=2)
        for _ in range(2):
            [pool] = (await statistics(house.core, SYSTEM)).pools
            assert (pool.codes.unused, pool.codes.expired, pool.generatable) == (7, 6, before)
            assert pool.generatable == (await pool_list(house.core, SYSTEM))[0].generatable
            await folding.fold(house.core)


async def test_strangers_and_unknown_pools_are_refused(sqlite_url: str):
    async with open_house(sqlite_url) as house:
        with pytest.raises(NotAllowed):
            await statistics(house.core, Actor("telegram", "5", Role.ANYONE))
        with pytest.raises(NotFound):
            await statistics(house.core, SYSTEM, pool="nowhere")
