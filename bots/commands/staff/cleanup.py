"""Being rid of teams that have expired."""

from __future__ import annotations

from bots.commands.command import Argument, Command
from bots.commands.questions import confirm
from bots.commands.request import Request
from bots.messages.reply import Button, Reply, Say
from core.actors import Role
from core.service import Core
from core.teams.cleanup import Expired, clean_up_teams

SHOWN = 20
"""Teams named in one answer, and removed at once; those that stay are counted beyond them."""


async def cleanup(core: Core, request: Request, *, which: str | None) -> Reply:
    """Remove the teams out of service that nobody has a seat in, after showing which go and which stay.

    `which` are the ids of those that were shown: what has gone out of service since is not removed unseen.
    """
    if request.confirmed:
        shown = {int(one) for one in (which or "").split(",") if one.isdecimal()}
        done = await clean_up_teams(core, request.actor, dry_run=False, only=shown)
        gone = [one for one in done if one.removed]
        return Reply("cleanup-done", {"count": len(gone)}, items=_listed(gone))
    found = await clean_up_teams(core, request.actor)
    going = [one for one in found if one.removed][:SHOWN]
    staying = [one for one in found if not one.removed]
    lost = {"strangers": sum(one.strangers for one in going), "codes": sum(one.codes for one in going)}
    facts = {"count": len(going), "staying": len(staying), **lost}
    if not going:
        key = "cleanup-none-empty" if staying else "cleanup-none"
        rows = tuple((Button(Say("plain", {"text": one.team}), "team", {"name": one.team}),) for one in staying[:5])
        return Reply(key, facts, items=_listed(staying), buttons=rows)
    more = [Say(f"cleanup-{what}", facts) for what in ("strangers", "codes", "staying") if facts[what]]
    question = Reply("cleanup", facts, items=_listed(going), more=more)
    return confirm(question, "cleanup", {"which": ",".join(str(one.id) for one in going)}, label="button-clean-up")


def _listed(teams: list[Expired]) -> list[Say]:
    lines = [
        Say("cleanup-line", {"team": one.team, "state": Say(f"team-{one.health}"), "people": one.leases})
        for one in teams[:SHOWN]
    ]
    if len(teams) > SHOWN:
        lines.append(Say("cleanup-rest", {"count": len(teams) - SHOWN}))
    return lines


COMMANDS = (
    Command(
        "cleanup", Role.ADMIN, cleanup, "teams", (Argument("which", "text", False, word=True),), once=True, harmful=True
    ),
)
