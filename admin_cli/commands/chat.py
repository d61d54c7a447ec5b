"""`usher chat` and `usher commands`: the chats' side of Usher, seen from a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from admin_cli.output import CommandAnswer, Rows
from admin_cli.session import opened
from core.languages import Language

if TYPE_CHECKING:
    from bots.commands.command import Argument


async def chat(
    *,
    role: Annotated[
        Literal["anyone", "viewer", "operator", "admin", "owner"], Parameter(help="Talk as this.")
    ] = "owner",
    language: Annotated[Language | None, Parameter(help="The language of the answers.")] = None,
) -> None:
    """Talk to Usher here, with the same commands that the bots have. Ctrl+D ends it.

    Example: usher chat --role anyone --language zh-CN
    """
    from bots.terminal_chat.app import chat as talk
    from core.actors import Role

    async with opened() as core:
        await talk(core, role=Role.named(role), language=language)


def commands() -> CommandAnswer:
    """List every command of the chats: its role, its platforms, its arguments.

    Example: usher commands --json
    """
    from bots.commands.catalogue import PLATFORMS, catalogue

    listed = [
        {
            "name": command.name,
            "role": command.role.label,
            "platforms": list(PLATFORMS),
            "arguments": [
                {
                    "name": argument.name,
                    "kind": argument.kind,
                    "required": argument.required,
                    "choices": list(argument.choices),
                }
                for argument in command.arguments
            ],
        }
        for command in catalogue()
    ]
    rows = [
        (f"/{one.name}", one.role.label, " ".join(_usage(argument) for argument in one.arguments))
        for one in catalogue()
    ]
    return CommandAnswer({"commands": listed}, [Rows(("command", "role", "arguments"), rows)])


def _usage(argument: Argument) -> str:
    return argument.name.upper() if argument.required else f"[{argument.name.upper()}]"
