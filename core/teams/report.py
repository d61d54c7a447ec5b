"""Teams as staff see them: their seats, their health, who is in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core.actors import Actor, Role
from core.errors import NotFound
from core.storage import tables as t
from core.storage.names import is_called

if TYPE_CHECKING:
    from core.service import Core


@dataclass(frozen=True, slots=True)
class TeamLine:
    """One team with its seats. `pending` invites are not accepted yet. `state` is active, disabled, expired or gone; `capacity` what may be given out."""

    id: int
    name: str
    pool: str
    provider: str
    state: str
    capacity: int
    free: int
    held: int
    taken: int
    strangers: int
    paused_until: datetime | None
    credential_expires_at: datetime | None
    last_error: str | None
    read_at: datetime | None
    created_at: datetime
    pending: int = 0
    external_id: str = ""
    owner_address: str | None = None

    @property
    def over(self) -> int:
        """People beyond what the team has room for."""
        return max(0, self.held + self.taken - self.capacity)


@dataclass(frozen=True, slots=True)
class SeatLine:
    """One seat and its holder: an address with a lease, or a `stranger` whom Usher did not invite."""

    number: int
    state: str
    address: str | None
    status: str | None
    stranger: bool
    invited_at: datetime | None
    joined_at: datetime | None
    expires_at: datetime | None
    lease_id: int | None


@dataclass(frozen=True, slots=True)
class TeamPage:
    """A team with each of its seats."""

    line: TeamLine
    external_id: str
    owner_address: str | None
    base_url: str | None
    failures: int
    seats: Sequence[SeatLine]


async def team_list(core: Core, actor: Actor, *, pool: str | None = None) -> list[TeamLine]:
    """All teams (of one pool), oldest first. Raises: NotAllowed, NotFound (the pool)."""
    actor.require(Role.VIEWER)
    return await core.read(_lines, pool=pool)


async def team_page(core: Core, actor: Actor, name: str) -> TeamPage:
    """One team with its seats. Raises: NotAllowed, NotFound."""
    actor.require(Role.VIEWER)
    return await core.read(_page, name)


def _lines(tx: sa.Connection, *, pool: str | None = None, name: str | None = None) -> list[TeamLine]:
    def counted(state: str) -> sa.ColumnElement[int]:
        return sa.func.coalesce(sa.func.sum(sa.case((t.seats.c.state == state, 1), else_=0)), 0).label(state)

    where: list[sa.ColumnElement[bool]] = [t.teams.c.removed_at.is_(None)]
    if pool is not None:
        found = sa.select(t.pools.c.id).where(is_called(t.pools, pool))
        pool_id = tx.execute(found).scalar_one_or_none()
        if pool_id is None:
            raise NotFound(kind="pool", name=pool)
        where.append(t.teams.c.pool_id == pool_id)
    if name is not None:
        where.append(is_called(t.teams, name))
    counts = (
        sa.select(
            t.seats.c.team_id,
            counted("free"),
            counted("held"),
            counted("taken"),
            sa.func.count(t.seats.c.occupant).label("strangers"),
        )
        .group_by(t.seats.c.team_id)
        .subquery()
    )
    waiting = (
        sa.select(t.leases.c.team_id, sa.func.count().label("pending"))
        .where(t.leases.c.status == "invited", t.leases.c.joined_at.is_(None))
        .group_by(t.leases.c.team_id)
        .subquery()
    )
    columns = (counts.c.free, counts.c.held, counts.c.taken, counts.c.strangers, waiting.c.pending)
    statement = (
        sa.select(t.teams, t.pools.c.name.label("pool"), *columns)
        .join(t.pools, t.pools.c.id == t.teams.c.pool_id)
        .outerjoin(counts, counts.c.team_id == t.teams.c.id)
        .outerjoin(waiting, waiting.c.team_id == t.teams.c.id)
        .where(*where)
        .order_by(t.teams.c.created_at, t.teams.c.id)
    )
    return [_line(row) for row in tx.execute(statement)]


def _line(row: Any) -> TeamLine:
    state = row.health if row.health != "healthy" else ("active" if row.enabled else "disabled")
    learned = row.capacity_learned
    return TeamLine(
        id=row.id,
        name=row.name,
        pool=row.pool,
        provider=row.provider,
        state=state,
        capacity=row.capacity if learned is None else min(row.capacity, learned),
        free=row.free or 0,
        held=row.held or 0,
        taken=row.taken or 0,
        strangers=row.strangers or 0,
        paused_until=row.paused_until,
        credential_expires_at=row.credential_expires_at,
        last_error=row.last_error,
        read_at=row.read_at,
        created_at=row.created_at,
        pending=row.pending or 0,
        external_id=row.external_id,
        owner_address=row.owner_address,
    )


def _page(tx: sa.Connection, name: str) -> TeamPage:
    lines = _lines(tx, name=name)
    if not lines:
        raise NotFound(kind="team", name=name)
    line = lines[0]
    team = tx.execute(sa.select(t.teams).where(t.teams.c.id == line.id)).one()
    held = sa.and_(t.leases.c.seat_id == t.seats.c.id, t.leases.c.status.in_(t.LIVE))
    rows = tx.execute(
        sa.select(
            t.seats.c.number,
            t.seats.c.state,
            t.seats.c.occupant,
            t.leases.c.id.label("lease_id"),
            t.leases.c.address,
            t.leases.c.status,
            t.leases.c.invited_at,
            t.leases.c.joined_at,
            t.leases.c.expires_at,
        )
        .outerjoin(t.leases, held)
        .where(t.seats.c.team_id == line.id)
        .order_by(t.seats.c.number)
    )
    return TeamPage(
        line=line,
        external_id=team.external_id,
        owner_address=team.owner_address,
        base_url=team.base_url,
        failures=team.failures,
        seats=[
            SeatLine(
                number=row.number,
                state=row.state,
                address=row.address or row.occupant,
                status=row.status,
                stranger=row.address is None and row.occupant is not None,
                invited_at=row.invited_at,
                joined_at=row.joined_at,
                expires_at=row.expires_at,
                lease_id=row.lease_id,
            )
            for row in rows
        ],
    )
