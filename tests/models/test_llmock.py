"""A model provider that nobody here wrote breaks its answers, and then judges how its client behaved.

The client here does what the endings say and nothing else: it waits as long as an ending asks, asks again after one
that leaves that open, and stops after one that is final. What is judged is whether the endings say enough.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.actors import SYSTEM
from core.calls import calls
from core.calls.orders import Answer, CallOrder, Listener
from core.clock import MovedClock
from core.credit import grants
from core.models.protocol import (
    Account,
    Bounds,
    Broke,
    CallEnding,
    CallRefused,
    CallUnavailable,
    CallUnclear,
    Finished,
    Offers,
    Question,
    ToolCall,
    Upstream,
)
from core.models.registry import open_upstream
from core.providers.http import HttpClient, HttpReply
from core.reports.doctor import examine
from core.service import open_core
from core.sources import models, sources
from tests.models.asking import ask, ending, text, usage
from tests.support.house import rows, settings_for
from tests.support.processes import REPOSITORY, Running

BOUNDS = Bounds(connect=20, first_token=60, silence=1.5, total=120)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    program = Path(sys.executable).parent / "llmock"
    # It writes slowly enough to see that somebody has hung up.
    arguments = (str(program), "serve", "--port", "0", "--stream-chunk-delay-ms", "30")
    running = Running(arguments, {}, REPOSITORY, None)
    try:
        line = running.wait_for_line("Uvicorn running on")
        yield next(word for word in line.split() if word.startswith("http://"))
    finally:
        running.close()


class Judge:
    """The control side of the mock."""

    def __init__(self, address: str, http: HttpClient) -> None:
        self._address = f"{address}/_llmock"
        self._http = http

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        answer = await self._http.call(method, f"{self._address}/{path}", json_body=body)
        assert isinstance(answer, HttpReply)
        assert answer.ok, answer
        return answer.json

    async def break_it(self, behaviour: dict[str, Any]) -> None:
        """Once. A stream that is broken is a long one, so that reading on would be seen."""
        long = {"type": "reply", "text": "harbour " * 200}
        behaviours = [behaviour] if behaviour["type"] != "stream_fault" else [long, behaviour]
        await self.ask("POST", "scenario", {"behaviors": behaviours})

    async def finds_nothing(self) -> None:
        verdict = await self.ask("GET", "verdict")
        assert verdict["findings"] == []
        assert verdict["calls"]

    async def requests(self) -> list[dict[str, Any]]:
        return (await self.ask("GET", "requests"))["requests"]


@pytest.fixture
async def judge(address, http) -> Judge:
    judge = Judge(address, http)
    await judge.ask("POST", "reset", {})
    return judge


@pytest.fixture
def upstream(address, http) -> Upstream:
    return open_upstream(Account("openai_compatible", f"{address}/v1", "sk-anything"), http, BOUNDS)


def question(**options: Any) -> Question:
    return Question("gpt-4o", [{"role": "user", "content": "Name three harbours."}], 100, options=options)


async def obey(upstream: Upstream, judge: Judge, asked: Question, times: int = 3) -> list[CallEnding]:
    """Ask until the answer is whole or the ending is final."""
    endings: list[CallEnding] = []
    for _ in range(times):
        last = ending(await ask(upstream, asked))
        endings.append(last)
        if isinstance(last, Finished | CallRefused) or (
            isinstance(last, CallUnavailable) and last.reason != "rate_limited"
        ):
            break
        await judge.requests()  # what has not ended at the other side either would count as another call
        await asyncio.sleep(getattr(last, "retry_after", None) or 0)
    return endings


async def test_a_whole_answer_with_its_usage(upstream, judge):
    events = await ask(upstream, question())
    assert ending(events) == Finished("stop")
    assert text(events)
    counted = usage(events)
    assert counted is not None
    assert counted.input
    assert counted.output
    await judge.finds_nothing()


async def test_a_tool_is_called_and_its_result_is_answered(upstream, judge):
    look_up = {"name": "look_up", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}
    asked = question(tools=[{"type": "function", "function": look_up}])
    events = await ask(upstream, asked)
    assert ending(events) == Finished("tool_calls")
    assert next(event.name for event in events if isinstance(event, ToolCall)) == "look_up"
    await judge.finds_nothing()


BREAKS: dict[str, tuple[dict[str, Any], list[type[CallEnding]]]] = {
    "a pause of a second": ({"type": "fail", "status": 429, "retry_after": 1}, [CallUnavailable, Finished]),
    "an error of the server": ({"type": "fail", "status": 500}, [CallUnclear, Finished]),
    "an overload with its pause": ({"type": "fail", "status": 503, "retry_after": 1}, [CallUnclear, Finished]),
    "a key that is rejected": ({"type": "fail", "status": 401}, [CallUnavailable]),
    "a place that is forbidden": ({"type": "fail", "status": 403}, [CallUnavailable]),
    "a model that is not there": ({"type": "fail", "status": 404}, [CallUnavailable]),
    "a question that is refused": ({"type": "fail", "status": 400}, [CallRefused]),
    "one that cannot be worked on": ({"type": "fail", "status": 422}, [CallRefused]),
    "a connection that is dropped": (
        {"type": "stream_fault", "kind": "disconnect", "after_chunks": 3},
        [Broke, Finished],
    ),
    "a stream that ends early": ({"type": "stream_fault", "kind": "truncate", "after_chunks": 3}, [Broke, Finished]),
    "a chunk that is garbled": ({"type": "stream_fault", "kind": "malformed", "after_chunks": 3}, [Broke, Finished]),
    "a stream that stalls": (
        {"type": "stream_fault", "kind": "stall", "after_chunks": 3, "stall_seconds": 30},
        [Broke, Finished],
    ),
    "a slow first token": ({"type": "slow_first_token", "seconds": 1}, [Finished]),
    "a slow answer": ({"type": "delay", "seconds": 1}, [Finished]),
}


@pytest.mark.parametrize("name", BREAKS)
async def test_the_endings_say_what_is_to_be_done(name, upstream, judge):
    behaviour, expected = BREAKS[name]
    await judge.break_it(behaviour)
    endings = await obey(upstream, judge, question())
    assert [type(one) for one in endings] == expected
    assert len(await judge.requests()) == len(expected), "nothing is tried twice by itself"
    await judge.finds_nothing()


async def test_its_models_can_be_listed(upstream):
    offers = await upstream.offers()
    assert isinstance(offers, Offers)
    assert offers.models


WHOLE = {
    "a pause of two seconds": {"type": "fail", "status": 429, "retry_after": 2},
    "a pause that is not named": {"type": "fail", "status": 429},
    "an overload with its pause": {"type": "fail", "status": 503, "retry_after": 2},
    **{name: BREAKS[name][0] for name in BREAKS if "pause" not in name},
}


@pytest.mark.parametrize("name", WHOLE)
async def test_usher_itself_behaves_whoever_asks_at_once(name, sqlite_url, address, judge):
    """No test decides here when to ask again: people do, at once and several together, and Usher keeps them off."""
    clock = MovedClock(datetime.now(UTC))
    async with open_core(settings_for(sqlite_url, talk={"silence": 1.5, "first_token": 60}), clock=clock) as core:
        prices = models.NewModel(price_input=1_000_000, price_output=2_000_000)
        await models.add_model(core, SYSTEM, "gpt-4o", prices)
        line = {"name": "main", "base_url": f"{address}/v1", "api_key": "sk-anything", "models": ["gpt-4o"]}
        await sources.add_source(core, SYSTEM, line)
        payer = grants.read_identity("telegram:7")
        await grants.give(core, SYSTEM, payer, "5", reason="a test")

        async def asks(words: str, key: str = "") -> Answer:
            # To the mock the same words are the same question, asked again.
            said = [{"role": "user", "content": f"Name three harbours. {words}"}]
            order = CallOrder(key or words, said, "test", most_output=100)
            return await calls.ask(core, SYSTEM, order, payer=payer, listener=Listener())

        await judge.break_it(WHOLE[name])
        answers = [await asks("first"), *await asyncio.gather(*(asks(f"{number}") for number in range(3)))]
        asked = len(await judge.requests())
        for again in ("first", "1"):  # a question that has been asked is not asked of the upstream again
            await asks(again)
        assert len(await judge.requests()) == asked
        if "pause" in name:
            assert asked == 1
            assert {answer.reason for answer in answers[1:]} == {"no_source"}
        if WHOLE[name].get("status", 500) in {429, 500, 503}:
            # Somebody whose answer failed or broke off asks once more, after the pause that was asked for.
            await asyncio.sleep(WHOLE[name].get("retry_after", 1))
            clock.move(seconds=60)
            answers.append(await asks("first", "later"))
            assert answers[-1].finish == "whole"
        await judge.finds_nothing()
        charged = sum(answer.charged for answer in answers)
        [left] = await rows(sqlite_url, 'SELECT "left", claimed FROM wallets')
        assert (left.left, left.claimed) == (5_000_000 - charged, 0)
        assert [one.name for one in await examine(core, SYSTEM) if one.breaches or one.warnings] == []
