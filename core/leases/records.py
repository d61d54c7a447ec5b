"""What the journal is told of leases: who was given a seat, for which use of which code, until when, and its end."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import sqlalchemy as sa

from core.storage import journal
from core.storage.rows import LeaseRow, RedemptionRow, TeamRow

KEPT: Final = (
    "address",
    "address_key",
    "pool_id",
    "redemption_id",
    "transfer_id",
    "term",
    "auto_transfer",
    "temporary",
    "protected",
    "platform",
    "identity",
    "language",
    "created_at",
    "invited_at",
    "joined_at",
    "expires_at",
    "transfer_count",
)
"""The columns of a lease from which it can be made again."""
KEPT_OF_USE: Final = (
    "request_key",
    "content",
    "code_last4",
    "pool_id",
    "address",
    "address_key",
    "platform",
    "identity",
    "language",
    "created_at",
)


def note_seat(tx: sa.Connection, lease: LeaseRow, team: TeamRow, now: datetime) -> None:
    """Somebody has a seat."""
    kept = {name: getattr(lease, name) for name in KEPT}
    journal.note(tx, "seat", now, lease=lease.id, team=[team.provider, team.external_id], row=kept)


def note_use(tx: sa.Connection, redemption: RedemptionRow, digest: bytes, now: datetime) -> None:
    """A use of a code is used, for a lease whose seat was noted in the same transaction."""
    kept = {name: getattr(redemption, name) for name in KEPT_OF_USE}
    journal.note(
        tx,
        "use",
        now,
        lease=redemption.lease_id,
        redemption=redemption.id,
        code=redemption.code_id,
        digest=digest,
        row=kept,
    )


def note_until(tx: sa.Connection, lease_id: int, until: datetime | None, now: datetime) -> None:
    """A lease ends at another time than before."""
    journal.note(tx, "until", now, lease=lease_id, until=until)


def note_end(tx: sa.Connection, lease: LeaseRow, now: datetime) -> None:
    """A lease has ended, and its person is out of the team."""
    journal.note(tx, "end", now, lease=lease.id, reason=lease.end_reason)
