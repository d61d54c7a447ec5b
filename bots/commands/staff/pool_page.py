"""A pool as staff see it."""

from __future__ import annotations

from datetime import timedelta

from bots.commands.request import Request
from bots.messages.reply import Button, Reply, Say
from core.errors import NotFound
from core.rules.allocation import Policy
from core.rules.terms import parse_term
from core.service import Core
from core.teams.pool_report import PoolLine, pool_line


async def show_pool(core: Core, request: Request, name: str, key: str) -> Reply:
    """One pool with its settings, and the buttons that change them."""
    line = await pool_line(core, request.actor, name)
    if line is None:
        raise NotFound(kind="pool", name=name)
    facts = {
        "pool": line.name,
        "codes": line.shape,
        "policy": Say(f"policy-{line.policy.replace('_', '-')}"),
        "term": parse_term(line.term),
        "grace": timedelta(hours=line.grace_hours),
        "moves": "any" if line.transfers_allowed is None else line.transfers_allowed,
        "stock": _onoff(line.show_stock),
        "waitlist": _onoff(line.waitlist_open),
        "requests": _onoff(line.transfer_requests),
        "choice": _onoff(line.team_choice),
        "names": line.team_names or "",
        "public": line.public_name or "",
    }

    def switch(short: str, now: bool) -> Button:
        wish = {"action": "set", "name": line.name, short: "off" if now else "on"}
        return Button(Say(f"button-pool-{short}-{'off' if now else 'on'}"), "pool", wish)

    others = [
        Button(
            Say("button-policy", {"policy": Say(f"policy-{one.replace('_', '-')}")}),
            "pool",
            {"action": "set", "name": line.name, "policy": str(one)},
        )
        for one in Policy
        if one != line.policy
    ]
    rows = (
        (switch("stock", line.show_stock), switch("waitlist", line.waitlist_open)),
        (switch("requests", line.transfer_requests), switch("choice", line.team_choice)),
        (switch("enabled", line.enabled),),
        tuple(others),
        (
            Button(Say("button-pool-merge"), "pool", {"action": "merge", "name": line.name}),
            Button(Say("button-pool-delete"), "pool", {"action": "delete", "name": line.name}, style="danger"),
        ),
        (Button(Say("button-teams"), "teams", {"pool": line.name}), Button(Say("button-pools"), "pools")),
    )
    return Reply(key, facts, items=[said_of_pool(line)], more=[Say("pool-settings", facts)], buttons=rows)


def said_of_pool(line: PoolLine) -> Say:
    """A pool in one line."""
    facts = {
        "pool": line.name,
        "mark": Say("mark-active" if line.enabled else "mark-off"),
        "teams": line.teams,
        "seats": line.seats,
        "free": line.free,
        "held": line.held,
        "taken": line.taken,
        "closed": max(0, line.seats - line.free - line.held - line.taken),
        "unused": line.unused_uses,
        "room": max(0, line.generatable),
        "over": max(0, -line.generatable),
    }
    return Say("pool-line" if line.generatable >= 0 else "pool-line-over", facts)


def _onoff(value: bool) -> Say:
    return Say("word-on" if value else "word-off")
