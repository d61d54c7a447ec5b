"""Signing in as staff with a token, and making identities of several platforms one person."""

from __future__ import annotations

from bots.commands.command import Argument, Command
from bots.commands.member import clock
from bots.commands.request import Request
from bots.messages.reply import Button, Prose, Reply, Say
from core.actors import Role
from core.credit import outside
from core.errors import LinkRefused
from core.people import links, people
from core.service import Core


async def claim(core: Core, request: Request, *, token: str) -> Reply:
    """Take the role that a token gives, or be asked about a link. The message with the token is deleted if it may be."""
    granted = await people.claim_token(core, request.actor, token)
    if granted is None:
        return await _offered(core, request, token)
    buttons = ((Button(Say("button-help"), "help"),),)
    facts = {"role": Say(f"role-{granted}")}
    reply = Reply("signed-in", facts, buttons=buttons, delete_request=True, menu=True)
    return await clock.asked_once(core, request, reply, Role.named(granted))


async def link(core: Core, request: Request, *, action: str | None, link: int | None, site: str | None) -> Reply:
    """A token for the same person on another platform; or the answer to who wants to be one person with the asker;
    or the way to another site, which tells who they are there.
    """
    if site is not None and action == "unlink":
        await outside.unlink(core, request.actor, site)
        return Reply("outside-unlinked", {"site": site})
    if site is not None:
        address, until = await outside.begin(core, request.actor, site, language=request.language)
        open_it = Button(Say("button-outside", {"site": site}), url=address)
        return Reply("outside-visit", {"site": site, "address": Prose(address), "until": until}, buttons=((open_it,),))
    if action is not None and link is None:
        action = None
    if action == "decline" and link is not None:
        await links.decline(core, request.actor, link)
        return Reply("link-declined")
    if action == "agree" and link is not None:
        other = await links.agree(core, request.actor, link)
        return Reply("link-agreed", {"identity": other})
    if action == "join" and link is not None:
        other = await links.join(core, request.actor, link)
        return Reply("linked", {"identity": other})
    waiting = await links.wanted(core, request.actor)
    if waiting is not None:
        facts = {"identity": waiting.other, "own": request.actor.key}
        return Reply("link-wanted", facts, buttons=_answers("join", waiting.id), state="asking")
    token, until = await links.issue_link(core, request.actor)
    there = [
        Button(Say("button-outside", {"site": one}), "link", {"site": one}, replaces=False)
        for one in outside.sites(core)
    ]
    return Reply("link", {"token": token, "until": until, "own": request.actor.key}, buttons=[(one,) for one in there])


async def _offered(core: Core, request: Request, token: str) -> Reply:
    try:
        found = await links.find_link(core, request.actor, token)
    except LinkRefused:
        await people.accept_token(core, request.actor)
        raise
    if found is None:
        await people.refuse_token(core, request.actor)
    await people.accept_token(core, request.actor)
    facts = {"identity": found.other, "own": request.actor.key}
    return Reply("link-offered", facts, buttons=_answers("agree", found.id), state="asking", delete_request=True)


def _answers(action: str, link_id: int) -> tuple[tuple[Button, ...], ...]:
    yes = Button(Say("button-link"), "link", {"action": action, "link": link_id}, once=True, style="danger")
    no = Button(Say("button-link-decline"), "link", {"action": "decline", "link": link_id}, once=True)
    return ((yes, no),)


ANSWERS = ("agree", "join", "decline", "unlink")

COMMANDS = (
    Command("claim", Role.ANYONE, claim, "account", (Argument("token", "token"),)),
    Command(
        "link",
        Role.ANYONE,
        link,
        "account",
        (
            Argument("action", "choice", False, ANSWERS),
            Argument("link", "number", False),
            Argument("site", "text", False),
        ),
    ),
)
