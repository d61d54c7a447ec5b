"""What people are told while nothing can be written down: that Telegram keeps their message, and that it is answered."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from bots.messages.rendering import render
from bots.messages.reply import Reply
from core.errors import Busy
from core.languages import spoken
from core.notices.inbox_rows import PlatformEvent

if TYPE_CHECKING:
    from bots.telegram_bot.sending import TelegramSender

TELL_WITHIN = 5.0
"""Seconds for telling them; the next try to write must not wait for it."""

KeepWaited: TypeAlias = Callable[[Sequence[PlatformEvent]], Awaitable[Any]]


class Comfort:
    """Says it once in each private chat, until something can be written again."""

    def __init__(self, sender: TelegramSender, language: str) -> None:
        self._sender = sender
        self._language = language
        self._told: set[int] = set()

    def around(self, keep: KeepWaited) -> KeepWaited:
        """The same as `keep`; whoever's message it cannot keep is told."""

        async def keep_or_tell(events: Sequence[PlatformEvent]) -> None:
            try:
                await keep(events)
            except Busy:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(TELL_WITHIN):
                        await self._tell(events)
                raise
            self._told.clear()

        return keep_or_tell

    async def _tell(self, events: Sequence[PlatformEvent]) -> None:
        for event in events:
            message = json.loads(event.payload).get("message")
            if not isinstance(message, dict) or message.get("chat", {}).get("type") != "private":
                continue
            chat = int(message["chat"]["id"])
            if chat not in self._told:
                self._told.add(chat)
                [text] = render(Reply("answer-later"), self._sender.look(self._spoken(message))).texts
                await self._sender.quietly(partial(self._sender.bot.send_message, chat, text))

    def _spoken(self, message: dict[str, Any]) -> str:
        """Their Telegram's language: what they chose here cannot be read just now."""
        return spoken(str(message.get("from", {}).get("language_code", ""))) or self._language
