"""Invites that nobody can find out about: what is known of each, and saying what became of it."""

from __future__ import annotations

from bots.commands.command import Argument, Command
from bots.commands.questions import confirm
from bots.commands.request import Request
from bots.messages.reply import Button, Reply, Say
from core.actors import Role
from core.leases import settling
from core.leases.settling import UnclearInvite
from core.service import Core

SHOWN = 10
OUTCOMES = ("invited", "not")


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


def _facts(one: UnclearInvite) -> dict[str, object]:
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
        "settle",
        Role.OPERATOR,
        settle,
        "people",
        (Argument("lease", "number", False, low=1), Argument("outcome", "choice", False, OUTCOMES)),
    ),
)
