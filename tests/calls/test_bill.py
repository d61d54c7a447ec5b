"""Over real HTTP, against a provider that keeps its own bill: each ending is paid by the rule, call by call."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from core.calls.orders import Answer, CallProgress, Gone, OpenedCall
from core.models.protocol import Text
from tests.support.asking import MODEL, Asked, open_asked

QUESTION = ({"role": "user", "content": "Tell me something about harbours"},)


async def ask(asked: Asked, key: str = "q1", **given: Any) -> Answer:
    return await asked.ask(key, messages=QUESTION, model=MODEL, **given)


def explained(asked: Asked, answer: Answer, *, ratio: float = 3.0) -> None:
    """The provider's bill covers what the person paid, but for what an estimate is off by."""
    billed = sum(call["input"] + 2 * call["output"] for call in asked.bill())
    slack = 0 if not answer.estimated else answer.charged // 2 + 30
    assert answer.charged <= billed + slack, (answer.charged, billed)
    assert answer.charged <= answer.claimed


@pytest.mark.parametrize("fault", ["", "usage-twice", "crlf", "comments", "split-utf8", "gzip", "no-done"])
async def test_a_whole_answer_is_paid_to_the_token(sqlite_url: str, fault: str) -> None:
    async with open_asked(sqlite_url, faults=[fault] if fault else []) as asked:
        await asked.grant("1")
        answer = await ask(asked)
        [call] = asked.bill()
        assert (answer.finish, answer.estimated) == ("whole", False)
        assert answer.tokens["input"] == call["input"]
        assert answer.tokens["output"] == call["output"]
        assert answer.charged == call["input"] + 2 * call["output"]
        assert await asked.left() == 1_000_000 - answer.charged
        await asked.books_balance()


@pytest.mark.parametrize("fault", ["no-usage", "usage-early", "usage-zero", "usage-negative", "usage-huge"])
async def test_without_a_usage_that_can_be_true_it_is_estimated(sqlite_url: str, fault: str) -> None:
    async with open_asked(sqlite_url, faults=[fault]) as asked:
        await asked.grant("1")
        answer = await ask(asked)
        assert (answer.finish, answer.estimated) == ("whole", True)
        assert 0 < answer.charged <= answer.claimed
        explained(asked, answer)
        await asked.books_balance()


@pytest.mark.parametrize("fault", ["cut=5", "stall=5", "error-event=5"])
async def test_broken_in_the_middle_it_is_paid_as_far_as_it_came(sqlite_url: str, fault: str) -> None:
    async with open_asked(sqlite_url, accounts=2, faults=[fault], talk={"silence": 1.0}) as asked:
        await asked.grant("1")
        answer = await ask(asked)
        assert (answer.finish, answer.estimated) == ("cut", True)
        assert answer.text
        assert len(asked.bill()) == 1  # nobody goes on with it
        explained(asked, answer)
        await asked.books_balance()


@pytest.mark.parametrize("fault", ["429=1", "500=1", "reset=1", "html-200=1", "401-once", "insufficient-quota=1"])
async def test_broken_before_the_first_word_another_account_answers(sqlite_url: str, fault: str) -> None:
    async with open_asked(sqlite_url, accounts=4, faults=[fault]) as asked:
        await asked.grant("1")
        answer = await ask(asked)
        assert answer.finish == "whole", answer
        assert answer.charged == asked.bill()[-1]["input"] + 2 * asked.bill()[-1]["output"]
        assert await asked.value("SELECT count(*) FROM call_attempts") == 2
        await asked.books_balance()


@pytest.mark.parametrize("fault", ["400-context", "400-odd", "filtered", "empty-answer"])
async def test_what_nobody_answers_costs_nothing(sqlite_url: str, fault: str) -> None:
    async with open_asked(sqlite_url, accounts=2, faults=[fault]) as asked:
        await asked.grant("1")
        answer = await ask(asked)
        if fault != "filtered" or not answer.text:
            assert answer.charged == 0
        assert await asked.value("SELECT count(*) FROM sources WHERE health <> 'healthy'") == 0
        await asked.books_balance()


async def test_a_rejected_credential_is_confirmed_and_then_nobody_is_sent_there(sqlite_url: str) -> None:
    async with open_asked(sqlite_url, accounts=1, faults=["401"]) as asked:
        await asked.grant("1")
        assert (await ask(asked)).reason == "upstream_failed"
        assert await asked.value("SELECT health FROM sources") == "expired"
        assert (await ask(asked, "q2")).reason == "no_source"
        assert await asked.left() == 1_000_000


async def test_a_client_that_leaves_closes_the_provider_at_once(sqlite_url: str) -> None:
    async with open_asked(sqlite_url, speed=50.0) as asked:
        await asked.grant("1")
        seen: list[str] = []

        async def leave(progress: CallProgress) -> None:
            if isinstance(progress, Text):
                seen.append(progress.text)
                if len(seen) == 5:
                    raise Gone

        answer = await ask(asked, deliver=leave)
        assert answer.finish == "left"
        for _ in range(2000):
            [call] = asked.bill()
            if not call["open"]:
                break
            await asyncio.sleep(0.05)
        assert call["aborted"]
        assert call["output"] < 60
        explained(asked, answer)


async def test_two_people_on_one_account_pay_each_their_own(database_url: str) -> None:
    async with open_asked(database_url, slots=4) as asked:
        for who in ("telegram:1", "telegram:2"):
            await asked.grant("1", who)
        answers = await asyncio.gather(
            *(ask(asked, f"{who}:{n}", who=who) for n in range(5) for who in ("telegram:1", "telegram:2"))
        )
        billed = sum(call["input"] + 2 * call["output"] for call in asked.bill())
        assert sum(answer.charged for answer in answers) == billed
        for number, who in enumerate(("telegram:1", "telegram:2")):
            assert await asked.left(who) == 1_000_000 - sum(answer.charged for answer in answers[number::2])
        assert max(asked.peak().values()) <= 4


async def test_the_bound_that_was_claimed_is_what_is_sent(database_url: str) -> None:
    async with open_asked(database_url, faults=["ignores-limit"], talk={"shortest_output": 20}) as asked:
        await asked.grant("0.000080")
        told: list[OpenedCall] = []

        async def look(progress: CallProgress) -> None:
            if isinstance(progress, OpenedCall):
                told.append(progress)

        answer = await ask(asked, deliver=look)
        assert told[0].shortened
        assert answer.charged <= answer.claimed <= 80
        assert await asked.left() >= 0
        [billed] = asked.bill()
        cost = billed["input"] + 2 * billed["output"]
        assert answer.absorbed == cost - answer.claimed > 0, "the house knows what it pays beyond the claim"
        assert await asked.value("SELECT billed FROM calls") == cost
        await asked.books_balance()


async def test_a_notice_of_abuse_is_told_with_the_pseudonym_and_suspends_nobody(database_url: str) -> None:
    async with open_asked(database_url, accounts=1, faults=["403-abuse"]) as asked:
        await asked.grant("1")
        assert (await ask(asked)).reason == "upstream_failed"
        title = "FROM alerts WHERE category = 'security' AND title = 'source_abuse'"
        assert await asked.value(f"SELECT count(*) {title}") == 1
        facts = str(await asked.value(f"SELECT facts {title}"))
        person = await asked.value("SELECT person_id FROM calls")
        assert asked.core.vault.digest(f"person:{person}").hex()[:32] in facts
        assert "access_terminated" in facts
        assert await asked.value("SELECT count(*) FROM people WHERE standing <> 'active'") == 0


async def test_an_account_that_is_only_refused_is_no_abuse(sqlite_url: str) -> None:
    async with open_asked(sqlite_url, accounts=1, faults=["403"]) as asked:
        await asked.grant("1")
        assert (await ask(asked)).reason == "upstream_failed"
        assert await asked.value("SELECT count(*) FROM alerts WHERE category = 'security'") == 0
