"""An answer in the making, as Telegram shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiogram.enums import ChatAction

from bots.telegram_bot.sending import place

if TYPE_CHECKING:
    from bots.answering import Picture
    from bots.telegram_bot.sending import Sender

TYPING_LASTS = 4.0
"""Seconds after which Telegram takes the word "typing" down, a little less."""


class Typing:
    """Says that somebody is typing until the answer is there."""

    def __init__(self, sender: Sender, turn: Any) -> None:
        self._sender = sender
        self._chat, self._topic = place(turn.place)

    async def paint(self, picture: Picture) -> float:  # noqa: ARG002 - it looks the same whatever there is
        bot = self._sender.bot
        await self._sender.quietly(
            lambda: bot.send_chat_action(self._chat, ChatAction.TYPING, message_thread_id=self._topic)
        )
        return TYPING_LASTS

    async def close(self) -> str | None:
        return None
