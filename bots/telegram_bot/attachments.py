"""What comes with Telegram's messages: pictures, sounds and files, and the albums that several messages are."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from aiogram.exceptions import TelegramAPIError
from aiogram.types import Message, Update
from pydantic import ValidationError

from bots.commands.request import AttachedKind, Attachment, NotFetched, kind_of, once
from bots.outgoing.posting import NotNow, Unreachable
from core.notices.lanes import behind

if TYPE_CHECKING:
    from bots.telegram_bot.sending import TelegramSender
    from core.notices.inbox_rows import Begun
    from core.service import Core

SETTLES = 0.4
"""Seconds in which no further part of an album has come: then it is taken to be whole."""
LOOKS = 6
"""Times that is waited for."""
_OTHER = ("video", "video_note", "animation", "sticker", "story", "location", "venue", "poll", "dice")
"""What nobody can be asked about."""
_SAID = {*_OTHER, "photo", "voice", "audio", "document", "contact", "game", "paid_media", "checklist", "unknown"}
"""What a person sends, besides words. The rest tells of what happened in the chat: a pin, a timer, a colour."""


def attachments_of(sender: TelegramSender, message: Message) -> list[Attachment]:
    """What came with one message; of a picture its largest size."""

    def one(file: Any, name: str, kind: AttachedKind) -> list[Attachment]:
        async def load() -> bytes:
            try:
                content = await sender.call(lambda: sender.bot.download(file.file_id))
            except (TelegramAPIError, Unreachable, NotNow) as fault:
                raise NotFetched from fault
            return b"" if content is None else content.read()

        return [Attachment(name, file.file_size or 0, once(load), kind)]

    if message.photo:
        return one(message.photo[-1], "photo.jpg", "image")
    if message.voice is not None:
        return one(message.voice, "voice.ogg", "voice")
    if message.audio is not None:
        return one(message.audio, message.audio.file_name or "audio.mp3", "voice")
    if (document := message.document) is not None and message.animation is None:
        name = document.file_name or "file"
        return one(document, name, kind_of(name, document.mime_type or ""))
    return [Attachment(message.content_type, 0, _nothing, "other")] if message.content_type in _OTHER else []


def was_said(message: Message) -> bool:
    """Did somebody send this, or does it only tell what was done to the chat?"""
    return message.content_type in _SAID


async def _nothing() -> bytes:
    return b""


async def parts_of_album(core: Core, row: Begun, group: str) -> list[Message]:
    """The other messages of an album, of which `row` brought the first. They are answered together with it."""
    parts: dict[str, Message] = {}
    for _ in range(LOOKS):
        await asyncio.sleep(SETTLES)
        known = len(parts)
        for later in await behind(core, row):
            try:
                update = Update.model_validate_json(later.payload)
            except ValidationError:
                continue
            if update.message is not None and update.message.media_group_id == group:
                parts[later.key] = update.message
        if len(parts) == known:
            break
    row.along[:] = parts
    return list(parts.values())
