"""Claiming and giving back numbered seats: the only place that changes a seat's state."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NoReturn

import sqlalchemy as sa

from core.rules.allocation import Policy, TeamChoice, order_teams
from core.storage import tables as t
from core.storage.column_types import Moment
from core.storage.guards import guard
from core.storage.prepared import Prepared
from core.storage.row_claims import change, changing
from core.storage.rows import TeamRow

OCCUPIED = ("held", "taken")
_NOBODY: dict[str, Any] = {
    "occupant": None,
    "occupied_at": None,
    "absent_reads": 0,
    "seen_reads": 0,
    "protected": False,
    "grandfathered": False,
}


@dataclass(frozen=True, slots=True)
class Seat:
    id: int
    team_id: int


@dataclass(frozen=True, slots=True)
class SeatWanted:
    """Which seat, for whom: one of the pool's teams by `policy` or in one team, in none of `excluded`, held for `hold`."""

    pool_id: int
    team_id: int | None
    policy: Policy
    excluded: Collection[int]
    address_key: str
    hold: timedelta


_TAKE = Prepared(
    changing(t.seats, t.seats.c.id == sa.bindparam("seat_id"), expected="held", state="taken", held_until=None)
)


def claim_seat(tx: sa.Connection, seat_wanted: SeatWanted, now: datetime) -> Seat | None:
    """Hold one free seat that may be given to this address now, or return None.

    Claiming is checking: a seat that was taken in the meantime does not match. Teams that are disabled, unhealthy,
    paused or excluded, or where the address already has a live lease, are passed over.
    """
    wanted: dict[str, Any] = {
        "of_pool": seat_wanted.pool_id,
        "of_team": seat_wanted.team_id,
        "address_key": seat_wanted.address_key,
        "now": now,
        "until": now + seat_wanted.hold,
    }
    where = (seat_wanted.team_id is not None, bool(seat_wanted.excluded))
    if seat_wanted.excluded:
        wanted["excluded"] = list(seat_wanted.excluded)
    while True:
        if seat_wanted.team_id is not None or seat_wanted.policy is Policy.FILL_FIRST:
            seat = _hold(tx, where, wanted)
        else:
            seat = _hold_by_policy(tx, where, wanted, seat_wanted.policy)
        if seat is not None or not _waited_for_another(tx, where, wanted):
            return seat


def any_free(tx: sa.Connection, *, pool_id: int, team_id: int | None) -> bool:
    """True if an enabled, healthy team has a free seat, even where it is paused just now."""
    where = [t.seats.c.state == "free", t.seats.c.open, t.seats.c.pool_id == pool_id]
    if team_id is not None:
        where.append(t.seats.c.team_id == team_id)
    return tx.execute(sa.select(t.seats.c.id).where(*where).limit(1)).first() is not None


def lock_team(tx: sa.Connection, team_id: int) -> TeamRow:
    """The team's row, locked until the commit. Whoever counts its seats in order to change them comes here."""
    return tx.execute(sa.select(t.teams).where(t.teams.c.id == team_id).with_for_update(key_share=True)).one()


def take(tx: sa.Connection, seat_id: int) -> None:
    """The invite is confirmed: a held seat is taken."""

    def is_not_held() -> NoReturn:
        raise AssertionError(f"seat {seat_id} is not held")

    _TAKE.later(tx, {"seat_id": seat_id}, otherwise=is_not_held)


def give_back(tx: sa.Connection, seat_id: int, *, of: str | None = None) -> None:
    """Free a held or taken seat that nobody has any more; if the team has become smaller, the seat goes.

    With `of`, only where that stranger has it: if they were given a lease in the meantime, they keep it.
    """
    team_id = tx.execute(sa.select(t.seats.c.team_id).where(t.seats.c.id == seat_id)).scalar_one()
    capacity = _capacity(tx, team_id)
    mine = (t.seats.c.id == seat_id, *guard("strangers_seat", *(() if of is None else (t.seats.c.occupant == of,))))
    change(tx, t.seats, *mine, expected=OCCUPIED, state="free", held_until=None, **_NOBODY).one()
    _drop_surplus(tx, team_id, capacity)


def give_to_stranger(tx: sa.Connection, seat_id: int, address_key: str) -> None:
    """The address turned out to be a member already: the seat becomes theirs, unless they are counted on another one."""
    team_id = tx.execute(sa.select(t.seats.c.team_id).where(t.seats.c.id == seat_id)).scalar_one()
    counted = sa.select(t.seats.c.id).where(t.seats.c.team_id == team_id, t.seats.c.occupant == address_key)
    if tx.execute(counted).first() is None:
        values: dict[str, Any] = {"state": "taken", "occupant": address_key, "held_until": None}
        change(tx, t.seats, t.seats.c.id == seat_id, expected="held", **values).one()
    else:
        give_back(tx, seat_id)


def leave_to_stranger(tx: sa.Connection, seat_id: int, address_key: str, since: datetime | None) -> None:
    """The lease on a taken seat ends, but its person has been in the team `since` then and keeps occupying the seat."""
    values: dict[str, Any] = {**_NOBODY, "occupant": address_key, "occupied_at": since}
    change(tx, t.seats, t.seats.c.id == seat_id, expected="taken", **values).one()


def take_from_stranger(tx: sa.Connection, team_id: int, address_key: str) -> int | None:
    """A member counted without a lease has one now: their stranger's seat becomes the lease's. None if there is none."""
    mine = sa.and_(t.seats.c.team_id == team_id, t.seats.c.occupant == address_key)
    first = sa.select(t.seats.c.id).where(mine).order_by(t.seats.c.number).limit(1).scalar_subquery()
    row = change(tx, t.seats, t.seats.c.id == first, t.seats.c.occupant == address_key, expected="taken", **_NOBODY)
    taken = row.one_or_none()
    return None if taken is None else int(taken.id)


def seat_stranger(
    tx: sa.Connection, team_id: int, address_key: str, *, grandfathered: bool = False, since: datetime | None = None
) -> None:
    """Somebody whom Usher did not invite is in the team: they take a free seat, or one beyond the capacity.

    `since` is when they came; if that is unknown, they count as having come long ago.
    """
    occupied: dict[str, Any] = {
        **_NOBODY,
        "state": "taken",
        "occupant": address_key,
        "occupied_at": since,
        "grandfathered": grandfathered,
    }
    team = lock_team(tx, team_id)
    first = (
        sa.select(t.seats.c.id)
        .where(t.seats.c.team_id == team_id, t.seats.c.state == "free")
        .order_by(t.seats.c.number)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    seat_id = tx.execute(first).scalar_one_or_none()
    if seat_id is not None:
        change(tx, t.seats, t.seats.c.id == seat_id, expected="free", **occupied).one()
        return
    last = tx.execute(sa.select(sa.func.max(t.seats.c.number)).where(t.seats.c.team_id == team_id)).scalar_one()
    tx.execute(
        sa.insert(t.seats).values(
            team_id=team_id,
            pool_id=team.pool_id,
            number=(last or 0) + 1,
            team_created_at=team.created_at,
            open=team.enabled and team.health == "healthy" and team.removed_at is None,
            **occupied,
        )
    )


def learn_full(tx: sa.Connection, team_id: int) -> int:
    """The upstream says that the team is full: only the occupied seats remain. Returns how many that are.

    Call it after the refused seat was given back. Free seats go; a taken or held one never does.
    """
    _capacity(tx, team_id)
    occupied = tx.execute(
        sa.select(sa.func.count()).where(t.seats.c.team_id == team_id, t.seats.c.state != "free")
    ).scalar_one()
    tx.execute(sa.update(t.teams).where(t.teams.c.id == team_id).values(capacity_learned=occupied))
    tx.execute(sa.delete(t.seats).where(t.seats.c.team_id == team_id, t.seats.c.state == "free"))
    return int(occupied)


def lay_out(tx: sa.Connection, team_id: int) -> None:
    """Make the team's seats agree with its capacity, health and switch; only free seats are ever dropped."""
    team = lock_team(tx, team_id)
    capacity = team.capacity if team.capacity_learned is None else min(team.capacity, team.capacity_learned)
    opened = team.enabled and team.health == "healthy" and team.removed_at is None
    present = set(tx.execute(sa.select(t.seats.c.number).where(t.seats.c.team_id == team_id)).scalars())
    missing = [number for number in range(1, capacity + 1) if number not in present][: max(0, capacity - len(present))]
    if missing:
        tx.execute(
            sa.insert(t.seats),
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
    tx.execute(sa.update(t.seats).where(t.seats.c.team_id == team_id).values(open=opened, pool_id=team.pool_id))
    _drop_surplus(tx, team_id, capacity)


@cache
def _eligible(in_team: bool, some_excluded: bool) -> tuple[sa.ColumnElement[bool], ...]:
    """Free seats that may be given to the address now."""
    pool_id = sa.bindparam("of_pool", type_=sa.BigInteger())
    now = sa.bindparam("now", type_=Moment())
    paused = sa.select(t.teams.c.id).where(t.teams.c.pool_id == pool_id, t.teams.c.paused_until > now)
    present = sa.select(t.leases.c.team_id).where(
        t.leases.c.address_key == sa.bindparam("address_key"), t.leases.c.status.in_(t.LIVE)
    )
    # Being taken out just now: nobody could say whether that call comes before the invite or after it.
    leaving = sa.select(t.removals.c.team_id).where(
        t.removals.c.address_key == sa.bindparam("address_key"),
        t.removals.c.state == "planned",
        t.removals.c.sent_at.is_not(None),
    )
    where = [
        t.seats.c.pool_id == pool_id,
        t.seats.c.state == "free",
        t.seats.c.open,
        t.seats.c.team_id.not_in(paused),
        t.seats.c.team_id.not_in(present),
        t.seats.c.team_id.not_in(leaving),
    ]
    if in_team:
        where.append(t.seats.c.team_id == sa.bindparam("of_team", type_=sa.BigInteger()))
    if some_excluded:
        where.append(t.seats.c.team_id.not_in(sa.bindparam("excluded", expanding=True)))
    return tuple(where)


@cache
def _holding(in_team: bool, some_excluded: bool, guards: tuple[str, ...]) -> Prepared:
    """The statement of the claim, built once: building a statement costs more than running it."""
    first = (
        sa.select(t.seats.c.id)
        .where(*_eligible(in_team, some_excluded))
        .order_by(t.seats.c.team_created_at, t.seats.c.team_id, t.seats.c.number)
        .limit(1)
    )
    if guards:
        first = first.with_for_update(skip_locked=True)
    return Prepared(
        changing(
            t.seats,
            t.seats.c.id == first.scalar_subquery(),
            expected="free",
            guarded_by="seat_claim",
            state="held",
            held_until=sa.bindparam("until", type_=Moment()),
        ).returning(t.seats.c.id, t.seats.c.team_id)
    )


def _hold(tx: sa.Connection, where: tuple[bool, bool], wanted: dict[str, Any]) -> Seat | None:
    statement = _holding(*where, guard("seat_claim", "still_free"))
    # Excluded teams are a list of any length, which only SQLAlchemy's own execution spells out.
    row = tx.execute(statement.statement, wanted).one_or_none() if where[1] else statement.one_or_none(tx, wanted)
    return None if row is None else Seat(row.id, row.team_id)


def _hold_by_policy(tx: sa.Connection, where: tuple[bool, bool], wanted: dict[str, Any], policy: Policy) -> Seat | None:
    for chosen in _by_policy(tx, where, wanted, policy):
        seat = _hold(tx, (True, where[1]), {**wanted, "of_team": chosen})
        if seat is not None:
            if policy is Policy.ROUND_ROBIN:
                tx.execute(sa.update(t.pools).where(t.pools.c.id == wanted["of_pool"]).values(last_team_id=chosen))
            return seat
    return None


def _waited_for_another(tx: sa.Connection, where: tuple[bool, bool], wanted: dict[str, Any]) -> bool:
    """True after waiting for a free seat that another transaction has claimed; False where no seat is free.

    The claim passes over locked seats. If only those are left, they may still come free: their transactions may be
    rolled back, and nobody should be told "full" because of one that was.
    """
    free = sa.select(t.seats.c.id).where(*_eligible(*where)).limit(1)
    if tx.execute(free, wanted).first() is None:
        return False
    tx.execute(free.with_for_update(), wanted)
    return True


def _by_policy(tx: sa.Connection, where: tuple[bool, bool], wanted: dict[str, Any], policy: Policy) -> list[int]:
    rows = tx.execute(
        sa.select(t.teams.c.id, t.teams.c.created_at, t.teams.c.last_invited_at, sa.func.count().label("free"))
        .join(t.seats, t.seats.c.team_id == t.teams.c.id)
        .where(*_eligible(*where))
        .group_by(t.teams.c.id, t.teams.c.created_at, t.teams.c.last_invited_at),
        wanted,
    )
    choices = [
        TeamChoice(id=row.id, created_at=row.created_at, free=row.free, last_invited_at=row.last_invited_at)
        for row in rows
    ]
    last = tx.execute(sa.select(t.pools.c.last_team_id).where(t.pools.c.id == wanted["of_pool"])).scalar_one()
    return list(order_teams(policy, choices, last))


def _capacity(tx: sa.Connection, team_id: int) -> int:
    """How many seats a team has; nobody else counts or changes them until the commit."""
    smaller = t.teams.c.capacity_learned < t.teams.c.capacity
    asked = sa.select(sa.case((smaller, t.teams.c.capacity_learned), else_=t.teams.c.capacity)).where(
        t.teams.c.id == team_id
    )
    return int(tx.execute(asked.with_for_update(key_share=True) if guard("surplus_lock", True) else asked).scalar_one())


def _drop_surplus(tx: sa.Connection, team_id: int, capacity: int) -> None:
    """Free seats beyond the capacity go, highest number first. The team is locked."""
    rows = tx.execute(
        sa.select(t.seats.c.id, t.seats.c.state).where(t.seats.c.team_id == team_id).order_by(t.seats.c.number.desc())
    ).all()
    free = [row.id for row in rows if row.state == "free"]
    surplus = free[: max(0, len(rows) - capacity)]
    if surplus:
        tx.execute(sa.delete(t.seats).where(t.seats.c.id.in_(surplus), t.seats.c.state == "free"))
