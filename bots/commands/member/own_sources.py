"""`/source`: accounts at model providers that people bring for themselves, lend, and take back."""

from __future__ import annotations

from typing import Any, get_args

from bots.commands.command import Argument, Command
from bots.commands.questions import ask, confirm
from bots.commands.request import Request
from bots.messages.reply import Brief, Button, Reply, Say
from core.actors import Role
from core.command_errors import MissingArgument
from core.errors import BadChoice, NotFound
from core.models.source_lines import SourceUnreadable
from core.rules.source_choice import Prefers
from core.service import Core
from core.sources import own, subaccounts
from core.sources import sources as source_rows
from core.sources.report import SourceLine, parents_for, source_list
from core.sources.sweep import read_source as read_now
from core.storage.names import name_key
from core.talk import choosing
from core.talk_errors import LendingOff

ADD = Button(Say("button-own-add"), "source", {"action": "add"})
LIST = Button(Say("button-own-list"), "source")


async def source(core: Core, request: Request, *, action: str | None, name: str | None, line: str | None) -> Reply:
    """The asker's own accounts; adding, lending, pausing or removing one; which kind answers first."""
    if action == "add":
        # Written in one go, the address stands where other actions have a name.
        return await _add(core, request, " ".join(filter(None, (name, line))) or None)
    if action == "prefer":
        kind = (name or "").casefold()
        if kind not in get_args(Prefers):
            raise BadChoice(name="prefer", value=kind, choices=list(get_args(Prefers)))
        await own.prefer(core, request.actor, kind)  # type: ignore[arg-type]  # looked at in the line before
        return Reply(f"own-prefers-{kind}", buttons=((LIST,),))
    there = await parents_for(core, request.actor) if action in {None, "list", "get"} else []
    if action in {None, "list"} or (action == "get" and name is None):
        return _shown(core, await source_list(core, request.actor, own=True), there)
    if name is None:
        raise MissingArgument(name="name")
    if action in {"lend", "remove"} and not request.confirmed:
        mine = {name_key(one.name) for one in await source_list(core, request.actor, own=True)}
        if name_key(name) not in mine:
            raise NotFound(kind="source", name=name[:100])
        if action == "lend" and not core.settings.sources.lending:
            raise LendingOff
        return confirm(Reply(f"own-{action}", {"source": name}), "source", {"action": action, "name": name})
    if action == "get":
        given = await subaccounts.give(core, request.actor, name)
        return Reply(
            f"own-get-{given.state}", {"parent": given.parent, "source": given.source or ""}, buttons=((LIST,),)
        )
    if action == "remove":
        await own.remove_own(core, request.actor, name)
    elif action in {"lend", "back"}:
        await source_rows.lend(core, request.actor, name, action == "lend")
    else:
        await own.pause_own(core, request.actor, name, resume=action == "resume")
    return Reply(f"own-{action}-done", {"source": name}, buttons=((LIST,),))


async def _add(core: Core, request: Request, line: str | None) -> Reply:
    if line is None:
        return await ask(core, request, "source", "line", {"action": "add"}, Reply("ask-source-line"))
    try:
        name = await own.add_own(core, request.actor, line)
    except SourceUnreadable as fault:
        field = Say("source-field", {"field": fault.field}) if fault.field else ""
        facts = {"field": field, "reason": Say(f"reason-{fault.reason_key}")}
        return Reply("source-unreadable", facts, buttons=((ADD,),), state="refused", delete_request=True)
    said = await read_now(core, await core.read(source_rows.source_named, name))
    return Reply("own-added", {"source": name, "state": said}, buttons=((LIST,),), delete_request=True)


def _shown(core: Core, mine: list[SourceLine], there: list[str]) -> Reply:
    """`there` are the sources that would make the asker an account of their own."""
    get = tuple(
        (Button(Say("button-own-get", {"parent": one}), "source", {"action": "get", "name": one}),) for one in there[:3]
    )
    if not mine:
        return Reply("own-none", buttons=(*get, *(((ADD,),) if core.settings.sources.own_most else ())))
    rows = [_buttons(core, one) for one in mine[:5]]
    items = [_line(core, one) for one in mine]
    return Reply("own-sources", {"count": len(mine)}, items=items, buttons=(*rows, *get, (ADD,)))


def _buttons(core: Core, one: SourceLine) -> tuple[Button, ...]:
    wishes = ["back"] if one.shared else ["lend"] if core.settings.sources.lending else []
    wishes += ["pause" if one.enabled else "resume", "remove"]
    return tuple(
        Button(Say(f"button-own-{wish}", {"source": one.name}), "source", {"action": wish, "name": one.name})
        for wish in wishes
    )


def _line(core: Core, one: SourceLine) -> Say:
    rests = [at for at in (one.paused_until, one.group_paused_until) if at is not None and at > core.now()]
    state = "off" if not one.enabled else one.health if one.health != "healthy" else "resting" if rests else "well"
    facts: dict[str, Any] = {
        "source": one.name,
        "last4": one.last4,
        "state": state,
        "until": Brief(max(rests), core.now()) if rests else "",
        "shared": "yes" if one.shared else "no",
        "models": ", ".join(offer.model for offer in one.models if offer.enabled),
    }
    return Say("own-line", facts)


COMMANDS = (
    Command(
        "source",
        Role.ANYONE,
        source,
        "credit",
        (
            Argument(
                "action", "choice", False, ("list", "add", "get", "lend", "back", "pause", "resume", "remove", "prefer")
            ),
            Argument("name", required=False),
            Argument("line", "document", False),
        ),
        offered=choosing.has_models,
    ),
)
