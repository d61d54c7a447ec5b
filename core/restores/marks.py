"""A database that is older than what has happened knows it: marked by a restore, by staff, or by its own journal.

While the mark stands nobody is served, and nothing is made, moved, ended or removed. What the backup had only
begun is not begun again: whatever was asked for then has been answered since.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
import structlog

from core import audit, holds
from core.actors import SYSTEM, Actor, Role
from core.alerts import alerts
from core.errors import UsherError
from core.storage import row_claims
from core.storage import tables as t
from core.storage.database import dialect_insert
from core.upkeep.clock_watch import LATEST

if TYPE_CHECKING:
    from core.service import Core

log = structlog.get_logger(__name__)

EVERY = 5.0
"""Seconds between two looks at whether the database has lost what the journal has."""
AHEAD = timedelta(minutes=5)
"""A backup that is later than now by more was made while the clock was wrong."""
RECONCILED = "restored:reconciled"
"""The fact that says until when the journal has been dealt with."""


async def distrust(core: Core, actor: Actor, since: datetime) -> bool:
    """Say that the database has lost what happened after `since`. False where it is marked already.

    Raises: NotAllowed.
    """
    actor.require(Role.OWNER)
    return await core.write(mark, actor, since, "distrusted", core.now())


def mark(tx: sa.Connection, actor: Actor, backup_at: datetime | None, why: str, now: datetime) -> bool:
    """Mark the database as older than what has happened. False where it is marked already.

    `backup_at` is the last moment that it knows of; None where it knows of nothing.
    """
    known = {"backup_at": backup_at, "noted_at": now, "why": why}
    if not holds.put(tx, holds.RESTORED, known, now):
        return False
    begun = row_claims.change(
        tx, t.inbox, expected="ready", returning=False, state="done", claim=None, done_at=now
    ).count
    dropped = row_claims.change(
        tx, t.jobs, expected=("pending", "running"), returning=False, state="cancelled", claim=None, finished_at=now
    ).count
    for table in (t.buttons, t.dialogues, t.drafts):
        tx.execute(sa.delete(table))
    tx.execute(
        sa.update(t.staff_tokens).where(t.staff_tokens.c.used_at.is_(None)).values(used_at=now, used_by="restored")
    )
    audit.record(
        tx, actor, "database.distrusted", "database", None, now, after={**known, "inbox": begun, "jobs": dropped}
    )
    alerts.raise_alert(tx, "database", "restored", "critical", "database_restored", known, now)
    return True


def mark_restored(tx: sa.Connection, actor: Actor, now: datetime) -> bool:
    """Mark what a backup was copied into, with the backup's moment."""
    known = last_known(tx)
    return mark(tx, actor, None if known is None or known > now + AHEAD else known, "restored", now)


def last_known(tx: sa.Connection) -> datetime | None:
    """The last moment that the database knows of; None where its clock was in doubt then.

    That is when the last line of the log was written, and not the latest moment in it: one that was written while the
    clock was ahead would hide what happened between.
    """
    if holds.read(tx, holds.CLOCK) is not None:
        return None
    audited = tx.execute(sa.select(t.audit_log.c.at).order_by(t.audit_log.c.id.desc()).limit(1)).scalar()
    seen = tx.execute(sa.select(t.facts.c.value).where(t.facts.c.name == LATEST)).scalar()
    moments = [moment for moment in (audited, seen) if moment]
    return max(moments, default=None)


async def watch(core: Core, stop: asyncio.Event) -> None:
    """Look until `stop` is set whether the database has lost what the journal has; a failover does that."""
    while not stop.is_set():
        try:
            await find_ahead(core)
        except UsherError as error:
            log.warning("journal_waits_for_the_database", error=error.key)
        except Exception:
            log.exception("journal_look_failed")
        try:
            await asyncio.wait_for(stop.wait(), EVERY)
        except TimeoutError:
            continue


async def find_ahead(core: Core) -> bool:
    """Mark the database if the journal tells of seats that it does not know. True if it does."""
    journal = core.database.journal
    if journal is None:
        return False
    lines = await asyncio.to_thread(journal.tails) if journal.last is None else [journal.last]
    if not lines or not await core.read(_is_behind, lines):
        return False
    await core.write(_mark_behind, core.now())
    return True


def _is_behind(tx: sa.Connection, lines: Iterable[Mapping[str, Any]]) -> bool:
    """A seat is journalled after its lease was written, so a lease that is not there was lost."""
    upto = tx.execute(sa.select(t.facts.c.value).where(t.facts.c.name == RECONCILED)).scalar()
    given = {line["lease"] for line in lines if line["kind"] == "seat" and (upto is None or line["at"] > upto)}
    if not given or holds.read(tx, holds.RESTORED) is not None:
        return False
    known = set(tx.execute(sa.select(t.leases.c.id).where(t.leases.c.id.in_(given))).scalars())
    return bool(given - known)


def _mark_behind(tx: sa.Connection, now: datetime) -> None:
    known = last_known(tx)
    mark(tx, SYSTEM, None if known is None else known - timedelta(seconds=1), "journal", now)


def note_reconciled(tx: sa.Connection, now: datetime) -> None:
    """What the journal holds until now has been dealt with."""
    values = {"value": now, "changed_at": now}
    statement = dialect_insert(t.facts, tx).values(name=RECONCILED, **values)
    tx.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))
