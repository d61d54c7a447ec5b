"""An answer that is stopped when all was said: what it used may still come for a moment, and is believed then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from core.calls import calls
from core.models.protocol import AllSaid, Began, Event, Finished, Question, Sent, Text, Usage
from tests.support.chats import until
from tests.support.credit import open_bank


@pytest.mark.parametrize(("grace", "estimated"), [(30.0, False), (0.0, True)])
@pytest.mark.parametrize("by", ["its own process", "another one"])
async def test_figures_that_come_after_the_stop(sqlite_url: str, grace: float, estimated: bool, by: str) -> None:
    said, stopped = asyncio.Event(), asyncio.Event()

    async def answer(question: Question) -> AsyncGenerator[Event, None]:
        yield Sent()
        yield Began()
        yield Text("Hello you")
        yield AllSaid()
        said.set()
        await stopped.wait()
        await asyncio.sleep(0.2)  # later than whoever is not patient has closed
        yield Usage(10, 7)
        yield Finished("stop")

    async with open_bank(sqlite_url, money={"usage_grace": grace}, talk={"checkpoint": 0.05}) as bank:
        await bank.grant("1")
        bank.desk.usual = answer
        stop = asyncio.Event()
        asked = asyncio.ensure_future(bank.ask("q1", stop=stop))
        await until(lambda: _set(said), 30, "nothing was said")
        if by == "its own process":
            stop.set()
        else:
            assert await calls.stop(bank.core, await bank.value("SELECT id FROM calls"))
        stopped.set()
        found = await asked
        assert found.estimated is estimated
        assert (found.tokens["output"] == 7) is not estimated
        assert found.finish == ("stopped" if estimated else "whole")
        await bank.books_balance()


async def _set(event: asyncio.Event) -> bool:
    return event.is_set()


async def test_an_answer_in_the_middle_of_a_sentence_is_closed_at_once(sqlite_url: str) -> None:
    said, closed = asyncio.Event(), asyncio.Event()

    async def answer(question: Question) -> AsyncGenerator[Event, None]:
        try:
            yield Sent()
            yield Began()
            yield Text("Hello you")
            said.set()
            await asyncio.Event().wait()
        finally:
            closed.set()

    async with open_bank(sqlite_url, money={"usage_grace": 3_600}) as bank:
        await bank.grant("1")
        bank.desk.usual = answer
        stop = asyncio.Event()
        asked = asyncio.ensure_future(bank.ask("q1", stop=stop))
        await until(lambda: _set(said), 30, "nothing was said")
        stop.set()
        found = await asked
        assert closed.is_set(), "nothing is generated for nobody"
        assert (found.finish, found.estimated) == ("stopped", True)
        assert found.charged > 0
        await bank.books_balance()
