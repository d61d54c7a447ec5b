"""What staff give by hand: to whom, how much, and the plans that there are to give."""

from __future__ import annotations

from typing import Any

import pytest

from core.actors import SYSTEM, Actor
from core.command_errors import BadValue
from core.credit import plans
from core.credit.grants import give, read_identity
from core.credit.report import wallet_of
from core.errors import BadNumber, NotFound
from core.talk_errors import BadAmount
from tests.support.credit import open_bank


@pytest.mark.parametrize("written", ["telegram:42", " Telegram : 42 ", "telegram：４２", "TELEGRAM:４2"])
def test_a_person_is_one_person_however_they_are_written(written: str) -> None:
    assert read_identity(written) == Actor("telegram", "42")


@pytest.mark.parametrize(
    "nobody",
    ["telegram:anna", "discord:@anna", "telegram:-42", "telegram:", ":42", "42", "telegram:777000", "cli:\x07"],
)
def test_credit_is_given_to_nobody_who_can_never_come(nobody: str) -> None:
    with pytest.raises(BadValue):
        read_identity(nobody)


async def test_the_sign_says_whether_something_is_given_or_taken(database_url: str) -> None:
    async with open_bank(database_url) as bank:
        who = read_identity("telegram:7")
        for text, gives in (("5", 5_000_000), ("+1", 1_000_000), ("－２", -2_000_000), ("−0.5", -500_000)):
            assert (await give(bank.core, SYSTEM, who, text, reason="a test")).amount == gives
        for nothing in ("--5", "+-5", "0", "-0", "1e999999", "-1e9", "1,000"):
            with pytest.raises(BadAmount):
                await give(bank.core, SYSTEM, who, nothing, reason="a test")
        assert (await wallet_of(bank.core, SYSTEM, who)).credit == 3_500_000
        await bank.books_balance()


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"questions": -1}, BadNumber),
        ({"at_once": -1}, BadNumber),
        ({"key_requests": 10**9}, BadNumber),
        ({"keys": 1_001}, BadNumber),
        ({"most_output": 0}, BadNumber),
        ({"context": 0}, BadNumber),
        ({"models": ["small", "no such model"]}, NotFound),
        ({"models": [""]}, NotFound),
    ],
)
async def test_a_plan_allows_what_can_be_allowed(database_url: str, changes: dict[str, Any], refused: type) -> None:
    async with open_bank(database_url) as bank:
        with pytest.raises(refused):
            await plans.set_plan(bank.core, SYSTEM, "gold", new=True, **changes)
        assert await bank.value("SELECT count(*) FROM plans") == 0
        made = await plans.set_plan(bank.core, SYSTEM, "gold", new=True, models=["SMALL"], waits_first=True)
        assert (made.models, made.waits_first) == (("SMALL",), True)


async def test_a_plan_is_not_called_what_would_be_an_amount(sqlite_url: str) -> None:
    async with open_bank(sqlite_url) as bank:
        for name in ("5", "5gold", "-gold", "５"):
            with pytest.raises(BadValue):
                await plans.set_plan(bank.core, SYSTEM, name, new=True)


async def test_an_allowance_is_shown_as_the_next_question_finds_it(database_url: str) -> None:
    async with open_bank(database_url) as bank:
        who = read_identity("telegram:7")
        await bank.grant("1", "telegram:7")
        await plans.set_plan(bank.core, SYSTEM, "free", allowance=1_000_000, per_hour=1)
        [new] = (await wallet_of(bank.core, SYSTEM, who)).allowances
        assert (new.left, new.cap, new.claimed) == (1_000_000, 1_000_000, 0)
        spent = await bank.ask("q1", "telegram:7")
        [used] = (await wallet_of(bank.core, SYSTEM, who)).allowances
        assert (used.left, used.cap) == (1_000_000 - spent.charged, 1_000_000)
        await plans.set_plan(bank.core, SYSTEM, "free", allowance=0, per_hour=0)
        left = await wallet_of(bank.core, SYSTEM, who)
        assert (left.allowances, left.credit) == ([], 1_000_000)
        await bank.ask("q2", "telegram:7")
        assert (await wallet_of(bank.core, SYSTEM, who)).credit == 1_000_000 - spent.charged
        await bank.books_balance()
