"""Nobody is taken out of a team in which they have a seat, however long ago that was planned."""

from __future__ import annotations

import pytest

from core.actors import SYSTEM
from core.leases import removal_plans, removals
from core.reports.doctor import examine
from core.storage.guards import without
from core.sweeps import runner
from tests.support.moved import MovedHouse, open_moved_house

ANN = "ann@example.com"


async def planned(house: MovedHouse) -> int | None:
    return await house.core.write(removal_plans.plan_stranger, SYSTEM, 1, ANN, "unauthorised", house.core.now())


async def time_goes_by(house: MovedHouse) -> None:
    for _ in range(5):
        house.clock.move(minutes=5)
        await runner.run_now(house.core, "transfers")


async def states(house: MovedHouse) -> list[tuple[str, str | None]]:
    return [tuple(row) for row in await house.rows("SELECT state, reason FROM removals ORDER BY id")]


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "negative control"])
async def test_a_seat_given_since_stops_a_removal_that_was_planned(database_url: str, guarded: bool):
    async with open_moved_house(database_url, seats=2) as house:
        assert await planned(house)
        if guarded:
            await house.seat(ANN)
            assert await states(house) == [("cancelled", "served")], "with the seat, and not when the call would leave"
            await time_goes_by(house)
            assert house.where(ANN)
        else:
            with without("removal_recheck"):
                await house.seat(ANN)
                await time_goes_by(house)
            assert not house.where(ANN), "without the guard the paid seat is taken away"


async def test_whoever_has_a_seat_is_not_planned_to_be_taken_out(database_url: str):
    async with open_moved_house(database_url, seats=2) as house:
        await house.seat(ANN)
        assert await planned(house) is None
        assert await states(house) == []


async def test_the_check_is_made_again_before_the_call_leaves(database_url: str):
    """Planned in the same moment in which the seat was given: neither saw the other."""
    async with open_moved_house(database_url, seats=2) as house:
        await house.seat(ANN)
        with without("removal_recheck"):
            removal = await planned(house)
        assert removal is not None
        found = {one.name: one.breaches for one in await examine(house.core, SYSTEM)}
        assert found["nobody_served_is_removed"] == 1
        await removals.advance(house.core, removal)
        await time_goes_by(house)
        assert house.where(ANN)
        assert await states(house) == [("cancelled", "served")]


async def test_nobody_is_invited_where_they_are_being_taken_out(database_url: str):
    """The call is on its way: whether it comes before the invite or after, nobody could say."""
    async with open_moved_house(database_url, seats=2) as house:
        removal = await planned(house)
        assert removal is not None
        await house.execute("UPDATE removals SET sent_at = created_at")
        [code] = await house.make_codes()
        refused = await house.redeem(ANN, code, key="k1")
        assert (refused.state, refused.reason) == ("refused", "team_unavailable")
        assert await house.value("SELECT used + reserved FROM codes") == 0
        await time_goes_by(house)
        assert (await house.redeem(ANN, code, key="k2")).state == "invited"
        assert house.where(ANN)


async def test_where_they_are_being_taken_out_another_team_serves_them(database_url: str):
    async with open_moved_house(database_url, workspaces=2, seats=2) as house:
        assert await planned(house)
        await house.execute("UPDATE removals SET sent_at = created_at")
        [code] = await house.make_codes()
        assert (await house.redeem(ANN, code, key="k1")).team == "Workspace 2"


async def member_to_be_taken_out(house: MovedHouse) -> str:
    """Ann is in the team without a seat of ours, has been for long, and is to be taken out. Returns a code."""
    space = house.sandbox.world.spaces["ws-1"]
    house.sandbox.world.join(space, ANN)
    house.clock.move(minutes=11)
    await runner.run_now(house.core, "sync")
    assert await planned(house)
    return (await house.make_codes())[0]


async def test_a_member_who_is_left_there_for_a_seat_has_it(database_url: str):
    async with open_moved_house(database_url, seats=3) as house:
        code = await member_to_be_taken_out(house)
        assert (await house.redeem(ANN, code, key="k1")).state == "invited"
        assert await house.value("SELECT used FROM codes") == 1
        await time_goes_by(house)
        await runner.run_now(house.core, "sync")
        assert house.where(ANN)
        assert await house.value("SELECT status FROM leases") == "active"
        assert await house.value("SELECT count(*) FROM seats WHERE state = 'taken' AND occupant IS NOT NULL") == 0
        assert await house.breaches() == []


async def test_a_member_whose_seat_came_to_nothing_is_taken_out_after_all(database_url: str):
    """They were left there for a seat, and nobody would ever look at them again."""
    async with open_moved_house(database_url, seats=3) as house:
        code = await member_to_be_taken_out(house)
        house.sandbox.set_faults(["invite:429"])
        assert (await house.redeem(ANN, code, key="k1")).state == "refused"
        assert await states(house) == [("cancelled", "served"), ("planned", None)]
        house.sandbox.set_faults([])
        await time_goes_by(house)
        assert not house.where(ANN)
        assert (await states(house))[1] == ("done", None)
        assert await house.breaches() == []
