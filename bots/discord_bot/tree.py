"""Slash commands, made from the catalogue: options with types, choices and ranges, in every language.

discord.py's tree describes, translates and registers them. It answers none: every interaction goes through the
inbox (`bots.discord_bot.reception`).
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from bots.commands.catalogue import catalogue
from bots.commands.choices import label_of
from bots.commands.command import Argument, Command
from bots.messages.rendering import Look, has_words, words
from bots.messages.reply import Say
from core.actors import Role
from core.languages import FALLBACK, LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_COMMANDS = 100
MOST_SUBCOMMANDS = 25
LONGEST_DESCRIPTION = 100
LARGEST_NUMBER = 2**53 - 1
"""The most that an option's bounds may say, in either direction; beyond it Discord refuses all commands at once."""
OTHERS = {discord.Locale(language): language for language in LANGUAGES if language != FALLBACK}
"""Discord's locales that have texts of their own beside English, in which names and descriptions are written."""

COMPLETED = frozenset({"pool", "team", "batch", "address", "term"})
"""Kinds whose values are suggested while they are typed."""
FILE = "attachment"
"""The option of a command that takes a file beside its arguments."""
FORM_KINDS = frozenset({"codes", "code", "addresses", "document", "token"})
"""Kinds that are pasted rather than typed into one line: a form asks for them."""


class Tree(app_commands.CommandTree[Any]):
    """Describes and registers. Its check lets nothing through: answering is the inbox's."""

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:  # noqa: ARG002 - discord.py's hook
        """Refuse, so that one interaction is not answered twice."""
        return False


class FluentTranslator(app_commands.Translator):
    """Finds names and descriptions in the same texts as everything else."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,  # noqa: ARG002 - the same
    ) -> str | None:
        """The text in `locale`; None where there is none, and Discord shows the English one."""
        language = OTHERS.get(locale)
        key = string.extras.get("key")
        if language is None or key is None or not has_words(key, language):
            return None
        return text(key, language, **string.extras.get("facts", {}))


def build_tree(client: discord.Client, commands: Sequence[Command] | None = None, *, people: bool = False) -> Tree:
    """The tree of all commands, of the catalogue if none are given. What is hidden belongs to buttons.

    With `people` everybody's commands come along with whoever installs the application for themselves.
    """
    tree = Tree(client, allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True))
    for entry in arranged([one for one in (commands or catalogue()) if not one.hidden]):
        if people and isinstance(entry, app_commands.Command) and entry.default_permissions is None:
            entry.allowed_installs = app_commands.AppInstallationType(guild=True, user=True)
        tree.add_command(entry)
    if commands is None:
        tree.add_command(_find_this_person())
    return tree


def _find_this_person() -> app_commands.ContextMenu:
    """What staff choose from the menu of a member: `/find` of them (`bots.discord_bot.events.slash_of`)."""

    async def callback(_: discord.Interaction[Any], __: discord.User) -> None:
        raise AssertionError("the tree answers nothing")

    menu = app_commands.ContextMenu(
        name=app_commands.locale_str(text("context-find", "en"), key="context-find"),
        callback=callback,
        type=discord.AppCommandType.user,
    )
    menu.default_permissions = discord.Permissions(manage_guild=True)
    return menu


def arranged(commands: Sequence[Command]) -> Iterator[app_commands.Command[Any, ..., Any] | app_commands.Group]:
    """Every command under its own name; if they are more than Discord takes, staff's in groups by their heading."""
    if len(commands) <= MOST_COMMANDS:
        yield from (_slash(command) for command in commands)
        return
    yield from (_slash(command) for command in commands if command.role is Role.ANYONE)
    headings: dict[str, list[Command]] = {}
    for command in commands:
        if command.role is not Role.ANYONE:
            headings.setdefault(command.group, []).append(command)
    for heading, members in headings.items():
        for number in range(0, len(members), MOST_SUBCOMMANDS):
            name = heading if number == 0 else f"{heading}{number // MOST_SUBCOMMANDS + 1}"
            group = app_commands.Group(
                name=name,
                description=_described(f"group-{heading}"),
                default_permissions=discord.Permissions(manage_guild=True),
            )
            for command in members[number : number + MOST_SUBCOMMANDS]:
                group.add_command(_slash(command))
            yield group


async def payload(tree: Tree, translator: FluentTranslator) -> list[dict[str, Any]]:
    """What would be registered."""
    return [dict(await command.get_translated_payload(tree, translator)) for command in tree.get_commands()]


async def whole_payload(client: discord.Client, *, people: bool) -> list[dict[str, Any]]:
    """What would be registered of the catalogue, `people` as in `build_tree`. It is for reading only.

    The texts do not change while a process lives, and wording them in every language that Discord has holds the loop
    for a tenth of a second: that is done once, not at every new connection.
    """
    if people not in _worded:
        _worded[people] = await payload(build_tree(client, people=people), FluentTranslator())
    return _worded[people]


_worded: dict[bool, list[dict[str, Any]]] = {}


def fingerprint(commands: Sequence[dict[str, Any]]) -> str:
    """Changes whenever anything about the commands does."""
    return sha256(json.dumps(commands, sort_keys=True).encode()).hexdigest()


def text(key: str, language: str, **facts: Any) -> str:
    """A short text, plain."""
    return words(Say(key, facts), Look(language, "plain", LONGEST_DESCRIPTION))


def is_required(command: Command, argument: Argument) -> bool:
    """Does Discord itself ask for it? What is pasted may be left out, and a form asks for it."""
    return argument.required and not goes_into_form(command, argument)


def goes_into_form(command: Command, argument: Argument) -> bool:
    """Is it more comfortable in a form? An address is, where codes go along with it."""
    if argument.kind in FORM_KINDS or argument.rest:
        return True
    return argument.kind == "address" and any(one.kind in {"codes", "code"} for one in command.arguments)


def is_completed(command: Command, argument: Argument) -> bool:
    """Is the option suggested while it is typed? Addresses are staff's to see."""
    if argument.choices:
        return argument.kind != "choice"  # they are only some of the values
    return argument.kind in COMPLETED and (argument.kind != "address" or command.role is not Role.ANYONE)


def option_text(prefix: str, command: Command, argument: Argument) -> str:
    """The key of an option's name, description or label: with this command, in general, or for want of words."""
    name = argument.name.replace("_", "-")
    keys = (f"{prefix}-{command.name}-{name}", f"{prefix}-{name}")
    return next((key for key in keys if has_words(key, "en")), f"{prefix}-any")


def _slash(command: Command) -> app_commands.Command[Any, ..., Any]:
    callback = _signed(command)
    made: app_commands.Command[Any, ..., Any] = app_commands.Command(
        name=app_commands.locale_str(command.name, key=f"slash-{command.name}"),
        description=_described(f"command-{command.name}"),
        callback=callback,
    )
    if command.role is not Role.ANYONE:
        # A courtesy, which spares ordinary members what is not for them; the core decides who may.
        made.default_permissions = discord.Permissions(manage_guild=True)
    return made


def _signed(command: Command) -> Callable[..., Any]:
    """A function with the parameters that discord.py reads the options from; it is never called."""

    async def callback(_: discord.Interaction[Any], **__: Any) -> None:
        raise AssertionError("the tree answers nothing")

    first = inspect.Parameter("interaction", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=discord.Interaction)
    parameters = [first]
    for argument in command.arguments:
        required = is_required(command, argument)
        parameters.append(
            inspect.Parameter(
                argument.name,
                inspect.Parameter.KEYWORD_ONLY,
                annotation=_annotation(argument),
                default=inspect.Parameter.empty if required else None,
            )
        )
    descriptions = {
        one.name: _described(option_text("option", command, one), argument=one.name) for one in command.arguments
    }
    names = {
        one.name: app_commands.locale_str(one.name, key=option_text("name", command, one)) for one in command.arguments
    }
    if command.attaches:
        kind = inspect.Parameter.KEYWORD_ONLY
        parameters.append(inspect.Parameter(FILE, kind, annotation=discord.Attachment, default=None))
        descriptions[FILE] = _described(f"option-{FILE}")
        names[FILE] = app_commands.locale_str(FILE, key=f"name-{FILE}")
    callback.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    callback = app_commands.describe(**descriptions)(callback)
    callback = app_commands.rename(**names)(callback)
    for argument in command.arguments:
        if argument.kind == "choice":
            choices = [
                app_commands.Choice(
                    name=app_commands.locale_str(
                        text(label := label_of(command.name, one), "en", choice=one), key=label, facts={"choice": one}
                    ),
                    value=one,
                )
                for one in argument.choices
            ]
            callback = app_commands.choices(**{argument.name: choices})(callback)
        elif is_completed(command, argument):
            callback = app_commands.autocomplete(**{argument.name: _unasked})(callback)
    return callback


async def _unasked(_: discord.Interaction[Any], __: str) -> list[app_commands.Choice[str]]:
    raise AssertionError("the tree completes nothing")


def _annotation(argument: Argument) -> Any:
    if argument.kind in {"number", "batch"}:
        low = 1 if argument.low is None else argument.low
        high = LARGEST_NUMBER if argument.high is None else argument.high
        return app_commands.Range[int, low, high]
    if argument.kind == "flag":
        return bool
    if argument.kind == "document":
        return discord.Attachment
    return str


def _described(key: str, **facts: Any) -> app_commands.locale_str:
    english = text(key, "en", **facts)
    return app_commands.locale_str(english[:LONGEST_DESCRIPTION], key=key, facts=facts)
