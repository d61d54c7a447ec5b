"""The quota identity: how many uses may still be generated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core.actors import Actor, Role
from core.errors import NotFound
from core.rules.quota import Quota, available_uses
from core.storage import tables as t
from core.storage.names import is_called

if TYPE_CHECKING:
    from core.service import Core


IS_UNDER_WAY = sa.text("redemptions.state IN ('sending', 'unclear')")
"""Written out, because a planner uses a partial index only where it sees the value."""


@dataclass(frozen=True, slots=True)
class Room:
    """How many uses may still be generated in a pool, or for one team of it; `term` is the pool's own."""

    pool: str
    team: str | None
    term: str
    left: int


async def room(core: Core, actor: Actor, *, pool: str | None = None, team: str | None = None) -> Room:
    """How many uses may still be generated for a team, or for a pool. Raises: NotAllowed, NotFound."""
    actor.require(Role.VIEWER)
    return await core.read(_room, pool, team, core.now())


def _room(tx: sa.Connection, pool: str | None, team: str | None, now: datetime) -> Room:
    statement = sa.select(t.pools.c.id, t.pools.c.name, t.pools.c.default_term)
    if team is None:
        named = is_called(t.pools, pool or "")
        found = tx.execute(statement.where(named)).one_or_none()
        if found is None:
            raise NotFound(kind="pool", name=pool or "")
        return Room(found.name, None, found.default_term, available_uses(pool_quota(tx, found.id, now)))
    with_team = statement.add_columns(t.teams.c.id.label("team_id"), t.teams.c.name.label("team"))
    mine = (is_called(t.teams, team), t.teams.c.removed_at.is_(None))
    found = tx.execute(with_team.join(t.teams, t.teams.c.pool_id == t.pools.c.id).where(*mine)).one_or_none()
    if found is None:
        raise NotFound(kind="team", name=team)
    left = available_uses(pool_quota(tx, found.id, now), team_quota(tx, found.team_id, now))
    return Room(found.name, found.team, found.default_term, left)


def pool_quota(tx: sa.Connection, pool_id: int, now: datetime) -> Quota:
    """Free seats of the pool's open teams, and the unused uses of its active, unexpired codes."""
    free = sa.select(sa.func.count()).where(t.seats.c.pool_id == pool_id, t.seats.c.state == "free", t.seats.c.open)
    return Quota(
        free_seats=int(tx.execute(free).scalar_one()),
        unused_uses=_unused(tx, t.batches.c.pool_id == pool_id, now),
    )


def team_quota(tx: sa.Connection, team_id: int, now: datetime) -> Quota:
    """The same for the codes bound to one team."""
    free = sa.select(sa.func.count()).where(t.seats.c.team_id == team_id, t.seats.c.state == "free", t.seats.c.open)
    return Quota(
        free_seats=int(tx.execute(free).scalar_one()),
        unused_uses=_unused(tx, t.batches.c.team_id == team_id, now),
    )


def _unused(tx: sa.Connection, which: sa.ColumnElement[bool], now: datetime) -> int:
    """Unused uses: folded figures of the batches, plus later changes, minus the uses that are reserved now."""
    alive = sa.or_(t.batches.c.expires_at.is_(None), t.batches.c.expires_at > now)
    counted = sa.and_(which, t.batches.c.gives == "seat", alive)
    folded = sa.select(
        sa.func.coalesce(sa.func.sum(t.batches.c.uses - t.batches.c.used - t.batches.c.voided), 0)
    ).where(counted)
    changed = (
        sa.select(
            sa.func.coalesce(sa.func.sum(t.batch_changes.c.uses - t.batch_changes.c.used - t.batch_changes.c.voided), 0)
        )
        .join(t.batches, t.batches.c.id == t.batch_changes.c.batch_id)
        .where(counted)
    )
    # A reserved use of a disabled code is in no sum: it was not voided, and it is not unused.
    reserved = (
        sa.select(sa.func.count())
        .select_from(t.redemptions)
        .join(t.codes, t.codes.c.id == t.redemptions.c.code_id)
        .join(t.batches, t.batches.c.id == t.codes.c.batch_id)
        .where(counted, IS_UNDER_WAY)
    )
    total = sa.select(folded.scalar_subquery() + changed.scalar_subquery() - reserved.scalar_subquery())
    return int(tx.execute(total).scalar_one())
