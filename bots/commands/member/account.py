"""The first things anybody asks: hello, help, another language."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from bots.commands import groups
from bots.commands.arguments import AS_IS
from bots.commands.command import GROUPS, Argument, Command, offered_of
from bots.commands.examples import EXAMPLES
from bots.commands.member import panels
from bots.commands.member.my_seat import MY_SEAT, REDEEM_BUTTON
from bots.commands.request import Request
from bots.messages import shop_words
from bots.messages.reply import Button, Reply, Say
from core.actors import Role
from core.command_errors import UnknownCommand
from core.languages import LANGUAGES
from core.people import people
from core.service import Core
from core.talk.choosing import talks

HELP = Button(Say("button-help"), "help", replaces=False)
HOW = Button(Say("button-how"), "help", replaces=False)
LANGUAGE = Button(Say("button-language"), "language", replaces=False)
ALL = "all"
CALLED = (
    *((word, "en") for word in ("english", "eng", "英文", "英语")),
    *((word, "zh-CN") for word in ("zh", "cn", "chinese", "中文", "汉语", "简体", "简中")),
)
"""What people call the languages, besides their names."""
"""The panel that lists every command."""


async def language(core: Core, request: Request, *, language: str) -> Reply:
    """Speak another language from now on."""
    await people.set_language(core, request.actor, language)
    return Reply("language-chosen", buttons=((REDEEM_BUTTON, HELP),), language=language, menu=True)


def start_and_help(
    listed: Callable[[], Sequence[Command]], nearest: Callable[[str, Role], str | None]
) -> tuple[Command, Command]:
    """The commands that say hello and explain the others; the catalogue hands itself in, made of commands like these."""

    async def mine(core: Core, request: Request) -> list[Command]:
        known = [one for one in listed() if one.role <= request.actor.role and one.name != "start"]
        return await offered_of(core, request.actor.role, known)

    async def start(core: Core, request: Request) -> Reply:
        """Say hello and what can be done here: to a stranger, to staff, to a whole group."""
        if not request.chat.private:
            return groups.welcome(request)
        if request.actor.role > Role.ANYONE and request.actor.ban is None:
            return await panels.home(core, request, await mine(core, request))
        more = (Say("welcome-talk"),) if await talks(core) else ()
        said = shop_words.welcome(core.settings, request.language)
        return replace(said, more=more, buttons=((REDEEM_BUTTON, HOW),), private=False)

    async def help_(core: Core, request: Request, *, command: str | None, panel: str | None) -> Reply:
        """The commands of the asker's role, by panel or all at once; or how one of them is written."""
        if not request.chat.private and request.actor.role > Role.ANYONE:
            return groups.pointer(request, "help", {"command": command} if command else {})
        asked = command.lstrip("/").casefold() if command else None
        wanted = next((one for one in listed() if asked in {one.name, *one.aliases}), None)
        if wanted is not None:
            request.actor.require(wanted.role)
            return _one(wanted)
        if asked in {ALL, *panels.PANELS}:
            panel, asked = asked, None
        if asked:
            raise UnknownCommand(name=asked[:40], nearest=nearest(asked, request.actor.role) or "")
        if request.actor.role > Role.ANYONE and request.actor.ban is None and panel != ALL:
            return (
                panels.panel(panel, await mine(core, request))
                if panel
                else await panels.home(core, request, await mine(core, request))
            )
        return _all(await mine(core, request), staff=request.actor.role > Role.ANYONE)

    arguments = (
        Argument("command", required=False),
        Argument("panel", "choice", False, (*panels.PANELS, ALL), word=True),
    )
    return (
        Command("start", Role.ANYONE, start, "account", public=True, aside=True),
        Command("help", Role.ANYONE, help_, "account", arguments, public=True, aside=True),
    )


def _one(wanted: Command) -> Reply:
    usage = " ".join(
        [f"/{wanted.name}", *(_usage(argument) for argument in wanted.arguments if argument.name != AS_IS)]
    )
    optional = any(not argument.required for argument in wanted.arguments)
    facts = {"usage": usage, "what": Say(f"command-{wanted.name}"), "optional": optional}
    lines = [Say("help-example", {"line": line}) for line in EXAMPLES.get(wanted.name, ())]
    examples = [Say("help-examples"), *lines] if lines else []
    return Reply("help-command" if wanted.arguments else "help-command-alone", facts, items=examples, private=False)


def _all(mine: Sequence[Command], *, staff: bool) -> Reply:
    items: list[Say] = []
    heading = None
    for one in sorted(mine, key=lambda one: GROUPS.index(one.group)):
        if one.group != heading:
            heading = one.group
            items.append(Say("help-heading", {"heading": Say(f"group-{heading}")}))
        items.append(Say("help-line", {"name": one.name, "what": Say(f"command-{one.name}")}))
    rows = ((Button(Say("button-up"), "help"),),) if staff else ((REDEEM_BUTTON, MY_SEAT), (LANGUAGE,))
    return Reply("help", items=items, more=(Say("help-more"),), buttons=rows, private=False)


def _usage(argument: Argument) -> str:
    name = "|".join(argument.choices) if argument.choices else argument.written.upper()
    if argument.word and argument.kind != "flag":
        name = f"{argument.written} {name}"
    if argument.kind == "flag":
        name = argument.name
    return name if argument.required else f"[{name}]"


SPEAK = Command(
    "language", Role.ANYONE, language, "account", (Argument("language", "choice", choices=LANGUAGES, also=CALLED),)
)
