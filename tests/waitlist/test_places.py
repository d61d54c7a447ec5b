"""Places on the waiting list: each keeps a use of its code, has one outcome, and holds up nobody when it is dead."""

from __future__ import annotations

import pytest

from core.actors import SYSTEM, Actor, Role
from core.errors import PlaceServed, PlacesFull
from core.leases import leases, recovery
from core.reports.doctor import examine
from core.rules.addresses import read_address
from core.rules.codes import read_code
from core.storage.guards import without
from core.sweeps import runner
from core.waitlist import serving, waitlist
from tests.support.moved import MovedHouse, open_moved_house

BOB = Actor("telegram", "7", Role.ANYONE)


async def join(house: MovedHouse, address: str, code: str, actor: Actor = BOB):
    text = read_code(code, await house.core.shapes())
    return await waitlist.join(house.core, actor, read_address(address), text)


async def full(house: MovedHouse) -> None:
    for number in range(await house.value("SELECT count(*) FROM seats WHERE state = 'free'")):
        await house.seat(f"member{number}@example.com")


async def free_one(house: MovedHouse) -> None:
    """The first member leaves, and the seat is free when that is proved."""
    await leases.end(house.core, SYSTEM, "member0@example.com")
    for _ in range(4):
        house.clock.move(minutes=2)
        await runner.run_now(house.core, "transfers")
    assert await house.value("SELECT count(*) FROM seats WHERE state = 'free'") == 1


async def places(house: MovedHouse) -> list[str]:
    return [row[0] for row in await house.rows("SELECT state FROM waitlist ORDER BY id")]


async def test_a_code_gives_as_many_places_as_it_has_uses(database_url: str):
    async with open_moved_house(database_url, seats=1) as house:
        await full(house)
        [code] = await house.make_codes(uses=2)
        for name in ("ann", "bob"):
            await join(house, f"{name}@example.com", code)
            await join(house, f"{name}@example.com", code)
        with pytest.raises(PlacesFull) as refused:
            await join(house, "cat@example.com", code)
        assert refused.value.facts["reason"] == "code"
        assert await places(house) == ["waiting", "waiting"]


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "negative control"])
async def test_a_place_keeps_its_use_from_others(database_url: str, guarded: bool):
    async with open_moved_house(database_url, seats=1) as house:
        await full(house)
        [code] = await house.make_codes()
        await join(house, "ann@example.com", code)
        await free_one(house)
        if guarded:
            assert (await house.redeem("cat@example.com", code, key="k1")).reason == "code_refused"
            assert (await house.redeem("ann@example.com", code, key="k2")).state == "invited", "it is kept for her"
        else:
            with without("kept_uses"):
                assert (await house.redeem("cat@example.com", code, key="k1")).state == "invited"


async def test_one_person_has_only_so_many_places(database_url: str):
    async with open_moved_house(database_url, seats=1, waitlist={"places_per_person": 2}) as house:
        await full(house)
        codes = await house.make_codes(3)
        await join(house, "ann@example.com", codes[0])
        await join(house, "bob@example.com", codes[1])
        with pytest.raises(PlacesFull) as refused:
            await join(house, "cat@example.com", codes[2])
        assert refused.value.facts == {"reason": "person", "most": 2}


async def test_dead_places_hold_up_nobody_and_their_people_hear_of_it(database_url: str):
    async with open_moved_house(database_url, seats=1, waitlist={"places_per_person": 100}) as house:
        await full(house)
        codes = await house.make_codes(21)
        for number, code in enumerate(codes):
            await join(house, f"person{number}@example.com", code)
        dead = "SELECT code_id FROM waitlist ORDER BY id LIMIT 20"
        await house.execute(f"UPDATE codes SET status = 'disabled' WHERE id IN ({dead})")
        await free_one(house)
        assert await serving.serve(house.core) == (1, 20)
        assert await places(house) == ["closed"] * 20 + ["served"]
        assert await house.notices("waitlist_closed") == 20


async def test_the_places_of_a_removed_teams_codes_end(database_url: str):
    async with open_moved_house(database_url, workspaces=2, seats=1) as house:
        await full(house)
        [code] = await house.make_codes(team="Workspace 2")
        await join(house, "ann@example.com", code)
        await house.execute("UPDATE teams SET removed_at = created_at WHERE id = 2")
        assert await serving.serve(house.core) == (0, 1)
        assert await places(house) == ["closed"]
        assert await house.notices("waitlist_closed") == 1


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "negative control"])
async def test_a_place_that_is_being_served_is_not_given_up(database_url: str, guarded: bool):
    async with open_moved_house(database_url, seats=1) as house:
        await full(house)
        [code] = await house.make_codes()
        await join(house, "ann@example.com", code)
        await free_one(house)
        house.sandbox.set_faults(["invite:500"])
        await serving.serve(house.core)  # the invite is under way, and unclear
        if not guarded:
            with without("place_fence"):
                assert await waitlist.leave(house.core, BOB) == 1
            found = {one.name: one.breaches for one in await examine(house.core, SYSTEM)}
            assert found["place_left_is_not_served"] == 1
            return
        with pytest.raises(PlaceServed):
            await waitlist.leave(house.core, BOB)
        house.sandbox.set_faults([])
        for _ in range(4):
            house.clock.move(minutes=5)
            await recovery.recover(house.core)
            await serving.serve(house.core)
        assert await places(house) == ["served"]
        assert house.where("ann@example.com")
        assert await house.notices("invited") + await house.notices("waitlist_invited") >= 1


async def test_a_place_given_up_meanwhile_is_not_served(database_url: str):
    """The process that serves it was frozen after its claim; when it goes on, the place is not its any more."""
    async with open_moved_house(database_url, seats=1) as house:
        await full(house)
        [code] = await house.make_codes()
        await join(house, "ann@example.com", code)
        await free_one(house)
        [entry] = await house.core.read(serving._next_in_line, house.core.now())
        claimed = await house.core.write(serving._claim, entry, house.core.now())
        house.clock.move(minutes=2)
        assert await waitlist.leave(house.core, BOB) == 1
        receipt = await serving._redeem(house.core, claimed)
        assert (receipt.state, receipt.reason) == ("refused", "place_lost")
        assert not house.where("ann@example.com")
        assert await house.value("SELECT used + reserved FROM codes ORDER BY id DESC LIMIT 1") == 0
