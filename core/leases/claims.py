"""The right to settle one held lease: given, renewed while the upstream is asked, lost to whoever takes it over."""

from __future__ import annotations

import secrets
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core.heartbeat import heartbeat
from core.storage.tables import leases, seats

if TYPE_CHECKING:
    from core.service import Core


class ClaimLost(Exception):
    """Another process has taken the lease over; what this one learned is no longer its business."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to settle one held lease, until it is taken over."""

    token: str
    lease_id: int
    address: str
    seat_id: int
    team_id: int
    team: Any
    redemption_id: int | None
    transfer_id: int | None
    sends: int
    first_sent_at: datetime
    last_sent_at: datetime
    unclear_since: datetime | None
    late: bool = False
    """The person has been told already that it takes longer."""


def new_token() -> str:
    """A fencing token that nobody else has."""
    return secrets.token_hex(12)


def note_sending(tx: sa.Connection, core: Core, claim: Claim, now: datetime) -> None:
    """Record that the invite is about to be repeated, before it is. Raises: ClaimLost."""
    _renew(tx, core, claim, now, sends=leases.c.sends + 1)


def _renew(tx: sa.Connection, /, core: Core, claim: Claim, now: datetime, **values: Any) -> None:
    renewed = tx.execute(
        sa.update(leases)
        .where(leases.c.id == claim.lease_id, leases.c.claim == claim.token, leases.c.status == "held")
        .values(due_at=now + timedelta(seconds=core.settings.redemption.claim), **values)
    )
    if renewed.rowcount != 1:
        raise ClaimLost
    hold_until = now + timedelta(seconds=core.settings.redemption.seat_hold)
    tx.execute(sa.update(seats).where(seats.c.id == claim.seat_id).values(held_until=hold_until))


def kept(core: Core, claim: Claim) -> AbstractAsyncContextManager[None]:
    """Renew the claim while the body talks to the upstream: the hold outlives the call it protects."""
    return heartbeat(core.settings.redemption.claim / 3, lambda: core.write(_renew, core, claim, core.now()))
