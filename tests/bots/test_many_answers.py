"""Many who ask at once: few begin together, and whoever has begun keeps nobody from beginning."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from bots.answering import BEGIN_TOGETHER
from core.actors import SYSTEM
from core.credit import grants
from core.models.protocol import Began, Event, Finished, Question, Sent, Text, Usage
from tests.bots.test_painting import on_telegram
from tests.support.chats import until
from tests.support.credit import Desk

PEOPLE = range(2000, 2000 + BEGIN_TOGETHER + 4)


async def test_answers_that_take_their_time_or_wait_for_an_account_keep_nobody_from_beginning(sqlite_url: str):
    go_on = asyncio.Event()

    async def slow(question: Question) -> AsyncGenerator[Event, None]:
        yield Sent()
        yield Began()
        yield Text("Hello")
        await go_on.wait()
        yield Usage(10, 2)
        yield Finished("stop")

    async with on_telegram(sqlite_url, Desk(usual=slow)) as chat:
        for person in PEOPLE:
            await grants.give(chat.house.core, SYSTEM, grants.read_identity(f"telegram:{person}"), "1", reason="a test")
        for person in PEOPLE:
            await chat.telegram.say("tell me", user_id=person, lang="en")

        async def all_begun() -> bool:
            [[count]] = await chat.house.rows("SELECT count(*) FROM calls WHERE ended_at IS NULL")
            return bool(count == len(PEOPLE))

        await until(all_begun, 60, "some never began")  # more than there are accounts for: the others are in line
        go_on.set()
        for person in PEOPLE:
            await chat.telegram.wait_message(person, "Hello")
