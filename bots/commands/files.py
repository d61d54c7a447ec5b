"""Files that come with a message: read as text, and looked through for what lets somebody in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal, TypeAlias

from bots.commands.request import Attachment, NotFetched, Request
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
    """What the files of a message say; nothing where they are too large. Raises: ListUnreadable, FileNotFetched."""
    if sum(attachment.size for attachment in request.files) > MOST_READ:
        return ""
    texts = [await _text_of(attachment) for attachment in request.files]
    return texts[0] if len(texts) == 1 else "\n".join(_on_one_line(text) for text in texts)


async def _text_of(attachment: Attachment) -> str:
    try:
        return decode_list(await attachment.load())
    except NotFetched:
        raise FileNotFetched(name=plain_name(attachment.name)) from None


def _on_one_line(text: str) -> str:
    """One JSON value as one line among others; a list with an entry a line as it is."""
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        return text.strip()
    return "\n".join(json.dumps(one) for one in (read if isinstance(read, list) else [read]))


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


async def posts_teams(core: Core, request: Request) -> bool:
    """Does somebody who brings in teams show a file with them to a whole group? Nobody else's file is read there."""
    if request.actor.role < Role.ADMIN:
        return False
    try:
        return bool(await secrets_in(core, request))
    except FileNotFetched:
        return False


def credential_unasked(request: Request) -> Reply:
    """The answer to what lets somebody in and nobody asked for: it goes, and nothing of it is kept."""
    if request.actor.role < Role.ADMIN:
        return Reply("credential-from-anyone", delete_request=True)
    return Reply("credential-unasked", buttons=((Button(Say("button-import"), "import"),),), delete_request=True)
