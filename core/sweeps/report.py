"""The sweeps: when each ran last, how long it took, when it runs next, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core.actors import Actor, Role
from core.rounds import FAILED
from core.storage import tables as t
from core.sweeps.intervals import is_late

if TYPE_CHECKING:
    from core.service import Core
    from core.settings import Settings


@dataclass(frozen=True, slots=True)
class SweepStatus:
    """One sweep. `seconds` is how long the last finished round took; `running` that one is under way somewhere.

    `late`: it should have run by now (`core.sweeps.intervals.is_late`). `outcome` and `facts` are what came of the last
    round (`core.rounds`); after a fault `facts` hold its `error`.
    """

    name: str
    running: bool
    paused: bool
    started_at: datetime | None
    finished_at: datetime | None
    seconds: float | None
    due_at: datetime
    outcome: str | None
    facts: Mapping[str, Any]
    failed: bool
    late: bool


async def sweep_list(core: Core, actor: Actor) -> list[SweepStatus]:
    """Every sweep that any process has ever registered, by name. Raises: NotAllowed."""
    actor.require(Role.VIEWER)
    return await core.read(_list, core.settings, core.now())


def _list(tx: sa.Connection, settings: Settings, now: datetime) -> list[SweepStatus]:
    found = []
    for row in tx.execute(sa.select(t.sweeps).order_by(t.sweeps.c.name)):
        running = row.claim is not None and row.claimed_until > now
        over = row.finished_at is not None and row.started_at is not None and row.finished_at >= row.started_at
        seconds = (row.finished_at - row.started_at).total_seconds() if over else None
        found.append(
            SweepStatus(
                name=row.name,
                running=running,
                paused=row.paused,
                started_at=row.started_at,
                finished_at=row.finished_at,
                seconds=seconds,
                due_at=row.due_at,
                outcome=row.outcome,
                facts=row.facts or {},
                failed=row.outcome == FAILED,
                late=is_late(row, settings, now),
            )
        )
    return found
