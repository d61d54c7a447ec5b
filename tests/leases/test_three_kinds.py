"""One pool with a team of each kind: nobody who uses it can tell them apart."""

from __future__ import annotations

from core.actors import SYSTEM
from core.leases import expiry, leases, recovery
from core.reports.doctor import examine
from core.transfers import sweep, transfers
from tests.support.moved import MovedHouse, open_moved_house

KINDS = ("chatgpt", "openai_admin", "scim")


async def _settle(house: MovedHouse, **later: float) -> None:
    house.clock.move(**(later or {"minutes": 5}))
    await house.sync()
    await recovery.recover(house.core)
    await sweep.advance_transfers(house.core)


async def _agree(house: MovedHouse) -> None:
    """What Usher believes is what the three upstreams show, person by person."""
    believed = {
        (f"ws-{row.team_id}", row.address)
        for row in await house.rows(
            "SELECT team_id, address FROM leases WHERE status <> 'ended' AND status <> 'failed'"
        )
    }
    ledger = house.sandbox.ledger()
    shown = [(row["workspace"], row["email"]) for row in (*ledger["members"], *ledger["pending"])]
    assert believed == {one for one in shown if not one[1].startswith("owner.")}
    assert len(shown) == len(set(shown))


async def test_one_pool_of_three_kinds(database_url: str):
    async with open_moved_house(database_url, workspaces=3, seats=2, kinds=KINDS, upstream={"timeout": 10.0}) as house:
        people = [f"p{number}@people.example" for number in range(1, 6)]
        codes = await house.make_codes(6)
        placed = [
            (await house.redeem(address, code, key=address, wait=0)).team
            for address, code in zip(people, codes, strict=False)
        ]
        first, second, third = (row[0] for row in await house.rows("SELECT name FROM teams ORDER BY id"))
        assert placed == [first, first, second, second, third], "filled in order, whatever they speak"
        for address in people:
            house.sandbox.accept(address)
        await _settle(house)
        assert {row[0] for row in await house.rows("SELECT status FROM leases")} == {"active"}
        await _agree(house)

        # From each kind to each other kind, with the person somewhere at every moment; one seat is free at a time.
        round_trip = [(1, third), (3, first), (5, second), (5, third), (3, second), (1, first)]
        for number, target in round_trip:
            address = f"p{number}@people.example"
            before = house.where(address)
            (moving,) = await transfers.transfer(house.core, SYSTEM, address, to=target)
            assert moving.state in {"waiting", "removing", "done"}, moving
            assert set(before) <= set(house.where(address)) or moving.state == "done"
            house.sandbox.accept(address)
            for _ in range(4):
                await _settle(house)
            moved = await house.core.read(transfers.read_transfer, moving.id)
            assert (moved.state, moved.to_team) == ("done", target), moved
            assert len(house.where(address)) == 1
            await _agree(house)
        kinds = await house.rows(
            "SELECT a.provider, b.provider FROM transfers t JOIN leases x ON x.id = t.lease_id"
            " JOIN leases y ON y.id = t.target_lease_id JOIN teams a ON a.id = x.team_id JOIN teams b ON b.id = y.team_id"
        )
        assert {tuple(row) for row in kinds} == {(one, other) for one in KINDS for other in KINDS if one != other}

        # One of each kind is taken out, and one whose time is over.
        for number in (1, 3, 5):
            await leases.end(house.core, SYSTEM, f"p{number}@people.example")
        temporary = (await house.make_codes(1, term="24h", temporary=True))[0]
        assert (await house.redeem("guest@people.example", temporary, key="guest", wait=0)).state == "invited"
        house.sandbox.accept("guest@people.example")
        await _settle(house)
        house.clock.move(hours=25)
        await expiry.expire(house.core)
        for _ in range(4):
            await _settle(house)
        assert house.where("guest@people.example") == {}
        assert all(house.where(f"p{number}@people.example") == {} for number in (1, 3, 5))
        await _agree(house)
        assert [found for found in await examine(house.core, SYSTEM) if found.breaches] == []
