"""At the end of a term: a wish to stay, a time of grace, and a budget of moves."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from core.actors import SYSTEM, Actor, Role
from core.errors import LeaseRefused, NotAllowed, NotFound, Refusal, TransferRefused
from core.leases import expiry, extensions, leases
from core.reports import wishes
from core.teams import pools
from core.transfers import sweep, transfers
from tests.support.moved import MovedHouse, open_moved_house

ANN = "ann@example.com"
HOLDER = Actor("telegram", "7", Role.ANYONE)
STAFF = Actor("telegram", "9", Role.OPERATOR)


async def seated(house: MovedHouse, **plan: Any) -> int:
    [code] = await house.make_codes(**{"auto_transfer": False, **plan})
    await house.redeem(ANN, code, key="k1", actor=HOLDER)
    house.sandbox.accept(ANN)
    await house.sync()
    return int(await house.value("SELECT id FROM leases"))


async def test_a_wish_to_stay_is_decided_once(database_url: str):
    async with open_moved_house(database_url) as house:
        lease = await seated(house)
        before = (await house.lease(lease)).expires_at
        with pytest.raises(NotFound):
            await extensions.ask(house.core, Actor("telegram", "8", Role.ANYONE), lease)
        assert await asyncio.gather(*(extensions.ask(house.core, HOLDER, lease) for _ in range(3))) == ["1mo"] * 3
        [wish] = await wishes.wish_list(house.core, STAFF)
        assert (wish.kind, wish.address, wish.term) == ("extension", ANN, "1mo")
        assert await house.open_alerts() == [(f"extension:{wish.id}", "extension_asked")]
        with pytest.raises(NotAllowed):
            await wishes.decide(house.core, HOLDER, wish.id, approve=True)

        async def decide(approve: bool) -> str:
            try:
                await wishes.decide(house.core, STAFF, wish.id, approve=approve)
            except Refusal as refusal:
                return refusal.key
            return "decided"

        told = await asyncio.gather(*(decide(bool(number % 2)) for number in range(4)))
        assert sorted(told) == ["decided", "not_found", "not_found", "not_found"]
        after = (await house.lease(lease)).expires_at
        approved = await house.value("SELECT state FROM extension_requests") == "approved"
        assert (after > before) is approved
        assert await house.notices("lease_extended") + await house.notices("extension_declined") == 1
        assert await house.open_alerts() == []


async def test_a_wish_ends_with_its_seat(database_url: str):
    async with open_moved_house(database_url) as house:
        lease = await seated(house)
        await extensions.ask(house.core, HOLDER, lease)
        house.sandbox.set_faults(["remove:500"])
        await leases.end(house.core, SYSTEM, ANN)
        assert (await house.lease(lease)).status == "active", "it is ending, and the upstream does not let go"
        with pytest.raises(LeaseRefused):
            await extensions.ask(house.core, HOLDER, lease)
        house.sandbox.set_faults([])
        for _ in range(4):
            house.clock.move(minutes=5)
            await sweep.advance_transfers(house.core)
        assert (await house.lease(lease)).status == "ended"
        assert await house.value("SELECT state FROM extension_requests") == "closed"
        assert await wishes.wish_list(house.core, STAFF) == []
        assert await house.open_alerts() == []


async def test_the_seat_stays_for_the_grace_and_its_person_is_told_once(database_url: str):
    async with open_moved_house(database_url) as house:
        lease = await seated(house, term="30d")
        await pools.change_pool(house.core, SYSTEM, "default", grace_hours=48)
        house.clock.move(days=30, hours=1)
        for _ in range(2):
            await expiry.expire(house.core)
        assert (await house.lease(lease)).end_reason is None
        assert await house.notices("lease_in_grace") == 1
        await extensions.ask(house.core, HOLDER, lease)
        house.clock.move(hours=48)
        await expiry.expire(house.core)
        assert (await house.lease(lease)).end_reason == "expired"


async def test_a_seat_moves_as_often_as_its_pool_allows_and_then_ends(database_url: str):
    async with open_moved_house(database_url, workspaces=2) as house:
        lease = await seated(house, auto_transfer=True, term="30d")
        await pools.change_pool(house.core, SYSTEM, "default", transfers_allowed=0, transfer_requests=True)
        with pytest.raises(TransferRefused) as refused:
            await transfers.request(house.core, HOLDER, lease)
        assert refused.value.facts == {"reason": "used_up", "most": 0}
        house.clock.move(days=28)
        await expiry.expire(house.core)
        assert await house.notices("lease_expiring") == 1, "it will end, and its person is warned"
        house.clock.move(days=3)
        await expiry.expire(house.core)
        assert (await house.lease(lease)).end_reason == "expired"
        assert await house.breaches() == []


async def test_staff_move_whoever_they_want(sqlite_url: str):
    async with open_moved_house(sqlite_url, workspaces=2) as house:
        await seated(house)
        await pools.change_pool(house.core, SYSTEM, "default", transfers_allowed=0)
        assert [one.state for one in await transfers.transfer(house.core, STAFF, ANN)] == ["waiting"]


async def test_what_was_promised_while_somebody_is_moved_goes_along(database_url: str):
    async with open_moved_house(database_url, workspaces=2) as house:
        lease = await seated(house, term="30d")
        await extensions.ask(house.core, HOLDER, lease)
        [moved] = await transfers.transfer(house.core, STAFF, ANN)
        assert moved.state == "waiting"
        await leases.extend(house.core, STAFF, "", "7d", lease_id=lease)
        until = (await house.lease(lease)).expires_at
        house.sandbox.accept(ANN)
        for _ in range(3):
            house.clock.move(minutes=1)
            await house.sync()
            await sweep.advance_transfers(house.core)
        assert await house.leases(ANN) == [("ended", 1), ("active", 2)]
        assert await house.value("SELECT expires_at FROM leases WHERE status = 'active'") == until
        [wish] = await wishes.wish_list(house.core, STAFF)
        assert (wish.kind, wish.team) == ("extension", "Workspace 2")
        await wishes.decide(house.core, STAFF, wish.id, approve=True)
        assert await house.value("SELECT expires_at FROM leases WHERE status = 'active'") != until
        assert await house.breaches() == []


async def test_a_seat_without_an_end_has_none_after_a_move(sqlite_url: str):
    async with open_moved_house(sqlite_url, workspaces=2) as house:
        await seated(house, term="30d")
        await leases.extend(house.core, STAFF, ANN, "unlimited")
        await transfers.transfer(house.core, STAFF, ANN)
        house.sandbox.accept(ANN)
        for _ in range(3):
            house.clock.move(minutes=1)
            await house.sync()
            await sweep.advance_transfers(house.core)
        assert await house.leases(ANN) == [("ended", 1), ("active", 2)]
        assert await house.value("SELECT expires_at FROM leases WHERE status = 'active'") is None
