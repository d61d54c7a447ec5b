"""Signing in as staff with a token, and making identities of several platforms one person."""

from __future__ import annotations

from bots.commands.command import Argument, Command
from bots.commands.request import Request
from bots.messages.reply import Button, Reply, Say
from core.actors import Role
from core.people import people
from core.service import Core


async def claim(core: Core, request: Request, *, token: str) -> Reply:
    """Take the role that a token gives. The message with the token is deleted where that is allowed."""
    granted = await people.claim_token(core, request.actor, token)
    if granted == people.LINK:
        return Reply("linked", delete_request=True)
    buttons = ((Button(Say("button-help"), "help"),),)
    return Reply("signed-in", {"role": Say(f"role-{granted}")}, buttons=buttons, delete_request=True)


async def link(core: Core, request: Request) -> Reply:
    """A token for the same person on another platform."""
    token, until = await people.issue_link(core, request.actor)
    return Reply("link", {"token": token, "until": until})


COMMANDS = (
    Command("claim", Role.ANYONE, claim, "account", (Argument("token", "token"),)),
    Command("link", Role.ANYONE, link, "account"),
)
