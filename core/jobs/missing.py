"""Inviting again people who are missing: their time is not over, and the team's lists no longer show them."""

from __future__ import annotations

import math
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core.jobs import jobs as bulk
from core.jobs.jobs import JobClaim
from core.jobs.outcomes import Outcome
from core.redemptions import seating
from core.rules.addresses import Address
from core.storage import tables as t
from core.storage.rows import LeaseRow

if TYPE_CHECKING:
    from typing import Any

    from core.service import Core


async def again(core: Core, claim: JobClaim, item: Any, lease: LeaseRow) -> Outcome:
    """Give somebody a seat of the same pool for the time that was left when the job began.

    Running it twice is one invitation: an hour later it must not ask for another term under the same key.
    """
    now = core.now()
    if lease.expires_at is not None and lease.expires_at <= now:
        return Outcome("skipped", "ended")
    if not item.tries and not await core.write(bulk.begin_item, core, claim, item.id, now):
        return Outcome("skipped", "cancelled")
    pool = await core.read(_pool, lease.pool_id)
    key = f"reinvite:{claim.job.id}:{lease.id}"
    who = Address(lease.address, lease.address_key)
    term = _left(lease, claim.job.created_at)
    receipt = await seating.seat(
        core, claim.actor, who, seating.SeatWish(pool=pool, term=term), request_key=key, wait=0.0
    )
    if receipt.state == "unclear":
        return Outcome("pending", "being_confirmed")
    return Outcome("failed", receipt.reason) if receipt.state == "refused" else Outcome("done")


def _left(lease: LeaseRow, at: datetime) -> str:
    """The term that was left at that moment, in whole days from two days on."""
    if lease.expires_at is None:
        return lease.term
    hours = math.ceil((lease.expires_at - at).total_seconds() / 3600)
    return f"{math.ceil(hours / 24)}d" if hours > 48 else f"{max(1, hours)}h"


def _pool(tx: sa.Connection, pool_id: int) -> str:
    return str(tx.execute(sa.select(t.pools.c.name).where(t.pools.c.id == pool_id)).scalar_one())
