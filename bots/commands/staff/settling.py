"""What waits for somebody's word: wishes about codes that may be used, and invites that nobody can find out about."""

from __future__ import annotations

from bots.commands.command import Argument, Command
from bots.commands.questions import confirm
from bots.commands.request import Request
from bots.messages.reply import Button, Reply, Say
from core.actors import Role
from core.leases import settling
from core.leases.settling import Unclear
from core.redemptions import suspended
from core.service import Core

SHOWN = 10
OUTCOMES = ("invited", "not")


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


async def settle(core: Core, request: Request, *, lease: int | None, outcome: str | None) -> Reply:
    """Say what became of an invite that stays unclear, after all that is known of it."""
    if lease is None:
        found = await settling.unclear_list(core, request.actor, most=SHOWN)
        if not found:
            return Reply("settle-none")
        rows = tuple(
            (Button(Say("plain", {"text": f"#{one.lease_id}"}), "settle", {"lease": one.lease_id}),) for one in found
        )
        return Reply("settle-list", items=[Say("settle-line", _facts(one)) for one in found], buttons=rows)
    if outcome is not None and request.confirmed:
        await settling.settle(core, request.actor, lease, invited=outcome == "invited")
        return Reply(f"settled-{outcome}", {"lease": str(lease)})
    known = await settling.unclear(core, request.actor, lease)
    facts = _facts(known)
    if outcome is not None:
        wish = {"lease": lease, "outcome": outcome}
        return confirm(Reply(f"settle-{outcome}", facts, more=[Say("settle-known", facts)]), "settle", wish)
    row = tuple(Button(Say(f"button-settle-{word}"), "settle", {"lease": lease, "outcome": word}) for word in OUTCOMES)
    return Reply("settle-known", facts, buttons=(row,))


def _facts(one: Unclear) -> dict[str, object]:
    return {
        "lease": str(one.lease_id),
        "address": one.address,
        "team": one.team,
        "health": one.health,
        "since": one.since,
        "sends": one.sends,
        "sent": one.last_sent_at,
        "error": one.last_error or "none",
        "code": one.code_last4 or "none",
        "upstream": one.upstream or "none",
    }


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
    Command(
        "settle",
        Role.OPERATOR,
        settle,
        "people",
        (Argument("lease", "number", False, low=1), Argument("outcome", "choice", False, OUTCOMES)),
    ),
)
