"""The pictures of an answer, as Telegram shows them: one album, or a single photo, above the words.

Telegram puts no keyboard below an album, so the buttons stand below the words, and what a button carries names the
pictures above it: whoever presses another period gets other pictures in their place, whichever process answers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeAlias

from aiogram.enums import ParseMode
from aiogram.types import BufferedInputFile, InlineKeyboardMarkup, InputMediaPhoto

from bots.messages.reply import File

AlbumPicture: TypeAlias = tuple[File, str]
"""A picture and its caption, in Telegram's HTML."""

MOST = 10
"""Pictures of one album, as the Bot API documents sendMediaGroup."""
CAPTION_LIMIT = 1024
"""Characters of one caption; what would be longer stands in the words as well."""
DATA_LIMIT = 64
"""Bytes that a button carries."""
_DATA = re.compile(r"(?P<nonce>[^:]*):(?P<first>\d{1,10})(?P<others>(?:\.\d{1,5}){0,9})")


def media_of(picture: AlbumPicture) -> InputMediaPhoto:
    """One picture as a part of an album, or as what takes the place of one."""
    file, caption = picture
    content = BufferedInputFile(file.content, file.name)
    said = caption if 0 < len(caption) <= CAPTION_LIMIT else None
    return InputMediaPhoto(media=content, caption=said, parse_mode=ParseMode.HTML if said else None)


def albums_of(pictures: Sequence[AlbumPicture]) -> list[list[AlbumPicture]]:
    """The pictures, as many together as one album takes."""
    return [list(pictures[start : start + MOST]) for start in range(0, len(pictures), MOST)]


def with_pictures(nonce: str, shown: Sequence[int]) -> str:
    """What a button carries: its nonce, and the messages with the pictures that belong to it, where there is room."""
    if not shown:
        return nonce
    first, *others = sorted(shown)
    data = f"{nonce}:{first}" + "".join(f".{one - first}" for one in others)
    return data if len(data) <= DATA_LIMIT else nonce


def pictures_of(data: str, markup: InlineKeyboardMarkup | None) -> tuple[str, tuple[int, ...]]:
    """The nonce of a pressed button and the pictures above it. What no button of the message carries names none."""
    nonce, _, _ = data.partition(":")
    read = _DATA.fullmatch(data)
    buttons = [] if markup is None else [button for row in markup.inline_keyboard for button in row]
    if read is None or not any(button.callback_data == data for button in buttons):
        return nonce, ()
    first = int(read["first"])
    return nonce, (first, *(first + int(one) for one in read["others"].split(".")[1:]))


def buttons_of(markup: InlineKeyboardMarkup | None) -> tuple[str, ...]:
    """The nonces of a message's buttons."""
    carried = [] if markup is None else [button.callback_data for row in markup.inline_keyboard for button in row]
    return tuple(data.partition(":")[0] for data in carried if data)
