"""A database of the seventh revision, with data, is brought to the newest one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from core.actors import SYSTEM
from core.storage import migrate
from core.storage import tables as t
from tests.storage.test_migrations import released, run

KEPT = ("pools", "batches", "codes", "leases")
BEFORE = datetime(2026, 3, 1, 12, tzinfo=UTC)
CLOSED = BEFORE + timedelta(hours=1)


def rows_of(tx: sa.Connection, columns: dict[str, list[str]]) -> dict[str, list[Any]]:
    """The rows of some tables, in these columns only."""
    return {
        table: list(tx.execute(sa.select(*map(sa.column, names)).select_from(sa.table(table)).order_by(sa.text("1"))))
        for table, names in columns.items()
    }


def columns_of(tx: sa.Connection) -> dict[str, list[str]]:
    return {
        table: sorted((column["name"] for column in sa.inspect(tx).get_columns(table)), key=lambda name: name != "id")
        for table in KEPT
    }


def raise_alerts(tx: sa.Connection) -> None:
    """What the seventh revision could have: one that staff closed, one of a team, and one beside that of its pool."""
    seen = {"level": "error", "facts": {}, "created_at": BEFORE, "last_seen_at": BEFORE, "count": 1}
    known = {**seen, "category": "team_capacity", "resolved_at": None, "resolved_by": None}
    by_hand = {"resolved_at": CLOSED, "resolved_by": "telegram:5"}
    tx.execute(
        sa.insert(t.alerts),
        [
            {**known, "subject": "team:1", "title": "team_capacity", **by_hand},
            {**known, "subject": "team:2", "title": "team_capacity"},
            {**known, "subject": "free:1", "title": "pool_few_seats"},
            {**known, "subject": "job:1", "title": "job_failed", "category": "system"},
        ],
    )


async def test_pools_batches_and_alerts_of_the_seventh_revision_go_on_as_they_were(empty_database_url: str) -> None:
    """Nobody gets a grace, a limit, a choice or another end than they had; what was closed may be raised again."""
    url = empty_database_url
    known = await released(url)
    await migrate.upgrade_database(url, "0007")
    await run(url, raise_alerts)
    columns = await run(url, columns_of)
    before = await run(url, lambda tx: rows_of(tx, columns))
    assert [len(rows) for rows in before.values()] == [len(known["tables"][name]) for name in KEPT]
    await migrate.upgrade_database(url)
    assert await run(url, lambda tx: rows_of(tx, columns)) == before
    new = {
        "pools": ["grace_hours", "transfers_allowed", "removed_at", "team_choice", "team_names", "public_name"],
        "batches": ["direct", "for_address", "for_identity", "per_person"],
        "codes": ["auto_transfer"],
        "leases": ["note"],
    }
    usual = {
        "pools": (0, None, None, False, None, None),
        "batches": (False, None, None, None),
        "codes": (None,),
        "leases": (None,),
    }
    for table, rows in (await run(url, lambda tx: rows_of(tx, new))).items():
        assert {tuple(row) for row in rows} == {usual[table]}, table
    over = sa.select(t.alerts.c.subject, t.alerts.c.resolved_at, t.alerts.c.resolved_by, t.alerts.c.over_at)
    assert await run(url, lambda tx: tx.execute(over.order_by(t.alerts.c.id)).all()) == [
        ("team:1", CLOSED, "telegram:5", CLOSED),
        ("team:2", None, None, None),
        ("free:1", BEFORE, SYSTEM.key, BEFORE),
        ("job:1", None, None, None),
    ]
    # What is new is guarded there as in a database made today.
    wish = sa.insert(t.extension_requests).values(lease_id=1, term="30d", state="asked", created_at=BEFORE)
    await run(url, lambda tx: tx.execute(wish))
    with pytest.raises(IntegrityError):
        await run(url, lambda tx: tx.execute(wish))
    await run(url, lambda tx: tx.execute(sa.update(t.extension_requests).values(state="declined")))
    await run(url, lambda tx: tx.execute(wish))
    await migrate.downgrade_database(url, "0007")
    assert await run(url, lambda tx: rows_of(tx, columns)) == before
