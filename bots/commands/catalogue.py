"""The one list of commands. Menus, help, slash commands and `usher commands` are all made from it."""

from __future__ import annotations

import difflib
from functools import cache
from typing import get_args

from bots.commands.command import Command, Group
from bots.commands.member import privacy, sign_in
from bots.commands.member import redeeming as member
from bots.commands.staff import alerts as staff_alerts
from bots.commands.staff import announce as staff_announce
from bots.commands.staff import cleanup as staff_cleanup
from bots.commands.staff import codes as staff_codes
from bots.commands.staff import generate as staff_generate
from bots.commands.staff import jobs as staff_jobs
from bots.commands.staff import lookup as staff_lookup
from bots.commands.staff import owner as staff_owner
from bots.commands.staff import seats as staff_seats
from bots.commands.staff import statistics as staff_statistics
from bots.commands.staff import team_import as staff_import
from bots.commands.staff import teams as staff_teams
from core.actors import Role

PLATFORMS = ("discord", "telegram", "terminal")

STAFF = (
    staff_statistics,
    staff_teams,
    staff_cleanup,
    staff_lookup,
    staff_generate,
    staff_codes,
    staff_import,
    staff_alerts,
    staff_jobs,
    staff_announce,
    staff_seats,
    staff_owner,
)


@cache
def catalogue() -> tuple[Command, ...]:
    """Every command, in the order of the menus."""
    order = get_args(Group)
    staff = sorted((one for module in STAFF for one in module.COMMANDS), key=lambda one: order.index(one.group))
    return (*member.COMMANDS, *privacy.COMMANDS, *sign_in.COMMANDS, *staff)


@cache
def _by_name() -> dict[str, Command]:
    return {name: command for command in catalogue() for name in (command.name, *command.aliases)}


def find_command(name: str) -> Command | None:
    """The command called `name`, without its slash and in any case."""
    return _by_name().get(name.casefold())


def nearest(name: str, role: Role) -> str | None:
    """The name of the command that was probably meant, among those that `role` may use."""
    names = [command.name for command in catalogue() if command.role <= role and not command.hidden]
    close = difflib.get_close_matches(name.casefold(), names, n=1, cutoff=0.5)
    return close[0] if close else None


def commands_for(role: Role) -> list[Command]:
    """What stands in the menu of `role`."""
    return [command for command in catalogue() if command.role <= role and not command.hidden]
