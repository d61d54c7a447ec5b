"""Alerts in a Telegram group: into a topic, pressed by staff and by strangers, through everything a platform does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from core.alerts import alerts
from tests.support.chats import TelegramDriver, open_chat, telegram_settings, until
from tests.support.house import open_house
from tests.support.telegram.emulator import FakeTelegram, buttons_of, text_of

GROUP = -1001
OWNERS = {"staff": {"owners": ["telegram:7"]}}


@asynccontextmanager
async def opened(url: str, **house: Any) -> AsyncIterator[TelegramDriver]:
    async with FakeTelegram() as telegram:
        sections = {"telegram": telegram_settings(telegram), **OWNERS, **house}
        async with (
            open_house(url, **sections) as rooms,
            open_chat("telegram", rooms, telegram=telegram) as chat,
        ):
            assert isinstance(chat, TelegramDriver)
            yield chat


async def raised(chat: TelegramDriver, subject: str = "team:1", level: str = "error") -> int:
    core = chat.house.core
    facts = {"team": "Alpha", "error": "credential"}
    return await core.write(alerts.raise_alert, "provider", subject, level, "team_expired", facts, core.now())


async def test_a_group_gets_alerts_and_only_staff_settle_them(sqlite_url: str):
    async with opened(sqlite_url) as chat:
        await chat.telegram.add_group(GROUP)
        said = await chat.telegram.say("/subscribe@usher_test_bot warning quiet 22:00-07:00", chat=GROUP)
        answer = await chat.answer(said, chat=GROUP)
        assert chat.words("subscribed", level=chat.words("level-warning")) in answer
        number = await raised(chat)
        message = await chat.telegram.wait_message(GROUP, "Alpha")
        assert [len(row) for row in buttons_of(message)] == [2, 2, 2]

        stranger = await chat.telegram.press(chat.label("resolve"), chat=GROUP, user_id=8)
        await chat.until_done(stranger)
        said = await chat.telegram.wait_callback_answer(stranger)
        assert said["text"] == chat.words("error-not_allowed", role="operator")
        assert await chat.house.value("SELECT count(*) FROM alerts WHERE resolved_at IS NOT NULL") == 0

        mine = await chat.telegram.press(chat.label("resolve"), chat=GROUP)
        await chat.until_done(mine)
        assert await chat.house.value("SELECT resolved_by FROM alerts") == "telegram:7"
        edited = await chat.telegram.wait_message(GROUP, "telegram:7")
        assert edited["message_id"] == message["message_id"]
        assert buttons_of(edited) == []
        details = await chat.telegram.say(f"/alerts alert={number}", chat=GROUP)
        assert "Alpha" in await chat.answer(details, chat=GROUP)


async def test_an_alert_reaches_its_topic(sqlite_url: str):
    async with opened(sqlite_url) as chat:
        await chat.telegram.add_group(GROUP, threads=(5, 6))
        await chat.until_done(await chat.telegram.say("/subscribe", chat=GROUP, thread=6))
        assert await chat.house.value("SELECT chat_id FROM subscriptions") == f"{GROUP}/6"
        await raised(chat)
        message = await chat.telegram.wait_message(GROUP, "Alpha")
        assert message["message_thread_id"] == 6


async def test_a_flood_of_alerts_keeps_its_order_through_429_and_broken_lines(sqlite_url: str):
    async with opened(sqlite_url) as chat:
        await chat.until_done(await chat.telegram.say("/subscribe info"))
        await chat.telegram.fault("sendMessage", "429", retry_after=1)
        await chat.telegram.fault("sendMessage", "drop_before")
        for number in range(6):
            await raised(chat, f"team:{number}")

        async def all_there() -> bool:
            return int(await chat.house.value("SELECT count(*) FROM alert_messages")) == 6

        await until(all_there, 60, "not every alert was sent")
        texts = [text_of(one) for one in await chat.telegram.messages(7)]
        seen = [text.partition("#")[2].split()[0] for text in texts if "Alpha" in text]
        assert sorted(set(seen)) == [str(number) for number in range(1, 7)]
        assert list(dict.fromkeys(seen)) == sorted(set(seen), key=int)


async def test_a_group_that_put_the_bot_out_is_marked_and_told_elsewhere(sqlite_url: str):
    async with opened(sqlite_url) as chat:
        await chat.telegram.add_group(GROUP)
        await chat.until_done(await chat.telegram.say("/subscribe", chat=GROUP))
        await chat.until_done(await chat.telegram.say("/subscribe"))
        await chat.telegram.set_chat_state(GROUP, "kicked")
        await raised(chat)
        await chat.told("I can no longer send to the chat")
        assert await chat.house.value("SELECT count(*) FROM subscriptions WHERE unreachable_since IS NOT NULL") == 1
