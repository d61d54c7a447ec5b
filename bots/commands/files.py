"""Files that come with a message: read as text, and looked through for what lets somebody in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from bots.commands.request import NotFetched, Request
from bots.commands.staff.team_import import holds_credential, holds_teams
from bots.messages.reply import Button, Reply, Say
from core.actors import Role
from core.errors import ListUnreadable
from core.rules.code_lists import decode_list
from core.rules.kinds import plain_name
from core.talk_errors import FileNotFetched

if TYPE_CHECKING:
    from core.service import Core

MOST_READ = 5_000_000
"""Bytes of a file that is read as an argument."""
Held: TypeAlias = Literal["teams", "credential", ""]


async def text_of(request: Request) -> str:
    """What the first file of a message says; nothing where it is too large. Raises: ListUnreadable, FileNotFetched."""
    [attachment, *_] = request.files
    try:
        return "" if attachment.size > MOST_READ else decode_list(await attachment.load())
    except NotFetched:
        raise FileNotFetched(name=plain_name(attachment.name)) from None


async def secrets_in(core: Core, request: Request) -> Held:
    """Does a file that nobody asked for hold teams to bring in, or anything else that is no question to a model?

    Raises: FileNotFetched.
    """
    if not request.files:
        return ""
    try:
        text = await text_of(request)
    except ListUnreadable:
        return ""
    if request.actor.role >= Role.ADMIN and text and await holds_teams(core, request.actor, text):
        return "teams"
    return "credential" if holds_credential(text) else ""


def credential_unasked() -> Reply:
    """The answer to what lets somebody in and nobody asked for: it goes, and nothing of it is kept."""
    return Reply("credential-unasked", buttons=((Button(Say("button-import"), "import"),),), delete_request=True)
