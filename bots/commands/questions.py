"""Questions that a handler asks in its own words, and confirmations of what cannot be undone with one tap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bots.commands.arguments import raw_values
from bots.commands.dialogue import Dialogue, keep_dialogue, open_dialogue
from bots.commands.request import Request
from bots.messages.reply import Button, Reply, Say
from core.errors import Refusal
from core.service import Core

CANCEL_BUTTON = Button(Say("button-cancel"), "cancel")
CONFIRM_MINUTES = 10


async def ask(
    core: Core, request: Request, command: str, argument: str, values: Mapping[str, Any], question: Reply
) -> Reply:
    """Ask for one argument: what is written next becomes it, and `command` runs with it and with `values`."""
    before = await open_dialogue(core, request.actor.key, request.key, edited=request.edited)
    asked = Dialogue(command, argument, raw_values(values))
    await keep_dialogue(
        core, request.actor.key, request.key, before, asked, message=request.message, edited=request.edited
    )
    buttons = (*question.buttons, (CANCEL_BUTTON,))
    return replace(question, buttons=buttons, state="asking", asks=(command, argument))


def confirm(
    question: Reply, command: str, arguments: Mapping[str, Any], *, label: str = "button-confirm", danger: bool = True
) -> Reply:
    """Show what will happen, with a button that does it once, for the asker alone and not for long."""
    yes = Button(
        Say(label),
        command,
        arguments,
        confirmed=True,
        once=True,
        minutes=CONFIRM_MINUTES,
        style="danger" if danger else "primary",
    )
    return replace(question, buttons=(*question.buttons, (yes, CANCEL_BUTTON)), state="asking")


def refusal_reply(refusal: Refusal, *, buttons: Sequence[Sequence[Button]] = (), delete_request: bool = False) -> Reply:
    """The words for a refusal, with what can be done about it."""
    return Reply(f"error-{refusal.key}", refusal.facts, buttons=buttons, state="refused", delete_request=delete_request)


def moments(moment: Any, key: str, otherwise: str) -> Say:
    """A text with a moment in it, or the one for none."""
    return Say(key, {"moment": moment}) if moment is not None else Say(otherwise)
