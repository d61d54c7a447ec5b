"""Leases and transfers as staff and holders see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import sqlalchemy as sa

from core.actors import Actor, Role
from core.rules.addresses import key_of
from core.storage import tables as t
from core.storage.names import number_of

if TYPE_CHECKING:
    from core.service import Core

LeaseView: TypeAlias = Literal["live", "expiring", "expired", "pending", "moving", "ended", "all"]
SOON = timedelta(days=3)
"""What counts as expiring."""


@dataclass(frozen=True, slots=True)
class LeaseLine:
    """One lease. `ending` says that its removal is under way; `transfer_id` is the transfer that moves it now."""

    id: int
    address: str
    team: str
    pool: str
    status: str
    invited_at: datetime | None
    joined_at: datetime | None
    expires_at: datetime | None
    ended_at: datetime | None
    end_reason: str | None
    term: str
    temporary: bool
    auto_transfer: bool
    protected: bool
    transfer_count: int
    ending: bool
    transfer_id: int | None
    transfer_state: str | None
    moving_to: str | None


@dataclass(frozen=True, slots=True)
class LeaseList:
    """A page of leases; `total` counts all that fit."""

    lines: list[LeaseLine]
    total: int


@dataclass(frozen=True, slots=True)
class LeaseFilter:
    """Which leases, by all that is said."""

    which: LeaseView = "live"
    address: str | None = None
    team: str | None = None
    pool: str | None = None


async def lease_list(core: Core, actor: Actor, wanted: LeaseFilter, *, offset: int = 0, limit: int = 20) -> LeaseList:
    """Leases; those that end first come first, and of an address the newest. Raises: NotAllowed, NotFound."""
    actor.require(Role.VIEWER)
    return await core.read(_list, core.now(), wanted, offset, limit)


def _list(tx: sa.Connection, now: datetime, wanted: LeaseFilter, offset: int, limit: int) -> LeaseList:
    where = _where(now, wanted.which)
    if wanted.address is not None:
        where.append(t.leases.c.address_key == key_of(wanted.address))
    if wanted.team is not None:
        where.append(t.leases.c.team_id == number_of(tx, t.teams, "team", wanted.team))
    if wanted.pool is not None:
        where.append(t.leases.c.pool_id == number_of(tx, t.pools, "pool", wanted.pool))
    joined = t.leases.join(t.teams, t.teams.c.id == t.leases.c.team_id).join(
        t.pools, t.pools.c.id == t.leases.c.pool_id
    )
    total = tx.execute(sa.select(sa.func.count()).select_from(joined).where(*where)).scalar_one()
    order: Sequence[Any] = (t.leases.c.expires_at.is_(None), t.leases.c.expires_at, t.leases.c.id)
    if wanted.address is not None or wanted.which in {"ended", "all"}:
        order = (t.leases.c.id.desc(),)
    return LeaseList(_lines(tx, where, order, offset, limit), int(total))


def _where(now: datetime, which: LeaseView) -> list[sa.ColumnElement[bool]]:
    settled = t.leases.c.status.in_(("invited", "active", "transferring"))
    filters: dict[LeaseView, list[sa.ColumnElement[bool]]] = {
        "live": [t.leases.c.status.in_(t.LIVE)],
        "expiring": [settled, t.leases.c.expires_at > now, t.leases.c.expires_at <= now + SOON],
        "expired": [settled, t.leases.c.expires_at <= now],
        "pending": [t.leases.c.status == "invited"],
        "moving": [t.leases.c.status == "transferring"],
        "ended": [t.leases.c.status.in_(("ended", "failed"))],
        "all": [],
    }
    return list(filters[which])


def _lines(
    tx: sa.Connection, where: Sequence[sa.ColumnElement[bool]], order: Sequence[Any], offset: int, limit: int
) -> list[LeaseLine]:
    moving = t.transfers.c.state.in_(("planned", "inviting", "waiting", "removing"))
    target = t.teams.alias("target")
    new = t.leases.alias("new")
    ending = (
        sa.select(t.removals.c.id)
        .where(t.removals.c.lease_id == t.leases.c.id, t.removals.c.state == "planned")
        .correlate(t.leases)
        .exists()
    )
    joined = (
        t.leases.join(t.teams, t.teams.c.id == t.leases.c.team_id)
        .join(t.pools, t.pools.c.id == t.leases.c.pool_id)
        .outerjoin(t.transfers, sa.and_(t.transfers.c.lease_id == t.leases.c.id, moving))
        .outerjoin(new, new.c.id == t.transfers.c.target_lease_id)
        .outerjoin(target, target.c.id == sa.func.coalesce(new.c.team_id, t.transfers.c.target_team_id))
    )
    rows = tx.execute(
        sa.select(
            t.leases,
            t.teams.c.name.label("team"),
            t.pools.c.name.label("pool"),
            ending.label("ending"),
            t.transfers.c.id.label("moved_by"),
            t.transfers.c.state.label("transfer_state"),
            target.c.name.label("moving_to"),
        )
        .select_from(joined)
        .where(*where)
        .order_by(*order)
        .offset(offset)
        .limit(limit)
    )
    return [
        LeaseLine(
            id=row.id,
            address=row.address,
            team=row.team,
            pool=row.pool,
            status=row.status,
            invited_at=row.invited_at,
            joined_at=row.joined_at,
            expires_at=row.expires_at,
            ended_at=row.ended_at,
            end_reason=row.end_reason,
            term=row.term,
            temporary=row.temporary,
            auto_transfer=row.auto_transfer,
            protected=row.protected,
            transfer_count=row.transfer_count,
            ending=bool(row.ending),
            transfer_id=row.moved_by,
            transfer_state=row.transfer_state,
            moving_to=row.moving_to,
        )
        for row in rows
    ]
