"""The question for one argument: what is written or pressed next becomes it, and the command goes on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bots.commands.arguments import AS_IS, OFFERED
from bots.commands.choices import label_of
from bots.commands.command import Argument, Command
from bots.commands.dialogue import Dialogue, keep_dialogue, open_dialogue
from bots.commands.failures import shortened
from bots.commands.groups import pointer
from bots.commands.request import Request
from bots.messages.rendering import has_words
from bots.messages.reply import Button, Reply, Say, Style
from core.command_errors import MissingArgument, PoolUnnamed
from core.errors import AddressUnlikely, BadChoice, BadNumber, Refusal
from core.languages import FALLBACK
from core.service import Core

CANCEL = "cancel"
ANSWER = "answer"
MOST_POOLS = 20
SAY_A_POOL = frozenset({"pool", "place"})
"""The arguments that say where; the second takes a team as well."""


async def ask_missing(
    core: Core, request: Request, command: Command, values: dict[str, str], refusal: MissingArgument | PoolUnnamed
) -> Reply:
    """Ask for what a handler finds missing. Raises: the refusal, where the command cannot be told."""
    wanted = SAY_A_POOL if isinstance(refusal, PoolUnnamed) else {refusal.facts["name"]}
    argument = next((one for one in command.arguments if one.name in wanted and one.name not in values), None)
    if argument is None:
        raise refusal
    before = await open_dialogue(core, request.actor.key, request.key, edited=request.edited)
    return await ask_for(core, request, command, argument, values, before, refusal)


async def ask_for(
    core: Core,
    request: Request,
    command: Command,
    argument: Argument,
    values: dict[str, str],
    before: Dialogue | None,
    fault: Refusal | None,
) -> Reply:
    """Ask for an argument that is missing, or whose value could not be taken: `fault` says why."""
    if not request.chat.private:
        return pointer(request, command.name, values)
    asked = Dialogue(command.name, argument.name, values)
    await keep_dialogue(
        core, request.actor.key, request.key, before, asked, message=request.message, edited=request.edited
    )
    return question(command, argument, values, fault)


def question(command: Command, argument: Argument, values: dict[str, str], fault: Refusal | None = None) -> Reply:
    """The words and buttons that ask for an argument; what is asked stays as it is."""
    choices = _choices(command, argument, fault)
    choices += _readings(command, argument, values, fault)
    asking = Say(f"ask-{command.name}-{argument.name}", {**values, "argument": argument.name, **_given(values)})
    cancel = ((Button(Say("button-cancel"), CANCEL),),)
    asks = (command.name, argument.name)
    named = has_own_words(asking)  # else it would only name the option once more
    if fault is None or (named and isinstance(fault, MissingArgument)):
        return Reply(asking.key, asking.facts, buttons=(*choices, *cancel), state="asking", asks=asks)
    again = f"{asking.key}-again"
    if isinstance(fault, BadNumber) and has_words(again, FALLBACK):
        return Reply(again, asking.facts, buttons=(*choices, *cancel), state="refused", asks=asks)
    asked_already = isinstance(fault, MissingArgument | PoolUnnamed) or "meant" in fault.facts or not named
    more = () if asked_already else (asking,)
    facts = shortened(fault.facts)
    if isinstance(fault, BadChoice) and argument.choices:
        facts["choices"] = [Say(label_of(command.name, one)) for one in argument.choices]
    return Reply(f"error-{fault.key}", facts, more=more, buttons=(*choices, *cancel), state="refused", asks=asks)


def has_own_words(question: Say) -> bool:
    """Is there a sentence for this question, beside “please send …”?"""
    short = f"ask-{question.key.rpartition('-')[2]}"
    return has_words(question.key, FALLBACK) or has_words(short, FALLBACK)


def _choices(command: Command, argument: Argument, fault: Refusal | None) -> tuple[tuple[Button, ...], ...]:
    if isinstance(fault, PoolUnnamed):
        labels = [(Say("plain", {"text": name}), name) for name in fault.facts["pools"][:MOST_POOLS]]
    else:
        labels = [(Say(label_of(command.name, choice), {"choice": choice}), choice) for choice in argument.choices[:10]]
    return tuple((Button(label, ANSWER, {"value": value}),) for label, value in labels)


def _readings(
    command: Command, argument: Argument, values: Mapping[str, str], fault: Refusal | None
) -> tuple[tuple[Button], ...]:
    """A button for everything that an address may have been meant to be; pressed, it is taken as it is."""
    if fault is None:
        return ()
    given = {name: value for name, value in values.items() if name != OFFERED}

    def button(label: Say, address: str, *, likely: bool) -> tuple[Button]:
        style: Style = "primary" if likely else "plain"
        return (Button(label, command.name, {**given, argument.name: address, AS_IS: "true"}, style=style),)

    rows = [button(Say("plain", {"text": one}), one, likely=True) for one in fault.facts.get("meant", ())]
    if isinstance(fault, AddressUnlikely):
        written = fault.facts["written"]
        rows.append(button(Say("button-as-written", {"address": written}), written, likely=False))
    return tuple(rows)


def _given(values: Mapping[str, str]) -> dict[str, Any]:
    """What a question may mention of what was given: how many codes, which address."""
    return {
        "address": values.get("address", ""),
        "count": len(values.get("codes", "").splitlines()),
    }
