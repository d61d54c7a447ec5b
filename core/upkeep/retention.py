"""Deleting what has served its time, in small steps, and finishing what a killed process left half done."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core import audit
from core.actors import SYSTEM
from core.people import privacy
from core.rounds import Round
from core.storage import tables as t
from core.storage.database import dialect_insert
from core.storage.journal import first_day

if TYPE_CHECKING:
    from core.service import Core

INTERVAL = 3600.0
BITE = 1_000
"""Rows deleted in one transaction: nobody waits for a clean-up."""
FORGOTTEN_UPTO = "journal:forgotten"
"""The fact that holds until which day the journal was searched for people who are to be forgotten."""
HALF_MADE = timedelta(hours=1)
"""How long making a batch may take before it counts as broken off."""


async def forget(core: Core) -> Round:
    """Delete what is older than the settings keep it. Leases, transfers and the audit log stay."""
    now = core.now()
    old = now - timedelta(days=core.settings.sweeps.retention_days)
    answered = now - timedelta(hours=core.settings.sweeps.inbox_hours)
    forgotten = 0
    for table, which in (
        (t.inbox, sa.and_(t.inbox.c.state != "ready", t.inbox.c.received_at < answered)),
        (t.buttons, t.buttons.c.expires_at < now - timedelta(days=1)),
        (t.dialogues, t.dialogues.c.expires_at < now),
        (t.notices, sa.and_(t.notices.c.state != "ready", t.notices.c.created_at < old)),
        (t.alert_messages, t.alert_messages.c.sent_at < old),
        (t.staff_tokens, t.staff_tokens.c.expires_at < old),
        (t.attempts, sa.and_(t.attempts.c.window_started_at < old, _over(now))),
        (t.job_items, t.job_items.c.job_id.in_(sa.select(t.jobs.c.id).where(t.jobs.c.finished_at < old))),
        (t.jobs, t.jobs.c.finished_at < old),
        (t.repeated_requests, t.repeated_requests.c.created_at < old),
        (
            t.redemptions,
            sa.and_(
                t.redemptions.c.state == "refused", t.redemptions.c.code_id.is_(None), t.redemptions.c.created_at < old
            ),
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
    days = await _forget_lines(core, now)
    return Round({"rows_forgotten": forgotten, "batches_finished": finished, "days_of_the_journal_forgotten": days})


async def _forget_lines(core: Core, now: datetime) -> int:
    """Delete journal days that have served their time and, once a day, erase people to be forgotten from the others.

    Returns how many days were deleted.
    """
    journal = core.database.journal
    if journal is None:
        return 0
    gone = await asyncio.to_thread(journal.forget, first_day(now, core.settings.journal.days))
    upto = first_day(now, privacy.JOURNAL_FOLLOWS)
    if await core.write(_first_today, upto.isoformat(), now):
        without = await core.read(privacy.without_forgotten)
        await asyncio.to_thread(journal.rewrite, upto, without)
    return gone


def _first_today(tx: sa.Connection, upto: str, now: datetime) -> bool:
    """Whether this is today's first look for people who are to be forgotten."""
    values = {"value": upto, "changed_at": now}
    statement = dialect_insert(t.facts, tx).values(name=FORGOTTEN_UPTO, **values)
    earlier = t.facts.c.changed_at < now - timedelta(hours=23)
    return (
        tx.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values, where=earlier)).rowcount == 1
    )


def _over(now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(t.attempts.c.locked_until.is_(None), t.attempts.c.locked_until < now)


def _delete(tx: sa.Connection, table: sa.Table, which: sa.ColumnElement[bool]) -> int:
    key = list(table.primary_key.columns)
    chosen = sa.select(*key).where(which).limit(BITE)
    # Asked twice: what was chosen may have come to life again, as a job that is retried.
    return tx.execute(sa.delete(table).where(sa.tuple_(*key).in_(chosen), which)).rowcount


def _half_made(tx: sa.Connection, before: datetime) -> list[int]:
    broken = sa.and_(t.batches.c.made_at.is_(None), t.batches.c.created_at < before)
    return list(tx.execute(sa.select(t.batches.c.id).where(broken)).scalars())


def _finish_batch(tx: sa.Connection, batch_id: int, before: datetime, now: datetime) -> bool:
    """The process that made the batch was killed: the batch counts no more than the codes that exist."""
    row = tx.execute(
        sa.update(t.batches)
        .where(t.batches.c.id == batch_id, t.batches.c.made_at.is_(None), t.batches.c.created_at < before)
        .values(made_at=now)
        .returning(t.batches)
    ).one_or_none()
    if row is None:
        return False
    unused = t.codes.c.max_uses - t.codes.c.used - t.codes.c.reserved
    there = tx.execute(
        sa.select(
            sa.func.count().label("codes"),
            sa.func.coalesce(sa.func.sum(t.codes.c.max_uses), 0).label("uses"),
            sa.func.coalesce(sa.func.sum(t.codes.c.used), 0).label("used"),
            sa.func.coalesce(sa.func.sum(sa.case((t.codes.c.status == "active", 0), else_=unused)), 0).label("voided"),
        ).where(t.codes.c.batch_id == batch_id)
    ).one()
    joined = sa.select(sa.func.coalesce(sa.func.sum(t.batch_changes.c.joined), 0)).where(
        t.batch_changes.c.batch_id == batch_id
    )
    since = int(tx.execute(joined).scalar_one())
    tx.execute(sa.delete(t.batch_changes).where(t.batch_changes.c.batch_id == batch_id))
    counted = {"codes": there.codes, "uses": there.uses, "used": there.used, "voided": there.voided}
    tx.execute(
        sa.update(t.batches).where(t.batches.c.id == batch_id).values(joined=t.batches.c.joined + since, **counted)
    )
    audit.record(
        tx, SYSTEM, "batch.finished", "batch", batch_id, now, before={"codes": row.codes}, after={"codes": there.codes}
    )
    return True
