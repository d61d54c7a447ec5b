"""An answer in the making, as Discord shows it: one message that is edited, and in whose place the answer comes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
import discord
import structlog

from bots.answering import FOR_EVER
from bots.discord_bot.sending import LIMIT, nonce_of
from bots.messages.blocks import parts
from bots.messages.markdown import parse
from bots.messages.rendering import Look, words
from bots.outgoing.posting import NotNow, Unreachable
from core.crashpoints import crashpoint
from core.storage.talk_rows import TurnRow
from core.talk import turns

if TYPE_CHECKING:
    from bots.answering import Picture
    from bots.discord_bot.sending import DiscordSender
    from core.service import Core

log = structlog.get_logger(__name__)

EDIT_EVERY = 1.2
"""Seconds between two pictures: Discord takes five edits of a channel in five seconds."""
LEFT_ALONE = 30.0
"""Seconds that a channel is left alone where Discord does not say for how long."""
WITHIN = 10.0
"""Seconds for one picture."""


class DiscordEdits:
    """Says that somebody is typing until there is a word, then shows the words."""

    repeat = FOR_EVER

    def __init__(self, core: Core, sender: DiscordSender, turn: TurnRow) -> None:
        self._core = core
        self._sender = sender
        self._turn = turn
        self._channel: int | None = None
        self._number: int | None = int(turn.shown.rpartition(":")[2]) if turn.shown else None
        self._last = ""

    async def paint(self, picture: Picture) -> float:
        """What Discord may answer stops the painting for a while, and nothing else."""
        if not self._sender.logged_in:
            return EDIT_EVERY
        try:
            async with asyncio.timeout(WITHIN):
                await self._show(picture)
        except discord.RateLimited as wait:
            return wait.retry_after
        except (NotNow, TimeoutError, aiohttp.ClientError, OSError):
            return LEFT_ALONE
        except discord.HTTPException as refusal:
            log.info("painting_refused", code=refusal.code)
            return LEFT_ALONE if refusal.status == 429 or refusal.status >= 500 else FOR_EVER
        except Unreachable:
            return FOR_EVER
        return EDIT_EVERY

    async def _show(self, picture: Picture) -> None:
        if self._channel is None:
            self._channel = await self._sender.channel(self._turn.recipient)
        channel = self._sender.client.get_partial_messageable(self._channel)
        blocks = await asyncio.to_thread(parse, picture.text[-LIMIT:])
        pages = parts(blocks, "discord", LIMIT)
        if (waits := picture.waits) is not None:
            pages = [words(waits, Look(self._turn.language, "discord", LIMIT))]
        if not pages:
            await self._sender.client.http.send_typing(self._channel)
        elif self._number is None:
            self._last = pages[-1]
            # Whoever goes on after a kill gets the same message, and so does the answer.
            nonce = nonce_of(turns.notice_of(self._turn.id), self._channel)
            self._number = (await channel.send(self._last, nonce=nonce)).id
            crashpoint("A0")
            await self._core.write(turns.note_painted, self._turn.id, f"{self._channel}:{self._number}")
        elif pages[-1] != self._last:
            self._last = pages[-1]
            await channel.get_partial_message(self._number).edit(content=self._last)

    async def close(self) -> str | None:
        """The message that the answer takes the place of."""
        if self._number is None:
            return None
        if self._channel is None:
            try:
                self._channel = await self._sender.channel(self._turn.recipient)
            except (NotNow, Unreachable):
                return None
        return f"{self._channel}:{self._number}"
