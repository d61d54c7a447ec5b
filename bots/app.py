"""Everything that talks, in one process: the bots that are configured, the outbox, the web servers."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import structlog

from bots.answering import Answering
from bots.outgoing import last_words
from bots.outgoing.delivery import Delivery
from bots.standing import StandingBoard
from core.restores import marks
from core.upkeep import clock_watch

if TYPE_CHECKING:
    from collections.abc import Callable

    from bots.answering import Easel
    from bots.discord_bot.app import DiscordBot
    from bots.outgoing.posting import Channel
    from bots.telegram_bot.app import TelegramBot
    from core.service import Core

log = structlog.get_logger(__name__)


async def serve(
    core: Core,
    *,
    only: str | None = None,
    stop: asyncio.Event | None = None,
    say: Callable[[str], None] | None = None,
) -> None:
    """Serve what the configuration enables until `stop` is set; ends within ten seconds.

    `only` is "telegram" or "discord" for one bot, "gateway" for programs, "worker" for the outbox without any of them. Every process that runs
    sends notices, so that none depends on one. `say` is told who is online, and what keeps a bot from serving.
    """
    stop = stop or asyncio.Event()
    settings = core.settings
    standing = StandingBoard(settings.language, say)
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as group:
        channels: dict[str, Channel] = {}
        easels: dict[str, Easel] = {}
        telegram: TelegramBot | None = None
        discord: DiscordBot | None = None
        if settings.telegram.token is not None:
            from bots.telegram_bot.app import TelegramBot, open_bot

            bot = open_bot(core)
            stack.push_async_callback(bot.session.close)
            telegram = TelegramBot(core, bot, standing=standing)
            channels["telegram"] = telegram.sender
            easels["telegram"] = telegram.easel
            if only in {None, "telegram"}:
                group.create_task(telegram.run(stop), name="telegram")
        if settings.discord.token is not None:
            from bots.discord_bot.app import DiscordBot, open_client

            discord = DiscordBot(core, open_client(core), standing=standing)
            channels["discord"] = discord.sender
            easels["discord"] = discord.easel
            group.create_task(discord.run(stop, answers=only in {None, "discord"}), name="discord")
        delivery = Delivery(core, channels)
        answering = Answering(core, easels, delivered=delivery.wake)
        for bot_of_chat in (telegram, discord):
            if bot_of_chat is not None:
                bot_of_chat.asked = answering.wake
        group.create_task(delivery.run(stop), name="delivery")
        group.create_task(answering.run(stop), name="answering")
        group.create_task(clock_watch.watch(core, stop), name="clock")
        group.create_task(marks.watch(core, stop), name="journal")
        group.create_task(last_words.watch(core, stop), name="last words")
        if core.redis is not None:
            group.create_task(core.redis.watch(stop), name="redis")
        hooked = telegram is not None and settings.telegram.mode == "webhook" and only in {None, "telegram"}
        if settings.web.enabled or hooked:
            from bots.web import Web

            receive = telegram.receive if telegram is not None and hooked else None
            group.create_task(Web(core, receive, standing).run(stop), name="web")
        if settings.gateway.enabled and only in {None, "gateway"}:
            from bots.gateway.app import Gateway

            group.create_task(Gateway(core).run(stop), name="gateway")
        log.info("serving", channels=sorted(channels), only=only or "all")
        await stop.wait()
