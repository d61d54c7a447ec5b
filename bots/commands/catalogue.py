"""The one list of commands. Menus, help, slash commands and `usher commands` are all made from it."""

from __future__ import annotations

import difflib
from functools import cache
from typing import get_args

from bots.commands.command import Command, Group, offered_of
from bots.commands.meant import MEANT
from bots.commands.member import (
    account,
    clock,
    conversations,
    keys,
    own_sources,
    privacy,
    redeeming,
    sign_in,
    talk,
    wallet,
)
from bots.commands.request import SLASHES
from bots.commands.staff import (
    alerts,
    announce,
    cleanup,
    codes,
    credit,
    generate,
    hooks,
    house,
    jobs,
    locks,
    lookup,
    models,
    moves,
    notes,
    owner,
    placing,
    requests,
    seats,
    settling,
    statistics,
    strangers,
    team_import,
    teams,
)
from bots.messages.rendering import Look, has_words, words
from bots.messages.reply import Say
from core.actors import Role
from core.languages import LANGUAGES
from core.rules.empty_text import says_nothing
from core.service import Core

PLATFORMS = ("discord", "telegram", "terminal")

STAFF = (
    statistics,
    teams,
    cleanup,
    lookup,
    locks,
    generate,
    codes,
    team_import,
    alerts,
    jobs,
    announce,
    seats,
    requests,
    settling,
    strangers,
    models,
    credit,
    owner,
    house,
    hooks,
    placing,
    moves,
    notes,
)


@cache
def catalogue() -> tuple[Command, ...]:
    """Every command, in the order of the menus."""
    order = get_args(Group)
    staff = sorted((one for module in STAFF for one in module.COMMANDS), key=lambda one: order.index(one.group))
    start, help_ = account.start_and_help(catalogue, nearest)
    everybody = (
        start,
        *redeeming.COMMANDS,
        *talk.COMMANDS,
        *conversations.COMMANDS,
        *wallet.COMMANDS,
        *own_sources.COMMANDS,
        *keys.COMMANDS,
        account.SPEAK,
        clock.COMMAND,
        help_,
    )
    return (*everybody, *privacy.COMMANDS, *sign_in.COMMANDS, *staff)


@cache
def _by_name() -> dict[str, Command]:
    named = {
        words(Say(f"slash-{command.name}"), Look(language, "plain", 100)).casefold(): command
        for command in catalogue()
        for language in LANGUAGES
        if has_words(f"slash-{command.name}", language)
    }
    return named | {name: command for command in catalogue() for name in (command.name, *command.aliases)}


def find_command(name: str) -> Command | None:
    """The command called `name`, in any language, without its slash and in any case."""
    return _by_name().get(name.casefold())


def as_command(text: str) -> str | None:
    """What stands behind the slash, if it is a command. Behind a slash that stands alone, a known one is one, too."""
    if not text.startswith(SLASHES) or says_nothing(text):
        return None
    behind = text[1:].lstrip()
    apart = text[1:] != behind
    return behind if not apart or find_command(behind.split()[0].partition("@")[0]) is not None else None


def written_bare(text: str, role: Role) -> Command | None:
    """The command that somebody wrote without its slash, with or without what follows it; none that does harm."""
    command = find_command(text.partition(" ")[0]) if text else None
    return command if command is not None and command.role <= role and not (command.harmful or command.hidden) else None


def nearest(name: str, role: Role) -> str | None:
    """What was probably meant, without its slash, among the commands that `role` may use and that do no harm."""
    if (known := MEANT.get(name.casefold())) is not None:
        return known
    names = [command.name for command in commands_for(role) if not command.harmful]
    close = difflib.get_close_matches(name.casefold(), names, n=1, cutoff=0.55)
    return close[0] if close else None


async def menu_for(core: Core, role: Role) -> list[Command]:
    """What stands in the menu of `role` at present."""
    return await offered_of(core, role, commands_for(role))


def commands_for(role: Role) -> list[Command]:
    """What may stand in the menu of `role`."""
    return [command for command in catalogue() if command.role <= role and not command.hidden]
