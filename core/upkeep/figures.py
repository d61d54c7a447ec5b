"""Folding what the triggers counted, so that figures stay cheap to read however much is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from core import audit
from core.actors import SYSTEM
from core.storage import tables as t
from core.storage.database import dialect_insert
from core.teams.seat_counts import NO_HOUR, STANDING, day_of, seats_of

MOST = 2_000
"""Differences folded in one transaction."""

BATCH_FIGURES = ("codes", "uses", "used", "voided", "joined")


def fold_figures(tx: sa.Connection, zone: ZoneInfo, most: int = MOST) -> int:
    """Add up to `most` of the oldest differences to the figures of `zone`'s days; returns how many that were.

    Several processes may do this at once: each takes rows that the others do not have.
    """
    oldest = (
        sa.select(t.figure_changes.c.id).order_by(t.figure_changes.c.id).limit(most).with_for_update(skip_locked=True)
    )
    rows = tx.execute(
        sa.delete(t.figure_changes)
        .where(t.figure_changes.c.id.in_(oldest))
        .returning(
            t.figure_changes.c.pool_id,
            t.figure_changes.c.team_id,
            t.figure_changes.c.hour,
            t.figure_changes.c.name,
            t.figure_changes.c.amount,
        )
    ).all()
    if not rows:
        return 0
    sums: Counter[tuple[int, int, str]] = Counter()
    for row in rows:
        sums[STANDING, row.pool_id, row.name] += row.amount
        if row.hour != NO_HOUR:
            sums[day_of(row.hour, zone), row.pool_id, row.name] += row.amount
    _add(tx, sums)
    count_teams(tx, {row.team_id for row in rows if row.team_id is not None and row.name.startswith("seats.")})
    return len(rows)


def fold_batches(tx: sa.Connection, most: int = MOST) -> int:
    """Add up to `most` of the oldest changes to their batches; returns how many that were."""
    oldest = (
        sa.select(t.batch_changes.c.id).order_by(t.batch_changes.c.id).limit(most).with_for_update(skip_locked=True)
    )
    rows = tx.execute(
        sa.delete(t.batch_changes)
        .where(t.batch_changes.c.id.in_(oldest))
        .returning(t.batch_changes.c.batch_id, *(t.batch_changes.c[name] for name in BATCH_FIGURES))
    ).all()
    sums: dict[int, Counter[str]] = {}
    for row in rows:
        counted = sums.setdefault(row.batch_id, Counter())
        for name in BATCH_FIGURES:
            counted[name] += getattr(row, name)
    for batch_id, counted in sorted(sums.items()):
        values = {name: t.batches.c[name] + counted[name] for name in BATCH_FIGURES if counted[name]}
        if values:
            tx.execute(sa.update(t.batches).where(t.batches.c.id == batch_id).values(**values))
    return len(rows)


def note_used_up(tx: sa.Connection, now: datetime) -> int:
    """Note, once for each, which batches are used up; returns how many they were."""
    left = t.batches.c.uses - t.batches.c.used - t.batches.c.voided
    over = sa.and_(t.batches.c.made_at.is_not(None), t.batches.c.used > 0, left <= 0, t.batches.c.used_up_at.is_(None))
    found = (
        tx.execute(sa.update(t.batches).where(over).values(used_up_at=now).returning(t.batches.c.id)).scalars().all()
    )
    for batch_id in found:
        audit.record(tx, SYSTEM, "batch.used_up", "batch", batch_id, now)
    return len(found)


def count_teams(tx: sa.Connection, team_ids: Collection[int]) -> None:
    """Write down how the seats of these teams stand now."""
    wanted = sorted(team_ids)
    for start in range(0, len(wanted), 500):
        some = wanted[start : start + 500]
        tx.execute(sa.delete(t.team_figures).where(t.team_figures.c.team_id.in_(some)))
        lines = list(seats_of(tx, some).values())
        if lines:
            tx.execute(dialect_insert(t.team_figures, tx).on_conflict_do_nothing(index_elements=["team_id"]), lines)


def _add(tx: sa.Connection, sums: Counter[tuple[int, int, str]]) -> None:
    statement: Any = dialect_insert(t.figures, tx)
    statement = statement.on_conflict_do_update(
        index_elements=["day", "pool_id", "name"],
        set_={"amount": t.figures.c.amount + statement.excluded.amount},
    )
    # In one order everywhere: two processes that fold at once wait for each other instead of locking each other out.
    rows = [
        {"day": day, "pool_id": pool_id, "name": name, "amount": amount}
        for (day, pool_id, name), amount in sorted(sums.items())
        if amount
    ]
    if rows:
        tx.execute(statement, rows)
