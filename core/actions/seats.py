"""Claiming and giving back numbered seats: the only place that changes a seat's state."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from core.rules.allocation import Policy, TeamChoice, order_teams
from core.storage.guards import guard
from core.storage.tables import LIVE, leases, pools, seats, teams


@dataclass(frozen=True, slots=True)
class Seat:
    id: int
    team_id: int


def claim_seat(
    tx: sa.Connection,
    *,
    pool_id: int,
    team_id: int | None,
    policy: Policy,
    excluded: Collection[int],
    address_key: str,
    hold: timedelta,
    now: datetime,
) -> Seat | None:
    """Hold one free seat that may be given to `address_key` now, or None.

    The claim is the check: a seat taken meanwhile does not match. Teams that are disabled, unhealthy, paused,
    excluded or where the address already has a live lease are passed over.
    """
    eligible = _eligible(pool_id, team_id, excluded, address_key, now)
    while True:
        if team_id is not None or policy is Policy.FILL_FIRST:
            seat = _hold(tx, eligible, hold, now)
        else:
            seat = _hold_by_policy(tx, eligible, pool_id, policy, hold, now)
        if seat is not None or not _waited_for_another(tx, eligible):
            return seat


def any_free(tx: sa.Connection, *, pool_id: int, team_id: int | None) -> bool:
    """True if an enabled, healthy team has a free seat, even where it is paused just now."""
    where = [seats.c.state == "free", seats.c.open, seats.c.pool_id == pool_id]
    if team_id is not None:
        where.append(seats.c.team_id == team_id)
    return tx.execute(sa.select(seats.c.id).where(*where).limit(1)).first() is not None


def take(tx: sa.Connection, seat_id: int) -> None:
    """The invite is confirmed: a held seat is taken."""
    _change(tx, seat_id, "held", state="taken", held_until=None)


def give_back(tx: sa.Connection, seat_id: int) -> None:
    """Nobody has the seat any more: a held or taken seat is free, or goes if the team has become smaller."""
    _change(tx, seat_id, None, state="free", occupant=None, held_until=None)
    _drop_surplus(tx, sa.select(seats.c.team_id).where(seats.c.id == seat_id).scalar_subquery())


def give_to_stranger(tx: sa.Connection, seat_id: int, address_key: str) -> None:
    """The address turned out to be a member already: the seat is theirs, unless they are counted on another one."""
    team_id = tx.execute(sa.select(seats.c.team_id).where(seats.c.id == seat_id)).scalar_one()
    counted = sa.select(seats.c.id).where(seats.c.team_id == team_id, seats.c.occupant == address_key)
    if tx.execute(counted).first() is None:
        _change(tx, seat_id, "held", state="taken", occupant=address_key, held_until=None)
    else:
        give_back(tx, seat_id)


def learn_full(tx: sa.Connection, team_id: int) -> int:
    """The upstream says the team is full: only the seats that somebody has remain. Returns how many that are.

    Call it after the refused seat was given back. Free seats go; a taken or held one never does.
    """
    occupied = tx.execute(
        sa.select(sa.func.count()).where(seats.c.team_id == team_id, seats.c.state != "free")
    ).scalar_one()
    tx.execute(sa.update(teams).where(teams.c.id == team_id).values(capacity_learned=occupied))
    tx.execute(sa.delete(seats).where(seats.c.team_id == team_id, seats.c.state == "free"))
    return int(occupied)


def lay_out(tx: sa.Connection, team_id: int) -> None:
    """Make the team's seats agree with its capacity, health and switch; free seats only are ever dropped."""
    team = tx.execute(sa.select(teams).where(teams.c.id == team_id)).one()
    capacity = team.capacity if team.capacity_learned is None else min(team.capacity, team.capacity_learned)
    opened = team.enabled and team.health == "healthy" and team.removed_at is None
    present = set(tx.execute(sa.select(seats.c.number).where(seats.c.team_id == team_id)).scalars())
    missing = [number for number in range(1, capacity + 1) if number not in present][: max(0, capacity - len(present))]
    if missing:
        tx.execute(
            sa.insert(seats),
            [
                {
                    "team_id": team_id,
                    "pool_id": team.pool_id,
                    "number": number,
                    "team_created_at": team.created_at,
                    "state": "free",
                    "open": opened,
                }
                for number in missing
            ],
        )
    tx.execute(sa.update(seats).where(seats.c.team_id == team_id).values(open=opened, pool_id=team.pool_id))
    _drop_surplus(tx, sa.literal(team_id))


def _eligible(
    pool_id: int, team_id: int | None, excluded: Collection[int], address_key: str, now: datetime
) -> list[sa.ColumnElement[bool]]:
    paused = sa.select(teams.c.id).where(teams.c.pool_id == pool_id, teams.c.paused_until > now)
    present = sa.select(leases.c.team_id).where(leases.c.address_key == address_key, leases.c.status.in_(LIVE))
    where = [
        seats.c.pool_id == pool_id,
        seats.c.state == "free",
        seats.c.open,
        seats.c.team_id.not_in(paused),
        seats.c.team_id.not_in(present),
    ]
    if team_id is not None:
        where.append(seats.c.team_id == team_id)
    if excluded:
        where.append(seats.c.team_id.not_in(list(excluded)))
    return where


def _hold(tx: sa.Connection, where: list[sa.ColumnElement[bool]], hold: timedelta, now: datetime) -> Seat | None:
    first = (
        sa.select(seats.c.id).where(*where).order_by(seats.c.team_created_at, seats.c.team_id, seats.c.number).limit(1)
    )
    still_free = guard("seat_claim", seats.c.state == "free")
    if still_free:
        first = first.with_for_update(skip_locked=True)
    row = tx.execute(
        sa.update(seats)
        .where(seats.c.id == first.scalar_subquery(), *still_free)
        .values(state="held", held_until=now + hold)
        .returning(seats.c.id, seats.c.team_id)
    ).one_or_none()
    return None if row is None else Seat(row.id, row.team_id)


def _hold_by_policy(
    tx: sa.Connection,
    eligible: list[sa.ColumnElement[bool]],
    pool_id: int,
    policy: Policy,
    hold: timedelta,
    now: datetime,
) -> Seat | None:
    for chosen in _by_policy(tx, eligible, pool_id, policy):
        seat = _hold(tx, [*eligible, seats.c.team_id == chosen], hold, now)
        if seat is not None:
            if policy is Policy.ROUND_ROBIN:
                tx.execute(sa.update(pools).where(pools.c.id == pool_id).values(last_team_id=chosen))
            return seat
    return None


def _waited_for_another(tx: sa.Connection, eligible: list[sa.ColumnElement[bool]]) -> bool:
    """True after waiting for a claim that another transaction has on a free seat; False where none is free.

    The claim passes over locked seats. If only those are left, they are not gone yet: their transactions may
    be rolled back, and nobody should be told "full" by one that was.
    """
    free = sa.select(seats.c.id).where(*eligible).limit(1)
    if tx.execute(free).first() is None:
        return False
    tx.execute(free.with_for_update())
    return True


def _by_policy(tx: sa.Connection, eligible: list[sa.ColumnElement[bool]], pool_id: int, policy: Policy) -> list[int]:
    rows = tx.execute(
        sa.select(teams.c.id, teams.c.created_at, teams.c.last_invited_at, sa.func.count().label("free"))
        .join(seats, seats.c.team_id == teams.c.id)
        .where(*eligible)
        .group_by(teams.c.id, teams.c.created_at, teams.c.last_invited_at)
    )
    choices = [
        TeamChoice(id=row.id, created_at=row.created_at, free=row.free, last_invited_at=row.last_invited_at)
        for row in rows
    ]
    last = tx.execute(sa.select(pools.c.last_team_id).where(pools.c.id == pool_id)).scalar_one()
    return list(order_teams(policy, choices, last))


def _change(tx: sa.Connection, seat_id: int, expected: str | None, **values: object) -> None:
    statement = sa.update(seats).where(seats.c.id == seat_id).values(**values)
    if expected is not None:
        statement = statement.where(seats.c.state == expected)
    if tx.execute(statement).rowcount != 1:
        raise AssertionError(f"seat {seat_id} is not {expected}")


def _drop_surplus(tx: sa.Connection, team_id: sa.ColumnElement[int]) -> None:
    """Free seats beyond the capacity go, highest number first."""
    smaller = teams.c.capacity_learned < teams.c.capacity
    capacity = sa.select(sa.case((smaller, teams.c.capacity_learned), else_=teams.c.capacity)).where(
        teams.c.id == team_id
    )
    rows = tx.execute(
        sa.select(seats.c.id, seats.c.state).where(seats.c.team_id == team_id).order_by(seats.c.number.desc())
    ).all()
    limit = tx.execute(capacity).scalar_one()
    free = [row.id for row in rows if row.state == "free"]
    surplus = free[: max(0, len(rows) - int(limit))]
    if surplus:
        tx.execute(sa.delete(seats).where(seats.c.id.in_(surplus), seats.c.state == "free"))
