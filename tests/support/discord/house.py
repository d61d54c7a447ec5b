"""A whole Usher with its Discord bot, before the emulated Discord."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import discord.gateway
import discord.http

from bots.discord_bot import reception
from bots.discord_bot.app import DiscordBot, open_client
from bots.outgoing.delivery import Delivery
from core.service import Core
from tests.support.discord.emulator import PATIENT, FakeDiscord
from tests.support.house import House, open_house

# Where the database is waited for no longer, a form becomes a question in words: not what these tests are about.
reception.LOOK_WITHIN = PATIENT


@dataclass
class DiscordHouse:
    """`discord` is the people's side, `house` the database and the upstream, `bot` runs if it was wanted."""

    house: House
    discord: FakeDiscord
    running_bot: DiscordBot | None = None

    @property
    def bot(self) -> DiscordBot:
        assert self.running_bot is not None
        return self.running_bot

    @property
    def core(self) -> Core:
        return self.house.core


@asynccontextmanager
async def open_discord_house(
    url: str,
    *,
    shards: int = 1,
    patience: float = 5.0,
    rate_limits: bool = False,
    answer_seconds: float = PATIENT,
    connected: bool = True,
    **house: Any,
) -> AsyncIterator[DiscordHouse]:
    """A house with a bot that is `connected`, its commands registered."""
    settings = house.pop("discord", {})
    async with FakeDiscord(shards=shards, rate_limits=rate_limits, answer_seconds=answer_seconds) as fake:
        await fake.open_dm(7)
        section = {"token": fake.token, "api_base": fake.api_base, "gateway_url": fake.gateway_url, **settings}
        async with open_house(url, discord=section, **house) as opened:
            if not connected:
                yield DiscordHouse(opened, fake)
                return
            async with running(opened.core, fake, patience=patience) as bot:
                await fake.wait_ready()
                await fake.wait_call("PUT /applications/")
                yield DiscordHouse(opened, fake, bot)


@asynccontextmanager
async def running(
    core: Core, fake: FakeDiscord, *, patience: float = 5.0, delivers: bool = False
) -> AsyncIterator[DiscordBot]:
    """A bot, and the outbox that writes through it, until the block ends."""
    before = discord.http.Route.BASE, discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY
    bot = DiscordBot(core, open_client(core), patience=patience)
    stop = asyncio.Event()
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(bot.run(stop), name="discord")
            if delivers:
                group.create_task(Delivery(core, {"discord": bot.sender}).run(stop), name="delivery")
            try:
                yield bot
            finally:
                stop.set()
    finally:
        discord.http.Route.BASE, discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = before
