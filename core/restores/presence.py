"""What two complete readings of every team say of a restored database: who is there, who is not, who is unexplained.

Only what both readings agree on counts. A team that could not be read twice is left as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core import audit
from core.actors import SYSTEM
from core.leases import invites, transfer_steps
from core.leases.claims import seize
from core.leases.closing import close_lease
from core.leases.states import MOVING
from core.restores.outcome import Reconciled
from core.rules.settlement import Verdict
from core.storage import row_claims
from core.storage import tables as t
from core.storage.rows import TeamRow
from core.sync.readings import Lists
from core.teams import seats as seat_actions

if TYPE_CHECKING:
    from core.service import Core


@dataclass(frozen=True, slots=True)
class Seen:
    """One team as two readings show it. Keys of addresses, without the owners'."""

    there: frozenset[str]
    """Both readings show them."""
    maybe: frozenset[str]
    """One of the readings shows them."""
    members: frozenset[str]
    read_at: datetime
    lag: timedelta

    @classmethod
    def of(cls, first: Lists, second: Lists) -> Seen:
        return cls(
            there=frozenset(first.present & second.present),
            maybe=frozenset(first.present | second.present),
            members=frozenset(first.members.keys() & second.members.keys()),
            read_at=first.started_at,
            lag=timedelta(seconds=second.properties.list_lag),
        )


def settle(tx: sa.Connection, core: Core, seen: Mapping[int, Seen], outcome: Reconciled, now: datetime) -> None:
    """Bring what is stored to what is there."""
    _settle_held(tx, core, seen, outcome, now)
    _drop_removals(tx, outcome, now)
    for team_id in seen:
        _end_absent(tx, core, team_id, seen[team_id], outcome, now)
    _close_transfers(tx, core, outcome, now)
    for team in tx.execute(sa.select(t.teams).where(t.teams.c.id.in_(seen)).order_by(t.teams.c.id)).all():
        _protect(tx, team, seen[team.id], outcome)


def suspend(tx: sa.Connection, unexplained: frozenset[int], outcome: Reconciled, now: datetime) -> None:
    """Let the codes wait of which some may be used: those of pools with people whom nothing explains, or of all
    pools where there is no journal that knows better.
    """
    unused = (
        sa.select(sa.func.count())
        .where(
            t.codes.c.batch_id == t.batches.c.id,
            t.codes.c.status == "active",
            t.codes.c.used + t.codes.c.reserved < t.codes.c.max_uses,
        )
        .correlate(t.batches)
        .scalar_subquery()
    )
    doubtful = sa.and_(
        t.batches.c.suspended_at.is_(None), sa.or_(t.batches.c.expires_at.is_(None), t.batches.c.expires_at > now)
    )
    if outcome.journal:
        doubtful = sa.and_(doubtful, t.batches.c.pool_id.in_(unexplained))
    for row in tx.execute(
        sa.select(t.batches.c.id, unused.label("unused")).where(doubtful).order_by(t.batches.c.id)
    ).all():
        if row.unused:
            tx.execute(sa.update(t.batches).where(t.batches.c.id == row.id).values(suspended_at=now))
            audit.record(tx, SYSTEM, "batch.suspended", "batch", row.id, now, after={"codes": row.unused})
            outcome.note("batch_suspended", detail=row.id)
            outcome.counts["codes_waiting"] += row.unused


def _settle_held(tx: sa.Connection, core: Core, seen: Mapping[int, Seen], outcome: Reconciled, now: datetime) -> None:
    """Invites that the backup had under way: their outcome is history, and stands in the readings."""
    for row in tx.execute(sa.select(t.leases).where(t.leases.c.status == "held").order_by(t.leases.c.id)).all():
        team = seen.get(row.team_id)
        if team is None or (row.address_key in team.maybe and row.address_key not in team.there):
            continue  # it stays under way, and is looked at when the team can be read
        claim = seize(tx, core, row.id, now)
        if claim is None:
            continue
        present = row.address_key in team.there
        invites.settle(
            tx, core, claim, Verdict("invited" if present else "given_up", None if present else "restored"), now
        )
        outcome.note("invite_settled" if present else "invite_given_up", address=row.address, team=claim.team.name)


def _drop_removals(tx: sa.Connection, outcome: Reconciled, now: datetime) -> None:
    """Nobody is taken out on the word of the backup, but those whose membership it had ending already."""
    served = sa.select(t.leases.c.id).where(t.leases.c.status.in_(t.LIVE), t.leases.c.end_reason.is_not(None))
    stale = sa.or_(
        t.removals.c.lease_id.is_(None),
        sa.and_(t.removals.c.transfer_id.is_(None), t.removals.c.lease_id.not_in(served)),
    )
    values: dict[str, Any] = {"state": "cancelled", "reason": "restored", "finished_at": now}
    values |= {"claim": None, "due_at": None}
    for row in row_claims.change(tx, t.removals, stale, expected="planned", **values).all():
        audit.record(tx, SYSTEM, "removal.cancelled", "team", row.team_id, now, after={"removal": row.id})
        outcome.note("removal_dropped", address=row.address)


def _end_absent(tx: sa.Connection, core: Core, team_id: int, seen: Seen, outcome: Reconciled, now: datetime) -> None:
    mine = sa.and_(t.leases.c.team_id == team_id, t.leases.c.status.in_(("invited", "active", "transferring")))
    for row in tx.execute(sa.select(t.leases).where(mine).order_by(t.leases.c.id)).all():
        last = row.last_sent_at or row.invited_at or row.created_at
        if row.address_key in seen.maybe or core.clock.at_latest(last) + seen.lag > seen.read_at:
            continue
        if close_lease(tx, row, "gone", now) is not None:
            outcome.note("lease_gone", address=row.address)


def _close_transfers(tx: sa.Connection, core: Core, outcome: Reconciled, now: datetime) -> None:
    """A move that the backup had under way is over, unless the person is in both teams still."""
    for row in tx.execute(
        sa.select(t.transfers).where(t.transfers.c.state.in_(MOVING)).order_by(t.transfers.c.id)
    ).all():
        source = tx.execute(sa.select(t.leases).where(t.leases.c.id == row.lease_id)).one()
        target = tx.execute(sa.select(t.leases).where(t.leases.c.id == row.target_lease_id)).one_or_none()
        there = target is not None and target.status in t.LIVE
        if source.status in t.LIVE and there:
            continue
        if there:
            row_claims.change(tx, t.transfers, t.transfers.c.id == row.id, expected=row.state, state="removing").one()
            transfer_steps.source_removed(tx, core, row.id, now)
        elif target is not None and source.end_reason == "transferred":
            transfer_steps.close(tx, row, "done", "restored", now)  # they were moved, and have left since
        else:
            transfer_steps.close(tx, row, "cancelled", "restored", now)
        outcome.note("transfer_closed", address=source.address)


def _protect(tx: sa.Connection, team: TeamRow, seen: Seen, outcome: Reconciled) -> None:
    """Whoever is there without a lease stays: they may have paid, and the database may have forgotten."""
    live = sa.and_(t.leases.c.team_id == team.id, t.leases.c.status.in_(t.LIVE))
    leased = set(tx.execute(sa.select(t.leases.c.address_key).where(live)).scalars())
    known = set(
        tx.execute(
            sa.select(t.seats.c.occupant).where(t.seats.c.team_id == team.id, t.seats.c.occupant.is_not(None))
        ).scalars()
    )
    for key in sorted(known & leased):
        doubled = sa.select(t.seats.c.id).where(t.seats.c.team_id == team.id, t.seats.c.occupant == key)
        for seat_id in tx.execute(doubled).scalars().all():
            seat_actions.give_back(tx, seat_id)
    for key in sorted(known - leased - seen.maybe):
        gone = sa.select(t.seats.c.id).where(t.seats.c.team_id == team.id, t.seats.c.occupant == key)
        for seat_id in tx.execute(gone).scalars().all():
            seat_actions.give_back(tx, seat_id)
    for key in sorted(seen.there - leased):
        if key not in known:
            seat_actions.seat_stranger(tx, team.id, key)
            outcome.note("member_protected", address=key, team=team.name)
    staying = sa.and_(t.seats.c.team_id == team.id, t.seats.c.occupant.is_not(None))
    tx.execute(sa.update(t.seats).where(staying).values(protected=True))
