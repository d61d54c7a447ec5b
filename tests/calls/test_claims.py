"""What a call may claim, at its edges: whose question it is, for which model, and how much of a day is left."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from core.actors import SYSTEM, Actor
from core.calls import claims, keys
from core.calls.orders import CallOrder
from core.clock import MovedClock
from core.credit import grants, plans
from core.errors import RequestKeyReused
from core.rules.money import shown_amount
from core.sources import models
from core.storage.talk_tables import calls, wallets
from core.vault import fresh_key
from tests.support.credit import HELLO, Bank, open_bank
from tests.support.moved import START

PERSON = Actor("telegram", "1")
PICTURE = ({"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}]},)


@asynccontextmanager
async def open_moved(url: str, **sections: Any) -> AsyncIterator[tuple[Bank, MovedClock]]:
    clock = MovedClock(START)
    async with open_bank(url, clock=clock, **sections) as bank:
        await bank.grant("1")
        yield bank, clock


async def add_model(bank: Bank, name: str) -> None:
    await models.add_model(bank.core, SYSTEM, name, models.NewModel(price_input=1_000_000, price_output=2_000_000))
    await bank.add_source(name, models=[name])


@pytest.mark.parametrize("usual", ["", "small"])
async def test_which_model_answers(database_url: str, usual: str) -> None:
    async with open_moved(database_url, talk={"default_model": usual}) as (bank, _):
        assert (await bank.ask("alone")).model == "small"
        await add_model(bank, "other")
        assert (await bank.ask("named", model="other")).model == "other"
        assert (await bank.ask("unnamed")).reason == (None if usual else "not_found")
        await bank.execute("UPDATE people SET default_model = 'other'")
        assert (await bank.ask("chosen")).model == "other"
        await bank.execute("UPDATE models SET enabled = false")
        assert (await bank.ask("away", model="small")).reason == "not_found"


async def test_a_day_of_a_person_begins_at_midnight_and_ends_at_its_limit(database_url: str) -> None:
    async with open_moved(database_url) as (bank, clock):
        first = await bank.ask("first")
        await bank.grant("1", "telegram:2")
        await bank.ask("of somebody else", "telegram:2")
        least = (await bank.ask("short", "telegram:2", most_output=256)).claimed
        both = first.charged + least
        await grants.set_spend_limit(bank.core, PERSON, both - 1)
        refused = await bank.ask("one too much")
        assert (refused.reason, refused.facts["spent"]) == ("spend_limit", shown_amount(first.charged))
        clock.move(hours=12, microseconds=-1)
        assert (await bank.ask("still today")).reason == "spend_limit"
        clock.move(microseconds=1)
        assert (await bank.ask("at midnight")).reason is None
        clock.move(hours=1)
        assert (await bank.ask("after midnight")).reason == "spend_limit"
        await grants.set_spend_limit(bank.core, PERSON, both)
        assert (await bank.ask("the last")).reason is None


async def test_what_the_limit_of_a_day_leaves_shortens_an_answer_as_an_empty_purse_does(database_url: str) -> None:
    async with open_moved(database_url) as (bank, _):
        first = await bank.ask("first")
        await grants.set_spend_limit(bank.core, PERSON, first.charged + first.claimed - 2)
        shorter = await bank.ask("second")
        assert (shorter.claimed, shorter.shortened, shorter.charged) == (first.claimed - 2, True, first.charged)
        await bank.add_source("mine", owner="telegram:1")
        await grants.set_spend_limit(bank.core, PERSON, 2 * first.charged)
        assert ((await bank.ask("own")).source, (await bank.ask("own again")).claimed) == ("mine", 0)
        await bank.books_balance()


async def test_a_call_under_way_counts_with_all_that_it_claims(database_url: str) -> None:
    async with open_moved(database_url) as (bank, _):
        first = await bank.ask("first")
        least = (await bank.ask("short", most_output=256)).claimed
        await bank.execute("UPDATE calls SET state = 'streaming', ended_at = NULL, finish = NULL")
        await grants.set_spend_limit(bank.core, PERSON, first.claimed + 2 * least - 1)
        refused = await bank.ask("second")
        assert (refused.reason, refused.facts["spent"]) == ("spend_limit", shown_amount(first.claimed + least))


async def test_a_key_has_a_day_of_its_own(database_url: str) -> None:
    async with open_moved(database_url) as (bank, _):
        await grants.give(bank.core, SYSTEM, PERSON, "vip", reason="a test")
        _, laptop = await keys.make_key(bank.core, PERSON, "laptop")
        _, phone = await keys.make_key(bank.core, PERSON, "phone")
        first = await bank.ask("first", key_id=laptop.id)
        least = (await bank.ask("short", most_output=256)).claimed
        await bank.execute(f"UPDATE keys SET daily_limit = {first.charged + least - 1}")
        assert (await bank.ask("with another key", key_id=phone.id)).reason is None
        assert (await bank.ask("without a key")).reason is None
        assert (await bank.ask("with the same", key_id=laptop.id)).reason == "spend_limit"


async def test_a_key_asks_as_often_as_it_may_itself_or_else_as_its_owners_plan_says(database_url: str) -> None:
    async with open_moved(database_url) as (bank, clock):
        await grants.give(bank.core, SYSTEM, PERSON, "vip", reason="a test")
        await plans.set_plan(bank.core, SYSTEM, "vip", key_requests=2)
        _, strict = await keys.make_key(bank.core, PERSON, "strict", keys.KeyRights(rpm=1))
        _, usual = await keys.make_key(bank.core, PERSON, "usual")

        async def asked(key: Any, actor: Actor = PERSON) -> list[str | None]:
            """What came of three questions in the same minute."""
            clock.move(minutes=1)
            return [(await bank.ask(f"{key.id} {clock.now()} {n}", actor=actor, key_id=key.id)).reason for n in "123"]

        assert await asked(strict) == [None, "too_many_questions", "too_many_questions"]
        assert await asked(usual) == [None, None, "too_many_questions"]
        assert await asked(strict, SYSTEM) == [None] * 3
        await plans.set_plan(bank.core, SYSTEM, "vip", key_requests=0)
        assert await asked(usual) == [None] * 3


async def test_a_key_ends_at_its_moment_and_is_its_owners(database_url: str) -> None:
    async with open_moved(database_url) as (bank, clock):
        await grants.give(bank.core, SYSTEM, PERSON, "vip", reason="a test")
        _, key = await keys.make_key(bank.core, PERSON, "laptop", keys.KeyRights(expires_at=START + timedelta(hours=1)))
        await bank.grant("vip", "telegram:2")
        assert (await bank.ask("not theirs", "telegram:2", key_id=key.id)).reason == "key_revoked"
        clock.move(hours=1, microseconds=-1)
        assert (await bank.ask("in time", key_id=key.id)).reason is None
        clock.move(microseconds=1)
        assert (await bank.ask("too late", key_id=key.id)).reason == "key_revoked"


async def test_a_ban_ends_at_its_moment_or_when_it_is_lifted(database_url: str) -> None:
    async with open_moved(database_url) as (bank, clock):

        def ban(tx: sa.Connection, identity: str, platform: str) -> None:
            tx.execute(
                sa.text(
                    "INSERT INTO bans (platform, identity, reason, maker, created_at, until)"
                    " SELECT :platform, :identity, 'x', 'y', p.created_at, :until FROM people p LIMIT 1"
                ).bindparams(sa.bindparam("until", START + timedelta(hours=1), type_=calls.c.made_at.type)),
                {"platform": platform, "identity": identity},
            )

        await bank.core.write(ban, "1", "discord")
        await bank.core.write(ban, "2", "telegram")
        assert (await bank.ask("others are banned")).reason is None
        await bank.core.write(ban, "1", "telegram")
        clock.move(hours=1, microseconds=-1)
        assert (await bank.ask("banned")).reason == "suspended"
        clock.move(microseconds=1)
        assert (await bank.ask("over")).reason is None
        await bank.execute("UPDATE bans SET until = NULL")
        assert (await bank.ask("for ever")).reason == "suspended"
        await bank.execute("UPDATE bans SET lifted_at = created_at")
        assert (await bank.ask("lifted")).reason is None


async def test_so_many_at_once_and_not_one_more(database_url: str) -> None:
    async with open_moved(database_url) as (bank, _):
        await plans.set_plan(bank.core, SYSTEM, "free", at_once=2)
        await bank.ask("first", actor=PERSON)
        await bank.execute("UPDATE calls SET state = 'streaming', ended_at = NULL, finish = NULL")
        assert (await bank.ask("second", actor=PERSON)).reason is None
        await bank.execute("UPDATE calls SET state = 'streaming', ended_at = NULL, finish = NULL")
        assert (await bank.ask("third", actor=PERSON)).reason == "too_many_at_once"
        assert (await bank.ask("of staff")).reason is None
        await plans.set_plan(bank.core, SYSTEM, "free", at_once=0)
        assert (await bank.ask("without a limit", actor=PERSON)).reason is None


async def test_a_picture_goes_to_a_model_that_sees(database_url: str) -> None:
    async with open_moved(database_url) as (bank, _):
        assert (await bank.ask("blind", messages=PICTURE)).reason == "model_sees_not"
        assert (await bank.ask("words")).reason is None


async def test_a_repeat_is_the_same_question_of_the_same_person(database_url: str) -> None:
    async with open_moved(database_url) as (bank, _):
        first = await bank.ask("key")
        again = await bank.ask("key")
        assert (again.call_id, again.repeated) == (first.call_id, True)
        assert not first.repeated
        await bank.grant("1", "telegram:2")
        others: list[dict[str, Any]] = [{"who": "telegram:2"}, {"most_output": 7}, {"who": "telegram:3"}]
        for other in others:
            with pytest.raises(RequestKeyReused):
                await bank.ask("key", **other)


async def test_what_a_question_stands_for_is_kept_under_the_key_of_the_vault_that_is_active(database_url: str) -> None:
    vault = {"active": "new", "keys": {"old": fresh_key(), "new": fresh_key()}}
    async with open_moved(database_url, vault=vault) as (bank, _):
        asked = await bank.ask("key")
        order = CallOrder("key", HELLO, "test")
        under_each = (await claims.weigh(bank.core, order, PERSON)).contents
        kept = sa.select(calls.c.content).where(calls.c.id == asked.call_id)
        content = await bank.core.read(lambda tx: bytes(tx.execute(kept).scalar_one()))
        assert under_each.index(content) == 0, "the older key may be taken away some day"


async def test_whoever_has_no_plan_with_an_allowance_has_no_such_wallet(database_url: str) -> None:
    async with open_moved(database_url) as (bank, _):
        await bank.ask("first")
        kinds = sa.select(wallets.c.kind)
        assert await bank.core.read(lambda tx: list(tx.execute(kinds).scalars())) == ["credit"]
        await plans.set_plan(bank.core, SYSTEM, "free", allowance=1, per_hour=1)
        await bank.ask("second")
        assert sorted(await bank.core.read(lambda tx: list(tx.execute(kinds).scalars()))) == ["allowance", "credit"]


async def test_an_allowance_is_spent_first_to_its_last_micro_credit_and_only_while_the_plan_gives_one(
    database_url: str,
) -> None:
    async with open_moved(database_url) as (bank, _):
        left = sa.select(wallets.c.left).where(wallets.c.kind == "allowance")

        async def of_the_allowance() -> int:
            return int(await bank.core.read(lambda tx: tx.execute(left).scalar_one()))

        await plans.set_plan(bank.core, SYSTEM, "free", allowance=1, per_hour=1)
        assert (await bank.ask("first")).charged > 1
        assert await of_the_allowance() == 0
        await plans.set_plan(bank.core, SYSTEM, "free", allowance=1_000_000)
        await bank.ask("second")
        kept = await of_the_allowance()
        assert 0 < kept < 1_000_000
        await plans.set_plan(bank.core, SYSTEM, "free", allowance=0)
        assert (await bank.ask("third")).charged > 0
        assert await of_the_allowance() == kept
        await bank.books_balance()
