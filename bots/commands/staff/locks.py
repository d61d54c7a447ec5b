"""/locks: who is limited or shut out, until when and why; and what staff may do about it."""

from __future__ import annotations

from bots.commands.command import Argument, Command
from bots.commands.questions import ask, confirm
from bots.commands.request import Request
from bots.messages.reply import Button, Reply, Say
from core.actors import Role
from core.people import locks as actions
from core.people.locks import Lock
from core.rules.terms import Term, parse_term
from core.service import Core

ACTIONS = ("list", "lift", "ban", "unban")
TERMS = ("24h", "7d", "30d", "unlimited")
SHOWN = 30


async def locks(
    core: Core, request: Request, *, action: str | None, identity: str | None, term: Term | None, reason: str | None
) -> Reply:
    """List who is limited, locked or banned; lift a lock; ban somebody for a time with a reason, and unban."""
    if action in {None, "list"}:
        return await _locks(core, request, identity)
    if identity is None:
        return await ask(core, request, "locks", "identity", {"action": action}, Reply(f"ask-locks-{action}"))
    if action == "lift":
        await actions.lift(core, request.actor, identity)
        return Reply("locks-lifted", {"identity": identity}, buttons=((LIST,),))
    if action == "unban":
        await actions.unban(core, request.actor, identity)
        return Reply("locks-unbanned", {"identity": identity}, buttons=((LIST,),))
    return await _ban(core, request, identity, term, reason)


async def _ban(core: Core, request: Request, identity: str, term: Term | None, reason: str | None) -> Reply:
    actions.read_identity(identity)
    wish = {"action": "ban", "identity": identity, **({"term": str(term)} if term else {})}
    if term is None:
        given = {**wish, **({"reason": reason} if reason else {})}
        row = [Button(Say("ban-term", {"term": parse_term(one)}), "locks", {**given, "term": one}) for one in TERMS]
        return Reply("ask-locks-term", {"identity": identity}, buttons=(row[:2], row[2:]), state="asking")
    if reason is None:
        return await ask(core, request, "locks", "reason", wish, Reply("ask-locks-reason", {"identity": identity}))
    facts = {"identity": identity, "reason": reason, "term": term}
    if not request.confirmed:
        return confirm(Reply("locks-ban", facts), "locks", {**wish, "reason": reason}, label="button-ban")
    until = await actions.ban(core, request.actor, identity, reason, term)
    return Reply("locks-banned" if until else "locks-banned-for-good", {**facts, "until": until}, buttons=((LIST,),))


async def _locks(core: Core, request: Request, identity: str | None) -> Reply:
    found = await actions.lock_list(core, request.actor, identity)
    if not found:
        key = "locks-none" if identity is None else "locks-none-of"
        return Reply(key, {"identity": identity}, buttons=((BAN,),))
    seen = list({one.identity: one for one in found if one.why != "ban"}.values())[:3]
    banned = [one for one in found if one.why == "ban"][:3]
    rows = [_do("lift", one) for one in seen] + [_do("unban", one) for one in banned]
    more = (Say("locks-more", {"count": len(found) - SHOWN}),) if len(found) > SHOWN else ()
    return Reply(
        "locks",
        {"count": len(found)},
        items=[_line(one) for one in found[:SHOWN]],
        more=more,
        buttons=(*((button,) for button in rows), (BAN,)),
    )


def _line(one: Lock) -> Say:
    facts = {"identity": one.identity, "why": Say(f"lock-{one.why}"), "until": one.until, "reason": one.reason or ""}
    facts |= {"by": one.by or ""}
    if one.why != "ban":
        return Say("locks-line", facts)
    return Say("locks-line-ban" if one.until else "locks-line-ban-for-good", facts)


def _do(action: str, one: Lock) -> Button:
    label = Say(f"button-{action}", {"identity": one.identity})
    return Button(label, "locks", {"action": action, "identity": one.identity})


LIST = Button(Say("button-locks"), "locks")
BAN = Button(Say("button-ban-somebody"), "locks", {"action": "ban"})

COMMANDS = (
    Command(
        "locks",
        Role.OPERATOR,
        locks,
        "people",
        (
            Argument("action", "choice", False, ACTIONS),
            Argument("identity", "text", False),
            Argument("term", "term", False),
            Argument("reason", "text", False, rest=True, prose=True),
        ),
    ),
)
