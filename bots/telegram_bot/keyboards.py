"""The buttons below a message."""

from __future__ import annotations

from collections.abc import Sequence

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bots.messages.rendering import Key
from bots.telegram_bot.albums import with_pictures

LONGEST_LABEL = 60
TAIL = 20
"""Characters of a label's end that are kept: names that differ only there stay apart."""
_STYLES = {"primary": "primary", "danger": "danger"}


def keyboard(rows: tuple[tuple[Key, ...], ...], pictures: Sequence[int] = ()) -> InlineKeyboardMarkup | None:
    """The buttons below a message, which know the `pictures` that stand above it."""
    keys = [[_button(key, pictures) for key in row] for row in rows if row]
    return InlineKeyboardMarkup(inline_keyboard=keys) if keys else None


def _button(key: Key, pictures: Sequence[int]) -> InlineKeyboardButton:
    label = key.label
    if len(label) > LONGEST_LABEL:
        label = f"{label[: LONGEST_LABEL - TAIL - 1]}…{label[-TAIL:]}"
    if key.url is not None or key.nonce is None:
        return InlineKeyboardButton(text=label, url=key.url)
    return InlineKeyboardButton(
        text=label, callback_data=with_pictures(key.nonce, pictures), style=_STYLES.get(key.style)
    )
