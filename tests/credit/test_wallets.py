"""Wallets at their edges: the moment at which credit ends, the last micro-credit, and what goes back to which wallet."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from core.clock import MovedClock
from core.credit import wallets
from core.credit.wallets import ClaimedPart, GivenCredit, Refilling
from core.people.people import person_of
from core.storage.talk_tables import call_parts, calls, ledger
from core.storage.talk_tables import wallets as table
from core.talk_errors import NotEnoughCredit
from tests.support.credit import Bank, open_bank
from tests.support.moved import START

TOO_MUCH = "beyond its claim"


@dataclass
class Purses:
    """One person's wallets, moved by hand."""

    bank: Bank
    clock: MovedClock
    person: int
    asked: int = 0

    async def do(self, work: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        return await self.bank.core.write(work, *arguments, self.clock.now(), **named)

    async def give(self, amount: int, *, pool_id: int = 0, ends: timedelta | None = None) -> int:
        expires_at = None if ends is None else self.clock.now() + ends
        credit = GivenCredit(amount, "test", pool_id, expires_at)
        return int(await self.do(wallets.grant, self.person, credit))

    async def refill(
        self, cap: int, per_hour: int = 0, *, kind: str = "allowance", group: str = "", **how: Any
    ) -> None:
        await self.do(wallets.keep_refilling, self.person, Refilling(kind, group, cap, per_hour, "test"), **how)

    async def there(self, group: str = "", **how: Any) -> list[wallets.Purse]:
        return list(await self.do(wallets.purses, self.person, group, **how))

    async def call(self) -> int:
        self.asked += 1
        return int(await self.do(_call, self.person, self.asked))

    async def claim(self, call: int, amount: int) -> ClaimedPart | None:
        found: ClaimedPart | None = await self.do(wallets.claim, call, await self.there(), amount)
        return found

    async def rows(self, asked: sa.Select[Any]) -> list[Any]:
        def ask(tx: sa.Connection) -> list[Any]:
            return [tuple(row) for row in tx.execute(asked)]

        return await self.bank.core.read(ask)

    async def wallets(self) -> list[Any]:
        """(left, claimed) of each."""
        return await self.rows(sa.select(table.c.left, table.c.claimed).order_by(table.c.id))

    async def lines(self) -> list[Any]:
        """(kind, amount) of the books."""
        return await self.rows(sa.select(ledger.c.kind, ledger.c.amount).order_by(ledger.c.id))

    async def set(self, wallet: int, **values: Any) -> None:
        def put(tx: sa.Connection) -> None:
            tx.execute(sa.update(table).where(table.c.id == wallet).values(**values))

        await self.bank.core.write(put)


def _call(tx: sa.Connection, person: int, number: int, now: Any) -> int:
    row = {"request_key": f"call {number}", "content": b"x", "person_id": person, "via": "test", "model": "small"}
    made = sa.insert(calls).values(**row, state="claimed", prices={}, made_at=now, due_at=now, claim="mine")
    return int(tx.execute(made.returning(calls.c.id)).scalar_one())


@asynccontextmanager
async def open_purses(url: str) -> AsyncIterator[Purses]:
    clock = MovedClock(START)
    async with open_bank(url, clock=clock) as bank:
        yield Purses(bank, clock, await bank.core.write(person_of, "telegram", "1", START))


async def test_what_is_spent_first_and_what_not_at_all(database_url: str) -> None:
    async with open_purses(database_url) as purses:
        await purses.give(1)
        await purses.give(2, ends=timedelta(days=2))
        await purses.give(3, ends=timedelta(days=1))
        await purses.refill(4)
        await purses.refill(5, kind="shared", group="fast")
        await purses.refill(6, kind="shared", group="slow")
        await purses.give(7, ends=timedelta(hours=1))
        assert [one.left for one in await purses.there("fast")] == [4, 5, 7, 3, 2, 1]
        assert [one.left for one in await purses.there("slow", allowance=False)] == [6, 7, 3, 2, 1]
        purses.clock.move(hours=1)
        assert [one.left for one in await purses.there()] == [4, 3, 2, 1]
        purses.clock.move(microseconds=-1)
        assert [one.left for one in await purses.there()] == [4, 7, 3, 2, 1]


async def test_a_claim_takes_the_last_micro_credit_and_not_one_more(database_url: str) -> None:
    async with open_purses(database_url) as purses:
        first = await purses.give(3, ends=timedelta(days=1))
        second = await purses.give(4)
        with pytest.raises(NotEnoughCredit) as refused:
            await purses.claim(await purses.call(), 8)
        assert refused.value.facts == {"needed": "0.0001", "left": "0"}
        assert await purses.wallets() == [(3, 0), (4, 0)]
        call = await purses.call()
        assert await purses.claim(call, 7) is None
        assert await purses.wallets() == [(0, 3), (0, 4)]
        parts = sa.select(call_parts.c.wallet_id, call_parts.c.claimed, call_parts.c.charged).order_by("wallet_id")
        assert await purses.rows(parts.where(call_parts.c.call_id == call)) == [(first, 3, 0), (second, 4, 0)]
        with pytest.raises(NotEnoughCredit):
            await purses.claim(await purses.call(), 1)


async def test_of_purses_that_were_read_before_nothing_is_taken_twice(database_url: str) -> None:
    async with open_purses(database_url) as purses:
        await purses.give(5)
        seen = await purses.there()
        await purses.do(wallets.claim, await purses.call(), seen, 2)
        with pytest.raises(NotEnoughCredit):
            await purses.do(wallets.claim, await purses.call(), seen, 4)
        await purses.do(wallets.claim, await purses.call(), seen, 3)
        assert await purses.wallets() == [(0, 5)]


async def test_only_a_claim_on_one_wallet_that_does_not_refill_is_remembered_as_its_only_part(
    database_url: str,
) -> None:
    async with open_purses(database_url) as purses:
        wallet = await purses.give(10)
        assert await purses.claim(await purses.call(), 4) == ClaimedPart(wallet, 4)
        assert await purses.claim(await purses.call(), 6) == ClaimedPart(wallet, 6)
        await purses.refill(5)
        assert await purses.claim(await purses.call(), 1) is None


async def test_what_is_paid_and_what_goes_back_is_written_to_each_wallet(database_url: str) -> None:
    async with open_purses(database_url) as purses:
        first = await purses.give(3, ends=timedelta(days=1))
        second = await purses.give(10)
        other, call = await purses.call(), await purses.call()
        assert await purses.claim(call, 5) is None
        assert await purses.claim(other, 1) == ClaimedPart(second, 1)
        told = len(await purses.lines())
        await purses.do(wallets.settle, call, 4)
        assert await purses.wallets() == [(0, 0), (8, 1)]
        parts = sa.select(call_parts.c.call_id, call_parts.c.wallet_id, call_parts.c.charged)
        assert set(await purses.rows(parts)) == {(call, first, 3), (call, second, 1), (other, second, 0)}
        assert sorted((await purses.lines())[told:]) == [("charge", 1), ("charge", 3), ("release", 1)]


async def test_of_one_wallet_a_claim_is_charged_whole_and_not_beyond(database_url: str) -> None:
    async with open_purses(database_url) as purses:
        await purses.give(10)
        for charged in (5, 6):
            call = await purses.call()
            only = await purses.claim(call, 5)
            with pytest.raises(AssertionError, match=TOO_MUCH) if charged > 5 else nullcontext():
                await purses.do(wallets.settle, call, charged, only=only)
        assert await purses.wallets() == [(0, 5)]
        assert [line for line in await purses.lines() if line[0] in {"charge", "release"}] == [("charge", 5)]


async def test_a_claim_across_wallets_is_not_charged_beyond_itself(database_url: str) -> None:
    async with open_purses(database_url) as purses:
        await purses.give(2, ends=timedelta(days=1))
        await purses.give(10)
        call = await purses.call()
        await purses.claim(call, 5)
        with pytest.raises(AssertionError, match="charged 1 beyond its claim"):
            await purses.do(wallets.settle, call, 6)
        assert await purses.wallets() == [(0, 2), (7, 3)]


async def test_a_claim_that_the_wallet_does_not_know_of_is_a_fault(database_url: str) -> None:
    async with open_purses(database_url) as purses:
        wallet = await purses.give(5)
        call = await purses.call()
        only = await purses.claim(call, 5)
        await purses.set(wallet, claimed=4)
        with pytest.raises(AssertionError, match="is gone"):
            await purses.do(wallets.settle, call, 0, only=only)
        await purses.set(wallet, claimed=5)
        await purses.do(wallets.settle, call, 0, only=only)
        assert await purses.wallets() == [(5, 0)]
        assert (await purses.lines())[-1] == ("release", 5)


async def test_what_does_not_fit_into_a_wallet_that_refills_is_lost(database_url: str) -> None:
    async with open_purses(database_url) as purses:
        await purses.refill(10, per_hour=5)
        call = await purses.call()
        await purses.claim(call, 6)
        purses.clock.move(hours=1)
        other = await purses.call()
        await purses.claim(other, 1)
        assert await purses.wallets() == [(8, 7)]
        await purses.do(wallets.settle, call, 1)
        assert await purses.wallets() == [(10, 1)]
        assert (await purses.lines())[-3:] == [("charge", 1), ("release", 5), ("expiry", 3)]
        assert ("refill", 5) in await purses.lines()


async def test_by_hand_nothing_is_taken_that_is_not_there(database_url: str) -> None:
    async with open_purses(database_url) as purses:
        wallet = await purses.give(3)
        hand = {"actor": "telegram:9", "reason": "a test"}
        assert await purses.do(wallets.adjust, wallet, 2, **hand) == 2
        assert await purses.do(wallets.adjust, wallet, -6, **hand) == -5
        assert await purses.do(wallets.adjust, wallet, -1, **hand) == 0
        assert await purses.wallets() == [(0, 0)]
        assert await purses.lines() == [("grant", 3), ("adjust", 2), ("adjust", -5)]
        by = await purses.rows(sa.select(ledger.c.actor, ledger.c.reason).where(ledger.c.kind == "adjust").distinct())
        assert by == [("telegram:9", "a test")]


async def test_credit_ends_at_its_moment_and_once(database_url: str) -> None:
    async with open_purses(database_url) as purses:
        wallet = await purses.give(1, ends=timedelta(hours=1))
        stays = await purses.give(1)
        purses.clock.move(hours=1, microseconds=-1)
        assert await purses.do(wallets.expire, wallet) == 0
        purses.clock.move(microseconds=1)
        assert await purses.do(wallets.expire, wallet) == 1
        assert await purses.do(wallets.expire, wallet) == 0
        assert await purses.do(wallets.expire, stays) == 0
        assert await purses.wallets() == [(0, 0), (1, 0)]
        assert (await purses.lines())[-1] == ("expiry", 1)


async def test_credit_without_an_end_gathers_by_pool(database_url: str) -> None:
    async with open_purses(database_url) as purses:
        first = await purses.give(1)
        assert await purses.give(2) == first
        assert await purses.give(4, pool_id=1) != first
        assert await purses.give(8, ends=timedelta(days=1)) != first
        assert await purses.give(16, ends=timedelta(days=1)) != first
        assert [left for left, _ in await purses.wallets()] == [3, 4, 8, 16]


async def test_a_wallet_that_refills_follows_its_cap(database_url: str) -> None:
    async with open_purses(database_url) as purses:
        await purses.refill(0)
        assert await purses.wallets() == []
        await purses.refill(1)
        assert await purses.wallets() == [(1, 0)]
        await purses.refill(10, per_hour=2)
        assert await purses.wallets() == [(10, 0)]
        await purses.claim(await purses.call(), 8)
        purses.clock.move(hours=1)
        lines = await purses.lines()
        await purses.refill(10, per_hour=2)
        assert await purses.lines() == lines
        await purses.refill(10, per_hour=3)
        assert await purses.wallets() == [(4, 8)]
        assert (await purses.lines())[-1] == ("refill", 2)
        await purses.give(7)
        await purses.refill(3, per_hour=3)
        assert await purses.wallets() == [(3, 8), (7, 0)]
        assert (await purses.lines())[-1] == ("adjust", -1)
        await purses.refill(5, per_hour=3)
        assert (await purses.wallets())[0] == (5, 8)
        await purses.refill(0)
        assert (await purses.wallets())[0] == (0, 8)


async def test_what_comes_back_after_an_erasure_is_the_askers_of_that_very_call(database_url: str) -> None:
    async with open_purses(database_url) as purses:
        wallet = await purses.give(9)
        first, second = await purses.call(), await purses.call()
        one, two = await purses.claim(first, 4), await purses.claim(second, 5)
        heir = await purses.bank.core.write(person_of, "discord", "2", START)
        await purses.set(wallet, person_id=None)

        def follow(tx: sa.Connection) -> None:
            tx.execute(sa.update(calls).where(calls.c.id == first).values(person_id=heir))
            tx.execute(sa.update(calls).where(calls.c.id == second).values(person_id=None))

        await purses.bank.core.write(follow)
        await purses.do(wallets.settle, first, 1, only=one)
        await purses.do(wallets.settle, second, 5, only=two)
        found = sa.select(table.c.person_id, table.c.left, table.c.claimed).order_by(table.c.id)
        assert await purses.rows(found) == [(None, 0, 0), (heir, 3, 0)]


async def test_what_was_spent_is_not_given_again_by_a_cap_that_falls_and_rises(database_url: str) -> None:
    async with open_purses(database_url) as purses:
        lent: dict[str, Any] = {"kind": "shared", "group": "fast", "again": False}
        await purses.refill(10, **lent)
        call = await purses.call()
        await purses.do(wallets.claim, call, await purses.there("fast"), 4)
        await purses.refill(5, **lent)
        assert await purses.wallets() == [(5, 4)]
        await purses.refill(10, **lent)
        assert await purses.wallets() == [(6, 4)]
        await purses.refill(11, **lent)
        assert await purses.wallets() == [(7, 4)]
        await purses.refill(5, **lent)
        await purses.refill(6, **lent)
        assert await purses.wallets() == [(5, 4)]
