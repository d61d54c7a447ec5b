"""What people see of the bot before its answers, and what Discord knows of the application."""

from __future__ import annotations

import secrets
from hashlib import sha256
from typing import TYPE_CHECKING, Final

import discord
import structlog
from discord.http import Route

from bots.messages.rendering import Look, words
from bots.messages.reply import Say
from bots.outgoing.posting import NotNow, Unreachable
from core.notices.registration import claim_telling, note_told

if TYPE_CHECKING:
    from bots.discord_bot.sending import DiscordSender
    from core.service import Core

log = structlog.get_logger(__name__)

FOR_PEOPLE: Final = "1"
"""Discord's number for what a person installs for themselves, and not for a server."""
LONGEST: Final = 400
"""Characters of an application's description."""


async def introduce(core: Core, sender: DiscordSender, application_id: int) -> None:
    """Describe the application in the configured language, once: what a stranger reads before the first word."""
    look = Look(core.settings.language, "plain", LONGEST)
    said = next((text for key in ("profile", "profile-short") if len(text := words(Say(key), look)) <= LONGEST), "")
    name, mark = f"discord-profile:{application_id}", sha256(said.encode()).hexdigest()
    if await core.write(claim_telling, name, mark, secrets.token_hex(8), core.now()) != "mine":
        return
    told = await _quietly(sender, {"description": said})
    await core.write(note_told, name, mark if told else None, core.now())


async def learn_commands(core: Core, sender: DiscordSender, application_id: int) -> None:
    """Find out the numbers by which commands can be tapped. Commands of single servers have others in each."""
    if core.settings.discord.guild_ids:
        return
    http = sender.client.http
    try:
        listed = await sender.call(lambda: http.get_global_commands(application_id))
    except (discord.HTTPException, Unreachable, NotNow) as fault:
        log.info("commands_not_listed", kind=type(fault).__name__)
        return
    sender.commands = {one["name"]: int(one["id"]) for one in listed if one.get("type", 1) == 1}


async def installs_for_people(sender: DiscordSender) -> bool:
    """Whether people may install the application for themselves, as its operator has set it at Discord.

    Where they may not, commands that say so could be refused, and all others with them.
    """
    http = sender.client.http
    try:
        known = await sender.call(lambda: http.request(Route("GET", "/applications/@me")))
    except (discord.HTTPException, Unreachable, NotNow) as fault:
        log.info("application_not_read", kind=type(fault).__name__)
        return False
    return FOR_PEOPLE in (known.get("integration_types_config") or {})


async def _quietly(sender: DiscordSender, payload: dict[str, str]) -> bool:
    http = sender.client.http
    try:
        await sender.call(lambda: http.edit_application_info(reason=None, payload=payload))
    except (discord.HTTPException, Unreachable, NotNow) as fault:
        log.info("application_not_described", kind=type(fault).__name__)
        return False
    return True
