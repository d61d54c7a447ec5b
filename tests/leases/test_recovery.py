"""Recovery: every invite that nobody looks after is looked at, and none stands in another's way."""

from __future__ import annotations

import sqlalchemy as sa

from core.actors import SYSTEM
from core.leases import invites, recovery, settling
from core.rounds import Round
from core.storage import tables as t
from tests.leases.test_invite_edges import fresh
from tests.support.moved import MovedHouse, open_moved_house


async def _unclear(house: MovedHouse, address: str, team: str) -> None:
    code = (await house.make_codes(team=team))[0]
    receipt = await house.redeem(address, code, key=address, wait=0)
    assert receipt.state == "unclear"


async def test_one_bad_row_never_stops_the_rest(database_url: str):
    async with open_moved_house(database_url, workspaces=2, faults=["applied-then-reset=2"]) as house:
        await _unclear(house, "ann@example.com", "Workspace 1")
        await _unclear(house, "bob@example.com", "Workspace 2")
        await house.core.write(
            lambda tx: tx.execute(sa.update(t.teams).where(t.teams.c.id == 1).values(credential=b"x")).rowcount
        )
        house.clock.move(seconds=30)
        await recovery.recover(house.core)
        assert await house.leases("bob@example.com") == [("invited", 2)]
        assert await house.leases("ann@example.com") == [("held", 1)], "it stays, and is tried again"


async def test_a_hanging_team_delays_no_other_and_nothing_is_invited_twice(database_url: str):
    options = {"workspaces": 2, "faults": ["applied-then-reset=2"], "upstream": {"timeout": 2.0}}
    async with open_moved_house(database_url, **options) as house:
        await _unclear(house, "ann@example.com", "Workspace 1")
        await _unclear(house, "bob@example.com", "Workspace 2")
        house.sandbox.set_faults(["hang"], "ws-1")
        house.clock.move(seconds=30)
        await recovery.recover(house.core)
        assert await house.leases("bob@example.com") == [("invited", 2)]
        assert await house.leases("ann@example.com") == [("held", 1)]
        house.sandbox.set_faults([], "ws-1")
        house.clock.move(minutes=10)
        await recovery.recover(house.core)
        assert await house.leases("ann@example.com") == [("invited", 1)]
        assert sorted(house.invited()) == [("ws-1", "ann@example.com"), ("ws-2", "bob@example.com")]


async def test_many_rows_are_looked_at_in_one_round(database_url: str):
    faults = ["applied-then-reset=9"]
    async with open_moved_house(database_url, workspaces=3, faults=faults) as house:
        made = await house.make_codes(9)
        for number, code in enumerate(made):
            await house.redeem(f"p{number}@example.com", code, key=str(number), wait=0)
        house.clock.move(seconds=30)
        assert len(await house.core.write(invites.take_over, house.core, house.core.now(), most=2)) == 2
        house.clock.move(seconds=30)
        assert await recovery.recover(house.core) == Round({"looked_at": 9})
        rows = await house.core.read(lambda tx: tx.execute(sa.select(t.leases.c.status)).scalars().all())
        assert rows == ["invited"] * 9


async def test_of_very_many_fifty_are_taken_at_a_time_and_fifty_are_shown_to_staff(database_url: str):
    async with open_moved_house(database_url, seats=51) as house:
        claim = await fresh(house)
        more = range(2, 52)

        def hold(tx: sa.Connection) -> None:
            row = tx.execute(sa.select(t.leases).where(t.leases.c.id == claim.lease_id)).one()._asdict()
            del row["id"]
            names = [f"p{number}@example.com" for number in more]
            held = [{**row, "address": name, "address_key": name, "redemption_id": None} for name in names]
            seats = tx.execute(sa.select(t.seats.c.id).where(t.seats.c.state == "free")).scalars().all()
            tx.execute(
                sa.insert(t.leases), [{**one, "seat_id": seat} for one, seat in zip(held, seats, strict=True)]
            ).close()

        await house.core.write(hold)
        house.clock.move(minutes=1)
        taken = [await house.core.write(invites.take_over, house.core, house.core.now()) for _ in range(3)]
        assert [len(one) for one in taken] == [50, 1, 0]
        assert len(await settling.unclear_list(house.core, SYSTEM)) == 50
