"""What people wish for and somebody has to agree to: another address, a code that may have been used before."""

from __future__ import annotations

from typing import Any

from bots.commands.command import Argument, Command
from bots.commands.request import Request
from bots.messages.reply import Brief, Button, Reply, Say
from core.actors import Role
from core.reports import wishes
from core.reports.wishes import Wish
from core.rules.terms import parse_term
from core.service import Core

SHOWN = 10
KINDS = ("address", "code", "extension")
MARKS = {"address": "✏️", "code": "🎟", "extension": "⏩"}
"""Wishes of each kind are numbered by themselves, so that a number alone says too little."""


async def requests(core: Core, request: Request, *, action: str | None, kind: str | None, number: int | None) -> Reply:
    """Everything that waits for a decision; or agree to one wish, or do not."""
    if action in {"approve", "decline"} and number is not None:
        wish = await wishes.decide(core, request.actor, number, approve=action == "approve", kind=kind)
        again = Button(Say("button-requests"), "requests")
        return Reply(f"request-{wish.kind}-{action}d", _facts(core, wish), buttons=((again,),))
    found = [one for one in await wishes.wish_list(core, request.actor) if kind in {None, one.kind}]
    if not found:
        return Reply("requests-none" if kind is None else "requests-unmatched")
    items = [Say(f"requests-{one.kind}", _facts(core, one)) for one in found[:SHOWN]]
    decides = request.actor.role >= Role.OPERATOR
    rows = tuple(decision(one.kind, one.id) for one in found[:SHOWN]) if decides else ()
    more = [Say("requests-more", {"count": len(found) - SHOWN})] if len(found) > SHOWN else []
    return Reply("requests", {"count": len(found)}, items=items, more=more, buttons=rows)


def decision(kind: str, number: int, *, owner: str | None = None) -> tuple[Button, ...]:
    """A button for each way to decide about a wish; `owner` as of any button."""
    return tuple(
        Button(
            Say(f"button-request-{deed}", {"mark": MARKS[kind], "number": str(number)}),
            "requests",
            {"action": deed, "kind": kind, "number": number},
            owner=owner,
            replaces=owner is None,
            line=number if owner is None else None,
        )
        for deed in ("approve", "decline")
    )


def _facts(core: Core, one: Wish) -> dict[str, Any]:
    return {
        "number": str(one.id),
        "address": one.address,
        "wanted": one.wanted or "–",
        "code": one.code_last4 or "–",
        "team": one.team or "–",
        "pool": one.pool,
        "term": parse_term(one.term) if one.term else "–",
        "until": one.expires_at or "–",
        "at": Brief(one.created_at, core.now()),
    }


COMMANDS = (
    Command(
        "requests",
        Role.VIEWER,
        requests,
        "people",
        (
            Argument("action", "choice", False, ("list", "approve", "decline")),
            Argument("kind", "choice", False, KINDS),
            Argument("number", "number", False, low=1),
        ),
    ),
)
