"""Transfers: where one would go, how those under way stand, and how somebody came to where they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core.actors import Actor, Role
from core.errors import NotFound, TransferRefused
from core.leases.states import MOVING
from core.rules.addresses import key_of
from core.rules.allocation import Policy, TeamChoice, order_teams
from core.rules.transfers import refuse_target
from core.storage import tables as t
from core.storage.names import is_called, number_of
from core.storage.rows import LeaseRow, PlacedLease, TeamRow

if TYPE_CHECKING:
    from core.service import Core


@dataclass(frozen=True, slots=True)
class Preview:
    """What a transfer would do with one lease. `to_team` is None where no seat is free just now: it would wait."""

    lease_id: int
    address: str
    from_team: str
    to_team: str | None
    forced: bool
    waits_for_acceptance: bool
    grace_hours: float
    expires_at: datetime | None
    refused: str | None


@dataclass(frozen=True, slots=True)
class TransferLine:
    """One transfer, under way or over."""

    id: int
    address: str
    from_team: str
    to_team: str | None
    cause: str
    forced: bool
    state: str
    attempts: int
    reason: str | None
    requested_by: str
    created_at: datetime
    due_at: datetime | None
    grace_ends_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class RemovalLine:
    """One removal: who was or is to be taken out, why, and what came of it."""

    id: int
    address: str
    team: str
    cause: str
    state: str
    attempts: int
    reason: str | None
    requested_by: str
    created_at: datetime
    finished_at: datetime | None


async def preview(
    core: Core, actor: Actor, address: str, *, to: str | None = None, forced: bool = False
) -> list[Preview]:
    """Where the live leases of an address would go; nothing is changed. Raises: NotAllowed, NotFound."""
    actor.require(Role.OPERATOR)
    return await core.read(_preview, core, address, to, forced, core.now())


async def transfer_list(
    core: Core,
    actor: Actor,
    *,
    number: int | None = None,
    state: str | None = None,
    address: str | None = None,
    limit: int = 20,
    offset: int = 0,
) -> list[TransferLine]:
    """Transfers, the newest first; `state` may be `open` (somebody may have to look), `live` or one state. Raises: NotAllowed."""
    actor.require(Role.VIEWER)
    return await core.read(_lines, number, state, address, limit, offset)


async def removal_list(
    core: Core,
    actor: Actor,
    *,
    address: str | None = None,
    team: str | None = None,
    before: int | None = None,
    limit: int = 20,
) -> list[RemovalLine]:
    """The removal log, the newest first, from before the one with id `before`. Raises: NotAllowed, NotFound (the team)."""
    actor.require(Role.VIEWER)
    return await core.read(_removals, address, team, before, limit)


def _preview(tx: sa.Connection, core: Core, address: str, to: str | None, forced: bool, now: datetime) -> list[Preview]:
    target = None
    if to is not None:
        named = sa.and_(is_called(t.teams, to), t.teams.c.removed_at.is_(None))
        target = tx.execute(sa.select(t.teams).where(named)).one_or_none()
        if target is None:
            raise NotFound(kind="team", name=to)
    rows = tx.execute(
        sa.select(t.leases, t.teams.c.name.label("team"))
        .join(t.teams, t.teams.c.id == t.leases.c.team_id)
        .where(t.leases.c.address_key == key_of(address), t.leases.c.status.in_(t.LIVE))
        .order_by(t.leases.c.id)
    ).all()
    if not rows:
        raise NotFound(kind="lease", name=address)
    return [_preview_of(tx, core, row, target, forced, now) for row in rows]


def _preview_of(
    tx: sa.Connection, core: Core, lease: PlacedLease, target: TeamRow | None, forced: bool, now: datetime
) -> Preview:
    refused = None
    # By force a move under way is taken over, from where it began.
    movable = {"invited", "active", "transferring"} if forced else {"invited", "active"}
    if lease.status not in movable or lease.end_reason is not None:
        refused = {"transferring": "under_way", "held": "held"}.get(lease.status, "ending")
    arriving = sa.and_(t.transfers.c.target_lease_id == lease.id, t.transfers.c.state.in_(MOVING))
    if refused is None and tx.execute(sa.select(t.transfers.c.id).where(arriving)).first() is not None:
        refused = "under_way"
    if target is not None and refused is None:
        try:
            refuse_target(lease.team_id, target.id)
        except TransferRefused as refusal:
            refused = refusal.facts["reason"]
    goes_to = None
    if refused is None:
        goes_to = _best(tx, core, lease, target, now)
    return Preview(
        lease_id=lease.id,
        address=lease.address,
        from_team=lease.team,
        to_team=goes_to,
        forced=forced,
        waits_for_acceptance=not forced,
        grace_hours=core.settings.transfers.grace_hours,
        expires_at=lease.expires_at,
        refused=refused,
    )


def _best(tx: sa.Connection, core: Core, lease: LeaseRow, target: TeamRow | None, now: datetime) -> str | None:
    present = sa.select(t.leases.c.team_id).where(
        t.leases.c.address_key == lease.address_key, t.leases.c.status.in_(t.LIVE)
    )
    where = [t.seats.c.state == "free", t.seats.c.open, t.teams.c.id.not_in(present)]
    where.append(t.teams.c.id == target.id if target is not None else t.teams.c.pool_id == lease.pool_id)
    where.append(sa.or_(t.teams.c.paused_until.is_(None), t.teams.c.paused_until <= now))
    rows = tx.execute(
        sa.select(
            t.teams.c.id, t.teams.c.name, t.teams.c.created_at, t.teams.c.last_invited_at, sa.func.count().label("free")
        )
        .join(t.seats, t.seats.c.team_id == t.teams.c.id)
        .where(*where)
        .group_by(t.teams.c.id, t.teams.c.name, t.teams.c.created_at, t.teams.c.last_invited_at)
    ).all()
    choices = [TeamChoice(row.id, row.created_at, row.free, row.last_invited_at) for row in rows]
    order = order_teams(Policy(core.settings.transfers.policy), choices)
    names = {row.id: row.name for row in rows}
    return names[order[0]] if order else None


def _lines(
    tx: sa.Connection, number: int | None, state: str | None, address: str | None, limit: int, offset: int
) -> list[TransferLine]:
    source, target = t.leases.alias("source"), t.leases.alias("target")
    from_team, to_team = t.teams.alias("from_team"), t.teams.alias("to_team")
    statement = (
        sa.select(
            t.transfers,
            sa.func.coalesce(target.c.address, source.c.address).label("shown"),
            from_team.c.name.label("from_name"),
            to_team.c.name.label("to_name"),
        )
        .join(source, source.c.id == t.transfers.c.lease_id)
        .join(from_team, from_team.c.id == source.c.team_id)
        .outerjoin(target, target.c.id == t.transfers.c.target_lease_id)
        .outerjoin(to_team, to_team.c.id == sa.func.coalesce(target.c.team_id, t.transfers.c.target_team_id))
        .order_by(t.transfers.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    if number is not None:
        statement = statement.where(t.transfers.c.id == number)
    if state is not None:
        states = {"live": MOVING, "open": (*MOVING, "asked", "failed")}.get(state, (state,))
        statement = statement.where(t.transfers.c.state.in_(states))
    if state == "open":
        # A failed one of a seat that is no more needs nobody.
        statement = statement.where(sa.or_(t.transfers.c.state != "failed", source.c.status.in_(t.LIVE)))
    if address is not None:
        statement = statement.where(
            sa.or_(source.c.address_key == key_of(address), target.c.address_key == key_of(address))
        )
    return [
        TransferLine(
            id=row.id,
            address=row.shown,
            from_team=row.from_name,
            to_team=row.to_name,
            cause=row.cause,
            forced=row.forced,
            state=row.state,
            attempts=row.attempts,
            reason=row.reason,
            requested_by=row.requested_by,
            created_at=row.created_at,
            due_at=row.due_at,
            grace_ends_at=row.grace_ends_at,
            finished_at=row.finished_at,
        )
        for row in tx.execute(statement)
    ]


def _removals(
    tx: sa.Connection, address: str | None, team: str | None, before: int | None, limit: int
) -> list[RemovalLine]:
    where: list[sa.ColumnElement[bool]] = []
    if address is not None:
        where.append(t.removals.c.address_key == key_of(address))
    if team is not None:
        where.append(t.removals.c.team_id == number_of(tx, t.teams, "team", team))
    if before is not None:
        where.append(t.removals.c.id < before)
    rows = tx.execute(
        sa.select(t.removals, t.teams.c.name)
        .join(t.teams, t.teams.c.id == t.removals.c.team_id)
        .where(*where)
        .order_by(t.removals.c.id.desc())
        .limit(limit)
    )
    return [
        RemovalLine(
            id=row.id,
            address=row.address,
            team=row.name,
            cause=row.cause,
            state=row.state,
            attempts=row.attempts,
            reason=row.reason,
            requested_by=row.requested_by,
            created_at=row.created_at,
            finished_at=row.finished_at,
        )
        for row in rows
    ]
