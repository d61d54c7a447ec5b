"""The command menu of each role, in each language."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from aiogram.types import BotCommand, BotCommandScopeAllGroupChats, BotCommandScopeChat, BotCommandScopeUnion

from bots.commands.catalogue import menu_for
from bots.commands.command import Command
from bots.messages.rendering import Look, words
from bots.messages.reply import Say
from core.actors import Actor, Role
from core.languages import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bots.telegram_bot.sending import TelegramSender
    from core.service import Core

MOST = 100


class Menus:
    """Sets the menus of everybody once, and a chat's own when its person has a role or has chosen a language."""

    def __init__(self, core: Core, sender: TelegramSender, language: str) -> None:
        self._core = core
        self._sender = sender
        self._default = language
        self._shown: dict[str, tuple[Role, str | None]] = {}

    async def set_common(self) -> None:
        """The menus of people without a role, for every language; in groups only what is said in public."""
        everybodys = await menu_for(self._core, Role.ANYONE)
        for language in (None, *LANGUAGES):
            code = language.partition("-")[0] if language else None  # Telegram knows tongues, no places
            await self._set(menu(everybodys, language or self._default), None, code)
            in_groups = menu([one for one in everybodys if one.public], language or self._default)
            await self._set(in_groups, BotCommandScopeAllGroupChats(), code)

    async def introduce(self) -> None:
        """What a stranger reads before the first word: the bot's profile, in every language."""
        bot = self._sender.bot
        for language in (None, *LANGUAGES):
            code = language.partition("-")[0] if language else None
            look = Look(language or self._default, "plain", 512)
            long, short = words(Say("profile"), look), words(Say("profile-short"), look)
            await self._sender.quietly(partial(bot.set_my_description, long, language_code=code))
            await self._sender.quietly(partial(bot.set_my_short_description, short, language_code=code))

    async def show(self, chat: str, actor: Actor, language: str) -> None:
        """Let a private chat have the menu of its person's role and chosen language."""
        wanted = (actor.role, actor.language)
        if self._shown.get(chat, (Role.ANYONE, None)) == wanted:
            return
        commands = menu(await menu_for(self._core, actor.role), language)
        scope = BotCommandScopeChat(chat_id=int(chat))
        if await self._set(commands, scope, None):
            self._shown[chat] = wanted

    async def _set(self, commands: list[BotCommand], scope: BotCommandScopeUnion | None, code: str | None) -> bool:
        bot = self._sender.bot
        return await self._sender.quietly(lambda: bot.set_my_commands(commands, scope, language_code=code))


def menu(commands: Sequence[Command], language: str) -> list[BotCommand]:
    """The commands with their descriptions."""
    look = Look(language, "plain", 256)
    return [
        BotCommand(command=one.name, description=words(Say(f"command-{one.name}"), look)) for one in commands[:MOST]
    ]
