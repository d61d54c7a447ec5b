"""Where everything stands, in one look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core.actors import Actor, Role
from core.storage import tables as t
from core.upkeep.backups import last_backup

if TYPE_CHECKING:
    from core.service import Core


@dataclass(frozen=True, slots=True)
class SweepLine:
    """A periodic task: when it last ran, what came of it, when it is due."""

    name: str
    paused: bool
    started_at: datetime | None
    finished_at: datetime | None
    outcome: str | None
    facts: Mapping[str, Any]
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Overview:
    """Counts by state. `teams` by active, disabled, expired, gone; `seats` by free, held, taken."""

    pools: int
    teams: dict[str, int]
    seats: dict[str, int]
    leases: dict[str, int]
    redemptions_under_way: int
    oldest_under_way: datetime | None
    waiting: int
    notices: dict[str, int]
    open_alerts: dict[str, int]
    last_backup: datetime | None
    sweeps: list[SweepLine] = field(default_factory=list)


async def overview(core: Core, actor: Actor) -> Overview:
    """Raises: NotAllowed."""
    actor.require(Role.VIEWER)
    return await core.read(_overview, core.now())


def _overview(tx: sa.Connection, now: datetime) -> Overview:
    def counted(key: Any, *where: sa.ColumnElement[bool]) -> dict[str, int]:
        rows = tx.execute(sa.select(key, sa.func.count()).where(*where).group_by(key).order_by(key))
        return {str(name): int(number) for name, number in rows}

    def number(table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
        return int(tx.execute(sa.select(sa.func.count()).select_from(table).where(*where)).scalar_one())

    state = sa.case((t.teams.c.health != "healthy", t.teams.c.health), (t.teams.c.enabled, "active"), else_="disabled")
    under_way = t.redemptions.c.state.in_(("sending", "unclear"))
    return Overview(
        pools=number(t.pools, t.pools.c.removed_at.is_(None)),
        teams=counted(state.label("state"), t.teams.c.removed_at.is_(None)),
        seats=counted(t.seats.c.state),
        leases=counted(t.leases.c.status),
        redemptions_under_way=number(t.redemptions, under_way),
        oldest_under_way=tx.execute(sa.select(sa.func.min(t.redemptions.c.created_at)).where(under_way)).scalar_one(),
        waiting=number(t.waitlist, t.waitlist.c.state == "waiting"),
        notices=counted(t.notices.c.state, t.notices.c.state != "sent"),
        open_alerts=counted(t.alerts.c.level, t.alerts.c.resolved_at.is_(None)),
        last_backup=last_backup(tx, now),
        sweeps=[
            SweepLine(row.name, row.paused, row.started_at, row.finished_at, row.outcome, row.facts or {}, row.due_at)
            for row in tx.execute(sa.select(t.sweeps).order_by(t.sweeps.c.name))
        ],
    )
