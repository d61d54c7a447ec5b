"""What somebody who was refused can do instead, as buttons."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

from bots.commands.member.my_seat import MY_SEAT
from bots.messages.reply import Button, Say
from core.actors import Role
from core.command_errors import UnknownCommand
from core.errors import NotAllowed, NotFound, Refusal

_LISTS = MappingProxyType(
    {"pool": "pools", "team": "teams", "batch": "batches", "code": "codes", "alert": "alerts", "job": "jobs"}
)
"""Where what was not found is listed."""


def beside(refusal: Refusal, role: Role) -> Sequence[Sequence[Button]]:
    """The buttons below a refusal; none where its words say all there is to do."""
    if isinstance(refusal, UnknownCommand) and refusal.facts["nearest"]:
        return ((_run(refusal.facts["nearest"]),),)
    if isinstance(refusal, NotFound):
        kind = str(refusal.facts.get("kind"))
        if kind in _LISTS and role >= Role.VIEWER:
            return ((_run(_LISTS[kind]),),)
        return ((MY_SEAT,),) if kind == "seat" else ()
    if isinstance(refusal, NotAllowed) and refusal.facts["has"] == Role.ANYONE.label:
        return ((_run("claim"),),)
    return ()


def _run(name: str) -> Button:
    return Button(Say("button-did-you-mean", {"command": name}), name, replaces=False)
