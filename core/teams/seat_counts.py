"""What the kept figures and their readers have in common."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from core.storage import tables as t

NO_HOUR = 0
"""The hour of differences that belong to no moment."""
STANDING = 0
"""The day under which present values and all-time sums are kept."""


def day_of(hour: int, zone: ZoneInfo) -> int:
    """The number of the day in `zone` that an hour since 1970 lies in."""
    return datetime.fromtimestamp(hour * 3600, zone).toordinal()


def seats_of(tx: sa.Connection, team_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """The seats of teams, counted one by one, as rows of `team_figures`. Teams without a seat are left out."""
    kind = sa.case((sa.and_(t.seats.c.state == "free", sa.not_(t.seats.c.open)), "closed"), else_=t.seats.c.state)
    counted = tx.execute(
        sa.select(t.seats.c.team_id, t.seats.c.pool_id, kind.label("kind"), sa.func.count().label("number"))
        .where(t.seats.c.team_id.in_(team_ids))
        .group_by(t.seats.c.team_id, t.seats.c.pool_id, kind)
    )
    found: dict[int, dict[str, int]] = {}
    for row in counted:
        empty = {"team_id": row.team_id, "pool_id": row.pool_id, "free": 0, "closed": 0, "held": 0, "taken": 0}
        found.setdefault(row.team_id, empty)[row.kind] += row.number
    for line in found.values():
        used = line["held"] + line["taken"]
        line["share"] = 1000 * used // (used + line["free"] + line["closed"])
    return found
