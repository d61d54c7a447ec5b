"""Every story runs through every front end, in both languages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypeAlias

import pytest

from tests.support import numbered, transcripts
from tests.support.chats import LANGUAGES, PLATFORMS, Chat, open_chat, telegram_settings
from tests.support.discord.chat import discord_settings
from tests.support.discord.emulator import PATIENT, FakeDiscord
from tests.support.house import open_house
from tests.support.telegram.emulator import FakeTelegram

OpenStory: TypeAlias = Callable[..., AbstractAsyncContextManager[Chat]]


@pytest.fixture(params=PLATFORMS)
def platform(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def story(platform: str, language: str, sqlite_url: str, request: pytest.FixtureRequest) -> OpenStory:
    """Opens a house with a chat in it: `async with story(workspaces=2, seats=2) as chat`."""

    @asynccontextmanager
    async def opened(*, patience: float = 5.0, **house: Any) -> AsyncIterator[Chat]:
        async with FakeTelegram() as telegram, FakeDiscord(answer_seconds=PATIENT) as discord:
            await discord.open_dm(7)
            chats = {"telegram": telegram_settings(telegram), "discord": discord_settings(discord)}
            sections = {**chats, "language": language, **house}
            async with (
                open_house(sqlite_url, **sections) as rooms,
                open_chat(
                    platform, rooms, language=language, patience=patience, telegram=telegram, discord=discord
                ) as chat,
            ):
                transcripts.keep(chat, request.node.name)
                misnumbered: list[str] = []
                numbered.watch(chat, misnumbered)
                yield chat
                assert not misnumbered
                assert not await telegram.rejections()
                assert not await discord.rejections()

    return opened
