"""What a plan or lending allows, while that ends. Without the guard it comes back, and nobody takes it again.

On PostgreSQL only: SQLite has one writer, so it cannot lose these races.
"""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta

import pytest

from core.actors import SYSTEM, Actor
from core.credit import plans
from core.models.protocol import Usage
from core.reports.doctor import examine
from core.reports.server_checks import KEEPS
from core.rules.terms import Term
from core.sources import sources, sweep
from core.storage import guards
from tests.support.credit import Bank, open_bank, saying
from tests.support.crowds import crowd, kept_away

LENDER = Actor("telegram", "1")
KEPT = pytest.mark.parametrize("kept", [True, False])
WALLETS = "SELECT id FROM wallets"


async def wrong(bank: Bank) -> set[str]:
    """The checks of the doctor that find something."""
    found = await examine(bank.core, SYSTEM)
    return {one.name for one in found if one.breaches or one.warnings} - {KEEPS[0]}


def guarded(kept: bool) -> contextlib.AbstractContextManager[None]:
    return contextlib.nullcontext() if kept else guards.without("purses_kept")


@KEPT
async def test_two_accounts_that_are_taken_back_at_once_leave_no_allowance(postgres_url: str, kept: bool) -> None:
    async with open_bank(postgres_url, accounts=(), sources={"lending": True}) as bank:
        for name in ("one", "two"):
            await bank.add_source(name, owner="telegram:1")
            await sources.lend(bank.core, LENDER, name, True)
            await sweep.read_source(bank.core, await bank.core.read(sources.source_named, name))
        assert await bank.value("SELECT cap FROM wallets") == 4_000_000
        with guarded(kept):
            async with kept_away(bank.url, WALLETS):
                back = asyncio.gather(*(sources.lend(bank.core, LENDER, name, False) for name in ("one", "two")))
                await crowd(bank.url, 2)
            await back
        [(cap, left)] = await bank.rows('SELECT cap, "left" FROM wallets')
        assert (cap, left) == ((0, 0) if kept else (2_000_000, 2_000_000))
        assert await wrong(bank) == (set() if kept else {"allowance_has_its_cause"})
        await bank.books_balance()


@KEPT
async def test_a_plan_that_ends_while_a_question_is_asked_does_not_come_back(postgres_url: str, kept: bool) -> None:
    async with open_bank(postgres_url) as bank:
        await plans.set_plan(bank.core, SYSTEM, "vip", allowance=1_000, per_hour=0)
        await bank.grant("vip", term=Term(1, "hour"))
        bank.desk.usual = saying("a", usage=Usage(10, 100))
        assert (await bank.ask("q0", most_output=100)).charged == 210
        over = bank.core.now() + timedelta(hours=2)
        with guarded(kept):
            async with kept_away(bank.url, WALLETS):
                # The end is written, and not committed, when the question reads what plan it is asked under.
                ending = asyncio.ensure_future(bank.core.write(plans.end, 1, over))
                await crowd(bank.url, 1)
                asking = asyncio.ensure_future(bank.ask("q1", most_output=100))
                await crowd(bank.url, 2)
            await ending
            answer = await asking
        assert answer.reason == ("not_enough_credit" if kept else None)
        assert await bank.rows('SELECT cap, "left" FROM wallets') == [(0, 0) if kept else (1_000, 790)]
        assert await wrong(bank) == (set() if kept else {"allowance_has_its_cause"})
        await bank.books_balance()


async def test_a_call_that_runs_when_its_plan_ends_pays_what_was_claimed_and_gives_nothing_back(
    database_url: str,
) -> None:
    async with open_bank(database_url) as bank:
        await plans.set_plan(bank.core, SYSTEM, "vip", allowance=1_000, per_hour=0)
        await bank.grant("vip", term=Term(1, "hour"))
        bank.desk.usual = saying("a", usage=Usage(10, 20))

        async def end(progress: object) -> None:
            await bank.core.write(plans.end, 1, bank.core.now() + timedelta(hours=2))

        answer = await bank.ask("q1", most_output=100, deliver=end)
        assert (answer.finish, answer.charged) == ("whole", 50)
        assert await bank.rows('SELECT cap, "left", claimed FROM wallets') == [(0, 0, 0)]
        assert await wrong(bank) == set()
        await bank.books_balance()
        assert (await bank.ask("q2")).reason == "not_enough_credit"
