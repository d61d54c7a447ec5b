"""What staff note of somebody."""

from __future__ import annotations

from bots.commands.command import Argument, Command
from bots.commands.questions import ask
from bots.commands.request import Request
from bots.messages.reply import Button, Reply, Say
from core.actors import Role
from core.leases import noting
from core.service import Core


async def note(core: Core, request: Request, *, about: str, text: str | None) -> Reply:
    """Note something of the seat of an address, or of a person; a dash takes the note away."""
    if text is None:
        noting.refuse_nobody(about)  # before anything is asked about somebody who cannot be
        return await ask(core, request, "note", "text", {"about": about}, Reply("ask-note-text", {"about": about}))
    noted = await noting.note(core, request.actor, about, text)
    key = "noted" if noted.text else "noted-nothing"
    facts = {"about": noted.about, "team": noted.team or "none", "text": noted.text}
    return Reply(key, facts, buttons=((Button(Say("button-find"), "find", {"what": noted.about}),),))


COMMANDS = (
    Command(
        "note",
        Role.OPERATOR,
        note,
        "people",
        (Argument("about", "text"), Argument("text", "text", False, rest=True, prose=True)),
    ),
)
