"""Staff's way in: today in one line, and a panel for each kind of work, edited in place, instead of one long list."""

from __future__ import annotations

from collections.abc import Sequence

from bots.commands.command import Command, Group
from bots.commands.request import Request
from bots.messages.reply import Button, Reply, Say
from core.reports.statistics import statistics
from core.service import Core

PANELS: dict[str, tuple[Group, ...]] = {
    "codes": ("codes",),
    "people": ("people",),
    "teams": ("teams",),
    "alerts": ("alerts",),
    "figures": ("figures",),
    "house": ("operations", "models", "staff"),
    "member": ("seats", "talk", "credit", "account"),
}
"""The panels in their order, with the headings of the commands on each."""
LONGEST_ROW = 3


async def home(core: Core, request: Request, listed: Sequence[Command]) -> Reply:
    """How today stands, and the panels that hold something for the asker's role."""
    today = await statistics(core, request.actor, days=1)
    facts = {
        "redeemed": today.redeemed,
        "joined": today.joined,
        "free": today.seats.free,
        "seats": today.seats.total,
        "open": today.alerts_open,
    }
    names = [name for name, groups in PANELS.items() if any(one.group in groups for one in listed)]
    buttons = [_to(name) for name in names]
    rows = [tuple(buttons[start : start + LONGEST_ROW]) for start in range(0, len(buttons), LONGEST_ROW)]
    return Reply("panel-home", facts, more=(Say("panel-how"),), buttons=rows)


def panel(name: str, listed: Sequence[Command]) -> Reply:
    """The commands of one kind of work, each with what it does, and a button for those that need nothing more."""
    groups = PANELS[name]
    shown = sorted((one for one in listed if one.group in groups), key=lambda one: groups.index(one.group))
    items = [Say("help-line", {"name": one.name, "what": Say(f"command-{one.name}")}) for one in shown]
    ready = [one for one in shown if not one.harmful and not any(argument.required for argument in one.arguments)]
    buttons = [
        Button(Say("button-did-you-mean", {"command": one.name}), one.name, replaces=False) for one in ready[:12]
    ]
    rows = [tuple(buttons[start : start + LONGEST_ROW]) for start in range(0, len(buttons), LONGEST_ROW)]
    back = (Button(Say("button-up"), "help"), Button(Say("button-every-command"), "help", {"panel": "all"}))
    return Reply("panel", {"heading": Say(f"choice-{name}")}, items=items, buttons=(*rows, back))


def _to(name: str) -> Button:
    return Button(Say(f"choice-{name}"), "help", {"panel": name})
