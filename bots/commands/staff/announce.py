"""A message to many: written once, shown before it goes out, and counted while it does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bots.commands.choices import means
from bots.commands.command import Argument, Command
from bots.commands.questions import confirm
from bots.commands.request import Request
from bots.commands.staff.jobs import place_of, started
from bots.messages.reply import Prose, Reply, Say
from core.actors import Role
from core.errors import NothingToDo
from core.jobs import announcements
from core.service import Core

AUDIENCES: tuple[announcements.Audience, ...] = ("everyone", "staff")


async def announce(core: Core, request: Request, *, to: str, text: str) -> Reply:
    """Show whom it goes to and how it looks; send it when that is confirmed. `to` may be a pool's name."""
    audience: announcements.Audience = next((one for one in AUDIENCES if means(one, to)), "pool")
    pool = to if audience == "pool" else None
    text = text[: announcements.LONGEST]
    if request.confirmed:
        begun = await announcements.announce(
            core, request.actor, text, audience, pool, request_key=request.key, place=place_of(request)
        )
        return await started(core, request, begun.job_id, begun.items, merged=begun.merged)
    count = await announcements.count_recipients(core, request.actor, audience, pool)
    if not count:
        raise NothingToDo(count=0)
    facts = {"count": count, "to": audience, "pool": pool or ""}
    shown = Say("announcement", {"text": Prose(text)})
    question = Reply("announce-preview", facts, more=(shown, Say("announce-sure", facts)))
    return confirm(question, "announce", {"to": to, "text": text}, label="button-announce", danger=False)


def pushed(facts: Mapping[str, Any]) -> Reply:
    """An announcement as its readers get it."""
    return Reply("announcement", {"text": Prose(str(facts["text"]))})


COMMANDS = (
    Command(
        "announce",
        Role.ADMIN,
        announce,
        "operations",
        (
            Argument("to", choices=AUDIENCES, aliases=("pool",)),
            Argument("text", "text", rest=True, prose=True),
        ),
        harmful=True,
    ),
)
