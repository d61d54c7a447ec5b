"""Staff always have a way: `end` and `transfer` by force take over a move at every step, and nobody is nowhere."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from core.actors import SYSTEM, Actor, Role
from core.errors import LeaseRefused, TransferRefused
from core.leases import leases, taking_over
from core.storage import tables as t
from core.sweeps import runner
from core.transfers import transfers
from tests.support.moved import MovedHouse, open_moved_house

STEPS = ("planned", "inviting", "waiting", "removing")
ANN = "ann@example.com"


async def under_way(house: MovedHouse, step: str) -> None:
    """Ann is being moved from the first team to the second, and it has come as far as `step`."""
    await house.seat(ANN)
    if step == "planned":
        await house.execute("UPDATE seats SET open = false WHERE team_id = 2")
    if step == "inviting":
        house.sandbox.set_faults(["invite:500"])
    if step == "removing":
        house.sandbox.set_faults(["remove:500"])
    moved = await transfers.transfer(
        house.core, SYSTEM, ANN, to="Workspace 2", forced=True, skip_acceptance=step == "removing"
    )
    assert [one.state for one in moved] == [step]


async def settle(house: MovedHouse) -> None:
    """Everything works again, and time goes by. At no time is Ann nowhere who is to be somewhere."""
    house.sandbox.set_faults([])
    await house.execute("UPDATE seats SET open = true WHERE team_id = 2")
    for _ in range(6):
        house.clock.move(minutes=5)
        for name in ("recovery", "transfers", "sync"):
            await runner.run_now(house.core, name)


@pytest.mark.parametrize("step", STEPS)
async def test_an_end_by_force_takes_a_move_over(database_url: str, step: str):
    async with open_moved_house(database_url, workspaces=3, seats=2) as house:
        await under_way(house, step)
        with pytest.raises(LeaseRefused):
            await leases.end(house.core, SYSTEM, ANN)
        await leases.end(house.core, SYSTEM, ANN, forced=True)
        await settle(house)
        assert house.where(ANN) == {}
        assert await house.value("SELECT count(*) FROM leases WHERE status NOT IN ('ended', 'failed')") == 0
        live = "SELECT count(*) FROM transfers WHERE state IN ('planned', 'inviting', 'waiting', 'removing')"
        assert await house.value(live) == 0
        assert await house.value("SELECT count(*) FROM audit_log WHERE action = 'transfer.taken_over'") == 1
        assert await house.breaches() == []


@pytest.mark.parametrize("step", STEPS)
async def test_a_move_by_force_takes_a_move_over(database_url: str, step: str):
    async with open_moved_house(database_url, workspaces=3, seats=2) as house:
        await under_way(house, step)
        with pytest.raises(TransferRefused):
            await transfers.transfer(house.core, SYSTEM, ANN, to="Workspace 3")
        assert house.where(ANN)
        await transfers.transfer(house.core, SYSTEM, ANN, to="Workspace 3", forced=True)
        for _ in range(3):
            assert house.where(ANN), "nobody is nowhere"
            await settle(house)
        assert [place for place in await house.leases(ANN) if place[0] in {"invited", "active"}] == [("invited", 3)]
        assert len(house.where(ANN)) == 1
        assert await house.breaches() == []


async def test_a_move_to_where_they_are_going_is_pushed_on(database_url: str):
    async with open_moved_house(database_url, workspaces=3, seats=2) as house:
        await under_way(house, "waiting")
        [first] = await house.rows("SELECT id FROM transfers")
        [moved] = await transfers.transfer(house.core, SYSTEM, ANN, to="Workspace 2", forced=True)
        assert moved.id == first[0]
        await settle(house)
        assert [place for place in await house.leases(ANN) if place[0] in {"invited", "active"}] == [("invited", 2)]
        assert await house.breaches() == []


async def test_an_end_by_force_that_comes_again_is_the_same_removal(database_url: str):
    async with open_moved_house(database_url) as house:
        leases_of = {name: await house.seat(f"{name}@example.com") for name in ("bob", "ann")}

        async def end(name: str) -> list[int]:
            def work(tx: sa.Connection) -> list[int]:
                found = tx.execute(sa.select(t.leases).where(t.leases.c.id == leases_of[name])).all()
                return taking_over.end_by_force(tx, house.core, SYSTEM, list(found), house.core.now())

            return await house.core.write(work)

        assert [await end(name) for name in ("bob", "ann", "ann", "bob")] == [[1], [2], [2], [1]]


async def test_a_removal_that_is_under_way_stays_what_it_was_when_its_move_is_taken_over(database_url: str):
    async with open_moved_house(database_url, workspaces=2, seats=2) as house:
        await under_way(house, "removing")
        before = await house.rows("SELECT * FROM removals")

        def take(tx: sa.Connection) -> taking_over.Taken:
            [row] = tx.execute(sa.select(t.transfers)).all()
            return taking_over.take_over(tx, house.core, Actor("telegram", "9", Role.ADMIN), row, "x", house.core.now())

        taken = await house.core.write(take)
        assert (taken.state, taken.stays, taken.other) == ("removing", 2, None)
        assert await house.rows("SELECT * FROM removals") == before
