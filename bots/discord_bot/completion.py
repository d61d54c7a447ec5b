"""Suggestions for an option while it is typed; of what is stored, only staff sees any."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import discord
import structlog
from discord import app_commands

from bots.commands.catalogue import find_command
from bots.commands.choices import label_of
from bots.discord_bot.events import PLATFORM, slash_of
from bots.messages.lasting import term_words
from bots.messages.markdown import cleaned
from bots.messages.rendering import Look, words
from bots.messages.reply import Say
from core.actors import Role
from core.errors import UsherError
from core.languages import FALLBACK, spoken
from core.people import people
from core.reports.completion import MOST, Completed, completions

if TYPE_CHECKING:
    from core.service import Core

log = structlog.get_logger(__name__)

WITHIN = 2.0
TERMS = ("1mo", "3mo", "12mo", "7d", "30d", "24h", "unlimited")
LONGEST = 100


async def complete(core: Core, interaction: discord.Interaction[Any]) -> list[app_commands.Choice[Any]]:
    """What fits the beginning; nothing for whoever may not see it, or while the database is busy."""
    name, options = slash_of(interaction.data or {})
    command = find_command(name)
    option = next((one for one in options if one.get("focused")), None)
    argument = command.argument(option["name"]) if command is not None and option is not None else None
    if command is None or option is None or argument is None:
        return []
    typed = cleaned(str(option.get("value", "")))
    if argument.kind == "term":
        terms = [(term, term_words(term)) for term in argument.choices or TERMS]
        return _fitting(terms, typed, interaction.locale.value)
    fitting: list[app_commands.Choice[Any]] = []
    kind = argument.kind
    if argument.choices:
        choices = [(one, Say(label_of(command.name, one), {"choice": one})) for one in argument.choices]
        fitting = _fitting(choices, typed, interaction.locale.value)
        if "pool" not in argument.aliases:
            return fitting
        kind = "pool"
    try:
        async with asyncio.timeout(WITHIN):
            actor = await people.recognise(core, PLATFORM, str(interaction.user.id))
            actor.require(max(command.role, Role.VIEWER))
            found = await completions(core, actor, cast("Completed", kind), typed)
    except (TimeoutError, UsherError) as fault:
        log.info("nothing_completed", kind=type(fault).__name__)
        return fitting
    numbers = kind == "batch"
    fitting += [
        app_commands.Choice(name=shown[:LONGEST], value=int(meant) if numbers else meant)
        for shown, meant in found
        if len(meant) <= LONGEST
    ]
    return fitting[:MOST]


def _fitting(named: Sequence[tuple[str, Say]], typed: str, locale: str) -> list[app_commands.Choice[Any]]:
    look = Look(spoken(locale) or FALLBACK, "plain", LONGEST)
    shown = [(words(say, look), value) for value, say in named]
    fitting = [one for one in shown if typed.casefold() in f"{one[0]} {one[1]}".casefold()]
    return [app_commands.Choice(name=name, value=value) for name, value in fitting]
