"""What somebody who was refused can do instead, as buttons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType

from bots.commands.arguments import cut_line
from bots.commands.catalogue import as_command, find_command
from bots.commands.meant import MEANT
from bots.commands.member.my_seat import MY_SEAT
from bots.commands.request import Request
from bots.messages.reply import Button, Say
from core.actors import Role
from core.command_errors import UnknownCommand
from core.errors import BadInput, NotAllowed, NotFound, Refusal, UsherError
from core.reports.completion import completions
from core.service import Core

MOST_ALIKE = 5
MOST_SHOWN = 40
"""Symbols of a command on its button."""
_LISTS = MappingProxyType(
    {
        "pool": "pools",
        "team": "teams",
        "batch": "batches",
        "code": "codes",
        "alert": "alerts",
        "job": "jobs",
        "setting": "settings",
    }
)
"""Where what was not found is listed."""


async def beside(core: Core, request: Request, refusal: Refusal) -> Sequence[Sequence[Button]]:
    """The buttons below a refusal; none where its words say all there is to do. Never raises."""
    role = request.actor.role
    if isinstance(refusal, UnknownCommand) and refusal.facts["nearest"]:
        return ((await _meant(core, request, refusal),),)
    if isinstance(refusal, NotFound):
        kind = str(refusal.facts.get("kind"))
        if kind in _LISTS and role >= Role.VIEWER:
            return (*await _alike(core, request, kind, str(refusal.facts.get("name", ""))), (_run(_LISTS[kind]),))
        return ((MY_SEAT,),) if kind == "seat" else ()
    if isinstance(refusal, NotAllowed) and refusal.facts["has"] == Role.ANYONE.label:
        return ((_run("claim"),),)
    return ()


async def _alike(core: Core, request: Request, kind: str, part: str) -> Sequence[Sequence[Button]]:
    """Teams or pools that have what was written in their names."""
    if kind not in {"team", "pool"} or not part:
        return ()
    try:
        found = await completions(core, request.actor, "team" if kind == "team" else "pool", part)
    except UsherError:
        return ()  # the refusal is said all the same
    arguments = {"action": "show"} if kind == "pool" else {}
    return [
        (Button(Say("plain", {"text": name}), kind, {**arguments, "name": name}),) for name, _ in found[:MOST_ALIKE]
    ]


async def _meant(core: Core, request: Request, refusal: UnknownCommand) -> Button:
    """The command that was meant, with what stood behind the name where it takes any text or says what it changes."""
    written = refusal.facts["nearest"]
    bare = _run(written)
    name, _, action = written.partition(" ")
    called, _, rest = (as_command(request.text.strip()) or "").partition(" ")
    command = find_command(name)
    if command is None or not rest.strip() or MEANT.get(called.partition("@")[0].casefold()) != written:
        return bare
    if "action" not in bare.arguments and not any(one.prose for one in command.arguments):
        return bare
    try:
        values = cut_line(command, f"{action} {rest}".strip(), await core.shapes())
    except BadInput:
        return bare
    return replace(
        bare, label=Say("button-did-you-mean", {"command": f"{written} {rest}"[:MOST_SHOWN]}), arguments=values
    )


def _run(written: str) -> Button:
    """The button of a command, with the word that may stand behind its name: an action, or a flag."""
    name, _, word = written.partition(" ")
    flag = (command := find_command(name)) is not None and command.argument(word) is not None
    arguments = {} if not word else {word: "true"} if flag else {"action": word}
    return Button(Say("button-did-you-mean", {"command": written}), name, arguments, replaces=False)
