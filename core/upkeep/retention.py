"""Forgetting what has served its time, in small bites, and finishing what a killed process left half made."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core import audit
from core.actors import SYSTEM
from core.storage.journal import first_day
from core.storage.tables import (
    alert_messages,
    attempts,
    batch_changes,
    batches,
    buttons,
    codes,
    dialogues,
    inbox,
    job_items,
    jobs,
    notices,
    redemptions,
    repeated_requests,
    staff_tokens,
)

if TYPE_CHECKING:
    from core.service import Core

INTERVAL = 3600.0
BITE = 1_000
"""Rows deleted in one transaction: nobody waits for a clean-up."""
HALF_MADE = timedelta(hours=1)
"""How long making a batch may take before it counts as broken off."""


async def forget(core: Core) -> str:
    """Delete what is older than the settings keep it. Leases, transfers and the audit log stay."""
    now = core.now()
    old = now - timedelta(days=core.settings.sweeps.retention_days)
    answered = now - timedelta(hours=core.settings.sweeps.inbox_hours)
    forgotten = 0
    for table, which in (
        (inbox, sa.and_(inbox.c.state != "ready", inbox.c.received_at < answered)),
        (buttons, buttons.c.expires_at < now - timedelta(days=1)),
        (dialogues, dialogues.c.expires_at < now),
        (notices, sa.and_(notices.c.state != "ready", notices.c.created_at < old)),
        (alert_messages, alert_messages.c.sent_at < old),
        (staff_tokens, staff_tokens.c.expires_at < old),
        (attempts, sa.and_(attempts.c.window_started_at < old, _over(now))),
        (job_items, job_items.c.job_id.in_(sa.select(jobs.c.id).where(jobs.c.finished_at < old))),
        (jobs, jobs.c.finished_at < old),
        (repeated_requests, repeated_requests.c.created_at < old),
        (
            redemptions,
            sa.and_(redemptions.c.state == "refused", redemptions.c.code_id.is_(None), redemptions.c.created_at < old),
        ),
    ):
        while True:
            deleted = await core.write(_delete, table, which)
            forgotten += deleted
            if deleted < BITE:
                break
    finished = 0
    for batch_id in await core.read(_half_made, now - HALF_MADE):
        finished += await core.write(_finish_batch, batch_id, now - HALF_MADE, now)
    days = await asyncio.to_thread(_forget_lines, core, now)
    return f"{forgotten} rows forgotten, {finished} batches finished, {days} days of the journal forgotten"


def _forget_lines(core: Core, now: datetime) -> int:
    journal = core.database.journal
    return 0 if journal is None else journal.forget(first_day(now, core.settings.journal.days))


def _over(now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(attempts.c.locked_until.is_(None), attempts.c.locked_until < now)


def _delete(tx: sa.Connection, table: sa.Table, which: sa.ColumnElement[bool]) -> int:
    key = list(table.primary_key.columns)
    chosen = sa.select(*key).where(which).limit(BITE)
    # Asked twice: what was chosen may have come to life again, as a job that is retried.
    return tx.execute(sa.delete(table).where(sa.tuple_(*key).in_(chosen), which)).rowcount


def _half_made(tx: sa.Connection, before: datetime) -> list[int]:
    broken = sa.and_(batches.c.made_at.is_(None), batches.c.created_at < before)
    return list(tx.execute(sa.select(batches.c.id).where(broken)).scalars())


def _finish_batch(tx: sa.Connection, batch_id: int, before: datetime, now: datetime) -> bool:
    """The process that made it was killed: the batch is what is there, and counts no more than that."""
    row = tx.execute(
        sa.update(batches)
        .where(batches.c.id == batch_id, batches.c.made_at.is_(None), batches.c.created_at < before)
        .values(made_at=now)
        .returning(batches)
    ).one_or_none()
    if row is None:
        return False
    unused = codes.c.max_uses - codes.c.used - codes.c.reserved
    there = tx.execute(
        sa.select(
            sa.func.count().label("codes"),
            sa.func.coalesce(sa.func.sum(codes.c.max_uses), 0).label("uses"),
            sa.func.coalesce(sa.func.sum(codes.c.used), 0).label("used"),
            sa.func.coalesce(sa.func.sum(sa.case((codes.c.status == "active", 0), else_=unused)), 0).label("voided"),
        ).where(codes.c.batch_id == batch_id)
    ).one()
    joined = sa.select(sa.func.coalesce(sa.func.sum(batch_changes.c.joined), 0)).where(
        batch_changes.c.batch_id == batch_id
    )
    since = int(tx.execute(joined).scalar_one())
    tx.execute(sa.delete(batch_changes).where(batch_changes.c.batch_id == batch_id))
    counted = {"codes": there.codes, "uses": there.uses, "used": there.used, "voided": there.voided}
    tx.execute(sa.update(batches).where(batches.c.id == batch_id).values(joined=batches.c.joined + since, **counted))
    audit.record(
        tx, SYSTEM, "batch.finished", "batch", batch_id, now, before={"codes": row.codes}, after={"codes": there.codes}
    )
    return True
