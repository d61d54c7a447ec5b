"""Staff seat somebody without a code: a redemption like any other, and nothing is left of what did not come about."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from core.actors import SYSTEM, Actor, Role
from core.errors import NoSeats, NotAllowed, NotFound, QuotaExceeded, Refusal
from core.leases import settling
from core.leases.receipts import Receipt
from core.redemptions import seating
from core.rules.addresses import read_address
from core.teams import pools
from core.teams.quota import room
from tests.support.house import House, open_house
from tests.support.moved import open_moved_house

OPERATOR = Actor("telegram", "9", Role.OPERATOR)
OWNER = Actor("telegram", "1", Role.OWNER)


async def seat(
    house: House, address: str, *, key: str, actor: Actor = OPERATOR, wait: float = 20.0, **wish: object
) -> Receipt:
    wanted = seating.SeatWish(**wish)  # type: ignore[arg-type]
    return await seating.seat(house.core, actor, read_address(address), wanted, request_key=key, wait=wait)


async def test_somebody_is_seated_and_nobody_holds_a_code(database_url: str):
    async with open_house(database_url, seats=2) as house:
        first = await seat(house, "ann@example.com", key="k1", team="Workspace 1", term="1mo")
        assert (first.state, first.team, first.term) == ("invited", "Workspace 1", "1mo")
        again = await seat(house, "ann@example.com", key="k1", team="Workspace 1", term="1mo")
        assert (again.state, again.repeated, again.redemption_id) == ("invited", True, first.redemption_id)
        assert len(house.invited()) == 1
        assert await house.rows("SELECT status, used, reserved FROM codes") == [("disabled", 1, 0)]
        assert await house.rows("SELECT platform, identity FROM leases") == [(None, None)], "it is not the asker's seat"
        assert await house.value("SELECT count(*) FROM audit_log WHERE action = 'batch.direct'") == 1
        there = await seat(house, "ann@example.com", key="k2")
        assert (there.state, there.team) == ("already_member", "Workspace 1")
        assert await house.breaches() == []
        with pytest.raises(NotAllowed):
            await seat(house, "bob@example.com", key="k3", actor=Actor("telegram", "5", Role.VIEWER))


async def test_what_codes_are_promised_is_not_taken(database_url: str):
    async with open_house(database_url, seats=2) as house:
        await house.make_codes(2)
        with pytest.raises(QuotaExceeded) as refused:
            await seat(house, "ann@example.com", key="k1")
        assert (refused.value.facts["free_seats"], refused.value.facts["unused_uses"]) == (2, 2)
        assert await house.value("SELECT count(*) FROM batches WHERE direct") == 0, "nothing is left of it"
        assert await house.value("SELECT count(*) FROM seats WHERE state = 'free'") == 2
        with pytest.raises(NotAllowed):
            await seat(house, "ann@example.com", key="k1", override=True)
        assert (await seat(house, "ann@example.com", key="k1", actor=OWNER, override=True)).state == "invited"


async def test_twenty_at_once_into_four_seats(database_url: str):
    async with open_house(database_url, seats=4) as house:

        async def one(number: int) -> str:
            try:
                return (await seat(house, f"p{number}@example.com", key=f"k{number}")).state
            except (NoSeats, QuotaExceeded) as refusal:
                return refusal.key

        told = await asyncio.gather(*(one(number) for number in range(20)))
        assert sorted(told).count("invited") == 4
        assert len(house.invited()) == 4
        assert await house.value("SELECT count(*) FROM batches WHERE direct") == 4
        assert await house.breaches() == []


async def test_the_same_request_ten_times_at_once_is_one_invite(database_url: str):
    async with open_house(database_url, seats=4) as house:
        told = await asyncio.gather(*(seat(house, "ann@example.com", key="k1") for _ in range(10)))
        assert {one.state for one in told} == {"invited"}
        assert len(house.invited()) == 1
        assert await house.value("SELECT count(*) FROM codes") == 1
        assert await house.value("SELECT count(*) FROM batches") == 1, "what was made and never needed is gone"


@pytest.mark.parametrize("clashes", [2, 3])
async def test_what_clashes_is_tried_again_and_the_third_time_given_up(database_url: str, clashes: int):
    async with open_moved_house(database_url, seats=2) as house:
        await house.make_codes()
        await house.execute("CREATE UNIQUE INDEX one_at_a_time ON batches (created_at)")
        seen: list[sa.engine.ExceptionContext] = []

        def clashed(context: sa.engine.ExceptionContext) -> None:
            seen.append(context)
            if len(seen) == clashes:
                house.clock.move(seconds=1)

        sa.event.listen(sa.Engine, "handle_error", clashed)
        try:
            if clashes == 3:
                with pytest.raises(IntegrityError):
                    await seat(house, "ann@example.com", key="k1", actor=OWNER, override=True)
            else:
                assert (await seat(house, "ann@example.com", key="k1", actor=OWNER, override=True)).state == "invited"
        finally:
            sa.event.remove(sa.Engine, "handle_error", clashed)
        assert len(seen) == clashes
        assert await house.value("SELECT count(*) FROM batches WHERE direct") == (1 if clashes == 2 else 0)


async def test_two_members_of_staff_seat_the_same_person_at_once(database_url: str):
    async with open_house(database_url, workspaces=2, seats=2) as house:

        async def one(number: int) -> str:
            actor = Actor("telegram", str(number), Role.OPERATOR)
            try:
                return (await seat(house, "ann@example.com", key=f"k{number}", actor=actor)).state
            except Refusal as refusal:
                return refusal.key

        told = await asyncio.gather(*(one(number) for number in range(6)))
        assert told.count("invited") == 1, told
        assert set(told) <= {"invited", "already_member", "still_confirming"}
        assert len(house.invited()) == 1
        assert await house.breaches() == []


async def test_an_invite_that_comes_to_nothing_leaves_no_code(database_url: str):
    async with open_house(database_url, seats=2, faults=["invite:500"]) as house:
        pending = await seat(house, "ann@example.com", key="k1", wait=0.0)
        assert pending.state == "unclear"
        assert await house.rows("SELECT status, used, reserved FROM codes") == [("disabled", 0, 1)]
        [lease] = await house.rows("SELECT id FROM leases WHERE status = 'held'")
        await settling.settle(house.core, SYSTEM, lease[0], invited=False)
        assert await house.rows("SELECT status, used, reserved FROM codes") == [("disabled", 0, 0)]
        assert (await room(house.core, SYSTEM, pool="default")).left == 2, "and it promises nothing"
        assert await house.breaches() == []


async def test_a_team_that_is_named_with_another_pool_is_not_meant(database_url: str):
    async with open_house(database_url) as house:
        await pools.create_pool(house.core, SYSTEM, "gold", pools.NewPool(prefix="GOLD"))
        with pytest.raises(NotFound) as refused:
            await seat(house, "ann@example.com", key="k1", team="Workspace 1", pool="gold")
        assert refused.value.facts == {"kind": "team", "name": "Workspace 1 (gold)"}
        assert house.invited() == []
        assert (await seat(house, "ann@example.com", key="k1", team="Workspace 1", pool="default")).state == "invited"


async def test_a_place_is_a_team_or_a_pool_that_is_still_there(database_url: str):
    async with open_house(database_url, workspaces=2) as house:
        await pools.create_pool(house.core, SYSTEM, "gold", pools.NewPool(prefix="GOLD"))
        await pools.create_pool(house.core, SYSTEM, "silver", pools.NewPool(prefix="SILV"))

        async def named(name: str) -> tuple[str | None, str | None]:
            return await seating.place_named(house.core, OPERATOR, name)

        assert await named("workspace 2") == (None, "Workspace 2")
        assert await named("GOLD") == ("gold", None)
        await house.execute("UPDATE teams SET removed_at = created_at WHERE name = 'Workspace 2'")
        await house.execute("UPDATE pools SET removed_at = created_at WHERE name = 'gold'")
        for gone in ("Workspace 2", "gold", "bronze"):
            with pytest.raises(NotFound) as refused:
                await named(gone)
            assert refused.value.facts == {"kind": "place", "name": gone}
        with pytest.raises(NotAllowed):
            await seating.place_named(house.core, Actor("telegram", "5", Role.VIEWER), "silver")
