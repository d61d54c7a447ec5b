"""Registering the slash commands: by one process, and only when they have changed."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING, Any

import discord
import structlog

from bots.discord_bot.tree import fingerprint
from bots.outgoing.posting import NotNow, Unreachable
from bots.standing import StandingBoard
from core.notices.registration import claim_telling, note_told

if TYPE_CHECKING:
    from bots.discord_bot.sending import DiscordSender
    from core.service import Core

log = structlog.get_logger(__name__)

LOOK_AGAIN = 5.0
FIRST_REFUSED, LONGEST_REFUSED = 15.0, 3600.0
"""Seconds before commands that were refused are sent again: the first time, and after many."""


async def register(
    core: Core,
    sender: DiscordSender,
    commands: list[dict[str, Any]],
    application_id: int,
    standing: StandingBoard | None = None,
) -> int:
    """See that Discord knows `commands`, the payload of a tree. Returns in how many places they were registered by this process.

    What Discord refuses is tried again, later each time, and is on the board of `standing` until it is taken.

    They are registered for everybody, or (`discord.guild_ids`) in these servers only, where a change shows at once.
    """
    guilds = core.settings.discord.guild_ids
    wanted: dict[int | None, list[dict[str, Any]]] = {None: [] if guilds else commands}
    wanted |= dict.fromkeys(guilds, commands)
    board = standing or StandingBoard(core.settings.language)
    # Side by side: a server that the bot was not let into keeps no other from its commands.
    done = await asyncio.gather(
        *(_register(core, sender, application_id, guild, listed, board) for guild, listed in wanted.items())
    )
    return sum(done)


async def _register(
    core: Core,
    sender: DiscordSender,
    application_id: int,
    guild: int | None,
    commands: list[dict[str, Any]],
    standing: StandingBoard,
) -> bool:
    name = f"discord-commands:{application_id}:{guild or 'global'}"
    mark = fingerprint(commands)
    token = secrets.token_hex(8)
    refused = FIRST_REFUSED
    while True:
        state = await core.write(claim_telling, name, mark, token, core.now())
        if state == "registered":
            standing.well("discord", "commands")
            return False
        pause = LOOK_AGAIN
        if state == "mine":
            try:
                await _send(sender, application_id, guild, commands)
            except NotNow as later:
                pause = later.seconds
            except (discord.HTTPException, Unreachable) as fault:
                # A server that the bot is not in yet, or a command that Discord does not take.
                reason = str(fault.__cause__ or fault)
                log.warning("commands_not_registered", kind=type(fault).__name__, guild=guild, reason=reason[:500])
                standing.trouble("discord", "commands", reason)
                pause, refused = refused, min(LONGEST_REFUSED, refused * 2)
            else:
                await core.write(note_told, name, mark, core.now())
                standing.well("discord", "commands")
                log.info("commands_registered", count=len(commands), guild=guild)
                return True
            await core.write(note_told, name, None, core.now())
        await asyncio.sleep(pause)


async def _send(sender: DiscordSender, application_id: int, guild: int | None, commands: Any) -> None:
    http = sender.client.http
    if guild is None:
        await sender.call(lambda: http.bulk_upsert_global_commands(application_id, commands))
    else:
        await sender.call(lambda: http.bulk_upsert_guild_commands(application_id, guild, commands))
