"""Accounts: the house's, one's own, lent ones; limits, pauses, credentials."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from datetime import timedelta
from decimal import Decimal

import pytest

from core.actors import SYSTEM, Actor
from core.command_errors import BadValue
from core.credit.report import wallet_of
from core.errors import BadNumber, NameTaken, NotFound
from core.models.protocol import CallUnavailable, CallUnclear, Event, Offer, Offers, Question, Usage
from core.models.source_lines import SourceUnreadable, read_source
from core.sources import health, models, own, sources, sweep
from core.sources.report import source_page
from core.talk_errors import LendingOff, ModelNotPriced
from tests.support.chats import until
from tests.support.credit import Bank, failing, open_bank, saying

PERSON = Actor("telegram", "1")
LENDING = {"lending": True}


async def test_ones_own_account_answers_first_and_costs_nothing(database_url: str) -> None:
    async with open_bank(database_url) as bank:
        await bank.add_source("mine", owner="telegram:1")
        answer = await bank.ask("q1")
        assert (answer.source, answer.charged, answer.claimed) == ("mine", 0, 0)
        await bank.grant("1")
        assert (await bank.ask("q2")).source == "mine"
        assert (await bank.ask("q3", "telegram:2")).reason == "not_enough_credit"
        bank.desk.by_key["sk-mine"] = failing(CallUnavailable("exhausted"))
        assert (await bank.ask("q4")).source == "main"
        await bank.books_balance()


async def test_lending_brings_an_allowance_that_falls_when_it_is_taken_back(database_url: str) -> None:
    async with open_bank(database_url, accounts=(), sources=LENDING) as bank:
        await bank.add_source("one", owner="telegram:1")
        await bank.add_source("two", owner="telegram:1", tier="free")
        for name in ("one", "two"):
            await sources.lend(bank.core, PERSON, name, True)
        [allowance] = (await wallet_of(bank.core, PERSON, PERSON)).allowances
        assert (allowance.cap, allowance.per_hour) == (4_000_000, 412_000)
        assert allowance.left >= 4_000_000
        answer = await bank.ask("q1", "telegram:1")
        assert answer.charged == 14
        await sources.lend(bank.core, PERSON, "one", False)
        [allowance] = (await wallet_of(bank.core, PERSON, PERSON)).allowances
        assert (allowance.cap, allowance.left) == (2_000_000, 2_000_000)
        await bank.books_balance()


async def test_lending_again_gives_back_what_was_cut_and_not_what_was_spent(database_url: str) -> None:
    async with open_bank(database_url, sources=LENDING | {"shared_refill_paid": 0.0}) as bank:
        await bank.add_source("mine", owner="telegram:1")
        for number in range(1, 4):
            await sources.lend(bank.core, PERSON, "mine", True)
            await own.pause_own(bank.core, PERSON, "mine")
            await own.pause_own(bank.core, PERSON, "mine", resume=True)
            assert await bank.left() == 2_000_000 - 14 * (number - 1)
            assert (await bank.ask(f"q{number}")).charged == 14
            await sources.lend(bank.core, PERSON, "mine", False)
            assert await bank.left() == 0
        await bank.books_balance()


async def test_an_account_that_does_not_work_brings_nothing(database_url: str) -> None:
    async with open_bank(database_url, sources=LENDING) as bank:
        await bank.add_source("dud", owner="telegram:1")
        bank.desk.offers["sk-dud"] = CallUnavailable("credential", "401")
        await sources.lend(bank.core, PERSON, "dud", True)
        assert await bank.left() == 0
        del bank.desk.offers["sk-dud"]
        await bank.execute("UPDATE sources SET checked_at = NULL")
        await sweep.read_sources(bank.core)
        assert await bank.left() == 2_000_000
        bank.desk.offers["sk-dud"] = CallUnavailable("credential", "401")
        await bank.execute("UPDATE sources SET checked_at = NULL")
        await sweep.read_sources(bank.core)
        assert await bank.left() == 0
        await bank.books_balance()


async def test_a_new_credential_does_not_answer_for_the_old_one(database_url: str) -> None:
    async with open_bank(database_url) as bank:
        await bank.grant("1")
        asked, replaced = asyncio.Event(), asyncio.Event()

        async def rejected(question: Question) -> AsyncGenerator[Event, None]:
            asked.set()
            await replaced.wait()
            yield CallUnavailable("credential", "401")

        bank.desk.by_key["sk-main"] = rejected
        bank.desk.offers["sk-main"] = CallUnavailable("credential", "401")
        answering = asyncio.create_task(bank.ask("q1"))
        await asked.wait()
        await sources.replace_credential(bank.core, SYSTEM, "main", "sk-new")
        replaced.set()
        await answering
        assert await bank.value("SELECT health FROM sources") == "healthy"
        assert (await bank.ask("q2")).finish == "whole"


async def test_lending_is_off_from_the_start(database_url: str) -> None:
    async with open_bank(database_url) as bank:
        await bank.add_source("mine", owner="telegram:1")
        with pytest.raises(LendingOff):
            await sources.lend(bank.core, PERSON, "mine", True)


async def test_only_ones_own_account_is_lent(database_url: str) -> None:
    async with open_bank(database_url, sources=LENDING) as bank:
        await bank.add_source("mine", owner="telegram:1")
        for who, name in ((Actor("telegram", "2"), "mine"), (PERSON, "main")):
            with pytest.raises(NotFound):
                await sources.lend(bank.core, who, name, True)


async def test_nobody_adds_an_account_twice(database_url: str) -> None:
    async with open_bank(database_url) as bank:
        again = {"name": "other", "base_url": "http://127.0.0.1:1/v1", "api_key": "sk-main", "models": ["small"]}
        done = await sources.import_sources(bank.core, SYSTEM, [json.dumps(again)], apply=True)
        assert (done.created, done.updated) == ([], ["other"])
        assert await bank.value("SELECT count(*) FROM sources") == 1
        with pytest.raises(NameTaken):
            await sources.add_source(bank.core, PERSON, again, owner=PERSON)


async def test_a_429_rests_the_whole_limit_group(database_url: str) -> None:
    async with open_bank(database_url, accounts=()) as bank:
        await bank.grant("1")
        for name in ("one", "two"):
            await bank.add_source(name, limit_group="org")
        await bank.add_source("apart")
        bank.desk.by_key["sk-one"] = bank.desk.by_key["sk-two"] = failing(
            CallUnavailable("rate_limited", retry_after=300)
        )
        for number in range(4):
            assert (await bank.ask(f"q{number}")).source == "apart"
        assert bank.desk.calls["sk-one"] + bank.desk.calls["sk-two"] <= 1


async def test_a_rest_that_an_upstream_asked_for_is_not_cut_short_by_its_list_or_by_its_line(database_url: str) -> None:
    async with open_bank(database_url) as bank:
        await bank.grant("1")
        failures: list[Event] = [CallUnclear("status 503"), CallUnavailable("rate_limited", retry_after=3600)]
        for number, failed in enumerate(failures):
            bank.desk.by_key["sk-main"] = failing(failed)
            assert (await bank.ask(f"q{number}")).reason == "upstream_failed"
        del bank.desk.by_key["sk-main"]
        row = await bank.core.read(sources.source_named, "main")
        assert (row.failures, row.breaker_opened) == (1, 0)
        assert await sweep.read_source(bank.core, row) == "read"
        again = {"name": "main", "base_url": row.base_url, "api_key": "sk-main", "models": ["small"]}
        await sources.import_sources(bank.core, SYSTEM, [json.dumps(again)], apply=True)
        after = await bank.core.read(sources.source_named, "main")
        assert (after.failures, after.paused_until) == (0, row.paused_until)
        assert (await bank.ask("q2")).reason == "no_source"
        await sources.replace_credential(bank.core, SYSTEM, "main", "sk-new")
        assert (await bank.ask("q3")).finish == "whole"


BROKEN = CallUnclear("status 503")
LIMITED = CallUnavailable("rate_limited", retry_after=3600)
BUSY = CallUnclear("status 503", retry_after=3600)
REJECTED = CallUnavailable("credential", "status 401")
RESTS: dict[str, list[CallUnclear | CallUnavailable]] = {
    "the breaker is open": [BROKEN, BROKEN, BROKEN, LIMITED],
    "the breaker would open during it": [LIMITED, BROKEN, BROKEN, BROKEN, BROKEN],
    "the failure that opens the breaker asks for it": [BROKEN, BROKEN, BUSY],
    "the credential is rejected during it": [LIMITED, REJECTED],
}


@pytest.mark.parametrize("order", RESTS)
@pytest.mark.parametrize("by", ["reading", "answer"])
async def test_a_rest_that_an_upstream_asked_for_ends_by_its_own_time(database_url: str, order: str, by: str) -> None:
    async with open_bank(database_url) as bank:
        await bank.grant("1")
        row = await bank.core.read(sources.source_named, "main")
        begun = bank.core.now()
        for failed in RESTS[order]:
            if failed is REJECTED:
                await bank.core.write(health.expire, bank.core, row, "status 401", bank.core.now())
            else:
                await bank.core.write(health.note_failure, bank.core, row.id, None, failed, bank.core.now())
        row = await bank.core.read(sources.source_named, "main")
        if by == "reading":
            assert await sweep.read_source(bank.core, row) == "read"
        else:  # to a question that had been sent before
            await bank.core.write(health.note_success, row, bank.core.now())
        after = await bank.core.read(sources.source_named, "main")
        assert (after.health, after.failures, after.breaker_opened) == ("healthy", 0, 0)
        assert after.paused_until is not None
        assert after.paused_until >= begun + timedelta(seconds=3600)
        assert (await bank.ask("q1")).reason == "no_source"
        await sources.replace_credential(bank.core, SYSTEM, "main", "sk-main")
        assert (await bank.ask("q2")).reason == "no_source"  # it is the same account


async def test_what_fails_while_the_breaker_is_open_does_not_double_its_pause_and_an_answer_ends_it(
    database_url: str,
) -> None:
    async with open_bank(database_url) as bank:
        await bank.grant("1")
        row = await bank.core.read(sources.source_named, "main")
        for _ in range(20):
            await bank.core.write(health.note_failure, bank.core, row.id, None, BROKEN, bank.core.now())
        row = await bank.core.read(sources.source_named, "main")
        assert (row.failures, row.breaker_opened) == (20, 1)
        await bank.core.write(health.note_success, row, bank.core.now())
        assert (await bank.ask("q1")).finish == "whole"


async def test_requests_and_tokens_a_minute_hold(database_url: str) -> None:
    async with open_bank(database_url, accounts=()) as bank:
        await bank.grant("1")
        await bank.add_source("slow", rpm=4, concurrency=10)
        answers = await asyncio.gather(*(bank.ask(f"q{n}", wait=0.0) for n in range(10)))
        assert sum(answer.finish == "whole" for answer in answers) <= 4
        assert bank.desk.calls["sk-slow"] <= 4


async def test_a_daily_budget_holds(database_url: str) -> None:
    async with open_bank(database_url, accounts=()) as bank:
        await bank.grant("1")
        await bank.add_source("cheap", daily_budget="0.00002")
        bank.desk.usual = saying("a", usage=Usage(10, 1))
        served = [(await bank.ask(f"q{n}", wait=0.0)).finish for n in range(5)]
        assert served.count("whole") == 2  # twelve micro-credits each


async def test_an_expired_credential_is_well_again_when_a_reading_works(database_url: str) -> None:
    async with open_bank(database_url) as bank:
        await bank.grant("1")
        rejected = CallUnavailable("credential", "status 401")
        bank.desk.by_key["sk-main"], bank.desk.offers["sk-main"] = failing(rejected), rejected
        assert (await bank.ask("q1")).reason == "upstream_failed"
        assert (await source_page(bank.core, SYSTEM, "main")).health == "expired"
        assert await bank.value("SELECT count(*) FROM alerts WHERE resolved_at IS NULL") == 1
        bank.desk.offers["sk-main"] = Offers((Offer("small", fraction=0.05),))
        row = await bank.core.read(sources.source_named, "main")
        assert await sweep.read_source(bank.core, row) == "read"
        found = await source_page(bank.core, SYSTEM, "main")
        assert (found.health, found.models[0].fraction) == ("healthy", 0.05)
        low = await bank.value("SELECT count(*) FROM alerts WHERE title = 'source_low' AND resolved_at IS NULL")
        assert low == 1


async def test_one_stray_401_expires_nothing(database_url: str) -> None:
    async with open_bank(database_url, accounts=("one", "two"), sources={"policy": "fill_first"}) as bank:
        await bank.grant("1")
        bank.desk.by_key["sk-one"] = failing(CallUnavailable("credential", "status 401"))
        assert (await bank.ask("q1")).source == "two"
        assert (await source_page(bank.core, SYSTEM, "one")).health == "healthy"


async def test_a_source_taken_out_of_service_ends_its_running_answer(database_url: str) -> None:
    async with open_bank(database_url, talk={"checkpoint": 0.05}) as bank:
        await bank.grant("1")
        bank.desk.usual = saying(*["word "] * 3000, pause=0.01)

        async def take_out(progress: object) -> None:
            await sources.change_source(bank.core, SYSTEM, "main", enabled=False)

        answer = await bank.ask("q1", deliver=take_out)
        assert answer.finish in {"stopped", "failed", "left_early"}
        assert (await bank.ask("q2")).reason == "no_source"
        await bank.books_balance()


async def test_an_account_that_nobody_may_reach_is_refused_when_it_comes(database_url: str) -> None:
    async with open_bank(database_url, accounts=()) as bank:
        line = '{"name": "inside", "base_url": "https://10.0.0.7/v1", "api_key": "sk-1", "models": ["small"]}'
        done = await sources.import_sources(bank.core, SYSTEM, [line], apply=True)
        assert (done.created, done.invalid) == ([], [(1, "source_private_place", "")])
        with pytest.raises(SourceUnreadable, match="source_private_place"):
            await sources.add_source(bank.core, SYSTEM, json.loads(line))


async def test_a_model_that_a_source_named_is_asked_when_both_prices_are_there(database_url: str) -> None:
    async with open_bank(database_url) as bank:
        await bank.core.write(lambda tx: models.numbers_of(tx, ["vendor/new"], bank.core.now()))
        for half in ({"enabled": True}, {"price_input": 150_000, "enabled": True}):
            with pytest.raises(ModelNotPriced):
                await models.change_model(bank.core, SYSTEM, "vendor/new", **half)
        assert not (await models.change_model(bank.core, SYSTEM, "vendor/new", quota_group="new")).enabled
        priced = await models.change_model(bank.core, SYSTEM, "vendor/new", price_input=150_000, price_output=600_000)
        assert (priced.enabled, priced.context, priced.price_cached) == (True, 128_000, 150_000)


def line(name: str, key: str, **more: object) -> str:
    return json.dumps({"name": name, "base_url": "http://127.0.0.1:1/v1", "api_key": key, "models": ["small"], **more})


async def test_of_two_lines_for_one_account_the_second_does_not_take_the_place_of_the_first(database_url: str) -> None:
    async with open_bank(database_url, accounts=()) as bank:
        lines = [line("one", "sk-1"), line("ONE", "sk-2"), "", line("two", "sk-1"), line("three", "sk-3")]
        for apply in (False, True):
            done = await sources.import_sources(bank.core, SYSTEM, lines, apply=apply)
            assert (done.created, done.updated) == (["one", "three"], [])
            assert done.invalid == [(2, "source_twice", "name"), (4, "source_twice", "api_key")]
        again = await sources.import_sources(bank.core, SYSTEM, lines, apply=True)
        assert (again.created, again.updated) == ([], ["one", "three"])
        assert (await source_page(bank.core, SYSTEM, "one")).last4 == "sk-1"


@pytest.mark.parametrize(
    ("written", "reason", "field"),
    [
        (line("a", "k")[:-1] + ', "api_key": "other"}', "source_twice", "api_key"),
        (line("a", "k")[:-1] + ', "models": {"small": "x", "small": "y"}}', "source_twice", "small"),
        (line("a", "k", daily_budget="1e-9"), "source_bad_value", "daily_budget"),
        (line("a", "k", daily_budget=True), "source_bad_value", "daily_budget"),
        (line("a", "k")[:-1] + ', "daily_budget": NaN}', "source_bad_value", "daily_budget"),
        (line("a", "k")[:-1] + ', "rpm": 1e400}', "source_bad_value", "rpm"),
        (line("a", "k", weight=1001), "source_bad_value", "weight"),
    ],
)
def test_a_line_that_could_mean_two_things_is_no_source(written: str, reason: str, field: str) -> None:
    with pytest.raises(SourceUnreadable) as refused:
        read_source(written)
    assert (refused.value.reason_key, refused.value.field) == (reason, field)


def test_a_budget_is_read_exactly_as_a_number_too() -> None:
    assert read_source(line("a", "k")[:-1] + ', "daily_budget": 0.1}').daily_budget == Decimal("0.1")


@pytest.mark.parametrize(
    "changes",
    [{"weight": 0}, {"weight": -5}, {"concurrency": 0}, {"concurrency": 10**8}, {"rpm": -1}, {"tpm": 10**13}],
)
async def test_an_account_gets_no_number_that_it_cannot_have(database_url: str, changes: dict[str, int]) -> None:
    async with open_bank(database_url) as bank:
        before = await source_page(bank.core, SYSTEM, "main")
        with pytest.raises(BadNumber):
            await sources.change_source(bank.core, SYSTEM, "main", **changes)
        for group in ("a\x01b", "g" * 65, " "):
            with pytest.raises(BadValue):
                await sources.change_source(bank.core, SYSTEM, "main", limit_group=group)
        assert await source_page(bank.core, SYSTEM, "main") == before


async def test_a_question_that_waited_for_ones_own_account_costs_nobody_when_that_is_lent_meanwhile(
    database_url: str,
) -> None:
    async with open_bank(database_url, accounts=(), sources=LENDING) as bank:
        await bank.add_source("mine", owner="telegram:1", concurrency=1)
        asked, lent = asyncio.Event(), asyncio.Event()

        async def slow(question: Question) -> AsyncGenerator[Event, None]:
            asked.set()
            await lent.wait()
            async for event in saying("a", usage=Usage(10, 5))(question):
                yield event

        bank.desk.by_key["sk-mine"] = slow
        first = asyncio.create_task(bank.ask("q1"))
        await asked.wait()
        second = asyncio.create_task(bank.ask("q2"))
        await until(lambda: _claimed(bank, 2), 60, "the second question did not come")
        await sources.lend(bank.core, PERSON, "mine", True)
        lent.set()
        for answer in (await first, await second):
            assert (answer.finish, answer.charged, answer.absorbed) == ("whole", 0, 0)
        assert await bank.value("SELECT count(*) FROM alerts") == 0
        await bank.books_balance()


async def _claimed(bank: Bank, count: int) -> bool:
    return bool(await bank.value("SELECT count(*) FROM calls WHERE own_only") == count)
