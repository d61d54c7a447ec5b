"""Everybody asks at once. Each guard has a negative control: without it, the same race must go wrong."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncGenerator
from typing import Any

import pytest
import sqlalchemy as sa

from core.calls import calls, settling
from core.calls.orders import Answer, CallClaimLost
from core.models.protocol import Event, Finished, Question, Sent, Text, Usage
from core.rules.money import amount_text
from core.storage import guards
from core.storage.talk_tables import calls as call_rows
from tests.support.chats import until
from tests.support.credit import Bank, open_bank, saying
from tests.support.crowds import let_in_together

CLAIM = 21 + 2 * 100
"""What a question with an answer of at most 100 tokens claims."""


async def race(bank: Bank, count: int = 20, **given: Any) -> Counter[str]:
    answers: list[Answer | BaseException] = await asyncio.gather(
        *(bank.ask(f"race:{number}", most_output=100, **given) for number in range(count)), return_exceptions=True
    )
    return Counter(
        "failed" if isinstance(answer, BaseException) else answer.reason or answer.state for answer in answers
    )


async def test_twenty_at_once_and_credit_for_one_serve_one(database_url: str) -> None:
    async with open_bank(database_url, slots=50, talk={"shortest_output": 100}) as bank:
        await bank.grant(amount_text(CLAIM))
        bank.desk.usual = saying("all of it", usage=Usage(21, 100), pause=0.02)
        assert await race(bank) == {"settled": 1, "not_enough_credit": 19}
        assert bank.desk.calls.total() == 1
        assert await bank.left() == 0
        await bank.books_balance()


async def test_two_people_on_one_account_pay_each_their_own(database_url: str) -> None:
    async with open_bank(database_url, slots=3) as bank:
        for who in ("telegram:1", "telegram:2"):
            await bank.grant("1", who)
        bank.desk.usual = saying("some", "words", usage=Usage(10, 15), pause=0.01)
        answers = await asyncio.gather(
            *(bank.ask(f"{who}:{n}", who, most_output=100) for n in range(5) for who in ("telegram:1", "telegram:2"))
        )
        assert {answer.charged for answer in answers} == {40}
        assert [await bank.left(who) for who in ("telegram:1", "telegram:2")] == [1_000_000 - 200] * 2


async def test_an_account_never_runs_more_than_it_has_slots(database_url: str) -> None:
    async with open_bank(database_url, accounts=("one", "two"), slots=2) as bank:
        await bank.grant("1")
        bank.desk.usual = saying("a", "b", usage=Usage(10, 2), pause=0.05)
        assert await race(bank, 12) == {"settled": 12}
        assert max(bank.desk.peak.values()) == 2
        assert await bank.value("SELECT count(*) FROM source_slots WHERE state = 'busy'") == 0


async def test_all_busy_is_said_when_nobody_waits(database_url: str) -> None:
    async with open_bank(database_url, slots=1) as bank:
        await bank.grant("1")
        bank.desk.usual = saying("a", usage=Usage(10, 1), pause=0.5)
        assert await race(bank, 3, wait=0.0) == {"settled": 1, "all_busy": 2}
        await bank.books_balance()


async def test_a_refill_and_a_claim_at_once_lose_nothing(database_url: str) -> None:
    from core.actors import SYSTEM
    from core.credit import plans

    async with open_bank(database_url, slots=50) as bank:
        await plans.set_plan(bank.core, SYSTEM, "free", allowance=100_000, per_hour=36_000_000)
        bank.desk.usual = saying("a", usage=Usage(10, 1), pause=0.01)
        outcome = await race(bank, 10)
        assert outcome == {"settled": 10}
        await bank.books_balance()
        assert await bank.value('SELECT max("left" - cap) FROM wallets WHERE cap IS NOT NULL') <= 0


class TestNegativeControls:
    """On PostgreSQL only: SQLite has one writer, so it cannot lose these races."""

    async def test_without_the_wallet_claim_twenty_are_served(self, postgres_url: str) -> None:
        async with open_bank(postgres_url, slots=50, talk={"shortest_output": 100}) as bank:
            await bank.execute("ALTER TABLE wallets DROP CONSTRAINT ck_wallets_left")
            await bank.grant(amount_text(CLAIM))
            bank.desk.usual = saying("all of it", usage=Usage(21, 100), pause=0.05)
            with guards.without("wallet_claim"):
                outcome = asyncio.ensure_future(race(bank))
                await let_in_together(bank.url, "SELECT id FROM wallets", outcome, least=4)
            assert outcome.result()["settled"] > 1
            assert await bank.left() < 0

    async def test_with_the_constraint_alone_the_last_line_still_holds(self, postgres_url: str) -> None:
        async with open_bank(postgres_url, slots=50, talk={"shortest_output": 100}) as bank:
            await bank.grant(amount_text(CLAIM))
            bank.desk.usual = saying("all of it", usage=Usage(21, 100), pause=0.05)
            with guards.without("wallet_claim"):
                outcome = await race(bank)
            assert outcome["settled"] == 1
            assert await bank.left() == 0

    async def test_without_the_slot_claim_an_account_is_overrun(self, postgres_url: str) -> None:
        async with open_bank(postgres_url, slots=2) as bank:
            people = [f"telegram:{number}" for number in range(12)]  # one's own wallet lets in one after the other
            for who in people:
                await bank.grant("1", who)
            overrun = asyncio.Event()

            async def answer(question: Question) -> AsyncGenerator[Event, None]:
                yield Sent()
                if max(bank.desk.peak.values()) > 2:
                    overrun.set()
                await asyncio.wait_for(overrun.wait(), 60)
                yield Text("a")
                yield Usage(10, 1)
                yield Finished("stop")

            bank.desk.usual = answer
            with guards.without("slot_claim"):
                asking = asyncio.gather(*(bank.ask(f"race:{who}", who=who, most_output=100) for who in people))
                # Two take the same place of two, so that a third finds the other one free.
                await let_in_together(bank.url, "SELECT id FROM source_slots", asking)
            assert overrun.is_set()


@pytest.mark.parametrize("fenced", [True, False])
async def test_who_was_taken_over_settles_only_without_the_fence(database_url: str, fenced: bool) -> None:
    """A process is frozen in the middle of an answer; another one takes its call over, and then it goes on."""
    async with open_bank(database_url, talk={"checkpoint": 60}) as bank:
        await bank.grant("1")
        core, taken, answered = bank.core, asyncio.Event(), asyncio.Event()
        others: list[Any] = []

        async def deliver(progress: object) -> None:
            if isinstance(progress, Text) and not taken.is_set():
                changed = sa.update(call_rows).values(due_at=core.now())
                await core.write(lambda tx: tx.execute(changed))
                others.extend(await core.write(settling.take_over, core, "another", core.now()))
                taken.set()

        async def settle_it_elsewhere() -> None:
            await (taken if fenced else answered).wait()  # without the fence whoever is first wins
            await core.write(settling.settle_abandoned, core, others[0], "another", core.now())

        with contextlib.nullcontext() if fenced else guards.without("call_fence"):
            elsewhere = asyncio.create_task(settle_it_elsewhere())
            answer = await bank.ask("q1", deliver=deliver)
            answered.set()
            [outcome] = await asyncio.gather(elsewhere, return_exceptions=True)
        assert (answer.finish == "whole") is not fenced
        assert isinstance(outcome, CallClaimLost) is not fenced
        assert await bank.value("SELECT count(*) FROM calls WHERE state = 'settled'") == 1
        await bank.books_balance()


@pytest.mark.parametrize("noted", [True, False])
async def test_what_leaves_was_noted_before_and_without_the_note_its_cost_is_unexplained(
    database_url: str, noted: bool
) -> None:
    """The process dies right after the bytes left: who looks later must see that the account may have billed them."""
    async with open_bank(database_url) as bank:
        await bank.grant("1")
        seen: list[int] = []

        async def look(question: Question) -> AsyncGenerator[Event, None]:
            seen.append(await bank.value("SELECT count(*) FROM call_attempts WHERE outcome = 'sending'"))
            yield Sent()
            await asyncio.Event().wait()

        bank.desk.usual = look
        with contextlib.nullcontext() if noted else guards.without("attempt_row"):
            asking = asyncio.create_task(bank.ask("q1"))
            await until(lambda: asyncio.sleep(0, bool(seen)), 60, "nobody was asked")
            # What a killed process leaves behind, settled by another one.
            changed = sa.update(call_rows).values(due_at=bank.core.now())
            await bank.core.write(lambda tx: tx.execute(changed))
            assert await calls.recover(bank.core) == 1
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
        assert seen == [int(noted)]
        assert (await bank.value("SELECT billed FROM calls") > 0) is noted
        await bank.books_balance()


@pytest.mark.parametrize("count", [50])
async def test_one_press_fifty_times_is_charged_once(database_url: str, count: int) -> None:
    async with open_bank(database_url) as bank:
        await bank.grant("1")
        await asyncio.gather(*(bank.ask(f"press:{n % 2}") for n in range(count)))
        assert await bank.value("SELECT count(*) FROM ledger WHERE kind = 'charge'") == 2
        assert await bank.left() == 1_000_000 - 2 * 14
