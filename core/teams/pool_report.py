"""Pools as staff see them: their seats, and how many uses may still be generated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core.actors import Actor, Role
from core.rules.codes import Shape
from core.storage import tables as t
from core.storage.names import is_called
from core.teams.quota import pool_quota

if TYPE_CHECKING:
    from core.service import Core


@dataclass(frozen=True, slots=True)
class PoolLine:
    """One pool. `transfers_allowed` is None where a seat may move any number of times.

    `free` counts seats that may be given out now; `generatable` is the quota and may be negative.
    """

    id: int
    name: str
    shape: str
    policy: str
    term: str
    enabled: bool
    show_stock: bool
    waitlist_open: bool
    transfer_requests: bool
    team_choice: bool
    team_names: str | None
    public_name: str | None
    grace_hours: int
    transfers_allowed: int | None
    teams: int
    seats: int
    free: int
    held: int
    taken: int
    unused_uses: int
    generatable: int


async def pool_list(core: Core, actor: Actor) -> list[PoolLine]:
    """All pools by name. Raises: NotAllowed."""
    actor.require(Role.VIEWER)
    return await core.read(pool_lines, core.now())


async def pool_line(core: Core, actor: Actor, name: str) -> PoolLine | None:
    """The pool that is called so, however it is written. Raises: NotAllowed."""
    actor.require(Role.VIEWER)
    return next(iter(await core.read(pool_lines, core.now(), name)), None)


def pool_lines(tx: sa.Connection, now: datetime, name: str | None = None) -> list[PoolLine]:
    """All pools by name, or the one called `name`, with their figures at `now`."""
    members: dict[int, int] = {
        row.pool_id: row.number
        for row in tx.execute(
            sa.select(t.teams.c.pool_id, sa.func.count().label("number"))
            .where(t.teams.c.removed_at.is_(None))
            .group_by(t.teams.c.pool_id)
        )
    }
    counts: dict[int, dict[str, int]] = {}
    for pool_id, state, number in tx.execute(
        sa.select(t.seats.c.pool_id, t.seats.c.state, sa.func.count()).group_by(t.seats.c.pool_id, t.seats.c.state)
    ):
        counts.setdefault(pool_id, {})[state] = number
    lines = []
    which = sa.and_(t.pools.c.removed_at.is_(None), sa.true() if name is None else is_called(t.pools, name))
    for row in tx.execute(sa.select(t.pools).where(which).order_by(t.pools.c.name)).all():
        quota = pool_quota(tx, row.id, now)
        seated = counts.get(row.id, {})
        lines.append(
            PoolLine(
                id=row.id,
                name=row.name,
                shape=Shape(row.prefix, (4,) * row.groups).example,
                policy=row.policy,
                term=row.default_term,
                enabled=row.enabled,
                show_stock=row.show_stock,
                waitlist_open=row.waitlist_open,
                transfer_requests=row.transfer_requests,
                team_choice=row.team_choice,
                team_names=row.team_names,
                public_name=row.public_name,
                grace_hours=row.grace_hours,
                transfers_allowed=row.transfers_allowed,
                teams=members.get(row.id, 0),
                seats=sum(seated.values()),
                free=quota.free_seats,
                held=seated.get("held", 0),
                taken=seated.get("taken", 0),
                unused_uses=quota.unused_uses,
                generatable=quota.generatable,
            )
        )
    return lines
