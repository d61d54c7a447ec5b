"""A plan that somebody signs in for, leaves and comes back to: its allowance is not filled up by that."""

from __future__ import annotations

import pytest

from core.actors import SYSTEM
from core.credit import plans, wallets
from core.credit.wallets import Refilling
from core.rules.money import MICRO
from core.rules.terms import parse_term
from tests.credit.test_wallets import Purses, open_purses

SITE = "sso:directory"


async def left(purses: Purses) -> int:
    """Whole credits of allowance that can be spent now."""
    return sum(one.there for one in await purses.there() if one.kind == "allowance") // MICRO


async def sign_in(purses: Purses, plan: str | None) -> None:
    def stand(tx: object, now: object) -> None:
        plans.stand_at(tx, SYSTEM, purses.person, plan, now, origin=SITE)  # type: ignore[arg-type]

    await purses.do(stand)


async def spend(purses: Purses, whole: int) -> None:
    call = await purses.call()
    await purses.claim(call, whole * MICRO)
    await purses.do(_settle, call, whole * MICRO)


def _settle(tx: object, call: int, amount: int, now: object) -> None:
    wallets.settle(tx, call, amount, now)  # type: ignore[arg-type]


@pytest.mark.parametrize("free", [0, 2])
async def test_leaving_and_coming_back_fills_nothing_up(database_url: str, free: int) -> None:
    async with open_purses(database_url) as purses:
        core = purses.bank.core
        await plans.set_plan(core, SYSTEM, "free", allowance=free * MICRO)
        await plans.set_plan(core, SYSTEM, "gold", new=True, allowance=10 * MICRO, per_hour=MICRO)
        await sign_in(purses, "gold")
        assert await left(purses) == 10
        await spend(purses, 9)
        for _ in range(3):
            await sign_in(purses, None)
            await sign_in(purses, "gold")
            assert await left(purses) == 1
        await sign_in(purses, None)
        purses.clock.move(hours=4)
        await sign_in(purses, "gold")
        assert await left(purses) == 5
        await sign_in(purses, None)
        purses.clock.move(hours=400)
        await sign_in(purses, "gold")
        assert await left(purses) == 10


async def test_a_larger_plan_brings_what_is_larger_of_it_once(database_url: str) -> None:
    async with open_purses(database_url) as purses:
        core = purses.bank.core
        for name, allowance in (("silver", 4), ("gold", 10)):
            await plans.set_plan(core, SYSTEM, name, new=True, allowance=allowance * MICRO)
        await sign_in(purses, "silver")
        await spend(purses, 3)
        await sign_in(purses, "gold")
        assert await left(purses) == 7
        await spend(purses, 7)
        for name in ("silver", "gold"):
            await sign_in(purses, name)
            assert await left(purses) == 0


async def test_a_code_gives_its_plan_anew(database_url: str) -> None:
    async with open_purses(database_url) as purses:
        core = purses.bank.core
        await plans.set_plan(core, SYSTEM, "gold", new=True, allowance=10 * MICRO)
        await sign_in(purses, "gold")
        await spend(purses, 10)
        await sign_in(purses, None)

        def redeem(tx: object, now: object) -> None:
            plans.join(tx, SYSTEM, purses.person, "gold", parse_term("1mo"), now, origin="code")  # type: ignore[arg-type]

        await purses.do(redeem)
        assert await left(purses) == 10


async def test_what_is_lent_does_not_refill_at_its_new_pace_for_the_time_before(database_url: str) -> None:
    async with open_purses(database_url) as purses:
        await purses.refill(10, 0, kind="shared", again=False)
        [wallet] = await purses.there()
        await purses.do(wallets.adjust, wallet.id, -10, actor=None, reason="used")
        purses.clock.move(hours=5)
        lent = Refilling("shared", "", 20, 1, "test")
        await purses.do(wallets.keep_refilling, purses.person, lent, again=False)
        assert sum(one.there for one in await purses.there()) == 10
