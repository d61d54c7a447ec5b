"""Pools as wholes: all that is in one goes into another, and an empty one is put away."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bots.commands.questions import CANCEL_BUTTON, ask, confirm
from bots.commands.request import Request
from bots.messages.reply import Button, Reply, Say
from core.command_errors import PoolInUse
from core.errors import NotFound, Refusal
from core.service import Core
from core.storage.names import name_key
from core.teams import pool_moves
from core.teams.pool_report import pool_line, pool_list

_TO = re.compile(r"^(?:to|into|as|改为|改成|为|成)\s+", re.IGNORECASE)
MOST_POOLS = 20
"""Pools that are offered by buttons; any other is written."""
MOVES = {"empty": pool_moves.empty_pool, "merge": pool_moves.merge_pool}
"""What is done with all the teams of a pool, into another one."""


def misplaced(action: str | None, name: str | None, given: Mapping[str, Any], actions: Sequence[str]) -> Reply | None:
    """The answer to an argument that this action does not use, instead of dropping it; with what it is used by."""
    wish = {one: value for one, value in given.items() if value is not None}
    if not wish or action in actions:
        return None
    facts = {
        "options": [Say(f"label-{one}") for one in wish],
        "actions": [Say(f"choice-{one}") for one in actions],
    }
    wish |= {"name": name} if name is not None else {}
    row = tuple(Button(Say(f"choice-{one}"), "pool", {"action": one, **wish}) for one in actions)
    return Reply("pool-misplaced", facts, buttons=(row,), state="refused")


async def which_pool(core: Core, request: Request, wish: Mapping[str, Any]) -> tuple[str, str | None] | Reply:
    """Which pool is meant where none is named, and what it shall be called; or the question for it.

    `rename vip gold` calls “vip” “gold” where there is such a pool. If it is the only one, it may as well get the whole of
    it as its name: that is asked.
    """
    action, rename = wish["action"], wish["rename"]
    names = [one.name for one in await pool_list(core, request.actor)]
    if rename is not None and action in {None, "set"} and (meant := _renamed(names, rename)) is not None:
        return meant
    if action != "add" and len(names) == 1:
        return names[0], rename
    return await ask(core, request, "pool", "name", wish, Reply(f"ask-pool-{action or 'set'}"))


def _renamed(names: Sequence[str], rename: str) -> tuple[str, str] | Reply | None:
    """What is read from `rename` alone: None where it begins with the name of no pool."""
    words = rename.split()
    for size in range(len(words) - 1, 0, -1):
        old = next((one for one in names if name_key(one) == name_key(" ".join(words[:size]))), None)
        if old is None:
            continue
        new = _TO.sub("", " ".join(words[size:]))
        if len(names) > 1 or new != " ".join(words[size:]):
            return old, new
        rows = tuple(
            (Button(Say("button-pool-rename", {"name": one}), "pool", {"name": old, "rename": one}),)
            for one in (new, rename)
        )
        return Reply("pool-rename-which", {"pool": old}, buttons=(*rows, (CANCEL_BUTTON,)), state="asking")
    return None


async def move_pool(core: Core, request: Request, action: str, name: str, into: str | None) -> Reply:
    """Move all that is in a pool into another one, after showing what that is."""
    use = await pool_moves.pool_use(core, request.actor, name)
    if into is None:
        others = [one.name for one in await pool_list(core, request.actor) if one.name != use.name]
        wish = {"action": action, "name": use.name}
        rows = [(Button(Say("plain", {"text": one}), "pool", {**wish, "into": one}),) for one in others[:MOST_POOLS]]
        return await ask(core, request, "pool", "into", wish, Reply("ask-pool-into", {"pool": use.name}, buttons=rows))
    target = await pool_line(core, request.actor, into)
    if target is None:
        raise NotFound(kind="pool", name=into[:80])
    facts = {"pool": use.name, "into": target.name, "teams": use.teams, "people": use.people, "uses": use.uses}
    facts["waiting"] = use.waiting
    if not request.confirmed:
        wish = {"action": action, "name": use.name, "into": target.name}
        return confirm(Reply(f"pool-{action}", facts), "pool", wish, label=f"button-pool-{action}-now")
    await MOVES[action](core, request.actor, name, into)
    see = ((Button(Say("button-teams"), "teams", {"pool": target.name}), Button(Say("button-pools"), "pools")),)
    return Reply(f"pool-{action}-done", facts, buttons=see)


async def delete_pool(core: Core, request: Request, name: str) -> Reply:
    """Put an empty pool away; of any other one, say what is in it and what can be done with that."""
    use = await pool_moves.pool_use(core, request.actor, name)
    facts = {"pool": use.name}
    if request.confirmed:
        await pool_moves.remove_pool(core, request.actor, name)
        return Reply("pool-delete-done", facts, buttons=((Button(Say("button-pools"), "pools"),),))
    if not use.empty:
        refusal: Refusal = PoolInUse(
            name=use.name, teams=use.teams, people=use.people, uses=use.uses, waiting=use.waiting
        )
        merge = Button(Say("button-pool-merge"), "pool", {"action": "merge", "name": use.name})
        stop = Button(Say("button-pool-enabled-off"), "pool", {"action": "set", "name": use.name, "enabled": "off"})
        return Reply(f"error-{refusal.key}", refusal.facts, buttons=((merge, stop),), state="refused")
    return confirm(
        Reply("pool-delete", facts), "pool", {"action": "delete", "name": use.name}, label="button-pool-delete"
    )
