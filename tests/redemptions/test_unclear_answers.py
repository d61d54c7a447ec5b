"""What the upstream answers, and what becomes of the code, the seat and the person: over real HTTP.

The first column is a fault of the sandbox, hitting the first invite. "invited" means: exactly one person was
invited for the use, in the ledger too, and nothing is left held.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from core.actors import SYSTEM
from core.teams import pools
from tests.support.house import House, open_house

HASTY: dict[str, Any] = {"upstream": {"timeout": 3.0}}
"""Where the upstream does not answer at all, nobody waits longer than this."""


async def clean(house: House) -> None:
    """Nothing is held, and the counters agree with the redemptions."""
    assert await house.value("SELECT count(*) FROM seats WHERE state = 'held'") == 0
    assert await house.value("SELECT count(*) FROM leases WHERE status = 'held'") == 0
    assert await house.value("SELECT sum(reserved) FROM codes") == 0
    used = await house.value("SELECT count(*) FROM redemptions WHERE state = 'invited'")
    assert await house.value("SELECT sum(used) FROM codes") == used


SETTLED_AS_INVITED = [
    "applied-then-timeout=1",
    "applied-then-reset=1",
    "applied-then-500=1",
    "reset=1",
    "500=1",
    "502=1",
    "503=1",
    "empty-invites=1",
    "html-200=1",
    "bad-json=1",
    "truncated=1",
    "wrong-content-type=1",
    "huge-body=1",
    "gzip-bomb=1",
    "hang=1",
    "401-once",
    "other-case",
    "numeric-status",
    "foreign-member",
    "no-pending-count",
]


@pytest.mark.parametrize("fault", SETTLED_AS_INVITED)
async def test_an_unclear_answer_is_settled_by_looking_and_repeating(sqlite_url: str, fault: str) -> None:
    async with open_house(
        sqlite_url, workspaces=2, faults=[f"invite:{fault}" if "=" in fault else fault], **HASTY
    ) as house:
        [code] = await house.make_codes()
        receipt = await house.redeem("a@example.com", code, key="one", wait=60)
        assert receipt.state == "invited", receipt
        assert house.invited() == [("ws-1", "a@example.com")]
        await clean(house)


TRIES_THE_NEXT_TEAM = ["422-full=1", "429=1", "429-no-header=1", "429-date=1", "429-huge=1", "401", "403", "404"]


@pytest.mark.parametrize("fault", TRIES_THE_NEXT_TEAM)
async def test_a_team_that_cannot_serve_is_passed_over(sqlite_url: str, fault: str) -> None:
    async with open_house(sqlite_url, workspaces=2) as house:
        first = house.sandbox.sessions()[0]["account"]["id"]
        house.sandbox.set_faults([fault], workspace=first)
        [code] = await house.make_codes()
        receipt = await house.redeem("a@example.com", code, key="one")
        assert receipt.state == "invited", receipt
        [(workspace, _)] = house.invited()
        assert workspace != first
        assert await house.value("SELECT count(*) FROM leases WHERE status = 'failed'") == 1
        await clean(house)


@pytest.mark.parametrize("fault", ["422-full", "429", "401", "404"])
async def test_where_no_team_can_serve_the_code_stays_unused(sqlite_url: str, fault: str) -> None:
    async with open_house(sqlite_url, workspaces=1, faults=[fault]) as house:
        [code] = await house.make_codes()
        receipt = await house.redeem("a@example.com", code, key="one")
        assert receipt.state == "refused"
        assert receipt.reason in {"no_seats", "team_unavailable"}
        assert house.invited() == []
        assert await house.value("SELECT used + reserved FROM codes") == 0
        await clean(house)


async def test_full_is_learned_and_the_seats_are_not_offered_again(database_url: str) -> None:
    async with open_house(database_url, seats=4, faults=["422-full"]) as house:
        [first, second] = await house.make_codes(2)
        assert (await house.redeem("a@example.com", first, key="one")).reason == "no_seats"
        house.sandbox.set_faults([])
        assert (await house.redeem("b@example.com", second, key="two")).reason == "no_seats"
        assert await house.value("SELECT capacity_learned FROM teams") == 0
        assert len(house.sandbox.ledger()["invites"]) == 1


@pytest.mark.parametrize(("fault", "reason"), [("422-full", "no_seats"), ("429", "team_unavailable")])
@pytest.mark.parametrize("queues", ["default", "gold"])
async def test_what_is_said_of_seats_is_said_of_the_pool_of_the_code(
    database_url: str, fault: str, reason: str, queues: str
) -> None:
    async with open_house(database_url, faults=[fault]) as house:
        await pools.create_pool(house.core, SYSTEM, "gold", pools.NewPool(prefix="GOLD"))
        await house.execute(f"UPDATE pools SET waitlist_open = (name = '{queues}')")
        [code] = await house.make_codes()
        receipt = await house.redeem("a@example.com", code, key="one")
        assert receipt.reason == reason
        queue = {"waitlist": queues == "default"} if reason == "no_seats" else {}
        assert receipt.facts == {"pool": "default", **queue}


async def test_a_bad_address_is_final_and_uses_nothing(database_url: str) -> None:
    async with open_house(database_url, workspaces=3, faults=["422-address"]) as house:
        [code] = await house.make_codes()
        receipt = await house.redeem("a@example.com", code, key="one")
        assert (receipt.state, receipt.reason) == ("refused", "address_refused_upstream")
        assert len(house.sandbox.ledger()["invites"]) == 1, "another team would say the same"
        await clean(house)


async def test_a_member_that_usher_did_not_invite_costs_no_code(database_url: str) -> None:
    async with open_house(database_url, workspaces=1, seats=4, faults=["409-member=1"]) as house:
        [code] = await house.make_codes()
        receipt = await house.redeem("a@example.com", code, key="one")
        assert receipt.state == "already_member"
        assert await house.value("SELECT used + reserved FROM codes") == 0
        assert await house.value("SELECT occupant FROM seats WHERE state = 'taken'") == "a@example.com"
        await clean(house)


async def test_while_unclear_a_second_person_is_refused_and_the_first_is_settled(database_url: str) -> None:
    async with open_house(database_url, workspaces=2, faults=["invite:applied-then-timeout=1"], **HASTY) as house:
        [code] = await house.make_codes()
        first = asyncio.create_task(house.redeem("a@example.com", code, key="one", wait=10))
        await asyncio.sleep(0.3)
        second = await house.redeem("b@example.com", code, key="two")
        assert second.reason == "code_refused"
        assert (await first).state == "invited"
        assert house.invited() == [("ws-1", "a@example.com")]
        await clean(house)


async def test_a_fresh_invite_that_the_lists_hide_is_not_given_away(database_url: str) -> None:
    """The read-back shows nothing for a while: the same invite to the same team is all that is allowed."""
    async with open_house(
        database_url, workspaces=2, seats=1, faults=["invite:applied-then-500=1", "list-lag=60"]
    ) as house:
        [code, other] = await house.make_codes(2)
        receipt = await house.redeem("a@example.com", code, key="one", wait=10)
        assert receipt.state == "invited"
        assert (await house.redeem("b@example.com", other, key="two")).state == "invited"
        assert sorted(house.invited()) == [("ws-1", "a@example.com"), ("ws-2", "b@example.com")]


async def test_full_after_an_unclear_answer_is_not_believed_at_once(database_url: str) -> None:
    """The seat that makes the team full may be the one this person was just given."""
    async with open_house(
        database_url, workspaces=2, seats=1, faults=["invite:applied-then-500=1", "list-lag=60", "422-full=1"]
    ) as house:
        [code] = await house.make_codes()
        receipt = await house.redeem("a@example.com", code, key="one", wait=1)
        assert receipt.state in {"unclear", "invited"}
        assert house.invited() == [("ws-1", "a@example.com")]
        assert await house.value("SELECT count(*) FROM leases") == 1, "no other team was asked"
        assert await house.value("SELECT count(*) FROM seats WHERE state = 'free'") == 1


async def test_a_dead_upstream_leaves_the_use_reserved_and_says_so(database_url: str) -> None:
    async with open_house(database_url, workspaces=2, faults=["all:500"]) as house:
        [code] = await house.make_codes()
        receipt = await house.redeem("a@example.com", code, key="one", wait=1)
        assert (receipt.state, receipt.reason) == ("unclear", "still_confirming")
        assert await house.value("SELECT reserved FROM codes") == 1
        again = await house.redeem("a@example.com", code, key="two", wait=0)
        assert again.redemption_id == receipt.redemption_id
        house.sandbox.set_faults([])
        healed = await house.redeem("a@example.com", code, key="three", wait=20)
        assert healed.state == "invited"
        assert healed.redemption_id == receipt.redemption_id
        await clean(house)
