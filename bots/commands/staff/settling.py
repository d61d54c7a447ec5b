"""What waits for somebody's word: wishes about codes that may be used."""

from __future__ import annotations

from bots.commands.command import Argument, Command
from bots.commands.request import Request
from bots.messages.reply import Button, Reply, Say
from core.actors import Role
from core.redemptions import suspended
from core.service import Core

SHOWN = 10


async def requests(core: Core, request: Request, *, action: str | None, number: int | None) -> Reply:
    """Who wants to redeem a code that may have been used before a backup was restored; agree, or do not."""
    if action in {"approve", "decline"} and number is not None:
        await suspended.decide(core, request.actor, number, approve=action == "approve")
        again = Button(Say("button-requests"), "requests")
        return Reply(f"request-{action}d", {"number": str(number)}, buttons=((again,),))
    found = await suspended.requests(core, request.actor)
    if not found:
        return Reply("requests-none")
    items = [
        Say(
            "requests-line",
            {
                "number": str(one.id),
                "address": one.address,
                "code": one.code_last4,
                "pool": one.pool,
                "at": one.created_at,
            },
        )
        for one in found[:SHOWN]
    ]
    rows = tuple(
        tuple(
            Button(
                Say(f"button-request-{deed}", {"number": str(one.id)}), "requests", {"action": deed, "number": one.id}
            )
            for deed in ("approve", "decline")
        )
        for one in found[:SHOWN]
    )
    more = [Say("requests-more", {"count": len(found) - SHOWN})] if len(found) > SHOWN else []
    return Reply("requests", items=items, more=more, buttons=rows)


COMMANDS = (
    Command(
        "requests",
        Role.OPERATOR,
        requests,
        "people",
        (
            Argument("action", "choice", False, ("list", "approve", "decline")),
            Argument("number", "number", False, low=1),
        ),
    ),
)
