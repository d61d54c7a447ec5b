"""A chat that has had enough when the answer is whole: it comes once it may, whole, once, and nobody else waits."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from core.clock import MovedClock
from core.models.protocol import Usage
from tests.bots.test_painting import furnish
from tests.support.chats import TelegramDriver, open_chat, telegram_settings, until
from tests.support.credit import Desk, saying
from tests.support.discord.chat import discord_settings
from tests.support.discord.emulator import PATIENT, FakeDiscord
from tests.support.discord.emulator import text_of as discord_text
from tests.support.house import House, open_house
from tests.support.telegram.emulator import FakeTelegram, text_of

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
USED = Usage(input=10, output=1100)
LONG = [f"word{number} " for number in range(1100)]
"""Three messages of Telegram's."""


async def waits_for(house: House, seconds: float) -> bool:
    """Does the answer wait for exactly as long as it was told to?"""
    due = await house.value("SELECT due_at FROM notices WHERE state = 'ready' AND error = 'not now'")
    return due is not None and due == (NOON.timestamp() + seconds) * 1_000_000


async def put_off(house: House) -> bool:
    return bool(await house.value("SELECT count(*) FROM notices WHERE state = 'ready' AND error = 'not now'"))


@pytest.mark.parametrize("seconds", [137, 13_931])
async def test_on_telegram_it_comes_whole_as_soon_as_it_may(sqlite_url: str, seconds: int):
    desk, clock = Desk(usual=saying(*LONG, usage=USED)), MovedClock(NOON)
    given: dict[str, Any] = {"talk": {"draft_interval": 0.1}, "workspaces": 0, "open_model": desk.open, "clock": clock}
    async with (
        FakeTelegram() as telegram,
        open_house(sqlite_url, telegram=telegram_settings(telegram), **given) as house,
        open_chat("telegram", house, telegram=telegram) as chat,
    ):
        assert isinstance(chat, TelegramDriver)
        await furnish(house, "telegram:7", "telegram:8")
        # The first message is taken, the second is not.
        await telegram.fault("sendMessage", "slow", chat=7, seconds=0.0)
        await telegram.fault("sendMessage", "429", count=-1, chat=7, retry_after=seconds)
        await telegram.say("tell me", lang="en")
        await until(lambda: put_off(house), 60, "the answer was not put off")
        assert await waits_for(house, seconds)
        await telegram.say("and me", user_id=8, lang="en")
        await telegram.wait_message(8, "word1099")
        asked = [call for call in await telegram.recorded_calls("sendMessage") if int(call.fields["chat_id"]) == 7]
        assert len(asked) == 2, "nothing is retried into the limit"

        clock.move(seconds=seconds - 1)
        again = await telegram.say("and me again", user_id=8, lang="en")
        await telegram.wait_message(8, "word1099", since=again)
        assert len(await telegram.messages(7)) == 1
        await telegram.clear_faults()
        clock.move(seconds=1)
        await telegram.wait_message(7, "word1099")
        shown = [text_of(one) for one in await telegram.messages(7)]
        assert len(shown) == 3, "no part of it twice"
        assert "".join("".join(shown).split()) == "".join(one.strip() for one in LONG)
        assert await house.value("SELECT count(*) FROM ledger WHERE kind = 'charge'") == 3


async def test_on_discord_another_process_brings_it(sqlite_url: str):
    desk, clock = Desk(usual=saying(*LONG[:500], usage=USED)), MovedClock(NOON)
    given: dict[str, Any] = {"workspaces": 0, "open_model": desk.open, "clock": clock}
    async with (
        FakeDiscord(answer_seconds=PATIENT) as discord,
        open_house(sqlite_url, discord=discord_settings(discord), **given) as house,
    ):
        channel = await discord.open_dm(7)
        async with open_chat("discord", house, discord=discord) as chat:
            await furnish(house, "discord:7")
            await discord.fault(f"POST /channels/{channel}/messages", "slow", seconds=0.0)
            await discord.fault(f"POST /channels/{channel}/messages", "429", count=-1, retry_after=137)
            said = await discord.dm("tell me")
            await until(lambda: put_off(house), 60, "the answer was not put off")
            await discord.clear_faults()
            clock.move(seconds=138)
            await chat.restart()  # discord.py itself keeps to what it was told, by its own clock
            await chat.told("word499")
            posts = await discord.act("posts", who={"user": "7", "dm": True}, since=said["id"])
            shown = [discord_text(one) for one in posts["messages"]]
            assert "".join("".join(shown).split()) == "".join(one.strip() for one in LONG[:500])
