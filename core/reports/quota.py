"""The quota identity: how many uses may still be generated."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from core.rules.quota import Quota
from core.storage.tables import batch_changes, batches, codes, redemptions, seats


def pool_quota(tx: sa.Connection, pool_id: int, now: datetime) -> Quota:
    """Free seats of the pool's open teams, and the unused uses of its active, unexpired codes."""
    free = sa.select(sa.func.count()).where(seats.c.pool_id == pool_id, seats.c.state == "free", seats.c.open)
    return Quota(
        free_seats=int(tx.execute(free).scalar_one()),
        unused_uses=_unused(tx, batches.c.pool_id == pool_id, now),
    )


def team_quota(tx: sa.Connection, team_id: int, now: datetime) -> Quota:
    """The same for the codes bound to one team."""
    free = sa.select(sa.func.count()).where(seats.c.team_id == team_id, seats.c.state == "free", seats.c.open)
    return Quota(
        free_seats=int(tx.execute(free).scalar_one()),
        unused_uses=_unused(tx, batches.c.team_id == team_id, now),
    )


def _unused(tx: sa.Connection, which: sa.ColumnElement[bool], now: datetime) -> int:
    """Folded figures of the batches, plus their changes since, minus the uses that are reserved just now."""
    counted = sa.and_(which, sa.or_(batches.c.expires_at.is_(None), batches.c.expires_at > now))
    folded = sa.select(sa.func.coalesce(sa.func.sum(batches.c.uses - batches.c.used - batches.c.voided), 0)).where(
        counted
    )
    changed = (
        sa.select(
            sa.func.coalesce(sa.func.sum(batch_changes.c.uses - batch_changes.c.used - batch_changes.c.voided), 0)
        )
        .join(batches, batches.c.id == batch_changes.c.batch_id)
        .where(counted)
    )
    # A reserved use of a disabled code is in no sum: it was not voided, and it is not unused.
    reserved = (
        sa.select(sa.func.count())
        .select_from(redemptions)
        .join(codes, codes.c.id == redemptions.c.code_id)
        .join(batches, batches.c.id == codes.c.batch_id)
        .where(counted, redemptions.c.state.in_(("sending", "unclear")))
    )
    total = sa.select(folded.scalar_subquery() + changed.scalar_subquery() - reserved.scalar_subquery())
    return int(tx.execute(total).scalar_one())
