"""What a person may ask about their own seats, and what a stranger may ask about the stock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from core.actors import Actor
from core.people.personal import ERASED, kept_marks
from core.service import Core
from core.storage import tables as t
from core.vault import Vault


@dataclass(frozen=True, slots=True)
class HeldSeat:
    """One live lease, as its holder may see it. `here` says that it came from the chat that asks.

    At its end it `moves` by itself, or ends; `leaves_at` is when that happens: later than `expires_at` where the pool
    gives grace.
    """

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
    moves_left: int | None
    here: bool
    moves: bool = False
    leaves_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class WaitingPlace:
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
class OwnWish:
    """What the person has asked staff for and hears of later: the address `wanted`, or `term` more of their time."""

    address: str
    team: str
    since: datetime
    wanted: str | None = None
    term: str | None = None


@dataclass(frozen=True, slots=True)
class MySeat:
    """Everything a person has or waits for. `kept` seats outlive what the person wished to have forgotten."""

    seats: list[HeldSeat]
    waiting: list[WaitingPlace]
    under_way: list[UnderWay]
    wishes: list[OwnWish]
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


async def may_move(core: Core) -> bool:
    """Does any pool let people ask to be moved?"""
    return await core.read(_lets_move)


def _lets_move(tx: sa.Connection) -> bool:
    some = sa.or_(t.pools.c.transfers_allowed.is_(None), t.pools.c.transfers_allowed > 0)
    lets = sa.and_(t.pools.c.transfer_requests, t.pools.c.removed_at.is_(None), some)
    return tx.execute(sa.select(t.pools.c.id).where(lets).limit(1)).first() is not None


def identities_of(tx: sa.Connection, actor: Actor) -> list[tuple[str, str]]:
    """Every (platform, identity) of the person behind `actor`, its own first."""
    mine = (
        sa.select(t.identities.c.person_id)
        .where(t.identities.c.platform == actor.platform, t.identities.c.identity == actor.identity)
        .scalar_subquery()
    )
    rows = tx.execute(
        sa.select(t.identities.c.platform, t.identities.c.identity).where(t.identities.c.person_id == mine)
    )
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
        sa.select(
            t.leases,
            t.teams.c.name.label("team"),
            t.pool_shown.label("pool"),
            t.pools.c.transfer_requests,
            t.pools.c.transfers_allowed,
            t.pools.c.grace_hours,
        )
        .join(t.teams, t.teams.c.id == t.leases.c.team_id)
        .join(t.pools, t.pools.c.id == t.leases.c.pool_id)
        .where(of_identities(t.leases, pairs), t.leases.c.status.in_(t.LIVE), t.leases.c.status != "held")
        .order_by(t.leases.c.id)
    )
    before = t.waitlist.alias("before")
    ahead = (
        sa.select(sa.func.count())
        .select_from(before)
        .where(before.c.pool_id == t.waitlist.c.pool_id, before.c.state == "waiting", before.c.id < t.waitlist.c.id)
        .scalar_subquery()
    )
    waiting = tx.execute(
        sa.select(t.waitlist, t.pool_shown.label("pool"), t.codes.c.last4, ahead.label("ahead"))
        .join(t.pools, t.pools.c.id == t.waitlist.c.pool_id)
        .join(t.codes, t.codes.c.id == t.waitlist.c.code_id)
        .where(of_identities(t.waitlist, pairs), t.waitlist.c.state == "waiting")
        .order_by(t.waitlist.c.id)
    )
    under_way = tx.execute(
        sa.select(t.redemptions)
        .where(of_identities(t.redemptions, pairs), t.redemptions.c.state.in_(("sending", "unclear")))
        .order_by(t.redemptions.c.id)
    )
    forgotten = sa.and_(t.leases.c.platform == ERASED, t.leases.c.identity.in_(kept_marks(vault, pairs)))
    kept = sa.select(sa.func.count()).select_from(t.leases).where(forgotten, t.leases.c.status.in_(t.LIVE))
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
                moves_left=None
                if row.transfers_allowed is None
                else max(0, row.transfers_allowed - row.transfer_count),
                here=(row.platform, row.identity) == (actor.platform, actor.identity),
                moves=_moves(row),
                leaves_at=_leaves_at(row),
            )
            for row in held
        ],
        waiting=[
            WaitingPlace(row.id, row.address, row.pool, row.last4, row.ahead + 1, row.created_at) for row in waiting
        ],
        under_way=[UnderWay(row.id, row.address, row.code_last4, row.created_at) for row in under_way],
        wishes=_wishes(tx, pairs),
    )


def _wishes(tx: sa.Connection, pairs: Sequence[tuple[str, str]]) -> list[OwnWish]:
    nothing = sa.cast(sa.null(), sa.String)
    asked = sa.union_all(
        *(
            sa.select(
                t.leases.c.address,
                t.teams.c.name.label("team"),
                table.c.created_at.label("since"),
                wanted.label("wanted"),
                term.label("term"),
            )
            .join(t.leases, t.leases.c.id == table.c.lease_id)
            .join(t.teams, t.teams.c.id == t.leases.c.team_id)
            .where(table.c.state == "asked", of_identities(t.leases, pairs), t.leases.c.status.in_(t.LIVE))
            for table, wanted, term in (
                (t.transfers, t.transfers.c.address, nothing),
                (t.extension_requests, nothing, t.extension_requests.c.term),
            )
        )
    )
    return sorted((OwnWish(**row) for row in tx.execute(asked).mappings()), key=lambda one: one.since)


def _leaves_at(row: Any) -> datetime | None:
    """When a seat moves, or ends: what moves does so at once, and what is protected stays."""
    if row.expires_at is None or row.protected:
        return None
    end: datetime = row.expires_at
    return end if _moves(row) else end + timedelta(hours=row.grace_hours)


def _moves(row: Any) -> bool:
    """At its end it is moved on, as `core.leases.expiry` will find."""
    left = row.transfers_allowed is None or row.transfer_count < row.transfers_allowed
    return bool(row.auto_transfer and not row.temporary and left)


def _stock(tx: sa.Connection) -> list[PoolStock]:
    free = (
        sa.select(sa.func.count())
        .select_from(t.seats)
        .where(t.seats.c.pool_id == t.pools.c.id, t.seats.c.state == "free", t.seats.c.open)
        .scalar_subquery()
    )
    waiting = (
        sa.select(sa.func.count())
        .select_from(t.waitlist)
        .where(t.waitlist.c.pool_id == t.pools.c.id, t.waitlist.c.state == "waiting")
        .scalar_subquery()
    )
    rows = tx.execute(
        sa.select(t.pool_shown.label("name"), free.label("free"), waiting.label("waiting"))
        .where(t.pools.c.enabled, t.pools.c.show_stock)
        .order_by(t.pool_shown, t.pools.c.id)
    )
    return [PoolStock(row.name, row.free, row.waiting) for row in rows]
