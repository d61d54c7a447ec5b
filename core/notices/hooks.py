"""Addresses of other systems that are told what happens, each signed with a secret that is shown once."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from core import audit, outbox
from core.actors import Actor, Role
from core.command_errors import BadValue
from core.errors import BadChoice, NotFound
from core.providers.private_places import refuse_address
from core.rules.events import PREFIX, TEST, read_events
from core.service import hook_row
from core.storage import tables as t
from core.storage.row_claims import change

if TYPE_CHECKING:
    from core.service import Core

LONGEST: Final = 500
"""Characters of an address."""
LIVE: Final = ("active", "paused")


@dataclass(frozen=True, slots=True)
class HookLine:
    """One address. `events` are those that it wants, none are all; `failing_since` is when it last stopped taking them."""

    id: int
    url: str
    events: Sequence[str]
    state: str
    maker: str
    created_at: datetime
    failing_since: datetime | None
    last_error: str | None
    waiting: int


async def add_hook(core: Core, actor: Actor, url: str, events: Iterable[str] = ()) -> tuple[str, HookLine]:
    """Tell this address what happens from now on. Returns the secret, which is shown this once.

    Raises: NotAllowed, BadValue (no https, or inside a private network that the configuration does not name).
    """
    actor.require(Role.ADMIN)
    wanted = url.strip()
    why = refuse_address(wanted) or core.refuse_place(wanted)
    if why is not None or len(wanted) > LONGEST or not wanted.isascii() or not wanted.isprintable() or " " in wanted:
        raise BadValue(name="url", value=wanted[:80], examples=["https://example.com/usher"])
    chosen = ",".join(read_events(events))
    secret = PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()
    reference = secrets.token_hex(8)
    cipher = core.vault.encrypt(secret, row=hook_row(reference))
    values = {"url": wanted, "events": chosen, "reference": reference, "secret": cipher, "maker": actor.key}
    line = await core.write(_add, actor, values, core.now())
    return secret, line


async def hook_list(core: Core, actor: Actor) -> list[HookLine]:
    """Every address that is told, oldest first. Raises: NotAllowed."""
    actor.require(Role.ADMIN)
    return await core.read(_list)


async def test_hook(core: Core, actor: Actor, hook_id: int) -> None:
    """Send one event that says nothing but that it arrives. Raises: NotAllowed, NotFound."""
    actor.require(Role.ADMIN)
    await core.write(_test, hook_id, core.now())


async def set_hook_state(core: Core, actor: Actor, hook_id: int, state: str) -> None:
    """Pause, resume or remove an address; what waits for a removed one is forgotten.

    Raises: NotAllowed, NotFound, BadChoice.
    """
    actor.require(Role.ADMIN)
    if state not in {*LIVE, "removed"}:
        raise BadChoice(name="state", value=state[:40], choices=[*LIVE, "removed"])
    await core.write(_set_state, actor, hook_id, state, core.now())


def _add(tx: sa.Connection, actor: Actor, values: dict[str, Any], now: datetime) -> HookLine:
    row = tx.execute(sa.insert(t.hooks).values(created_at=now, state="active", **values).returning(t.hooks)).one()
    audit.record(tx, actor, "hook.added", "hook", row.id, now, after={"events": values["events"]})
    return _line(row, 0)


def _list(tx: sa.Connection) -> list[HookLine]:
    mine = t.notices.c.recipient.startswith(sa.cast(t.hooks.c.id, sa.String) + "/")
    waits = sa.and_(t.notices.c.channel == outbox.HOOK, t.notices.c.state == "ready", mine)
    waiting = sa.select(sa.func.count()).select_from(t.notices).where(waits).scalar_subquery()
    rows = tx.execute(
        sa.select(t.hooks, waiting.label("waiting")).where(t.hooks.c.state != "removed").order_by(t.hooks.c.id)
    )
    return [_line(row, int(row.waiting)) for row in rows]


def _test(tx: sa.Connection, hook_id: int, now: datetime) -> None:
    which = sa.and_(t.hooks.c.id == hook_id, t.hooks.c.state.in_(LIVE))
    if tx.execute(sa.select(t.hooks.c.id).where(which)).first() is None:
        raise NotFound(kind="hook", name=str(hook_id))
    facts = {"event": TEST, "subject": "hook", "id": hook_id, "at": now}
    outbox.put(tx, outbox.HOOK, f"{hook_id}/test", outbox.Notice(TEST, facts), now)


def _set_state(tx: sa.Connection, actor: Actor, hook_id: int, state: str, now: datetime) -> None:
    values: dict[str, Any] = {"secret": b"", "url": ""} if state == "removed" else {}
    changed = change(tx, t.hooks, t.hooks.c.id == hook_id, expected=LIVE, state=state, **values)
    if changed.one_or_none() is None:
        raise NotFound(kind="hook", name=str(hook_id))
    if state == "removed":
        mine = t.notices.c.recipient.startswith(f"{hook_id}/")
        tx.execute(sa.delete(t.notices).where(t.notices.c.channel == outbox.HOOK, mine, t.notices.c.state == "ready"))
    audit.record(tx, actor, f"hook.{state}", "hook", hook_id, now)


def _line(row: Any, waiting: int) -> HookLine:
    values = {name: getattr(row, name) for name in HookLine.__slots__ if name not in {"events", "waiting"}}
    return HookLine(events=tuple(row.events.split(",")) if row.events else (), waiting=waiting, **values)
