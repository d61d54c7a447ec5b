"""How much later the first token comes through a claimed, noted and paid call than from the account itself."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import aclosing
from statistics import median, quantiles

import pytest

from core.actors import SYSTEM, Actor
from core.calls import calls
from core.calls.orders import CallOrder, CallProgress, Listener
from core.models.protocol import Account, Bounds, Question, Text
from tests.benchmarks.figures import report
from tests.support.asking import MODEL, Asked, open_asked

pytestmark = pytest.mark.bench

STREAMS, ROUNDS = 50, 3
SPEED = 20.0
"""Tokens a second: an answer of 20 takes a second, and whoever asks comes within that second, one after the other."""
APART = 20 / SPEED / STREAMS
MESSAGES = ({"role": "user", "content": "english 20"},)


async def through_the_core(asked: Asked, number: int) -> float:
    """Seconds until the first token of one question, by somebody who pays for it."""
    heard: list[float] = []

    async def deliver(progress: CallProgress) -> None:
        if isinstance(progress, Text) and not heard:
            heard.append(time.perf_counter())

    await asyncio.sleep(number * APART)
    order = CallOrder(f"first:{time.perf_counter_ns()}:{number}", MESSAGES, "test", model=MODEL, most_output=30)
    began = time.perf_counter()
    answer = await calls.ask(
        asked.core, SYSTEM, order, payer=Actor("telegram", f"{number}"), listener=Listener(deliver)
    )
    assert answer.finish == "whole", answer
    return heard[0] - began


async def from_the_account(asked: Asked, account: Account, number: int) -> float:
    """The same question to the same account over the same client, and nothing else."""
    await asyncio.sleep(number * APART)
    began, first = time.perf_counter(), 0.0
    async with aclosing(asked.core.open_source(account, Bounds()).ask(Question(MODEL, MESSAGES, 30))) as events:
        async for event in events:
            if isinstance(event, Text) and not first:
                first = time.perf_counter()
    return first - began


async def test_the_first_token_while_fifty_answers_are_open(database_url: str, backend: str) -> None:
    async with open_asked(database_url, slots=STREAMS, speed=SPEED) as asked:
        [line] = asked.sandbox.models.house.source_lines(f"http://127.0.0.1:{asked.sandbox.port}/v1")
        account = Account("openai_compatible", line["base_url"], line["api_key"])
        for number in range(STREAMS):
            await asked.grant("10", f"telegram:{number}")
        await asyncio.gather(*(from_the_account(asked, account, number) for number in range(STREAMS)))
        ours: list[list[float]] = []
        bare: list[list[float]] = []
        for _ in range(ROUNDS):
            bare.append(await asyncio.gather(*(from_the_account(asked, account, number) for number in range(STREAMS))))
            ours.append(await asyncio.gather(*(through_the_core(asked, number) for number in range(STREAMS))))
        await asked.books_balance()
    beyond = []
    for name, of, most in (("p50", median, 30), ("p95", lambda times: quantiles(times, n=20)[-1], 100)):
        later = [1000 * of(times) for times in ours]
        floor = [1000 * of(times) for times in bare]
        report(f"calls.first_token.{backend}.{name}", later, "ms to the first token", floor, floor_name="the account")
        if median(later) - median(floor) > most:
            beyond.append((name, later, floor))
    assert not beyond, json.dumps(beyond)
