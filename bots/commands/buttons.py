"""Giving the buttons of a reply their names; what each of them does is a row (`core.people.buttons`)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from bots.messages.reply import Button, Reply
from core.people.buttons import Pressed, button_row, insert_rows
from core.service import Core
from core.vault import Vault


async def store_buttons(core: Core, owner: str, reply: Reply) -> Reply:
    """Give every button of the reply its row and its nonce."""
    if not any(button.url is None and button.nonce is None for row in reply.buttons for button in row):
        return reply
    rows: list[dict[str, Any]] = []
    now = core.now()
    named = tuple(tuple(_named(core.vault, button, owner, now, rows) for button in row) for row in reply.buttons)
    await core.write(insert_rows, rows)
    return replace(reply, buttons=named)


def _named(vault: Vault, button: Button, owner: str, now: datetime, rows: list[dict[str, Any]]) -> Button:
    if button.url is not None or button.nonce is not None:
        return button
    pressed = Pressed(button.command, dict(button.arguments), button.confirmed, button.replaces)
    nonce, row = button_row(vault, pressed, button.owner or owner, now, once=button.once, minutes=button.minutes)
    rows.append(row)
    return replace(button, nonce=nonce)
