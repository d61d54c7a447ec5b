"""An answer in the making, as Telegram shows it: a draft in a private chat, one edited message elsewhere.

What is painted is skipped rather than queued. A chat that has had enough is left alone for as long as Telegram says,
and nothing else waits for that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import structlog
from aiogram.enums import ChatAction, ParseMode
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest, TelegramRetryAfter
from aiogram.types import LinkPreviewOptions

from bots.answering import FOR_EVER
from bots.messages.blocks import parts
from bots.messages.markdown import parse
from bots.messages.rendering import Look, words
from bots.telegram_bot.sending import LIMIT, place
from core.storage.talk_rows import TurnRow
from core.talk import turns

if TYPE_CHECKING:
    from bots.answering import Picture
    from bots.telegram_bot.sending import TelegramSender
    from core.service import Core

log = structlog.get_logger(__name__)

REPEAT = 20.0
"""Seconds after which a draft is sent again though nothing has changed: Telegram takes it down after 30."""
LINE_IS_DOWN = 5.0


class _Brush:
    """What drafts and edits have in common: whose chat it is, and how long it is left alone."""

    repeat = FOR_EVER

    def __init__(self, core: Core, sender: TelegramSender, turn: TurnRow) -> None:
        self._core = core
        self._sender = sender
        self._turn = turn
        self._chat, self._topic = place(turn.place)
        self._shown: str | None = None

    async def _try(self, paint: Callable[[], Awaitable[Any]], pause: float) -> float:
        """One call that nothing depends on; returns the seconds until the next picture.

        Nothing is drawn where there is no room for it: of a hundred answers at once most pictures are skipped.
        """
        rests = self._sender.resting(self._turn.place)
        if rests > 0:
            return min(rests, FOR_EVER)
        if not self._sender.may_paint():
            return pause
        try:
            await paint()
        except TelegramRetryAfter as wait:
            self._sender.rest(self._turn.place, wait.retry_after)
            return float(wait.retry_after)
        except TelegramBadRequest as refusal:
            if "not modified" in refusal.message:
                return pause
            log.info("painting_refused", reason=refusal.message[:200])
            return FOR_EVER
        except TelegramAPIError as fault:
            log.info("painting_failed", kind=type(fault).__name__)
            return LINE_IS_DOWN
        return pause

    async def _printed(self, picture: Picture) -> str:
        """The newest part of what there is, as a message may hold it; or that all accounts are busy."""
        if (waits := picture.waits) is not None:
            return words(waits, Look(self._turn.language, "telegram", LIMIT))
        blocks = await asyncio.to_thread(parse, picture.text[-LIMIT:])
        pages = parts(blocks, "telegram", LIMIT)
        return pages[-1] if pages else ""


class Drafts(_Brush):
    """A preview with Telegram's own stop button. The answer itself is a message of its own."""

    repeat = REPEAT

    async def paint(self, picture: Picture) -> float:
        return await self._try(lambda: self._draw(picture), self._core.settings.talk.draft_interval)

    async def _draw(self, picture: Picture) -> None:
        """An empty draft reads "Thinking…"."""
        text = await self._printed(picture) if picture.pieces or picture.waits else None
        await self._sender.bot.send_message_draft(
            self._chat,
            int(self._turn.id),
            message_thread_id=self._topic,
            text=text,
            parse_mode=ParseMode.HTML if text else None,
            can_stop=True,
        )

    async def close(self) -> str | None:
        """A draft goes by itself when the message comes."""
        return None


class TelegramEdits(_Brush):
    """One message that is edited less and less often, and in whose place the answer comes.

    A process that is killed before it has noted which message that is leaves it standing: Telegram knows no repeat.
    """

    def __init__(self, core: Core, sender: TelegramSender, turn: TurnRow) -> None:
        super().__init__(core, sender, turn)
        self._number: int | None = int(turn.shown.rpartition(":")[2]) if turn.shown else None
        self._last = ""
        self._count = 0

    async def paint(self, picture: Picture) -> float:
        pauses = self._core.settings.talk.edit_intervals
        return await self._try(lambda: self._draw(picture), pauses[min(self._count, len(pauses) - 1)])

    async def _draw(self, picture: Picture) -> None:
        text = await self._printed(picture) if picture.pieces or picture.waits else ""
        if not text.strip() or text == self._last:
            await self._sender.bot.send_chat_action(self._chat, ChatAction.TYPING, message_thread_id=self._topic)
            return
        self._count += 1
        self._last = text
        await self._show(text)

    async def _show(self, text: str) -> None:
        bot, off = self._sender.bot, LinkPreviewOptions(is_disabled=True)
        if self._number is None:
            sent = await bot.send_message(
                self._chat,
                text,
                message_thread_id=self._topic,
                parse_mode=ParseMode.HTML,
                link_preview_options=off,
            )
            self._number = sent.message_id
            await self._core.write(turns.note_painted, self._turn.id, f"{self._turn.place}:{self._number}")
            return
        await bot.edit_message_text(
            text, chat_id=self._chat, message_id=self._number, parse_mode=ParseMode.HTML, link_preview_options=off
        )

    async def close(self) -> str | None:
        return None if self._number is None else f"{self._turn.place}:{self._number}"
