"""What a button does, kept as a row: a platform carries a random name only, so that nothing a client sends is made up."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa

from core.actors import Actor
from core.errors import ButtonExpired, ButtonNotYours, ButtonUsed
from core.storage import tables as t
from core.storage.commits import autocommit, repeatable
from core.storage.database import dialect_insert
from core.storage.prepared import Prepared
from core.vault import Vault

if TYPE_CHECKING:
    from core.service import Core

EVERYBODY = "*"
_NAME = re.compile(r"[A-Za-z0-9_-]{16,32}")

_INSERT: dict[str, Prepared] = {}


@dataclass(frozen=True, slots=True)
class Pressed:
    """What a button says when it is pressed."""

    command: str
    arguments: dict[str, Any]
    confirmed: bool
    replaces: bool


def button_row(
    vault: Vault, pressed: Pressed, owner: str, now: datetime, *, once: bool, minutes: float
) -> tuple[str, dict[str, Any]]:
    """The name of a new button and the row that keeps what it does, for `owner` alone (or `EVERYBODY`)."""
    nonce = secrets.token_urlsafe(16)
    row = {
        "nonce": nonce,
        "owner": owner,
        "action": vault.encrypt(json.dumps(asdict(pressed)), row=_row(nonce)),
        "once": once,
        "expires_at": now + timedelta(minutes=minutes),
        "created_at": now,
    }
    return nonce, row


@repeatable
@autocommit
def insert_rows(tx: sa.Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Write rows made by `button_row`."""
    name = tx.dialect.name
    if name not in _INSERT:
        _INSERT[name] = Prepared(dialect_insert(t.buttons, tx).on_conflict_do_nothing(index_elements=["nonce"]))
    _INSERT[name].run_for_each(tx, rows)


async def press(core: Core, actor: Actor, nonce: str, request_key: str) -> Pressed:
    """What this button does, if this actor may press it now.

    A `once` button is used up by it; the same request may come again. Raises: ButtonExpired, ButtonNotYours,
    ButtonUsed.
    """
    if not _is_name(nonce):
        raise ButtonExpired
    return await core.write(_press, core.vault, actor.key, nonce, request_key, core.now())


async def look(core: Core, actor: Actor, nonce: str) -> Pressed | None:
    """What this button would do for this actor, without pressing it; None if it would do nothing."""
    return await core.read(_look, core.vault, actor.key, nonce, core.now()) if _is_name(nonce) else None


async def awaits(core: Core, actor: Actor, nonce: str, request_key: str) -> Literal["free", "pressed"] | None:
    """Can this actor confirm something, once, by this button? `pressed`: this very request has done so before."""
    return await core.read(_awaits, core.vault, actor.key, nonce, request_key, core.now()) if _is_name(nonce) else None


async def is_button(core: Core, nonce: str) -> bool:
    """Does a button of that name exist?"""
    return _is_name(nonce) and await core.read(_exists, nonce)


@repeatable
@autocommit
def _press(tx: sa.Connection, vault: Vault, presser: str, nonce: str, request_key: str, now: datetime) -> Pressed:
    row = tx.execute(sa.select(t.buttons).where(t.buttons.c.nonce == nonce)).one_or_none()
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
            sa.update(t.buttons)
            .where(t.buttons.c.nonce == nonce, t.buttons.c.used_at.is_(None))
            .values(used_at=now, action=vault.encrypt(json.dumps(action), row=_row(nonce)))
        )
        if used.rowcount != 1:
            raise ButtonUsed
    return _pressed(action)


def _look(tx: sa.Connection, vault: Vault, presser: str, nonce: str, now: datetime) -> Pressed | None:
    row = tx.execute(sa.select(t.buttons).where(t.buttons.c.nonce == nonce)).one_or_none()
    if row is None or row.owner not in {presser, EVERYBODY} or row.used_at is not None or row.expires_at <= now:
        return None
    return _pressed(json.loads(vault.decrypt(row.action, row=_row(nonce))))


def _awaits(
    tx: sa.Connection, vault: Vault, presser: str, nonce: str, request_key: str, now: datetime
) -> Literal["free", "pressed"] | None:
    row = tx.execute(sa.select(t.buttons).where(t.buttons.c.nonce == nonce)).one_or_none()
    if row is None or row.owner != presser or not row.once:
        return None
    action = json.loads(vault.decrypt(row.action, row=_row(nonce)))
    if not action["confirmed"]:
        return None
    if row.used_at is not None:
        return "pressed" if action.get("used_by") == request_key else None
    return "free" if row.expires_at > now else None


def _is_name(nonce: str) -> bool:
    """Could it be a button's? Whatever a client makes up may hold what no database stores."""
    return _NAME.fullmatch(nonce) is not None


def _exists(tx: sa.Connection, nonce: str) -> bool:
    return tx.execute(sa.select(t.buttons.c.nonce).where(t.buttons.c.nonce == nonce)).first() is not None


def _pressed(action: dict[str, Any]) -> Pressed:
    return Pressed(action["command"], action["arguments"], action["confirmed"], action["replaces"])


def _row(nonce: str) -> str:
    return f"buttons:{nonce}:action"
