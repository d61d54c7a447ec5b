"""Ending a lease: asked for, and proved. What hangs on it follows in the same transaction."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core import audit, holds
from core.actors import SYSTEM, Actor
from core.alerts import alerts
from core.errors import LeaseRefused
from core.leases import removal_plans, transfer_steps
from core.leases.closing import close_lease
from core.leases.notices import tell_holder
from core.leases.offers import offer_ended
from core.leases.states import is_target, why_not
from core.storage import tables as t
from core.storage.guards import guard
from core.storage.row_claims import change
from core.storage.rows import LeaseRow

if TYPE_CHECKING:
    from core.service import Core


def end_now(
    tx: sa.Connection,
    core: Core,
    lease: LeaseRow,
    reason: str,
    now: datetime,
    *,
    tell: bool = True,
    still_there: bool = False,
) -> bool:
    """The person is in the team no more: end the lease and free its seat. False if it has ended already.

    `still_there`: the team is dead, so that nobody can be taken out of it; the seat stays occupied.
    """
    row = close_lease(tx, lease, reason, now, still_there=still_there)
    if row is None:
        return False
    if reason != "transferred":
        drop_wishes(tx, SYSTEM, lease.id, now)
    if reason == "offer_expired":
        offer_ended(tx, core, row, now)
    elif tell:
        tell_holder(tx, core, row, "lease_ended", now, key=str(lease.id), reason=reason)
    if row.transfer_id is not None:
        transfer_steps.target_ended(tx, core, row, now)
    return True


def drop_wishes(tx: sa.Connection, actor: Actor, lease_id: int, now: datetime) -> None:
    """Close the wishes of a lease's holder that staff have not decided: nobody is asked any more."""
    mine = t.transfers.c.lease_id == lease_id
    for wish in change(tx, t.transfers, mine, expected="asked", state="cancelled", finished_at=now).all():
        audit.record(tx, actor, "transfer.cancelled", "transfer", wish.id, now, before={"state": "asked"})
        alerts.end_condition(tx, "system", f"address:{wish.id}", now)


def ask_end(tx: sa.Connection, actor: Actor, lease: LeaseRow, cause: str, now: datetime) -> int:
    """Mark a lease as ending and plan the removal; returns the removal's id. It stays live until that is done.

    Of a transfer and an end at the same instant the row lets one through. Raises: LeaseRefused, TransferRefused.
    """
    holds.refuse_restored(tx)
    if is_target(tx, lease.id):
        raise LeaseRefused(reason="moving")
    free = (t.leases.c.id == lease.id, *guard("lease_claim", t.leases.c.end_reason.is_(None)))
    settled = change(tx, t.leases, *free, expected=("invited", "active"), guarded_by="lease_claim", end_reason=cause)
    row = settled.one_or_none()
    if row is None:
        raise why_not(tx, lease.id)
    audit.record(tx, actor, "lease.ending", "lease", lease.id, now, after={"cause": cause})
    return removal_plans.plan(tx, actor, row, cause, now)
