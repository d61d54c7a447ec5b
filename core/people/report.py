"""What a person may ask about their own seats, and what a stranger may ask about the stock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from core.actors import Actor
from core.people.personal import ERASED, kept_marks
from core.service import Core
from core.storage.tables import LIVE, codes, identities, leases, pools, redemptions, seats, teams, waitlist
from core.vault import Vault


@dataclass(frozen=True, slots=True)
class HeldSeat:
    """One live lease, as its holder may see it. `here` says that it came from the chat that asks."""

    lease_id: int
    address: str
    team: str
    pool: str
    status: str
    invited_at: datetime | None
    joined_at: datetime | None
    expires_at: datetime | None
    term: str
    temporary: bool
    transfer_requests: bool
    here: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """A place in a waiting list; `position` counts from 1."""

    entry_id: int
    address: str
    pool: str
    code_last4: str
    position: int
    since: datetime


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A redemption that is still being confirmed."""

    redemption_id: int
    address: str
    code_last4: str
    since: datetime


@dataclass(frozen=True, slots=True)
class MySeat:
    """Everything a person has or waits for. `kept` seats outlive what the person wished to have forgotten."""

    seats: list[HeldSeat]
    waiting: list[Waiting]
    under_way: list[UnderWay]
    kept: int = 0


@dataclass(frozen=True, slots=True)
class PoolStock:
    """How many seats a pool has left; only of pools that show it."""

    pool: str
    free: int
    waiting: int


async def my_seat(core: Core, actor: Actor) -> MySeat:
    """The seats, waiting places and open redemptions of the person behind an identity, on all their platforms."""
    return await core.read(_my_seat, core.vault, actor)


async def stock(core: Core) -> list[PoolStock]:
    """The free seats of every enabled pool that shows its stock."""
    return await core.read(_stock)


def identities_of(tx: sa.Connection, actor: Actor) -> list[tuple[str, str]]:
    """Every (platform, identity) of the person behind `actor`, its own first."""
    mine = (
        sa.select(identities.c.person_id)
        .where(identities.c.platform == actor.platform, identities.c.identity == actor.identity)
        .scalar_subquery()
    )
    rows = tx.execute(sa.select(identities.c.platform, identities.c.identity).where(identities.c.person_id == mine))
    own = (actor.platform, actor.identity)
    return [own, *(pair for row in rows if (pair := (row.platform, row.identity)) != own)]


def of_identities(table: sa.Table, pairs: Sequence[tuple[str, str]]) -> sa.ColumnElement[bool]:
    """The rows of `table` that belong to one of the identities."""
    return sa.or_(
        *(sa.and_(table.c.platform == platform, table.c.identity == identity) for platform, identity in pairs)
    )


def _my_seat(tx: sa.Connection, vault: Vault, actor: Actor) -> MySeat:
    pairs = identities_of(tx, actor)
    held = tx.execute(
        sa.select(leases, teams.c.name.label("team"), pools.c.name.label("pool"), pools.c.transfer_requests)
        .join(teams, teams.c.id == leases.c.team_id)
        .join(pools, pools.c.id == leases.c.pool_id)
        .where(of_identities(leases, pairs), leases.c.status.in_(LIVE), leases.c.status != "held")
        .order_by(leases.c.id)
    )
    before = waitlist.alias("before")
    ahead = (
        sa.select(sa.func.count())
        .select_from(before)
        .where(before.c.pool_id == waitlist.c.pool_id, before.c.state == "waiting", before.c.id < waitlist.c.id)
        .scalar_subquery()
    )
    waiting = tx.execute(
        sa.select(waitlist, pools.c.name.label("pool"), codes.c.last4, ahead.label("ahead"))
        .join(pools, pools.c.id == waitlist.c.pool_id)
        .join(codes, codes.c.id == waitlist.c.code_id)
        .where(of_identities(waitlist, pairs), waitlist.c.state == "waiting")
        .order_by(waitlist.c.id)
    )
    under_way = tx.execute(
        sa.select(redemptions)
        .where(of_identities(redemptions, pairs), redemptions.c.state.in_(("sending", "unclear")))
        .order_by(redemptions.c.id)
    )
    forgotten = sa.and_(leases.c.platform == ERASED, leases.c.identity.in_(kept_marks(vault, pairs)))
    kept = sa.select(sa.func.count()).select_from(leases).where(forgotten, leases.c.status.in_(LIVE))
    return MySeat(
        kept=tx.execute(kept).scalar_one(),
        seats=[
            HeldSeat(
                lease_id=row.id,
                address=row.address,
                team=row.team,
                pool=row.pool,
                status=row.status,
                invited_at=row.invited_at,
                joined_at=row.joined_at,
                expires_at=row.expires_at,
                term=row.term,
                temporary=row.temporary,
                transfer_requests=row.transfer_requests,
                here=(row.platform, row.identity) == (actor.platform, actor.identity),
            )
            for row in held
        ],
        waiting=[Waiting(row.id, row.address, row.pool, row.last4, row.ahead + 1, row.created_at) for row in waiting],
        under_way=[UnderWay(row.id, row.address, row.code_last4, row.created_at) for row in under_way],
    )


def _stock(tx: sa.Connection) -> list[PoolStock]:
    free = (
        sa.select(sa.func.count())
        .select_from(seats)
        .where(seats.c.pool_id == pools.c.id, seats.c.state == "free", seats.c.open)
        .scalar_subquery()
    )
    waiting = (
        sa.select(sa.func.count())
        .select_from(waitlist)
        .where(waitlist.c.pool_id == pools.c.id, waitlist.c.state == "waiting")
        .scalar_subquery()
    )
    rows = tx.execute(
        sa.select(pools.c.name, free.label("free"), waiting.label("waiting"))
        .where(pools.c.enabled, pools.c.show_stock)
        .order_by(pools.c.name)
    )
    return [PoolStock(row.name, row.free, row.waiting) for row in rows]
