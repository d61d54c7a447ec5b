"""Staff always have a way: a move under way is taken over, at whatever step it is, and nobody is nowhere meanwhile.

Where the person has been invited nowhere yet, the move is given up. Where they are being invited, the invite cannot
be called back: whoever turns out to be invited is taken out again. Where they are in both teams, they stay in the old
one, and where the old one is letting them go, in the new one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core import audit, holds
from core.actors import Actor
from core.leases import removal_plans, transfer_steps
from core.leases.ending import ask_end
from core.leases.states import MOVING
from core.leases.transfer_steps import TransferWish
from core.storage import tables as t
from core.storage.row_claims import Overtaken, change
from core.storage.rows import TransferRow

if TYPE_CHECKING:
    from core.service import Core


@dataclass(frozen=True, slots=True)
class Taken:
    """A move that was taken over. `stays` is the lease that the person keeps, `other` one that they may also have."""

    transfer_id: int
    state: str
    stays: int
    other: int | None


def running(tx: sa.Connection, lease_id: int) -> TransferRow | None:
    """The move from or to a lease that is under way, locked; None without such."""
    mine = sa.or_(t.transfers.c.lease_id == lease_id, t.transfers.c.target_lease_id == lease_id)
    return tx.execute(
        sa.select(t.transfers).where(mine, t.transfers.c.state.in_(MOVING)).with_for_update()
    ).one_or_none()


def take_over(tx: sa.Connection, core: Core, actor: Actor, row: TransferRow, cause: str, now: datetime) -> Taken:
    """Give up a move that is under way; what it has begun ends for `cause`."""
    audit.record(tx, actor, "transfer.taken_over", "transfer", row.id, now, before={"state": row.state})
    if row.state == "removing":
        # The old team is letting the person go: that goes on by itself, and the new one is where they are.
        assert row.target_lease_id is not None, "they were invited there"  # noqa: S101
        transfer_steps.source_removed(tx, core, row.id, now)
        back = sa.case((t.leases.c.joined_at.is_(None), "invited"), else_="active")
        leaving = change(
            tx, t.leases, t.leases.c.id == row.lease_id, expected="transferring", status=back, end_reason="transferred"
        ).one_or_none()
        if leaving is not None:
            planned = sa.and_(t.removals.c.lease_id == row.lease_id, t.removals.c.state == "planned")
            if tx.execute(sa.select(t.removals.c.id).where(planned)).first() is None:
                removal_plans.plan(tx, actor, leaving, "transferred", now)
        return Taken(row.id, row.state, row.target_lease_id, None)
    transfer_steps.close(tx, row, "cancelled", "taken_over", now, actor)
    other = None
    if row.target_lease_id is not None:
        # An invite under way is not called back; who is invited by it is taken out when that is known.
        held = change(
            tx, t.leases, t.leases.c.id == row.target_lease_id, expected="held", end_reason=cause
        ).one_or_none()
        other = None if held is not None else int(row.target_lease_id)
    return Taken(row.id, row.state, row.lease_id, other)


def end_by_force(tx: sa.Connection, core: Core, actor: Actor, found: list[Any], now: datetime) -> list[int]:
    """End leases whatever is under way with them. Returns the removals that this takes.

    Raises: LeaseRefused for one whose first invite is under way.
    """
    holds.refuse_restored(tx)
    for lease in found:
        row = running(tx, lease.id)
        if row is not None:
            take_over(tx, core, actor, row, "ended", now)
    planned: list[int] = []
    for lease in found:
        now_is = tx.execute(sa.select(t.leases).where(t.leases.c.id == lease.id)).one()
        if now_is.end_reason is not None:
            under_way = sa.and_(t.removals.c.lease_id == lease.id, t.removals.c.state == "planned")
            planned += tx.execute(sa.select(t.removals.c.id).where(under_way)).scalars().all()
        else:
            planned.append(ask_end(tx, actor, now_is, "ended", now))
    return planned


def move_by_force(tx: sa.Connection, core: Core, actor: Actor, lease_id: int, wish: TransferWish, now: datetime) -> int:
    """Move somebody, whatever is under way with them. Returns the transfer that does it.

    A move to where they are going already is pushed on instead. Raises: TransferRefused, LeaseRefused.
    """
    holds.refuse_restored(tx)
    row = running(tx, lease_id)
    if row is None:
        return transfer_steps.start(tx, core, actor, lease_id, wish, now)
    goes_to = row.target_team_id
    if row.target_lease_id is not None:
        goes_to = tx.execute(sa.select(t.leases.c.team_id).where(t.leases.c.id == row.target_lease_id)).scalar_one()
    if wish.to_team_id in {None, goes_to}:
        return _push_on(tx, core, actor, row, wish, now)
    taken = take_over(tx, core, actor, row, "transferred", now)
    stays = tx.execute(sa.select(t.leases).where(t.leases.c.id == taken.stays)).one()
    if taken.other is not None:
        other = tx.execute(sa.select(t.leases).where(t.leases.c.id == taken.other)).one()
        ask_end(tx, actor, other, "transferred", now)
    if stays.team_id == wish.to_team_id:
        return taken.transfer_id  # there they are again
    return transfer_steps.start(tx, core, actor, taken.stays, wish, now)


def _push_on(tx: sa.Connection, core: Core, actor: Actor, row: TransferRow, wish: TransferWish, now: datetime) -> int:
    values: dict[str, Any] = {"forced": True, "skip_acceptance": wish.skip_acceptance or row.skip_acceptance}
    if row.state == "planned":
        values["due_at"] = now
    pushed = change(tx, t.transfers, t.transfers.c.id == row.id, expected=row.state, **values).one_or_none()
    if pushed is None:
        raise Overtaken("transfers")
    audit.record(tx, actor, "transfer.pushed_on", "transfer", row.id, now, before={"state": row.state})
    if pushed.skip_acceptance:
        transfer_steps.begin_removal(tx, core, row.id, now)
    return int(row.id)
