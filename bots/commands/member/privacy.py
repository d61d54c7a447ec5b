"""What is stored about the asker, as a file to take along, and forgotten on request."""

from __future__ import annotations

import json
from datetime import datetime

from bots.commands.command import Argument, Command
from bots.commands.request import Request
from bots.messages.reply import Button, File, Reply, Say
from core.actors import Role
from core.credit.report import wallet_of
from core.people import privacy as actions
from core.rules.money import shown_balance
from core.service import Core
from core.talk import choosing


async def privacy(core: Core, request: Request, *, action: str | None) -> Reply:
    """Say what is stored; export it; erase it after a confirmation."""
    if action == "export":
        stored = await actions.export_person(core, request.actor)
        content = json.dumps(stored, indent=2, ensure_ascii=False, default=datetime.isoformat).encode()
        return Reply("privacy-export", files=(File("my-data.json", content),), replace=False)
    if action == "erase":
        return await _erase(core, request)
    export = Button(Say("button-export"), "privacy", {"action": "export"})
    erase = Button(Say("button-erase"), "privacy", {"action": "erase"}, style="danger")
    talk = Say("privacy-talk", {"days": core.settings.talk.messages_days})
    more = (talk,) if await choosing.talks(core) else ()
    return Reply("privacy", more=more, buttons=((export, erase),))


async def _erase(core: Core, request: Request) -> Reply:
    if request.confirmed:
        erased = await actions.erase_person(core, request.actor)
        return Reply("privacy-erased", {"kept": erased.kept})
    yes = Button(
        Say("button-erase-confirm"),
        "privacy",
        {"action": "erase"},
        confirmed=True,
        once=True,
        minutes=5,
        style="danger",
    )
    more = (await _lost(core, request),) if await choosing.talks(core) else ()
    return Reply("privacy-erase", more=more, buttons=((yes, Button(Say("button-keep"), "cancel")),), state="asking")


async def _lost(core: Core, request: Request) -> Say:
    """What goes with the conversations: the credit is named, so that nobody is surprised."""
    found = await wallet_of(core, request.actor, request.actor, lines=0)
    return Say("privacy-erase-talk", {"credit": shown_balance(found.credit) if found.credit > 0 else ""})


COMMANDS = (
    Command("privacy", Role.ANYONE, privacy, "account", (Argument("action", "choice", False, ("export", "erase")),)),
)
