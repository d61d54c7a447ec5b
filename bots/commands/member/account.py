"""The first things anybody asks: hello, help, another language."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bots.commands.command import GROUPS, Argument, Command
from bots.commands.examples import EXAMPLES
from bots.commands.member.my_seat import MY_SEAT, REDEEM_BUTTON
from bots.commands.request import Request
from bots.messages.reply import Button, Reply, Say
from core.actors import Role
from core.languages import LANGUAGES
from core.people import people
from core.service import Core

HELP = Button(Say("button-help"), "help", replaces=False)
LANGUAGE = Button(Say("button-language"), "language", replaces=False)


async def start(core: Core, request: Request) -> Reply:
    """Say hello and what can be done here."""
    rows = ((REDEEM_BUTTON, MY_SEAT), (LANGUAGE, HELP))
    return Reply("welcome", buttons=rows, private=False)


async def language(core: Core, request: Request, *, language: str) -> Reply:
    """Speak another language from now on."""
    await people.set_language(core, request.actor, language)
    return Reply("language-chosen", buttons=((REDEEM_BUTTON, HELP),), language=language, menu=True)


def help_about(listed: Callable[[], Sequence[Command]]) -> Command:
    """The command that explains the others; the catalogue hands itself in, as it is made of commands like this one."""

    async def help_(core: Core, request: Request, *, command: str | None) -> Reply:
        """The commands of the asker's role, by heading; or how one of them is written."""
        asked = command.lstrip("/").casefold() if command else None
        wanted = next((one for one in listed() if asked in {one.name, *one.aliases}), None)
        if wanted is not None and request.actor.role >= wanted.role:
            usage = " ".join([f"/{wanted.name}", *(_usage(argument) for argument in wanted.arguments)])
            optional = any(not argument.required for argument in wanted.arguments)
            facts = {"usage": usage, "what": Say(f"command-{wanted.name}"), "optional": optional}
            lines = [Say("help-example", {"line": line}) for line in EXAMPLES.get(wanted.name, ())]
            examples = [Say("help-examples"), *lines] if lines else []
            return Reply("help-command", facts, items=examples, private=False)
        mine = [one for one in listed() if one.role <= request.actor.role and not one.hidden]
        items: list[Say] = []
        heading = None
        for one in sorted(mine, key=lambda one: GROUPS.index(one.group)):
            if one.name == "start":
                continue
            if one.group != heading:
                heading = one.group
                items.append(Say("help-heading", {"heading": Say(f"group-{heading}")}))
            items.append(Say("help-line", {"name": one.name, "what": Say(f"command-{one.name}")}))
        return Reply("help", items=items, more=(Say("help-more"),), private=False)

    return Command("help", Role.ANYONE, help_, "account", (Argument("command", required=False),), public=True)


def _usage(argument: Argument) -> str:
    name = "|".join(argument.choices) if argument.choices else argument.name.upper()
    if argument.word and argument.kind != "flag":
        name = f"{argument.name} {name}"
    if argument.kind == "flag":
        name = argument.name
    return name if argument.required else f"[{name}]"


START = Command("start", Role.ANYONE, start, "account", public=True)
SPEAK = Command("language", Role.ANYONE, language, "account", (Argument("language", "choice", choices=LANGUAGES),))
