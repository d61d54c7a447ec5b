"""A new key does not stay in a chat: its message goes by its button, or by itself, whatever restarts meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from bots.commands.member.keys import SHOWN_FOR
from core.actors import SYSTEM
from core.clock import MovedClock
from core.credit.grants import give, read_identity
from tests.support.chats import Chat, open_chat, telegram_settings, until
from tests.support.discord.chat import DiscordDriver, discord_settings
from tests.support.discord.emulator import PATIENT, FakeDiscord
from tests.support.house import open_house
from tests.support.telegram.emulator import FakeTelegram

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
KEY = "sk-ush-"
STATE = "SELECT state FROM notices WHERE template = 'vanish'"


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock(NOON)


@asynccontextmanager
async def talking(platform: str, url: str, clock: MovedClock) -> AsyncIterator[tuple[Chat, FakeTelegram, FakeDiscord]]:
    async with FakeTelegram() as telegram, FakeDiscord(answer_seconds=PATIENT) as discord:
        await discord.open_dm(7)
        sections: dict[str, Any] = {
            "telegram": telegram_settings(telegram),
            "discord": discord_settings(discord),
            "gateway": {"enabled": True},
        }
        async with (
            open_house(url, clock=clock, **sections) as rooms,
            open_chat(platform, rooms, telegram=telegram, discord=discord) as chat,
        ):
            who = "terminal:person-7" if platform == "terminal" else f"{platform}:7"
            await give(rooms.core, SYSTEM, read_identity(who), "vip", reason="keys of one's own")
            if isinstance(chat, DiscordDriver):
                chat.alone = True
            yield chat, telegram, discord
            assert not await telegram.rejections()
            assert not await discord.rejections()


async def _standing(platform: str, telegram: FakeTelegram, discord: FakeDiscord) -> str:
    """All that the bot's messages say that can be read in the private chat now."""
    if platform == "telegram":
        return str(await telegram.messages())
    return str((await discord.act("posts", who={"user": "7", "dm": True}, since=None))["messages"])


@pytest.mark.parametrize("platform", ["telegram", "discord"])
async def test_a_key_that_nobody_removes_is_taken_away(platform: str, database_url: str, clock: MovedClock):
    async with talking(platform, database_url, clock) as (chat, telegram, discord):
        answer = await chat.say("/keys new laptop")
        assert KEY in answer
        assert chat.label("key-taken") in answer, "its button is called by its name"
        assert "10 minutes" in answer
        clock.move(seconds=SHOWN_FOR.total_seconds() - 1)
        await chat.restart()
        await chat.say("/keys")
        assert KEY in await _standing(platform, telegram, discord)
        clock.move(seconds=1)

        async def gone() -> bool:
            return KEY not in await _standing(platform, telegram, discord)

        await until(gone, 20, "the key stands there still")
        assert "laptop" in await chat.say("/keys"), "and works"


@pytest.mark.parametrize("platform", ["telegram", "discord"])
async def test_what_took_the_place_of_a_key_stays(platform: str, database_url: str, clock: MovedClock):
    async with talking(platform, database_url, clock) as (chat, telegram, discord):
        await chat.say("/keys new laptop")
        assert [tuple(row) for row in await chat.house.rows(STATE)] == [("ready",)]
        await chat.press(chat.label("key-taken"))
        standing = await _standing(platform, telegram, discord)
        assert KEY not in standing
        assert "laptop" in standing
        assert await chat.house.rows(STATE) == []


async def test_a_message_that_telegram_keeps_loses_its_words(sqlite_url: str, clock: MovedClock):
    async with talking("telegram", sqlite_url, clock) as (chat, telegram, discord):
        await chat.say("/keys new laptop")
        await telegram.fault("deleteMessage", "400", text="Bad Request: message can't be deleted")
        clock.move(seconds=SHOWN_FOR.total_seconds())
        assert await chat.told(chat.words("notice-vanish"))
        assert KEY not in await _standing("telegram", telegram, discord)


async def test_a_terminal_promises_nothing(sqlite_url: str, clock: MovedClock):
    async with talking("terminal", sqlite_url, clock) as (chat, _, __):
        answer = await chat.say("/keys new laptop")
        assert KEY in answer
        assert "minutes" not in answer
        assert await chat.house.rows(STATE) == []
