"""Buttons as rows: a platform carries a random name only, so that nothing a client sends can be made up."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bots.messages.reply import Button, Reply
from core.actors import Actor
from core.errors import ButtonExpired, ButtonNotYours, ButtonUsed
from core.service import Core
from core.storage.prepared import Prepared
from core.storage.tables import buttons
from core.vault import Vault

EVERYBODY = "*"

_INSERT = Prepared(sa.insert(buttons))


@dataclass(frozen=True, slots=True)
class Pressed:
    """What a button says when it is pressed."""

    command: str
    arguments: dict[str, Any]
    confirmed: bool
    replaces: bool


async def store_buttons(core: Core, owner: str, reply: Reply) -> Reply:
    """Give every button of the reply its row and its nonce."""
    if not any(button.url is None and button.nonce is None for row in reply.buttons for button in row):
        return reply
    rows: list[dict[str, Any]] = []
    now = core.now()
    named = tuple(tuple(_named(core.vault, button, owner, now, rows) for button in row) for row in reply.buttons)
    await core.write(insert_rows, rows)
    return replace(reply, buttons=named)


def insert_rows(tx: sa.Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Write rows made by `store_buttons` or `name_buttons`."""
    for row in rows:
        _INSERT.run(tx, row)


async def press(core: Core, actor: Actor, nonce: str, request_key: str) -> Pressed:
    """What this button does, if this actor may press it now.

    A `once` button is used up by it; the same request may come again. Raises: ButtonExpired, ButtonNotYours,
    ButtonUsed.
    """
    return await core.write(_press, core.vault, actor.key, nonce, request_key, core.now())


async def look(core: Core, actor: Actor, nonce: str) -> Pressed | None:
    """What this button would do for this actor, without pressing it; None if it would do nothing."""
    return await core.read(_look, core.vault, actor.key, nonce, core.now())


async def is_button(core: Core, nonce: str) -> bool:
    """Does a button of that name exist?"""
    return 16 <= len(nonce) <= 32 and await core.read(_exists, nonce)


def _named(vault: Vault, button: Button, owner: str, now: datetime, rows: list[dict[str, Any]]) -> Button:
    if button.url is not None or button.nonce is not None:
        return button
    nonce = secrets.token_urlsafe(16)
    action = {
        "command": button.command,
        "arguments": dict(button.arguments),
        "confirmed": button.confirmed,
        "replaces": button.replaces,
    }
    rows.append(
        {
            "nonce": nonce,
            "owner": button.owner or owner,
            "action": vault.encrypt(json.dumps(action), row=_row(nonce)),
            "once": button.once,
            "expires_at": now + timedelta(minutes=button.minutes),
            "created_at": now,
        }
    )
    return replace(button, nonce=nonce)


def _press(tx: sa.Connection, vault: Vault, presser: str, nonce: str, request_key: str, now: datetime) -> Pressed:
    row = tx.execute(sa.select(buttons).where(buttons.c.nonce == nonce)).one_or_none()
    if row is None:
        raise ButtonExpired
    if row.owner not in {presser, EVERYBODY}:
        raise ButtonNotYours
    action = json.loads(vault.decrypt(row.action, row=_row(nonce)))
    if row.used_at is not None:
        if action.get("used_by") != request_key:
            raise ButtonUsed
    elif row.expires_at <= now:
        raise ButtonExpired
    elif row.once:
        action["used_by"] = request_key
        used = tx.execute(
            sa.update(buttons)
            .where(buttons.c.nonce == nonce, buttons.c.used_at.is_(None))
            .values(used_at=now, action=vault.encrypt(json.dumps(action), row=_row(nonce)))
        )
        if used.rowcount != 1:
            raise ButtonUsed
    return Pressed(action["command"], action["arguments"], action["confirmed"], action["replaces"])


def _look(tx: sa.Connection, vault: Vault, presser: str, nonce: str, now: datetime) -> Pressed | None:
    row = tx.execute(sa.select(buttons).where(buttons.c.nonce == nonce)).one_or_none()
    if row is None or row.owner not in {presser, EVERYBODY} or row.used_at is not None or row.expires_at <= now:
        return None
    action = json.loads(vault.decrypt(row.action, row=_row(nonce)))
    return Pressed(action["command"], action["arguments"], action["confirmed"], action["replaces"])


def _exists(tx: sa.Connection, nonce: str) -> bool:
    return tx.execute(sa.select(buttons.c.nonce).where(buttons.c.nonce == nonce)).first() is not None


def _row(nonce: str) -> str:
    return f"buttons:{nonce}:action"
