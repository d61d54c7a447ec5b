"""Moving leases to other teams: asking for it, giving it up, taking it up again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
import structlog

from core import telemetry
from core.actors import SYSTEM, Actor, Role
from core.alerts import alerts
from core.crashpoints import crashpoint
from core.errors import NotFound, TransferRefused
from core.leases import invites, transfer_steps
from core.leases import removals as removal_work
from core.leases.claims import ClaimLost
from core.leases.ending import end_now
from core.leases.notices import team_name
from core.leases.removal_plans import plan_stranger
from core.leases.states import is_target, live_leases, own_lease, why_not
from core.leases.taking_over import move_by_force, running
from core.leases.transfer_steps import TransferWish
from core.storage import tables as t
from core.storage.row_claims import change
from core.teams.teams import team_named

if TYPE_CHECKING:
    from core.service import Core

log = structlog.get_logger(__name__)

OVER = frozenset({"done", "failed", "cancelled"})
"""States in which a transfer is at its end; a failed one can still be taken up again."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """A transfer as it stands. `source_status` and `target_status` show where the person is meanwhile."""

    id: int
    state: str
    cause: str
    forced: bool
    address: str
    from_team: str | None
    to_team: str | None
    reason: str | None
    attempts: int
    created_at: datetime
    due_at: datetime | None
    grace_ends_at: datetime | None
    finished_at: datetime | None
    source_status: str
    target_status: str | None


async def transfer(
    core: Core,
    actor: Actor,
    address: str,
    *,
    to: str | None = None,
    forced: bool = False,
    skip_acceptance: bool | None = None,
    lease_id: int | None = None,
) -> list[Transfer]:
    """Move the live leases of an address (or one of them) to the team named `to`, or to where the policy says.

    Returns each as far as it got at once; the transfers sweep goes on. A forced one does not wait for the person
    to accept, unless `skip_acceptance` says otherwise; nothing skips the reservation and the confirmed invite.
    Raises: NotAllowed, NotFound, TransferRefused (facts: reason), LeaseRefused.
    """
    actor.require(Role.OPERATOR)
    skip = forced if skip_acceptance is None else skip_acceptance
    wish = TransferWish("manual", None, forced, skip and forced)
    ids = await core.write(_start_all, core, actor, _Whose(address, lease_id), to, wish, core.now())
    return [await _advanced(core, each) for each in ids]


async def request(core: Core, actor: Actor, lease_id: int) -> Transfer:
    """A person asks to be moved, where their pool allows it.

    Raises: NotFound (not their live lease), TransferRefused (also where the pool does not allow it), LeaseRefused.
    """
    actor.require(Role.ANYONE)
    transfer_id = await core.write(_request, core, actor, lease_id, core.now())
    return await _advanced(core, transfer_id)


async def cancel(core: Core, actor: Actor, transfer_id: int) -> None:
    """Give up a transfer that has invited nobody yet. Raises: NotAllowed, NotFound, TransferRefused."""
    actor.require(Role.OPERATOR)
    await core.write(_cancel, actor, transfer_id, core.now())


async def retry(core: Core, actor: Actor, transfer_id: int) -> Transfer:
    """Take a failed transfer up again at the step where it failed; one that waits for its next try is tried now.

    Raises: NotAllowed, NotFound, TransferRefused.
    """
    actor.require(Role.OPERATOR)
    await core.write(_retry_failed, core, actor, transfer_id, core.now())
    return await _advanced(core, transfer_id)


async def advance(core: Core, transfer_id: int) -> None:
    """Take one transfer as far as it goes now."""
    telemetry.number(transfer=transfer_id)
    claim = await core.write(transfer_steps.reserve, core, transfer_id, core.now())
    crashpoint("T2")
    try:
        while claim is not None:
            await invites.send(core, claim)
            crashpoint("T3")
            # Another team may have been planned at once, where this one refused.
            claim = await core.write(transfer_steps.reserve, core, transfer_id, core.now())
    except ClaimLost:
        log.info("transfer_claim_lost", transfer=transfer_id)
    for removal_id in await core.read(_removals_of, transfer_id):
        await removal_work.advance(core, removal_id)


def leave_dead_team(tx: sa.Connection, core: Core, lease_id: int, now: datetime) -> None:
    """The team of a lease is dead: move the person elsewhere; one who was on the way there is sent another way.

    Raises: TransferRefused.
    """
    if not is_target(tx, lease_id):
        transfer_steps.start(tx, core, SYSTEM, lease_id, TransferWish("abnormal"), now)
        return
    lease = tx.execute(sa.select(t.leases).where(t.leases.c.id == lease_id)).one()
    if end_now(tx, core, lease, "team_dead", now, tell=False, still_there=True):
        plan_stranger(tx, SYSTEM, lease.team_id, lease.address, "transferred", now)


def read_transfer(tx: sa.Connection, transfer_id: int) -> Transfer:
    """Raises: NotFound."""
    row = tx.execute(sa.select(t.transfers).where(t.transfers.c.id == transfer_id)).one_or_none()
    if row is None:
        raise NotFound(kind="transfer", name=str(transfer_id))
    source = tx.execute(sa.select(t.leases).where(t.leases.c.id == row.lease_id)).one()
    target = tx.execute(sa.select(t.leases).where(t.leases.c.id == row.target_lease_id)).one_or_none()
    return Transfer(
        id=row.id,
        state=row.state,
        cause=row.cause,
        forced=row.forced,
        address=target.address if target is not None else source.address,
        from_team=team_name(tx, source.team_id),
        to_team=team_name(tx, target.team_id if target is not None else row.target_team_id),
        reason=row.reason,
        attempts=row.attempts,
        created_at=row.created_at,
        due_at=row.due_at,
        grace_ends_at=row.grace_ends_at,
        finished_at=row.finished_at,
        source_status=source.status,
        target_status=target.status if target is not None else None,
    )


async def _advanced(core: Core, transfer_id: int) -> Transfer:
    await advance(core, transfer_id)
    return await core.read(read_transfer, transfer_id)


@dataclass(frozen=True, slots=True)
class _Whose:
    """The live leases of an address, or one of them."""

    address: str
    lease_id: int | None


def _start_all(
    tx: sa.Connection, core: Core, actor: Actor, whose: _Whose, to: str | None, wish: TransferWish, now: datetime
) -> list[int]:
    target = team_named(tx, to).id if to is not None else None
    wish = TransferWish(wish.cause, target, wish.forced, wish.skip_acceptance)
    rows = live_leases(tx, whose.address, lease_id=whose.lease_id)
    if not wish.forced:
        return [transfer_steps.start(tx, core, actor, row.id, wish, now) for row in rows]
    started: list[int] = []
    dealt_with: set[int | None] = set()
    for row in rows:
        # Both ends of a move under way are among them: it is taken over once.
        if row.id in dealt_with:
            continue
        move = running(tx, row.id)
        if move is not None:
            dealt_with |= {move.lease_id, move.target_lease_id}
        started.append(move_by_force(tx, core, actor, row.id, wish, now))
    return started


def _request(tx: sa.Connection, core: Core, actor: Actor, lease_id: int, now: datetime) -> int:
    lease = own_lease(tx, actor, lease_id)
    if not tx.execute(sa.select(t.pools.c.transfer_requests).where(t.pools.c.id == lease.pool_id)).scalar_one():
        raise TransferRefused(reason="not_offered")
    return transfer_steps.start(tx, core, actor, lease_id, TransferWish("request"), now)


def _removals_of(tx: sa.Connection, transfer_id: int) -> list[int]:
    mine = sa.and_(t.removals.c.transfer_id == transfer_id, t.removals.c.state == "planned")
    return list(tx.execute(sa.select(t.removals.c.id).where(mine)).scalars())


def _cancel(tx: sa.Connection, actor: Actor, transfer_id: int, now: datetime) -> None:
    row = tx.execute(sa.select(t.transfers).where(t.transfers.c.id == transfer_id).with_for_update()).one_or_none()
    if row is None:
        raise NotFound(kind="transfer", name=str(transfer_id))
    if row.state not in {"planned", "asked"}:
        raise TransferRefused(reason="over" if row.state in OVER else "too_late")
    transfer_steps.close(tx, row, "cancelled", "cancelled", now, actor)


def _retry_failed(tx: sa.Connection, core: Core, actor: Actor, transfer_id: int, now: datetime) -> None:
    row = tx.execute(sa.select(t.transfers).where(t.transfers.c.id == transfer_id).with_for_update()).one_or_none()
    if row is None:
        raise NotFound(kind="transfer", name=str(transfer_id))
    if row.state == "planned":
        change(tx, t.transfers, t.transfers.c.id == row.id, expected="planned", due_at=now).one()
        transfer_steps.record(tx, actor, row.id, "planned", "planned", now)
        return
    if row.state != "failed":
        raise TransferRefused(reason="not_failed")
    free = (t.leases.c.id == row.lease_id, t.leases.c.end_reason.is_(None))
    source = change(tx, t.leases, *free, expected=("invited", "active"), status="transferring").one_or_none()
    if source is None:
        raise TransferRefused(reason=why_not(tx, row.lease_id).facts["reason"])
    target = tx.execute(sa.select(t.leases.c.status).where(t.leases.c.id == row.target_lease_id)).scalar_one_or_none()
    there = target in {"invited", "active"}
    state = "waiting" if there else "planned"
    values: dict[str, Any] = {"state": state, "attempts": 0, "reason": None, "finished_at": None, "due_at": now}
    if there:
        values["grace_ends_at"] = now
    else:
        values["target_lease_id"] = None
    change(tx, t.transfers, t.transfers.c.id == row.id, expected="failed", **values).one()
    transfer_steps.record(tx, actor, row.id, "failed", state, now)
    alerts.end_condition(tx, "transfer_failure", f"lease:{row.lease_id}", now)
    if there:
        transfer_steps.begin_removal(tx, core, row.id, now)
