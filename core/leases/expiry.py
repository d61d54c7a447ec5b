"""Memberships that end: warned of in time, then moved on or ended."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
import structlog

from core.actors import SYSTEM
from core.errors import Refusal
from core.leases import transfer_steps
from core.leases.ending import ask_end
from core.leases.notices import tell_holder
from core.leases.transfer_steps import TransferWish
from core.rounds import Round
from core.storage import tables as t
from core.storage.guards import guard
from core.storage.row_claims import change

if TYPE_CHECKING:
    from core.service import Core

log = structlog.get_logger(__name__)

CHUNK = 100
_LEFT = sa.or_(t.pools.c.transfers_allowed.is_(None), t.leases.c.transfer_count < t.pools.c.transfers_allowed)
_MOVES = sa.and_(t.leases.c.auto_transfer, t.leases.c.temporary.is_(False), _LEFT)
"""At its end it is moved on; where its moves are used up, it ends."""


async def expire(core: Core) -> Round:
    """Warn of memberships that end soon; move or end those that have ended. One bad row never stops the rest."""
    warned = 0
    days = core.settings.leases.warn_days
    for lease_id in await core.read(_to_warn, days, core.now()):
        warned += await core.write(_warn, core, lease_id, days, core.now())
    moved = ended = refused = 0
    seen = 0
    while rows := await core.read(_expired, core, seen, core.now()):
        for row in rows:
            seen = row.id
            try:
                outcome = await core.write(_settle, core, row.id, core.now())
                moved += outcome == "moved"
                warned += outcome == "warned"
                ended += outcome == "ended"
            except Refusal:
                refused += 1  # somebody else is at it: a transfer, an end by hand
            except Exception:
                log.exception("expiry_failed", lease=row.id)
                refused += 1
    return Round({"warned": warned, "to_be_moved": moved, "to_be_ended": ended, "left": refused})


def _to_warn(tx: sa.Connection, days: list[int], now: datetime) -> list[int]:
    """Live memberships that have crossed one of the marks since they were last warned."""
    if not days:
        return []
    live = sa.and_(t.leases.c.status.in_(("invited", "active")), t.leases.c.end_reason.is_(None))
    soon = sa.and_(t.leases.c.expires_at > now, t.leases.c.expires_at <= now + timedelta(days=max(days)))
    rows = tx.execute(
        sa.select(t.leases.c.id, t.leases.c.expires_at, t.leases.c.warned_at)
        .join(t.pools, t.pools.c.id == t.leases.c.pool_id)
        .where(live, soon, sa.not_(_MOVES))
        .order_by(t.leases.c.id)
    )
    return [row.id for row in rows if _is_due(row, days, now)]


def _is_due(row: Any, days: list[int], now: datetime) -> bool:
    marks = [row.expires_at - timedelta(days=mark) for mark in days]
    return any(mark <= now and (row.warned_at is None or row.warned_at < mark) for mark in marks)


def _warn(tx: sa.Connection, core: Core, lease_id: int, days: list[int], now: datetime) -> bool:
    row = tx.execute(sa.select(t.leases).where(t.leases.c.id == lease_id)).one()
    marks = [mark for mark in days if row.expires_at <= now + timedelta(days=mark)]
    as_read = (t.leases.c.warned_at.is_not_distinct_from(row.warned_at), t.leases.c.expires_at == row.expires_at)
    claimed = change(tx, t.leases, t.leases.c.id == lease_id, *as_read, expected=("invited", "active"), warned_at=now)
    if not claimed.count or not marks:
        return False
    # Somebody who joined for 24 hours is not told that they will leave in three days.
    key = f"{lease_id}:{row.expires_at.isoformat()}:{min(marks)}"
    left = max(1, round((row.expires_at - now).total_seconds() / 3600))
    tell_holder(tx, core, row, "lease_expiring", now, key=key, until=row.expires_at, hours=left)
    return True


def _expired(tx: sa.Connection, core: Core, after: int, now: datetime) -> list[Any]:
    """What has ended, but for what was tried and failed within the last day."""
    again = now - timedelta(seconds=core.settings.transfers.longest_retry)
    failed = sa.select(t.transfers.c.lease_id).where(t.transfers.c.state == "failed", t.transfers.c.finished_at > again)
    statement = sa.select(t.leases.c.id).where(t.leases.c.id > after, *_over(now), t.leases.c.id.not_in(failed))
    return list(tx.execute(statement.order_by(t.leases.c.id).limit(CHUNK)))


def _over(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        t.leases.c.status.in_(("invited", "active")),
        t.leases.c.expires_at <= now,
        t.leases.c.end_reason.is_(None),
        t.leases.c.protected.is_(False),
    )


def _settle(tx: sa.Connection, core: Core, lease_id: int, now: datetime) -> str:
    """Move, warn or end one whose term is over, as it is now: it may have been extended since it was found."""
    found = (
        sa.select(t.leases, t.pools.c.grace_hours, _MOVES.label("moves"))
        .join(t.pools, t.pools.c.id == t.leases.c.pool_id)
        .where(t.leases.c.id == lease_id, *guard("term_over", *_over(now)))
    )
    if guard("term_over", True):
        found = found.with_for_update(of=t.leases, key_share=True)
    row = tx.execute(found).one_or_none()
    if row is None:
        return "left"
    if row.moves:
        transfer_steps.start(tx, core, SYSTEM, row.id, TransferWish("expiry"), now)
        return "moved"
    if row.expires_at + timedelta(hours=row.grace_hours) > now:
        return "warned" if _tell_grace(tx, core, row, now) else "left"
    ask_end(tx, SYSTEM, row, "expired", now)
    return "ended"


def _tell_grace(tx: sa.Connection, core: Core, row: Any, now: datetime) -> bool:
    """The term is over and the seat stays for a while: the person is told once, for it is their last chance."""
    told = sa.or_(t.leases.c.warned_at.is_(None), t.leases.c.warned_at < row.expires_at)
    as_read = (t.leases.c.id == row.id, t.leases.c.expires_at == row.expires_at, told)
    claimed = change(tx, t.leases, *as_read, expected=("invited", "active"), warned_at=now)
    if not claimed.count:
        return False
    until = row.expires_at + timedelta(hours=row.grace_hours)
    key = f"{row.id}:{row.expires_at.isoformat()}"
    tell_holder(tx, core, row, "lease_in_grace", now, key=key, expired=row.expires_at, until=until)
    return True
