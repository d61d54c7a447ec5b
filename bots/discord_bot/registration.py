"""Registering the slash commands: by one process, and only when they have changed."""

from __future__ import annotations

import asyncio
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import discord
import sqlalchemy as sa
import structlog

from bots.discord_bot.tree import FluentTranslator, Tree, fingerprint, payload
from bots.outgoing.posting import NotNow, Unreachable
from core.storage.database import dialect_insert
from core.storage.tables import facts

if TYPE_CHECKING:
    from bots.discord_bot.sending import Sender
    from core.service import Core

log = structlog.get_logger(__name__)

CLAIM = timedelta(seconds=60)
"""How long the process that registers is left alone with it."""
LOOK_AGAIN = 5.0


async def register(core: Core, sender: Sender, tree: Tree, application_id: int) -> int:
    """See that Discord knows the present commands. Returns in how many places they were registered by this process.

    They are registered for everybody, or (`discord.guild_ids`) in these servers only, where a change shows at once.
    """
    guilds = core.settings.discord.guild_ids
    commands = await payload(tree, FluentTranslator())
    wanted: dict[int | None, list[dict[str, Any]]] = {None: [] if guilds else commands}
    wanted |= dict.fromkeys(guilds, commands)
    count = 0
    for guild, listed in wanted.items():
        count += await _register(core, sender, application_id, guild, listed)
    return count


async def _register(
    core: Core, sender: Sender, application_id: int, guild: int | None, commands: list[dict[str, Any]]
) -> bool:
    name = f"discord-commands:{application_id}:{guild or 'global'}"
    mark = fingerprint(commands)
    token = secrets.token_hex(8)
    while True:
        state = await core.write(_claim, name, mark, token, core.now())
        if state == "registered":
            return False
        pause = LOOK_AGAIN
        if state == "mine":
            try:
                await _send(sender, application_id, guild, commands)
            except NotNow as later:
                pause = later.seconds
            except (discord.HTTPException, Unreachable) as fault:
                # A server that the bot is not in, or a command that Discord does not take: trying again is of no use.
                log.exception("commands_not_registered", kind=type(fault).__name__, guild=guild)
                await core.write(_note, name, None, core.now())
                return False
            else:
                await core.write(_note, name, mark, core.now())
                log.info("commands_registered", count=len(commands), guild=guild)
                return True
            await core.write(_note, name, None, core.now())
        await asyncio.sleep(pause)


async def _send(sender: Sender, application_id: int, guild: int | None, commands: Any) -> None:
    http = sender.client.http
    if guild is None:
        await sender.call(lambda: http.bulk_upsert_global_commands(application_id, commands))
    else:
        await sender.call(lambda: http.bulk_upsert_guild_commands(application_id, guild, commands))


def _claim(tx: sa.Connection, name: str, mark: str, token: str, now: datetime) -> str:
    empty = {"mark": None, "claim": None, "until": None}
    tx.execute(
        dialect_insert(facts, tx)
        .values(name=name, value=empty, changed_at=now)
        .on_conflict_do_nothing(index_elements=["name"])
    )
    kept = tx.execute(sa.select(facts.c.value).where(facts.c.name == name).with_for_update()).scalar_one()
    if kept["mark"] == mark:
        return "registered"
    if kept["until"] is not None and datetime.fromisoformat(kept["until"]) > now:
        return "taken"
    value = {"mark": kept["mark"], "claim": token, "until": (now + CLAIM).isoformat()}
    tx.execute(sa.update(facts).where(facts.c.name == name).values(value=value, changed_at=now))
    return "mine"


def _note(tx: sa.Connection, name: str, mark: str | None, now: datetime) -> None:
    value = {"mark": mark, "claim": None, "until": None}
    tx.execute(sa.update(facts).where(facts.c.name == name).values(value=value, changed_at=now))
