"""Pausing sweeps, letting them go on, and having one run soon."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core import audit
from core.actors import Actor, Role
from core.errors import NotFound
from core.storage import tables as t

if TYPE_CHECKING:
    from core.service import Core


async def pause(core: Core, actor: Actor, name: str, *, paused: bool = True) -> None:
    """Pause a sweep, or let it go on. A round under way is not broken off. Raises: NotAllowed, NotFound.

    One that goes on is due now if its time has come meanwhile: nothing is late for having been paused.
    """
    actor.require(Role.ADMIN)
    await core.write(_change, actor, name, "sweep.paused" if paused else "sweep.resumed", paused, None, core.now())


async def run_soon(core: Core, actor: Actor, name: str) -> None:
    """Make a sweep due now, in whichever process looks first. Raises: NotAllowed, NotFound."""
    actor.require(Role.ADMIN)
    now = core.now()
    await core.write(_change, actor, name, "sweep.hurried", None, now, now)


def _change(
    tx: sa.Connection, actor: Actor, name: str, action: str, paused: bool | None, due_at: datetime | None, now: datetime
) -> None:
    values = {key: value for key, value in {"paused": paused, "due_at": due_at}.items() if value is not None}
    if tx.execute(sa.update(t.sweeps).where(t.sweeps.c.name == name).values(**values)).rowcount != 1:
        raise NotFound(kind="sweep", name=name)
    if paused is False:
        tx.execute(sa.update(t.sweeps).where(t.sweeps.c.name == name, t.sweeps.c.due_at < now).values(due_at=now))
    audit.record(tx, actor, action, "sweep", None, now, after={"name": name})
