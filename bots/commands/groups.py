"""What is said in groups: the way to the private chat, and nothing that anybody there should not read.

A code or a credential that somebody posted is deleted where the bot may; where it may not, everybody who wrote it hears
that it is exposed. Either way a code is its poster's alone for a while, so that no bystander is faster.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Literal, TypeAlias

from bots.commands.request import Request
from bots.messages.reply import Button, Reply, Say
from core.codes import posted
from core.people.buttons import EVERYBODY
from core.rules.message_text import find_codes
from core.service import Core

SecretKind: TypeAlias = Literal["code", "credential"]

SECRETS = frozenset({"code", "codes", "credential", "document", "line", "token"})
"""Arguments that hold what lets somebody in."""
POINTER = "group-pointer"
WELCOME = "group-welcome"


def pointer(
    request: Request, command: str, values: Mapping[str, str], secret: SecretKind | None = None, *, once: bool = False
) -> Reply:
    """Nothing but the way to the private chat, where the wish goes on; and what becomes of a secret that was posted."""
    button = Button(Say("button-private"), command, values, minutes=24 * 60, once=once)
    rows = ((button,),) if request.chat.deep_link is not None else ()
    reply = Reply(POINTER, buttons=rows, private=False, replace=False)
    if secret is None:
        return reply
    exposed = f"{POINTER}-{secret}-exposed"
    return replace(reply, key=f"{POINTER}-{secret}", delete_request=True, undeleted=exposed)


def welcome(request: Request) -> Reply:
    """Hello to a whole group: what the bot does, and where one talks with it."""
    button = Button(Say("button-private"), "start", owner=EVERYBODY)
    rows = ((button,),) if request.chat.deep_link is not None else ()
    return Reply(WELCOME, buttons=rows, private=False)


async def keep_posted(core: Core, request: Request, text: str) -> bool:
    """Bind the codes of what was posted to who posted it; False where there are none."""
    found = find_codes(text, await core.shapes())
    await posted.keep_for_poster(core, request.actor, found.codes)
    return bool(found.codes)


def linked(request: Request, reply: Reply) -> Reply:
    """A button that stands in a group and leads to the private chat is a link that brings its wish along.

    Where a question is seen by the asker alone and others read what is written there, a secret is not to be written.
    """
    if request.chat.aside is not None and reply.asks is not None and reply.asks[1] in SECRETS:
        reply = replace(reply, more=(*reply.more, Say("asked-aside")))
    link = request.chat.deep_link
    if link is None or not reply.key.startswith((POINTER, WELCOME)):
        return reply
    rows = tuple(tuple(_link(one, link) for one in row) for row in reply.buttons)
    return replace(reply, buttons=rows)


def _link(button: Button, link: Callable[[str], str | None]) -> Button:
    url = link(button.nonce) if button.nonce else None
    return replace(button, url=url, nonce=None) if url else button
