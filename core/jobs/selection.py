"""Whom a bulk action concerns: leases and members, by address or by filter, and why some of them are skipped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.command_errors import MissingArgument
from core.errors import BadNumber, NotFound
from core.leases.states import MOVING
from core.rules.addresses import NAMELESS, key_of
from core.rules.spans import days_before
from core.storage import tables as t
from core.storage.names import number_of
from core.storage.rows import LeaseRow

MOST = 10_000
"""Most people one bulk action is about."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Addresses, a filter, or both, in which case the filter narrows the addresses down.

    `older_days`: invited longer ago than that. `over`: the people who came to that team last, as many as are too many.
    """

    addresses: tuple[str, ...] = ()
    team: str | None = None
    pool: str | None = None
    batch: int | None = None
    older_days: int | None = None
    over: str | None = None

    @property
    def empty(self) -> bool:
        return not self.addresses and not any((self.team, self.pool, self.batch, self.over)) and self.older_days is None

    @property
    def described(self) -> dict[str, Any]:
        """What was chosen, without the addresses."""
        filters = {"team": self.team, "pool": self.pool, "batch": self.batch, "older_days": self.older_days,
                   "over": self.over}  # fmt: skip
        return {"addresses": len(self.addresses), **{name: value for name, value in filters.items() if value}}


@dataclass(frozen=True, slots=True)
class Target:
    """One line of a bulk action. `subject` is its key in the job; `reason` says why nothing would be done."""

    subject: str
    address: str
    team: str | None
    reason: str | None = None


def find_targets(tx: sa.Connection, kind: str, chosen: Selection, now: datetime) -> list[Target]:
    """What a bulk action of this kind would touch. Raises: MissingArgument, NotFound, BadNumber."""
    if chosen.empty:
        raise MissingArgument(name="addresses")
    if kind == "reinvite":
        return _missing(tx, chosen, now)
    where = _filters(tx, chosen, now)
    latest: list[Any] = []
    if chosen.over is not None:
        latest = _too_many(tx, number_of(tx, t.teams, "team", chosen.over))
        where.append(t.leases.c.id.in_([one.id for one in latest if one.what == "lease"]))
    keys = {key_of(address): address for address in chosen.addresses}
    if keys:
        where.append(t.leases.c.address_key.in_(list(keys)))
    if kind != "remove" and not keys:
        # Of a whole team or batch only the pending invites are meant; whoever is named is answered by name.
        where += [t.leases.c.status == "invited", t.leases.c.joined_at.is_(None)]
    arriving = sa.exists().where(t.transfers.c.target_lease_id == t.leases.c.id, t.transfers.c.state.in_(MOVING))
    rows = tx.execute(
        sa.select(t.leases, t.teams.c.name.label("team"), arriving.label("arriving"))
        .join(t.teams, t.teams.c.id == t.leases.c.team_id)
        .where(t.leases.c.status.in_(t.LIVE), *where)
        .order_by(t.leases.c.id)
        .limit(MOST + 1)
    ).all()
    targets = [Target(f"lease:{row.id}", row.address, row.team, _why_not(kind, row, row.arriving)) for row in rows]
    found = {row.address_key for row in rows}
    if kind == "remove":
        strangers = _strangers(tx, chosen, list(keys), [one.id for one in latest if one.what == "seat"])
        targets += [Target(f"seat:{row.id}", row.occupant, row.team) for row in strangers]
        found |= {row.occupant for row in strangers}
    targets += [Target(key, address, None, "not_found") for key, address in keys.items() if key not in found]
    if len(targets) > MOST:
        raise BadNumber(name="addresses", low=1, high=MOST)
    return targets


def _why_not(kind: str, lease: LeaseRow, arriving: bool) -> str | None:
    """Why a target is skipped. Somebody `arriving` here by a move can only be sent the invitation again until it is
    over.
    """
    if lease.status == "held":
        return "held"
    if lease.end_reason is not None:
        return "ending"
    if lease.status == "transferring" or (arriving and kind != "resend"):
        return "moving"
    if kind != "remove" and (lease.status != "invited" or lease.joined_at is not None):
        return "joined"
    return "protected" if kind == "remove" and lease.protected else None


def _filters(tx: sa.Connection, chosen: Selection, now: datetime) -> list[sa.ColumnElement[bool]]:
    where: list[sa.ColumnElement[bool]] = []
    if chosen.team is not None:
        where.append(t.leases.c.team_id == number_of(tx, t.teams, "team", chosen.team))
    if chosen.pool is not None:
        where.append(t.leases.c.pool_id == number_of(tx, t.pools, "pool", chosen.pool))
    if chosen.batch is not None:
        if tx.execute(sa.select(t.batches.c.id).where(t.batches.c.id == chosen.batch)).first() is None:
            raise NotFound(kind="batch", name=str(chosen.batch))
        made = sa.select(t.redemptions.c.id).join(t.codes, t.codes.c.id == t.redemptions.c.code_id)
        where.append(t.leases.c.redemption_id.in_(made.where(t.codes.c.batch_id == chosen.batch)))
    if chosen.older_days is not None:
        where.append(t.leases.c.invited_at <= days_before(now, chosen.older_days, name="older_days", least=0))
    return where


def _missing(tx: sa.Connection, chosen: Selection, now: datetime) -> list[Target]:
    """Each person, once, who was in a team, left its lists before their time was over, and has no seat of that pool."""
    where = _filters(tx, chosen, now)
    if chosen.addresses:
        where.append(t.leases.c.address_key.in_([key_of(address) for address in chosen.addresses]))
    live = t.leases.alias("live")
    served = sa.exists().where(
        live.c.address_key == t.leases.c.address_key, live.c.pool_id == t.leases.c.pool_id, live.c.status.in_(t.LIVE)
    )
    still = sa.or_(t.leases.c.expires_at.is_(None), t.leases.c.expires_at > now)
    gone = (t.leases.c.status == "ended", t.leases.c.end_reason == "gone", still, sa.not_(served))
    rows = tx.execute(
        sa.select(t.leases, t.teams.c.name.label("team"))
        .join(t.teams, t.teams.c.id == t.leases.c.team_id)
        .where(*gone, *where, t.leases.c.platform.is_distinct_from("erased"))
        .order_by(t.leases.c.id.desc())
        .limit(MOST)
    )
    latest = {(row.address_key, row.pool_id): row for row in reversed(rows.all())}
    return [Target(f"lease:{row.id}", row.address, row.team) for row in latest.values()]


def _too_many(tx: sa.Connection, team_id: int) -> list[Any]:
    """The people who came last to a team with more people than seats, as many as are too many.

    They are leases, and seats of members whom Usher did not invite, by number; those already on their way out count as
    part of the surplus. Members with an unknown date count as having come long ago. People protected by hand, and
    members without an address, stay.
    """
    team = tx.execute(sa.select(t.teams).where(t.teams.c.id == team_id)).one()
    room = team.capacity if team.capacity_learned is None else min(team.capacity, team.capacity_learned)
    occupied = sa.select(sa.func.count()).where(t.seats.c.team_id == team_id, t.seats.c.state != "free")
    mine = (t.leases.c.team_id == team_id, t.leases.c.status.in_(t.LIVE))
    leaving = sa.select(sa.func.count()).where(*mine, t.leases.c.end_reason.is_not(None))
    over = tx.execute(occupied).scalar_one() - room - tx.execute(leaving).scalar_one()
    staying = (t.leases.c.status.in_(("invited", "active")), t.leases.c.end_reason.is_(None))
    came = sa.func.coalesce(t.leases.c.joined_at, t.leases.c.invited_at, t.leases.c.created_at)
    of_usher = sa.select(sa.literal("lease").label("what"), t.leases.c.id, came.label("came"))
    strangers = sa.select(sa.literal("seat"), t.seats.c.id, t.seats.c.occupied_at).where(
        t.seats.c.team_id == team_id,
        t.seats.c.occupant.not_like(f"{NAMELESS}%"),
        sa.not_(t.seats.c.protected),
    )
    everybody = of_usher.where(*mine, *staying, sa.not_(t.leases.c.protected)).union_all(strangers).subquery()
    latest = sa.select(everybody).order_by(everybody.c.came.desc().nulls_last(), everybody.c.id.desc())
    return list(tx.execute(latest.limit(max(0, over))))


def _strangers(tx: sa.Connection, chosen: Selection, keys: Sequence[str], latest: Sequence[int]) -> list[Any]:
    """Members whom Usher did not invite are removed when named, or when they came last to a team with too many people."""
    if chosen.batch is not None or chosen.older_days is not None or not (latest if chosen.over is not None else keys):
        return []
    where = [t.seats.c.occupant.is_not(None), sa.not_(t.seats.c.protected)]
    if keys:
        where.append(t.seats.c.occupant.in_(keys))
    if chosen.over is not None:
        where.append(t.seats.c.id.in_(latest))
    if chosen.team is not None:
        where.append(t.seats.c.team_id == number_of(tx, t.teams, "team", chosen.team))
    if chosen.pool is not None:
        where.append(t.seats.c.pool_id == number_of(tx, t.pools, "pool", chosen.pool))
    statement = sa.select(t.seats.c.id, t.seats.c.occupant, t.teams.c.name.label("team"))
    return list(
        tx.execute(statement.join(t.teams, t.teams.c.id == t.seats.c.team_id).where(*where).order_by(t.seats.c.id))
    )
