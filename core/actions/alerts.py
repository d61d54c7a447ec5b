"""Alerts: one open row per category and subject, however often its condition is seen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.storage.database import dialect_insert
from core.storage.tables import alerts

LEVELS = ("info", "warning", "error", "critical")


def raise_alert(
    tx: sa.Connection,
    category: str,
    subject: str,
    level: str,
    title: str,
    facts: Mapping[str, Any],
    now: datetime,
) -> int:
    """Open an alert, or count the open one up and raise its level. Returns its id.

    `title` is the key of its text; `facts` (JSON values) fill it. A level never falls while the alert is open.
    """
    statement = dialect_insert(alerts, tx)
    new = statement.excluded
    higher = _rank(new.level) > _rank(alerts.c.level)
    statement = statement.on_conflict_do_update(
        index_elements=["category", "subject"],
        index_where=sa.text("resolved_at IS NULL"),
        set_={
            "count": alerts.c.count + 1,
            "last_seen_at": new.last_seen_at,
            "level": sa.case((higher, new.level), else_=alerts.c.level),
            "facts": new.facts,
        },
    ).returning(alerts.c.id)
    return int(
        tx.execute(
            statement,
            {
                "category": category,
                "subject": subject,
                "level": level,
                "title": title,
                "facts": dict(facts),
                "created_at": now,
                "last_seen_at": now,
                "count": 1,
            },
        ).scalar_one()
    )


def end_condition(tx: sa.Connection, category: str, subject: str, now: datetime) -> bool:
    """The condition is over: resolve its open alert, if there is one, in nobody's name. Returns whether there was."""
    ended = tx.execute(
        sa.update(alerts)
        .where(alerts.c.category == category, alerts.c.subject == subject, alerts.c.resolved_at.is_(None))
        .values(resolved_at=now, resolved_by="system:usher")
    )
    return ended.rowcount == 1


def _rank(level: sa.ColumnElement[str]) -> sa.ColumnElement[int]:
    return sa.case({name: rank for rank, name in enumerate(LEVELS)}, value=level)
