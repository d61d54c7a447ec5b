"""In whose time moments are written."""

from __future__ import annotations

from bots.commands.command import Argument, Command
from bots.commands.request import Request
from bots.messages.formatting import moment
from bots.messages.reply import Button, Reply, Say
from core.actors import Role
from core.people import people
from core.rules.zones import read_zone
from core.service import Core

OFF = frozenset({"off", "usual", "reset", "默认", "关"})
"""What gives the reader the house's own zone again."""
OFFERED = ("UTC", "Europe/Berlin", "Asia/Shanghai", "America/New_York")
ASK = Button(Say("button-timezone"), "timezone", replaces=False)
SHOWN_BY_DEVICES = frozenset({"discord"})
"""Platforms on which every moment of a message is shown in the zone of the reader's device, whatever is chosen here."""


async def timezone(core: Core, request: Request, *, zone: str | None) -> Reply:
    """Say in which zone moments are written for the asker, or choose one."""
    if zone is None:
        shown = request.actor.timezone or core.settings.timezone
        row = [Button(Say("plain", {"text": one}), "timezone", {"zone": one}) for one in OFFERED if one != shown]
        return Reply(_worded("timezone", request), _now(core, request, shown), buttons=(tuple(row[:2]), tuple(row[2:])))
    chosen = None if zone.strip().casefold() in OFF else read_zone(zone)
    await people.set_timezone(core, request.actor, chosen)
    now = chosen or core.settings.timezone
    return Reply(_worded("timezone-chosen", request), _now(core, request, now), timezone=now)


def _worded(key: str, request: Request) -> str:
    return f"{key}-of-device" if request.chat.platform in SHOWN_BY_DEVICES else key


def _now(core: Core, request: Request, zone: str) -> dict[str, str]:
    """The zone, and the time in it as text: a platform would show a moment in the zone of the device instead."""
    return {"zone": zone, "now": moment(core.now(), request.language, zone)}


async def asked_once(core: Core, request: Request, reply: Reply, role: Role) -> Reply:
    """An answer to staff, with the question for their zone below it the first time. It is guessed from nothing."""
    if request.chat.platform in SHOWN_BY_DEVICES or role < Role.VIEWER or not request.chat.private:
        return reply
    if not await people.claim_asking(core, request.actor):
        return reply
    asked = Say("timezone-question", {"zone": core.settings.timezone})
    return reply.with_more(asked, (ASK,))


COMMAND = Command("timezone", Role.ANYONE, timezone, "account", (Argument("zone", "text", False, rest=True),))
