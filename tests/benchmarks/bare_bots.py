"""The least that a bot can be: one handler, one answer, nothing remembered.

`python -m tests.benchmarks.bare_bots telegram|discord-once|discord-twice BASE TOKEN` serves until it is ended.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from typing import Any

SAID = "The code is valid: one use left, membership for a month."


async def telegram(base: str, token: str) -> None:
    """Polls, and answers every message with `sendMessage`."""
    from aiogram import Bot, Dispatcher
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer
    from aiogram.types import Message

    dispatcher = Dispatcher()

    @dispatcher.message()
    async def echo(message: Message) -> None:
        await message.answer(message.text or "")

    bot = Bot(token, session=AiohttpSession(api=TelegramAPIServer.from_base(base)))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await dispatcher.start_polling(bot, handle_signals=False)


async def discord(base: str, token: str, *, twice: bool) -> None:
    """One command, which responds at once, or (`twice`) defers and answers then, as whoever asks a database must."""
    import discord
    import yarl
    from discord import app_commands, gateway, http

    http.Route.BASE = f"{base}/api/v10"
    gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(f"{base.replace('http', 'ws', 1)}/gateway")
    client = discord.Client(intents=discord.Intents(guilds=True), max_messages=None)
    tree: app_commands.CommandTree[discord.Client] = app_commands.CommandTree(client)

    @tree.command(name="verify", description="Say what a code is good for.")
    async def verify(interaction: discord.Interaction[Any], code: str) -> None:
        if not twice:
            await interaction.response.send_message(f"{code}: {SAID}", ephemeral=True)
            return
        await interaction.response.defer(ephemeral=True, thinking=True)
        await interaction.edit_original_response(content=f"{code}: {SAID}")

    @client.event
    async def on_ready() -> None:
        await tree.sync()
        sys.stdout.write("ready\n")
        sys.stdout.flush()

    await client.start(token)


def main() -> None:
    what, base, token = sys.argv[1:]
    serving = telegram(base, token) if what == "telegram" else discord(base, token, twice=what.endswith("twice"))
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serving)


if __name__ == "__main__":
    main()
