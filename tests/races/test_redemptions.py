"""Everybody at once. Each guard has a negative control: without it, the same race must go wrong."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from core.storage import guards
from tests.support.crowds import let_in_together
from tests.support.house import House, open_house


async def race(house: House, pairs: list[tuple[str, str]]) -> Counter[str]:
    receipts = await asyncio.gather(
        *(house.redeem(address, code, key=f"race:{number}") for number, (address, code) in enumerate(pairs))
    )
    return Counter(receipt.reason or receipt.state for receipt in receipts)


async def test_twenty_people_and_one_code_make_one_winner(database_url: str) -> None:
    async with open_house(database_url, workspaces=6, latency_ms=20) as house:
        [code] = await house.make_codes()
        outcome = await race(house, [(f"p{n}@example.com", code) for n in range(20)])
        assert outcome == {"invited": 1, "code_refused": 19}
        assert len(house.invited()) == 1
        assert await house.value("SELECT used + reserved FROM codes") == 1


async def test_a_code_with_three_uses_has_three_winners(database_url: str) -> None:
    async with open_house(database_url, workspaces=6, latency_ms=20) as house:
        [code] = await house.make_codes(uses=3)
        outcome = await race(house, [(f"p{n}@example.com", code) for n in range(20)])
        assert outcome == {"invited": 3, "code_refused": 17}


async def test_twenty_codes_and_four_seats_leave_sixteen_codes_unused(database_url: str) -> None:
    async with open_house(database_url, seats=4, latency_ms=20) as house:
        made = await house.make_codes(20)
        outcome = await race(house, [(f"p{n}@example.com", code) for n, code in enumerate(made)])
        assert outcome == {"invited": 4, "no_seats": 16}
        assert len(house.invited()) == 4
        assert await house.value("SELECT count(*) FROM codes WHERE used = 0 AND reserved = 0") == 16
        assert await house.value("SELECT count(*) FROM leases WHERE status = 'invited'") == 4


@pytest.mark.parametrize("policy", ["proven", "most_free", "round_robin"])
async def test_every_policy_fills_and_never_overfills(database_url: str, policy: str) -> None:
    async with open_house(database_url, workspaces=3, seats=2, latency_ms=10, policy=policy) as house:
        made = await house.make_codes(10)
        outcome = await race(house, [(f"p{n}@example.com", code) for n, code in enumerate(made)])
        assert outcome == {"invited": 6, "no_seats": 4}
        per_team = Counter(workspace for workspace, _ in house.invited())
        assert set(per_team.values()) == {2}


async def test_two_codes_of_one_person_at_once_use_one_seat_of_a_team(database_url: str) -> None:
    async with open_house(database_url, seats=4, latency_ms=20) as house:
        made = await house.make_codes(8)
        await race(house, [("Same.Person@example.com", code) for code in made])
        assert len(house.invited()) == 1
        assert await house.value("SELECT sum(used) FROM codes") == 1
        assert await house.value("SELECT count(*) FROM seats WHERE state <> 'free'") == 1


async def test_the_same_wish_fifty_times_at_once_is_one_redemption(database_url: str) -> None:
    async with open_house(database_url, workspaces=2, latency_ms=20) as house:
        [code] = await house.make_codes(uses=5)
        receipts = await asyncio.gather(*(house.redeem("p@example.com", code, key=f"press:{n % 2}") for n in range(50)))
        assert {receipt.state for receipt in receipts} == {"invited"}
        assert len(house.invited()) == 1
        assert await house.value("SELECT used FROM codes") == 1


async def test_eight_generators_never_spend_the_same_quota(database_url: str) -> None:
    from core.actors import SYSTEM
    from core.codes import codes
    from core.errors import QuotaExceeded

    async with open_house(database_url, workspaces=3, seats=4) as house:

        async def generate() -> int:
            try:
                return (await codes.generate_list(house.core, SYSTEM, codes.BatchPlan(count=5)))[0].count
            except QuotaExceeded:
                return 0

        made = await asyncio.gather(*(generate() for _ in range(8)))
        assert sum(made) == 10  # twelve seats cover two batches of five
        assert await house.value("SELECT count(*) FROM codes") == 10


class TestNegativeControls:
    """On PostgreSQL only: SQLite has one writer, so it cannot lose these races."""

    async def test_without_the_seat_claim_one_seat_goes_to_several(self, postgres_url: str) -> None:
        async with open_house(postgres_url, seats=4, latency_ms=20) as house:
            await house.execute("DROP INDEX uq_leases_live_seat")
            made = await house.make_codes(20)
            with guards.without("seat_claim"):
                # A seat that another settlement has taken cannot be taken again: later guards notice, too late.
                all_at_once = asyncio.gather(
                    *(house.redeem(f"p{n}@example.com", code, key=f"race:{n}") for n, code in enumerate(made)),
                    return_exceptions=True,
                )
                await let_in_together(house.url, "SELECT id FROM seats", all_at_once)
            oversold = "SELECT count(*) FROM (SELECT seat_id FROM leases GROUP BY seat_id HAVING count(*) > 1) AS s"
            assert await house.value(oversold) > 0

    async def test_without_the_use_claim_one_code_serves_several(self, postgres_url: str) -> None:
        async with open_house(postgres_url, workspaces=6, latency_ms=20) as house:
            await house.execute("ALTER TABLE codes DROP CONSTRAINT ck_codes_uses")
            [code] = await house.make_codes()
            with guards.without("code_uses"):
                outcome = asyncio.ensure_future(race(house, [(f"p{n}@example.com", code) for n in range(20)]))
                await let_in_together(house.url, "SELECT id FROM codes", outcome)
            assert outcome.result()["invited"] > 1

    async def test_with_the_constraint_alone_the_last_line_still_holds(self, postgres_url: str) -> None:
        async with open_house(postgres_url, seats=4, latency_ms=20) as house:
            made = await house.make_codes(12)
            with guards.without("seat_claim"):
                all_at_once = asyncio.gather(
                    *(house.redeem(f"p{n}@example.com", code, key=f"race:{n}") for n, code in enumerate(made)),
                    return_exceptions=True,
                )
                await let_in_together(house.url, "SELECT id FROM seats", all_at_once)
            assert len(house.invited()) <= 4
