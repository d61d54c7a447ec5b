"""Closing a lease: its row, its seat, its planned removal and its alerts, and nothing of what follows from it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core import audit
from core.actors import SYSTEM
from core.alerts import alerts
from core.leases import records
from core.leases.states import SETTLED
from core.storage import tables as t
from core.storage.row_claims import change
from core.storage.rows import LeaseRow
from core.teams import seats as seat_actions


def close_lease(
    tx: sa.Connection, lease: LeaseRow, reason: str, now: datetime, *, still_there: bool = False
) -> LeaseRow | None:
    """The person is in the team no more: end the lease and free its seat. None if it has ended already, else its row.

    `still_there`: the team is dead, so that nobody can be taken out of it; the seat stays occupied.
    """
    values: dict[str, Any] = {"status": "ended", "ended_at": now, "end_reason": reason, "claim": None, "due_at": None}
    row = change(tx, t.leases, t.leases.c.id == lease.id, expected=SETTLED, **values).one_or_none()
    if row is None:
        return None
    records.note_end(tx, row, now)
    if still_there:
        seat_actions.leave_to_stranger(tx, row.seat_id, lease.address_key, row.joined_at or row.invited_at)
    else:
        seat_actions.give_back(tx, row.seat_id)
    values = {"state": "done", "finished_at": now, "claim": None, "due_at": None}
    gone = change(tx, t.removals, t.removals.c.lease_id == lease.id, expected="planned", **values)
    for removal in gone.all():
        audit.record(tx, SYSTEM, "removal.done", "team", lease.team_id, now, after={"removal": removal.id})
    audit.record(
        tx,
        SYSTEM,
        "lease.ended",
        "lease",
        lease.id,
        now,
        before={"status": lease.status},
        after={"status": "ended", "reason": reason, "team": lease.team_id},
    )
    _hand_over_wishes(tx, lease.id, now)
    alerts.end_condition(tx, "system", f"removal:{lease.id}", now)
    alerts.end_condition(tx, "transfer_failure", f"lease:{lease.id}", now)
    ended: LeaseRow = row
    return ended


def _hand_over_wishes(tx: sa.Connection, lease_id: int, now: datetime) -> None:
    """A wish to stay longer goes with its person to their new lease; it is closed if they are in no team any more."""
    gone_to = (
        sa.select(t.leases.c.id)
        .join(t.transfers, t.transfers.c.target_lease_id == t.leases.c.id)
        .where(t.transfers.c.lease_id == lease_id, t.transfers.c.state.in_(("removing", "done")))
        .where(t.leases.c.status.in_(t.LIVE))
    )
    wished = t.extension_requests.alias()
    asked_there = sa.exists().where(wished.c.lease_id == gone_to.scalar_subquery(), wished.c.state == "asked")
    heir = tx.execute(gone_to.where(sa.not_(asked_there))).scalar_one_or_none()
    mine = t.extension_requests.c.lease_id == lease_id
    if heir is not None:
        change(tx, t.extension_requests, mine, expected="asked", returning=False, lease_id=heir).all()
        return
    for wish in change(tx, t.extension_requests, mine, expected="asked", state="closed").all():
        alerts.end_condition(tx, "system", f"extension:{wish.id}", now)
