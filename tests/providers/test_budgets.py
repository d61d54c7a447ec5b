"""Request budgets: what an upstream may get in a minute, whoever sends it, and what over-budget means for people."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from datetime import timedelta
from random import Random

import pytest

from core import budgets
from core.actors import SYSTEM
from core.budgets import Budget, OverBudget
from core.service import open_core
from core.sweeps import alerts as alert_sweep
from core.sync import sync
from tests.support.house import open_house, settings_for
from tests.support.moved import START, open_moved_house


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 60, 120])
async def test_no_minute_ever_sees_more_than_the_budget(limit: int, sqlite_url: str):
    """Asked at random moments for ten minutes, and as often as it lets through."""
    random, sent, waits, at = Random(limit), [], [], 0.0
    async with open_core(settings_for(sqlite_url)) as core:

        def claim_all(tx):
            nonlocal at
            while at < 600:
                at += random.expovariate(limit / 20)
                try:
                    budgets.claim_request(tx, [Budget("scim", limit, 1)], START + timedelta(seconds=at))
                    sent.append(at)
                except OverBudget as over:
                    waits.append(over.wait)

        await core.write(claim_all)
    for first in sent:
        assert sum(first <= moment < first + 59.999 for moment in sent) <= limit
    assert all(1 <= wait <= 120 for wait in waits)
    assert len(sent) >= 10 * limit * 0.6, "and it is used"


async def test_a_raised_budget_and_a_clock_set_back_are_no_prison(sqlite_url: str):
    async with open_core(settings_for(sqlite_url)) as core:
        await core.write(budgets.claim_request, [Budget("scim", 1, 1)], START + timedelta(days=1))
        await core.write(budgets.claim_request, [Budget("scim", 1, 1)], START)
        with pytest.raises(OverBudget):
            await core.write(budgets.claim_request, [Budget("scim", 1, 1)], START)


async def test_one_that_is_over_counts_against_none(sqlite_url: str):
    async with open_core(settings_for(sqlite_url)) as core:
        wanted = [Budget("scim", 9), Budget("scim", 1, 1)]
        await core.write(budgets.claim_request, wanted, START)
        for _ in range(5):
            with pytest.raises(OverBudget) as over:
                await core.write(budgets.claim_request, wanted, START)
            assert over.value.spent.scope == "team:1"
        await core.write(budgets.claim_request, [Budget("scim", 9)], START)
        await core.write(budgets.claim_request, [Budget("scim", 9)], START)
        with pytest.raises(OverBudget):
            await core.write(budgets.claim_request, [Budget("scim", 9)], START)


async def test_two_processes_keep_to_one_budget(database_url: str):
    upstream = {"timeout": 10.0, "team_budgets": {"chatgpt": 9}}
    async with (
        open_moved_house(database_url, seats=50, upstream=upstream) as house,
        open_core(settings_for(database_url, upstream=upstream), clock=house.clock) as other,
    ):
        codes = await house.make_codes(20)
        receipts = await asyncio.gather(
            *(
                house.redeem(f"p{n}@example.com", code, key=f"k{n}", wait=0, core=other if n % 2 else house.core)
                for n, code in enumerate(codes)
            )
        )
        assert Counter((one.state, one.reason) for one in receipts) == {
            ("invited", None): 3,
            ("refused", "team_unavailable"): 17,
        }
        assert len(house.sandbox.ledger()["invites"]) == 3, "what is over the budget is not sent"
        assert await house.value("SELECT sum(used) FROM codes") == 3
        assert sorted(await house.seats(), reverse=True) == ["taken"] * 3 + ["free"] * 47
        assert await house.value("SELECT failures FROM teams") == 0, "our own restraint is nobody's failure"


async def test_a_team_without_budget_is_passed_over_until_it_has_some(database_url: str):
    async with open_moved_house(
        database_url, workspaces=2, seats=20, upstream={"timeout": 10.0, "team_budgets": {"chatgpt": 3}}
    ) as house:
        codes = await house.make_codes(3)
        teams = []
        for number, code in enumerate(codes):
            teams.append((await house.redeem(f"p{number}@example.com", code, key=f"k{number}", wait=0)).team)
            if number == 1:
                house.clock.move(seconds=61)
        assert teams == ["Workspace 1", "Workspace 2", "Workspace 1"]


async def test_sync_waits_for_its_budget_and_then_goes_on(database_url: str):
    async with open_moved_house(database_url, upstream={"timeout": 10.0, "team_budgets": {"chatgpt": 9}}) as house:
        assert [reading.complete for reading in await house.sync()] == [True]
        assert [(one.complete, one.reason) for one in await house.sync()] == [(False, "paused")]
        assert await house.open_alerts() == []
        assert await house.value("SELECT members_failures + failures FROM teams") == 0
        assert await sync.read_due(house.core) == []
        house.clock.move(seconds=40)
        assert [reading.complete for reading in await sync.read_due(house.core)] == [True], "long before its next turn"


async def test_the_pages_of_a_list_wait_for_their_places(sqlite_url: str):
    """The burst is spent, and twenty pages come as fast as the budget lets them: one in 45 ms."""
    budget = Budget("chatgpt", 2000, 1)
    async with open_house(
        sqlite_url, upstream={"timeout": 10.0, "team_budgets": {"chatgpt": budget.limit}}, seats=40
    ) as house:
        for number in range(40):
            house.sandbox.world.join(house.sandbox.world.spaces["ws-1"], f"p{number}@elsewhere.example.com")
        house.sandbox.set_faults(["members:page-duplicates"])
        spent = house.core.now().timestamp() + budget.burst * budget.interval
        await house.execute(f"INSERT INTO budgets VALUES ('team:1', {spent})")
        begun = time.monotonic()
        (reading,) = await sync.sync_all(house.core, SYSTEM)
        assert (reading.complete, reading.members) == (True, 41)
        assert time.monotonic() - begun >= 20 * budget.interval


async def test_a_budget_of_a_provider_is_shared_by_its_teams_and_nobody_else(database_url: str):
    async with open_moved_house(
        database_url, workspaces=3, seats=20, upstream={"timeout": 10.0, "provider_budgets": {"chatgpt": 3}}
    ) as house:
        codes = await house.make_codes(2)
        assert (await house.redeem("a@example.com", codes[0], key="a", wait=0)).state == "invited"
        assert (await house.redeem("b@example.com", codes[1], key="b", wait=0)).reason == "team_unavailable"
        assert await house.value("SELECT count(*) FROM teams WHERE paused_until IS NOT NULL") == 3
        assert len(house.sandbox.ledger()["invites"]) == 1
        await house.execute("UPDATE teams SET provider = 'sandbox', paused_until = NULL WHERE id = 3")
        assert await house.value("SELECT count(*) FROM budgets") == 1


async def test_staff_hear_of_a_spent_budget_until_there_is_some_again(database_url: str):
    async with open_moved_house(
        database_url, workspaces=2, upstream={"timeout": 10.0, "team_budgets": {"chatgpt": 9}}
    ) as house:
        await alert_sweep.check(house.core)
        assert await _budget_alerts(house) == []
        for _ in range(2):
            await sync.read_team(house.core, 1)
        await alert_sweep.check(house.core)
        assert await _budget_alerts(house) == [("budget:team:1", "budget_spent")]
        house.clock.move(minutes=1)
        await alert_sweep.check(house.core)
        assert await _budget_alerts(house) == []


async def test_without_a_budget_nothing_is_counted(database_url: str):
    async with open_house(database_url) as house:
        code = (await house.make_codes())[0]
        assert (await house.redeem("a@example.com", code, key="a")).state == "invited"
        await sync.sync_all(house.core, SYSTEM)
        assert await house.value("SELECT count(*) FROM budgets") == 0


async def test_a_team_gets_no_more_calls_at_once_than_allowed(sqlite_url: str):
    """Eight invites of 100 ms, two at a time: never under 400 ms; four times as many places take no such time."""
    async with open_house(
        sqlite_url, seats=8, latency_ms=100, upstream={"timeout": 10.0, "per_team_concurrency": 2}
    ) as house:
        codes = await house.make_codes(8)
        begun = time.monotonic()
        receipts = await asyncio.gather(
            *(house.redeem(f"p{n}@example.com", code, key=f"k{n}", wait=0) for n, code in enumerate(codes))
        )
        assert {one.state for one in receipts} == {"invited"}
        assert time.monotonic() - begun >= 0.4


async def _budget_alerts(house):
    return [alert for alert in await house.open_alerts() if alert[0].startswith("budget:")]
