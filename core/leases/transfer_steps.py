"""The steps of a transfer: reserve there → invite → accepted, or the grace ends → remove from the old team.

A row of `transfers` says how far it is. Each step is one guarded change of its state, so a step is done once,
whoever does it, and a process that dies is followed by any other. The invite is a lease in state `held` that
`core.leases.invites` looks after, the removal is a row that `core.leases.removals` looks after; both report
here in the transaction that settles them. At no point is the person nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core import audit, holds
from core.actors import SYSTEM, Actor
from core.alerts import alerts
from core.crashpoints import crashpoint
from core.errors import TransferRefused
from core.leases import records, removal_plans
from core.leases.claims import Claim, hold, team_of
from core.leases.closing import close_lease
from core.leases.notices import team_name, tell_holder
from core.leases.states import is_target, why_not
from core.rules.addresses import Address, mask, read_address
from core.rules.allocation import Policy
from core.rules.settlement import Verdict
from core.rules.transfers import refuse_target, retry_at
from core.storage import tables as t
from core.storage.guards import guard
from core.storage.row_claims import Overtaken, change
from core.storage.rows import LeaseRow, TransferRow
from core.teams import seats as seat_actions

if TYPE_CHECKING:
    from core.service import Core

HELD_BY_TARGET = ("waiting", "removing")
"""The person has been invited to the new team, and the old one has not let them go."""
LOOK_AFTER = timedelta(minutes=10)
"""How long a step that another row looks after may take before the sweep asks what became of that row."""
OF_THE_BUDGET = ("expiry", "request")
"""Why somebody is moved by a pool's own rules; what staff do, and leaving a dead team, is not counted against them."""
FINAL_HERE = ("already_member", "not_allowed")
"""Refusals of one team that a later try there would meet again."""


@dataclass(frozen=True, slots=True)
class TransferWish:
    """What is asked for. `to_team_id` None leaves the target to the policy; `address` is a new one to invite."""

    cause: str = "manual"
    to_team_id: int | None = None
    forced: bool = False
    skip_acceptance: bool = False
    address: str | None = None


def start(tx: sa.Connection, core: Core, actor: Actor, lease_id: int, wish: TransferWish, now: datetime) -> int:
    """Plan the transfer of one lease; returns its id.

    Of several wishes at the same instant, the lease's row lets one through. Raises: TransferRefused, LeaseRefused.
    """
    holds.refuse_restored(tx)
    if is_target(tx, lease_id):
        raise TransferRefused(reason="under_way")
    free = (t.leases.c.id == lease_id, *guard("lease_claim", t.leases.c.end_reason.is_(None)))
    settled = change(
        tx, t.leases, *free, expected=("invited", "active"), guarded_by="lease_claim", status="transferring"
    )
    source = settled.one_or_none()
    if source is None:
        refused = why_not(tx, lease_id)
        raise TransferRefused(reason="under_way" if refused.facts["reason"] == "moving" else refused.facts["reason"])
    if wish.to_team_id is not None and wish.address is None:
        refuse_target(source.team_id, wish.to_team_id)
    if wish.cause in OF_THE_BUDGET:
        allowed = sa.select(t.pools.c.transfers_allowed).where(t.pools.c.id == source.pool_id)
        most = tx.execute(allowed).scalar_one()
        if most is not None and source.transfer_count >= most:
            raise TransferRefused(reason="used_up", most=most)
    transfer_id = tx.execute(
        sa.insert(t.transfers)
        .values(
            lease_id=lease_id,
            target_team_id=wish.to_team_id,
            address=wish.address,
            cause=wish.cause,
            forced=wish.forced,
            skip_acceptance=wish.skip_acceptance,
            state="planned",
            requested_by=actor.key,
            created_at=now,
            due_at=now,
        )
        .returning(t.transfers.c.id)
    ).scalar_one()
    record(tx, actor, transfer_id, None, "planned", now, lease=lease_id, cause=wish.cause, forced=wish.forced)
    if wish.cause != "address" or not wish.skip_acceptance:  # else the invitation, which follows at once, says it
        tell_holder(tx, core, source, "transfer_started", now, key=str(transfer_id), cause=wish.cause)
    crashpoint("T0")
    return int(transfer_id)


def reserve(tx: sa.Connection, core: Core, transfer_id: int, now: datetime) -> Claim | None:
    """Hold the new seat of a planned transfer that is due; None where there is none, or somebody else has it."""
    due = (t.transfers.c.id == transfer_id, t.transfers.c.due_at <= now)
    row = change(tx, t.transfers, *due, expected="planned", due_at=now).one_or_none()
    if row is None:
        return None
    source = tx.execute(sa.select(t.leases).where(t.leases.c.id == row.lease_id)).one()
    if source.status != "transferring":
        close(tx, row, "cancelled", "source_gone", now)
        return None
    wanted = read_address(row.address) if row.address else Address(source.address, source.address_key)
    seat = _claim_seat(tx, core, row, source, wanted, now)
    if seat is None:
        _try_later(tx, core, row, "no_seats", now)
        return None
    fresh_term = row.cause == "expiry" or (source.expires_at is not None and source.expires_at <= now)
    kept = ("term", "auto_transfer", "temporary", "protected", "platform", "identity", "language", "redemption_id")
    team = team_of(tx, seat, wanted.key, now)
    claim = hold(
        tx,
        core,
        team,
        now,
        address=wanted.original,
        address_key=wanted.key,
        transfer_id=transfer_id,
        expires_at=None if fresh_term else source.expires_at,
        transfer_count=source.transfer_count,
        **{name: getattr(source, name) for name in kept},
    )
    values: dict[str, Any] = {"state": "inviting", "target_lease_id": claim.lease_id, "due_at": now + LOOK_AFTER}
    change(tx, t.transfers, t.transfers.c.id == transfer_id, expected="planned", **values).one()
    record(tx, SYSTEM, transfer_id, "planned", "inviting", now, lease=claim.lease_id, team=seat.team_id)
    crashpoint("T1")
    return claim


def invite_settled(tx: sa.Connection, core: Core, lease: LeaseRow, verdict: Verdict, now: datetime) -> None:
    """The invite to the new team is settled, in whichever process: wait for the person, or try elsewhere."""
    invited = verdict.fate == "invited"
    grace = now + timedelta(hours=core.settings.transfers.grace_hours)
    row = change(
        tx,
        t.transfers,
        t.transfers.c.id == lease.transfer_id,
        t.transfers.c.target_lease_id == lease.id,
        expected="inviting",
        state="waiting" if invited else "planned",
        grace_ends_at=grace if invited else None,
        due_at=grace if invited else now,
        target_lease_id=lease.id if invited else None,
    ).one_or_none()
    if row is None:
        _arrived_too_late(tx, lease, now, invited=invited)
        return
    record(tx, SYSTEM, row.id, "inviting", row.state, now, lease=lease.id, reason=verdict.reason)
    if not invited:
        if verdict.fate == "refused":
            _fail(tx, core, row, verdict.reason or "refused", now)
        else:
            _try_elsewhere(tx, core, row, verdict.reason or "refused", now)
        return
    tell_holder(tx, core, lease, "transfer_invited", now, key=str(row.id), cause=row.cause)
    if row.skip_acceptance:
        begin_removal(tx, core, row.id, now)


def _arrived_too_late(tx: sa.Connection, lease: LeaseRow, now: datetime, *, invited: bool) -> None:
    """Staff have taken the move over while the person was being invited: if they were, they are taken out again.

    Raises: Overtaken if that is not why nobody waits for the invite.
    """
    if not invited:
        return
    if lease.end_reason is None:
        raise Overtaken("transfers")
    audit.record(tx, SYSTEM, "lease.ending", "lease", lease.id, now, after={"cause": lease.end_reason})
    removal_plans.plan(tx, SYSTEM, lease, lease.end_reason, now)


def joined(tx: sa.Connection, core: Core, lease: LeaseRow, now: datetime) -> None:
    """The person was seen in the new team: the old one lets them go."""
    if lease.transfer_id is not None:
        begin_removal(tx, core, lease.transfer_id, now)


def grace_over(tx: sa.Connection, core: Core, transfer_id: int, now: datetime) -> None:
    """The person had time enough to accept. Where the new team serves nobody just now, the old one keeps them."""
    over = (t.transfers.c.id == transfer_id, t.transfers.c.grace_ends_at <= now)
    row = change(tx, t.transfers, *over, expected="waiting", due_at=now + LOOK_AFTER).one_or_none()
    if row is None:
        return
    team = sa.select(t.teams.c.health).join(t.leases, t.leases.c.team_id == t.teams.c.id)
    if tx.execute(team.where(t.leases.c.id == row.target_lease_id)).scalar_one() == "healthy":
        begin_removal(tx, core, transfer_id, now)


def target_ended(tx: sa.Connection, core: Core, lease: LeaseRow, now: datetime) -> None:
    """The new lease is gone before the move was over (declined, or taken back by hand): plan it again."""
    # Locked, for its grace may end in this moment: then the removal that follows from that is seen here.
    asked = sa.select(t.transfers).where(t.transfers.c.id == lease.transfer_id, t.transfers.c.state.in_(HELD_BY_TARGET))
    before = tx.execute(asked.with_for_update() if guard("transfer_state", True) else asked).one_or_none()
    if before is None:
        return
    if before.state == "removing":
        unsent = (t.removals.c.transfer_id == before.id, t.removals.c.sent_at.is_(None))
        kept = change(tx, t.removals, *unsent, expected="planned", state="cancelled", finished_at=now, due_at=None)
        if kept.count != 1:
            return  # the old team is letting the person go already: the end of the removal ends the transfer
    row = change(
        tx,
        t.transfers,
        t.transfers.c.id == before.id,
        expected=before.state,
        guarded_by="transfer_state",
        state="planned",
        target_lease_id=None,
        due_at=now,
    ).one()
    record(tx, SYSTEM, row.id, before.state, "planned", now, reason="declined")
    _try_later(tx, core, row, "declined", now)


def source_removed(tx: sa.Connection, core: Core, transfer_id: int, now: datetime) -> None:
    """The old team shows the person no more: the transfer is done."""
    values: dict[str, Any] = {"state": "done", "finished_at": now, "due_at": None, "reason": None}
    row = change(tx, t.transfers, t.transfers.c.id == transfer_id, expected="removing", **values).one_or_none()
    if row is None:
        return
    source = tx.execute(sa.select(t.leases).where(t.leases.c.id == row.lease_id)).one()
    went = {"transfer_count": source.transfer_count + (0 if row.cause == "abnormal" else 1)}
    new = sa.update(t.leases).where(t.leases.c.id == row.target_lease_id)
    target = tx.execute(new.values(**went).returning(t.leases)).one()
    if _was_extended(source, target):
        # While they were in both: what was promised for the one seat holds for the other.
        records.note_until(tx, target.id, source.expires_at, now)
        target = tx.execute(new.values(expires_at=source.expires_at, warned_at=None).returning(t.leases)).one()
    # The redemption's person is where its lease is: the same code with the same address finds them there.
    tx.execute(sa.update(t.redemptions).where(t.redemptions.c.lease_id == source.id).values(lease_id=target.id))
    # So does a wish for another address that staff have not decided yet.
    waits = sa.and_(t.transfers.c.lease_id == source.id, t.transfers.c.state == "asked")
    tx.execute(sa.update(t.transfers).where(waits).values(lease_id=target.id))
    record(tx, SYSTEM, row.id, "removing", "done", now, lease=target.id)
    alerts.end_condition(tx, "transfer_failure", f"lease:{row.lease_id}", now)
    there = target.joined_at is not None
    if row.cause == "address" and not there:
        return  # what is left is to accept the invitation, of which its holder was told
    tell_holder(tx, core, target, "transfer_done", now, key=str(row.id), joined=there, cause=row.cause)


def _was_extended(source: LeaseRow, target: LeaseRow) -> bool:
    """An old seat that nobody ever joined has no end either, and promises none."""
    if target.expires_at is None:
        return False
    if source.expires_at is None:
        return source.joined_at is not None
    return bool(source.expires_at > target.expires_at)


def look_after(tx: sa.Connection, core: Core, transfer_id: int, now: datetime) -> None:
    """A step takes long: see that its invite or removal is still being worked on, and mend it where it is not."""
    due = (t.transfers.c.id == transfer_id, t.transfers.c.due_at <= now)
    row = change(tx, t.transfers, *due, expected=("inviting", "removing"), due_at=now + LOOK_AFTER).one_or_none()
    if row is None or row.state == "inviting":
        return  # the held lease has a due time of its own, and settles the transfer with itself
    planned = sa.and_(t.removals.c.transfer_id == row.id, t.removals.c.state == "planned")
    if tx.execute(sa.select(t.removals.c.id).where(planned)).first() is None:
        change(tx, t.transfers, t.transfers.c.id == row.id, expected="removing", state="waiting").one()
        begin_removal(tx, core, row.id, now)


def removal_failed(tx: sa.Connection, core: Core, transfer_id: int, reason: str, now: datetime) -> None:
    """The person cannot be taken out of the old team: they are in both, and staff have to know."""
    removing = sa.select(t.transfers).where(t.transfers.c.id == transfer_id, t.transfers.c.state == "removing")
    row = tx.execute(removing.with_for_update()).one_or_none()
    if row is not None:
        _fail(tx, core, row, f"removal:{reason}", now, level="critical")


def _claim_seat(
    tx: sa.Connection, core: Core, row: TransferRow, source: LeaseRow, wanted: Address, now: datetime
) -> seat_actions.Seat | None:
    """A seat in the named team; for a new address rather where the person is; else where the policy says."""
    unwanted = sa.select(t.leases.c.team_id).where(
        t.leases.c.transfer_id == row.id,
        t.leases.c.status == "failed",
        sa.or_(
            t.leases.c.end_reason.in_(FINAL_HERE),
            t.leases.c.ended_at > now - timedelta(seconds=core.settings.transfers.first_retry),
        ),
    )
    excluded = set(tx.execute(unwanted).scalars())
    new_address = wanted.key != source.address_key
    if not new_address:
        excluded.add(source.team_id)
    choices = [row.target_team_id] if row.target_team_id is not None else [None]
    if new_address and source.team_id not in excluded:
        choices = [source.team_id, *choices]
    for team_id in choices:
        pool_id = source.pool_id
        if team_id is not None:
            pool_id = tx.execute(sa.select(t.teams.c.pool_id).where(t.teams.c.id == team_id)).scalar_one()
        seat = seat_actions.claim_seat(
            tx,
            seat_actions.SeatWanted(
                pool_id=pool_id,
                team_id=team_id,
                policy=Policy(core.settings.transfers.policy),
                excluded=sorted(excluded),
                address_key=wanted.key,
                hold=timedelta(seconds=core.settings.redemption.seat_hold),
            ),
            now,
        )
        if seat is not None:
            return seat
    return None


def begin_removal(tx: sa.Connection, core: Core, transfer_id: int, now: datetime) -> None:
    """The person is in the new team, or had time enough: take them out of the old one. Else nothing happens."""
    values: dict[str, Any] = {"state": "removing", "due_at": now + LOOK_AFTER}
    row = change(tx, t.transfers, t.transfers.c.id == transfer_id, expected="waiting", **values).one_or_none()
    if row is None:
        return
    record(tx, SYSTEM, row.id, "waiting", "removing", now)
    source = tx.execute(sa.select(t.leases).where(t.leases.c.id == row.lease_id)).one()
    if source.status != "transferring":
        source_removed(tx, core, row.id, now)
    elif row.cause == "abnormal":
        # Nobody can be taken out of a dead team. Should it come back, the removal that is left behind does it.
        close_lease(tx, source, "team_dead", now, still_there=True)
        removal_plans.plan_stranger(tx, SYSTEM, source.team_id, source.address, "transferred", now)
        source_removed(tx, core, row.id, now)
    else:
        removal_plans.plan(tx, SYSTEM, source, "transferred", now, transfer_id=row.id)


def _try_elsewhere(tx: sa.Connection, core: Core, row: TransferRow, reason: str, now: datetime) -> None:
    """A team refused: ask the next one at once, a few times; after that, wait."""
    if row.target_team_id is None and row.attempts + 1 < core.settings.redemption.teams_tried:
        values: dict[str, Any] = {"attempts": row.attempts + 1, "reason": reason[:64], "due_at": now}
        change(tx, t.transfers, t.transfers.c.id == row.id, expected=row.state, **values).one()
    else:
        _try_later(tx, core, row, reason, now)


def _try_later(tx: sa.Connection, core: Core, row: TransferRow, reason: str, now: datetime) -> None:
    failures = row.attempts + 1
    at = retry_at(failures, now, core.settings.transfers)
    if at is None:
        _fail(tx, core, row, reason, now)
        return
    values: dict[str, Any] = {"attempts": failures, "reason": reason[:64], "due_at": at}
    change(tx, t.transfers, t.transfers.c.id == row.id, expected=row.state, **values).one()


def _fail(tx: sa.Connection, core: Core, row: TransferRow, reason: str, now: datetime, *, level: str = "error") -> None:
    """It has failed for good: the person stays where they are, and staff are told."""
    close(tx, row, "failed", reason, now)
    source = tx.execute(sa.select(t.leases).where(t.leases.c.id == row.lease_id)).one()
    facts = {"address": mask(source.address), "team": team_name(tx, source.team_id), "reason": reason[:64]}
    alerts.raise_alert(tx, "transfer_failure", f"lease:{row.lease_id}", level, "transfer_failed", facts, now)
    if row.cause in {"manual", "request", "address"}:
        tell_holder(tx, core, source, "transfer_failed", now, key=f"{row.id}:{now.isoformat()}", reason=reason[:64])


def close(tx: sa.Connection, row: TransferRow, state: str, reason: str, now: datetime, actor: Actor = SYSTEM) -> None:
    """The transfer ends without a move: the old lease is what it was, if it has not ended. Raises: Overtaken."""
    values: dict[str, Any] = {"state": state, "reason": reason[:64], "finished_at": now, "due_at": None}
    change(tx, t.transfers, t.transfers.c.id == row.id, expected=row.state, **values).one()
    back = sa.case((t.leases.c.joined_at.is_(None), "invited"), else_="active")
    change(tx, t.leases, t.leases.c.id == row.lease_id, expected="transferring", status=back).one_or_none()
    record(tx, actor, row.id, row.state, state, now, reason=reason[:64])


def record(
    tx: sa.Connection, actor: Actor, transfer_id: int, before: str | None, after: str, now: datetime, **facts: Any
) -> None:
    """The audit line of one step."""
    audit.record(
        tx,
        actor,
        f"transfer.{after}",
        "transfer",
        transfer_id,
        now,
        before={"state": before} if before else None,
        after={"state": after, **{name: value for name, value in facts.items() if value is not None}},
    )
