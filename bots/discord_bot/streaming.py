"""An answer in the making, as Discord shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
import structlog

from bots.discord_bot.sending import TokenOver
from bots.outgoing.posting import NotNow, Unreachable

if TYPE_CHECKING:
    from bots.answering import Picture
    from bots.discord_bot.sending import Sender

log = structlog.get_logger(__name__)

TYPING_LASTS = 8.0
"""Seconds after which Discord takes the word "typing" down, a little less."""


class Typing:
    """Says that somebody is typing until the answer is there."""

    def __init__(self, sender: Sender, turn: Any) -> None:
        self._sender = sender
        self._recipient = turn.recipient

    async def paint(self, picture: Picture) -> float:  # noqa: ARG002 - it looks the same whatever there is
        http = self._sender.client.http
        try:
            channel = await self._sender.channel(self._recipient)
            await self._sender.call(lambda: http.send_typing(channel))
        except (discord.HTTPException, TokenOver, Unreachable, NotNow) as fault:
            log.info("typing_not_shown", kind=type(fault).__name__)
        return TYPING_LASTS

    async def close(self) -> str | None:
        return None
