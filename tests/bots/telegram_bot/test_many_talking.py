"""A hundred people talk at once with one process: every chat is heard while all the answers are being written."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from core.actors import SYSTEM
from core.models.protocol import Began, Event, Finished, Question, Sent, Text, Usage
from core.sources import models, sources
from tests.stories.test_talking import ACCOUNT
from tests.support.chats import TelegramDriver, open_chat, telegram_settings, until
from tests.support.credit import Desk
from tests.support.house import open_house
from tests.support.telegram.emulator import FakeTelegram

PEOPLE = range(1000, 1100)


async def test_no_lane_waits_for_the_answers_of_a_hundred_people(sqlite_url: str):
    goes_on = asyncio.Event()

    async def half(question: Question) -> AsyncGenerator[Event, None]:
        yield Sent()
        yield Began()
        yield Text("The first half, ")
        await goes_on.wait()
        yield Text(f"the second for {question.messages[-1]['content']}")
        yield Usage(5, 5)
        yield Finished("stop")

    desk = Desk(usual=half)
    async with (
        FakeTelegram() as telegram,
        open_house(sqlite_url, telegram=telegram_settings(telegram), open_model=desk.open) as house,
        open_chat("telegram", house, telegram=telegram) as chat,
    ):
        assert isinstance(chat, TelegramDriver)
        await models.add_model(house.core, SYSTEM, "small", models.NewModel(price_input=0, price_output=0))
        await sources.add_source(house.core, SYSTEM, {**ACCOUNT, "concurrency": 200, "models": ["small"]})
        [code] = await house.make_codes()
        for person in PEOPLE:
            await telegram.say(f"person {person}", user_id=person)

        async def all_are_being_answered() -> bool:
            return desk.running.total() == len(PEOPLE)

        await until(all_are_being_answered, 60, "not everybody is answered")
        # Nothing of any answer has ended, and whoever says something else is heard: those who wait, and others.
        for person in (*PEOPLE[::20], 7):
            said = await telegram.say(f"/verify {code}", user_id=person)
            assert "This code is good" in await chat.answer(said, chat=person)
        assert desk.running.total() == len(PEOPLE)
        goes_on.set()
        for person in PEOPLE:
            await telegram.wait_message(person, f"The first half, the second for person {person}")
        assert await house.value("SELECT count(*) FROM turns WHERE state = 'done'") == len(PEOPLE)
        assert not await telegram.rejections()
