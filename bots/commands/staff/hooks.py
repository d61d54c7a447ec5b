"""`/hooks`: addresses of other systems that are told what happens."""

from __future__ import annotations

from typing import Any

from bots.commands.command import Argument, Command
from bots.commands.questions import ask, confirm
from bots.commands.request import Request
from bots.messages.reply import Brief, Button, Reply, Say
from core.actors import Role
from core.command_errors import MissingArgument
from core.errors import NotFound, PrivateOnly
from core.notices import hooks as actions
from core.notices.hooks import HookLine
from core.service import Core

TAKEN = Button(Say("button-key-taken"), "hooks", style="primary")
"""Its answer takes the place of the message that holds the secret."""
ADD = Button(Say("button-hook-add"), "hooks", {"action": "add"}, replaces=False)
SHOWN = 20
WISHES = {"pause": "paused", "resume": "active", "remove": "removed"}


async def hooks(core: Core, request: Request, *, action: str | None, address: str | None, events: str | None) -> Reply:
    """The addresses that are told; adding, trying, pausing or removing one."""
    request.actor.require(Role.ADMIN)
    if action is None and address is not None:
        if "://" not in address:
            raise MissingArgument(name="action")
        action = "add"
    if action in {None, "list"}:
        return await _list(core, request)
    if action == "add":
        return await _add(core, request, address, events)
    if address is None:
        raise MissingArgument(name="hook")
    number = await _number(core, request, address)
    if action == "check":
        await actions.test_hook(core, request.actor, number)
        return await _list(core, request, Say("hook-tested", {"hook": str(number)}))
    if action == "remove" and not request.confirmed:
        question = Reply("hook-remove", {"hook": str(number)})
        return confirm(question, "hooks", {"action": "remove", "address": str(number)})
    await actions.set_hook_state(core, request.actor, number, WISHES[action or ""])
    return await _list(core, request, Say(f"hook-{WISHES[action or '']}", {"hook": str(number)}))


async def _add(core: Core, request: Request, address: str | None, events: str | None) -> Reply:
    if not request.chat.private:
        raise PrivateOnly
    if address is None:
        given = {"action": "add", **({"events": events} if events else {})}
        return await ask(core, request, "hooks", "address", given, Reply("ask-hooks-address"))
    wanted = events.replace(",", " ").split() if events else []
    secret, made = await actions.add_hook(core, request.actor, address, wanted)
    facts = {"hook": str(made.id), "address": made.url, "secret": secret}
    return Reply("hook-added", facts, buttons=((TAKEN,),), replace=False)


async def _number(core: Core, request: Request, wanted: str) -> int:
    """Which one is meant, by its number or its address. Raises: NotFound."""
    named = wanted.strip()
    for one in await actions.hook_list(core, request.actor):
        if named.lstrip("#") == str(one.id) or named.casefold() == one.url.casefold():
            return one.id
    raise NotFound(kind="hook", name=named[:80])


async def _list(core: Core, request: Request, done: Say | None = None) -> Reply:
    found = await actions.hook_list(core, request.actor)
    more = () if done is None else (done,)
    if not found:
        return Reply("hooks-none", more=more, buttons=((ADD,),))
    items = [_line(core, one) for one in found[:SHOWN]]
    rows = [_buttons(one) for one in found[:5]]
    return Reply("hooks", {"count": len(found)}, items=items, more=more, buttons=(*rows, (ADD,)))


def _buttons(one: HookLine) -> tuple[Button, ...]:
    wishes = ("check", "resume" if one.state == "paused" else "pause", "remove")
    facts = {"hook": str(one.id)}
    return tuple(
        Button(Say(f"button-hook-{wish}", facts), "hooks", {"action": wish, "address": str(one.id)}) for wish in wishes
    )


def _line(core: Core, one: HookLine) -> Say:
    facts: dict[str, Any] = {
        "hook": str(one.id),
        "address": one.url,
        "events": ", ".join(one.events),
        "some": "yes" if one.events else "no",
        "state": "paused" if one.state == "paused" else "failing" if one.failing_since else "well",
        "since": "" if one.failing_since is None else Brief(one.failing_since, core.now()),
        "error": one.last_error or "",
        "count": one.waiting,
    }
    return Say("hook-line", facts)


COMMANDS = (
    Command(
        "hooks",
        Role.ADMIN,
        hooks,
        "operations",
        (
            Argument("action", "choice", False, ("list", "add", "check", "pause", "resume", "remove")),
            Argument("address", required=False),
            Argument("events", required=False, word=True),
        ),
        once=True,
    ),
)
