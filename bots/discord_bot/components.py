"""Buttons, selects and forms. They carry names only, no state: whatever process gets the press can answer it.

discord.py would keep every view and form in memory to wait for its press; these are stopped before they are sent,
because presses are read from the event itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bots.commands.asking import ANSWER, CANCEL
from bots.commands.catalogue import find_command
from bots.commands.choices import label_of
from bots.commands.command import Argument, Command
from bots.discord_bot.events import ASK, CHOOSE, PRESS
from bots.discord_bot.tree import is_required, option_text, text

if TYPE_CHECKING:
    from bots.messages.rendering import Key, Rendered
    from bots.messages.reply import Reply

ROW = 5
MOST_ROWS = 5
MOST_CHOICES = 25
FEW = 3
"""Choices up to this many are buttons; more are one select."""
LONGEST_LABEL = 80
LONGEST_CHOICE = 100
LONGEST_FIELD = 4000
LONGEST_TITLE = 45
MOST_FIELDS = 5

_STYLES = {"primary": discord.ButtonStyle.primary, "danger": discord.ButtonStyle.danger}
_LONG = frozenset({"codes", "addresses", "document"})
_LENGTHS = {"address": 320, "number": 20, "batch": 20, "term": 40, "moment": 40, "token": 200, "code": 100}


def view_of(reply: Reply, rendered: Rendered, language: str) -> ui.View | None:
    """What stands below a message; None if nothing does."""
    rows = [list(row) for row in rendered.keys if row]
    choices: list[Key] = []
    asked = _asked(reply)
    if asked is not None and len(asked[1].choices) > FEW:
        answers = [[one.command == ANSWER for one in row] for row in reply.buttons if row]
        choices = [
            key
            for row, marks in zip(rows, answers, strict=True)
            for key, is_one in zip(row, marks, strict=True)
            if is_one
        ]
        rows = [
            [key for key, is_one in zip(row, marks, strict=True) if not is_one]
            for row, marks in zip(rows, answers, strict=True)
        ]
        rows = [row for row in rows if row]
    if not choices and len(rows) > MOST_ROWS:
        listed = [one[0] for one in zip(rows, _commands(reply), strict=True) if _is_listed(*one)]
        if len(listed) > FEW:
            choices, rows = [row[0] for row in listed], [row for row in rows if row not in listed]
    buttons = [[_button(key) for key in row] for row in rows]
    if asked is not None and asked[1].kind != "choice":
        custom_id = f"{ASK}{asked[0].name}:{asked[1].name}"
        label = text("button-answer", language)
        buttons.insert(0, [ui.Button(label=label, custom_id=custom_id, style=discord.ButtonStyle.primary)])
    if not buttons and not choices:
        return None
    view = ui.View(timeout=None)
    if choices:
        view.add_item(_select(choices[:MOST_CHOICES], text("ask-choose", language)))
    room = MOST_ROWS - bool(choices)
    for number, row in enumerate(_fitted(buttons, room)):
        for button in row:
            button.row = number + bool(choices)
            view.add_item(button)
    view.stop()
    return view


def _commands(reply: Reply) -> list[str]:
    """What the first button of each row does."""
    return [row[0].command for row in reply.buttons if row]


def _is_listed(row: list[Key], command: str) -> bool:
    """Is it one line of a list, which stands in a row of its own? Together they are one select."""
    return len(row) == 1 and row[0].url is None and row[0].style == "plain" and command != CANCEL


def wanted_fields(command: Command, given: Mapping[str, Any], *, keep: bool) -> list[Argument]:
    """What a form for the command asks for: what is required and missing, in the catalogue's order.

    With `keep` it also shows what was given, because nothing else remembers that. Empty where nothing is missing,
    or where it is more than one form takes: then dispatch asks, one question at a time.
    """
    missing = [one for one in command.arguments if one.required and not str(given.get(one.name) or "").strip()]
    if not missing:
        return []
    shown = [one for one in command.arguments if one in missing or (keep and one.name in given)]
    fits = all(len(str(given.get(one.name) or "")) <= _longest(one) for one in shown)
    return shown if len(shown) <= MOST_FIELDS and fits else []


def slash_lacks_form(command: Command, given: Mapping[str, Any]) -> bool:
    """Is something missing that Discord itself does not ask for?"""
    return any(
        one.required and not is_required(command, one) and not str(given.get(one.name) or "").strip()
        for one in command.arguments
    )


def form_of(
    command: Command, fields: Sequence[Argument], given: Mapping[str, Any], custom_id: str, language: str
) -> ui.Modal:
    """A form with these fields, filled in with what is given."""
    modal = ui.Modal(title=_short(text(f"command-{command.name}", language), LONGEST_TITLE), custom_id=custom_id)
    for one in fields:
        value = str(given.get(one.name) or "").strip()
        modal.add_item(
            ui.Label(
                text=_short(text(option_text("label", command, one), language, argument=one.name), LONGEST_TITLE),
                description=_short(
                    text(option_text("option", command, one), language, argument=one.name), LONGEST_CHOICE
                ),
                component=_field(command, one, value, language),
            )
        )
    modal.stop()
    return modal


def open_question(custom_id: str) -> tuple[Command, Argument] | None:
    """The question that the button with this custom id opens a form for; None if there is no such question."""
    name, _, argument = custom_id.removeprefix(ASK).partition(":")
    command = find_command(name)
    found = command.argument(argument) if command is not None else None
    return (command, found) if command is not None and found is not None else None


def _asked(reply: Reply) -> tuple[Command, Argument] | None:
    return None if reply.asks is None else open_question(":".join(reply.asks))


def _button(key: Key) -> ui.Button[Any]:
    label = _short(key.label, LONGEST_LABEL)
    if key.url is not None:
        return ui.Button(label=label, url=key.url)
    style = _STYLES.get(key.style, discord.ButtonStyle.secondary)
    return ui.Button(label=label, custom_id=f"{PRESS}{key.nonce}", style=style)


def _select(choices: Sequence[Key], placeholder: str) -> ui.Select[Any]:
    options = [discord.SelectOption(label=_short(one.label, LONGEST_CHOICE), value=str(one.nonce)) for one in choices]
    return ui.Select(custom_id=CHOOSE, placeholder=placeholder, options=options, row=0)


def _fitted(rows: list[list[ui.Button[Any]]], room: int) -> list[list[ui.Button[Any]]]:
    """The rows as they are, or all buttons close together where they would be too many rows or too long ones."""
    if len(rows) <= room and all(len(row) <= ROW for row in rows):
        return rows
    every = [button for row in rows for button in row]
    return [every[number : number + ROW] for number in range(0, len(every), ROW)][:room]


def _field(command: Command, argument: Argument, value: str, language: str) -> ui.Item[Any]:
    if argument.kind == "choice":
        options = [
            discord.SelectOption(
                label=text(label_of(command.name, one), language, choice=one), value=one, default=one == value
            )
            for one in argument.choices[:MOST_CHOICES]
        ]
        return ui.Select(custom_id=argument.name, options=options, required=argument.required)
    return ui.TextInput(
        custom_id=argument.name,
        style=discord.TextStyle.paragraph if argument.kind in _LONG or argument.rest else discord.TextStyle.short,
        required=argument.required,
        default=value or None,
        max_length=_longest(argument),
    )


def _longest(argument: Argument) -> int:
    return LONGEST_FIELD if argument.kind in _LONG else _LENGTHS.get(argument.kind, 2000)


def _short(label: str, most: int) -> str:
    return label if len(label) <= most else label[: most - 1] + "…"
