"""The right to settle one held lease: given with it, renewed while the upstream is asked, lost to whoever takes it over."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core.errors import TeamUnavailable
from core.heartbeat import heartbeat
from core.leases import removal_plans
from core.storage import tables as t
from core.storage.commits import repeatable
from core.storage.drawing import drawn
from core.storage.prepared import Prepared
from core.storage.row_claims import change, new_token
from core.storage.rows import TeamOfPool, TeamOfSeat
from core.teams import health as team_health
from core.teams.seats import Seat

if TYPE_CHECKING:
    from core.service import Core


_HOLD = Prepared(sa.insert(t.leases).returning(t.leases.c.id))
TEAM = Prepared(
    sa.select(t.teams, t.pools.c.name.label("pool"))
    .join(t.pools, t.pools.c.id == t.teams.c.pool_id)
    .where(t.teams.c.id == sa.bindparam("team_id"))
)
"""One team with the name of its pool, as a claim carries it."""
_TEAM_OF_SEAT = Prepared(
    sa.select(
        t.teams,
        t.pools.c.name.label("pool"),
        t.seats.c.id.label("seat_id"),
        drawn(t.leases).label("next_lease"),
        removal_plans.is_planned(t.teams.c.id, sa.bindparam("address_key", type_=sa.String())).label("leaving"),
    )
    .join(t.seats, t.seats.c.team_id == t.teams.c.id)
    .join(t.pools, t.pools.c.id == t.teams.c.pool_id)
    .where(t.seats.c.id == sa.bindparam("seat_id"))
)


class ClaimLost(Exception):
    """Another process has taken the lease over; what this one learned is no longer its business."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to settle one held lease, until it is taken over."""

    token: str
    lease_id: int
    address: str
    seat_id: int
    team_id: int
    team: TeamOfPool
    redemption_id: int | None
    transfer_id: int | None
    sends: int
    first_sent_at: datetime
    last_sent_at: datetime
    unclear_since: datetime | None
    late: bool = False
    """The person has been told already that it takes longer."""


def team_of(tx: sa.Connection, seat: Seat, address_key: str, now: datetime) -> TeamOfSeat:
    """The team of a seat that is held for an address.

    Raises: TeamUnavailable if the address is being taken out of that team.
    """
    team: TeamOfSeat = _TEAM_OF_SEAT.one(tx, {"seat_id": seat.id, "address_key": address_key})
    if team.leaving and not removal_plans.give_way(tx, team.id, address_key, now):
        raise TeamUnavailable(pool=team.pool)
    return team


def hold(tx: sa.Connection, core: Core, team: TeamOfSeat, now: datetime, *, late: bool = False, **holder: Any) -> Claim:
    """Make the lease that goes with a held seat, claimed by the caller. `holder` are columns of `leases`.

    Later in the unit, an IntegrityError is raised if the address has come to a live lease in that team meanwhile.
    """
    token = new_token()
    values = {
        "pool_id": team.pool_id,
        "team_id": team.id,
        "seat_id": team.seat_id,
        "status": "held",
        "created_at": now,
        "claim": token,
        "due_at": now + timedelta(seconds=core.settings.redemption.claim),
        "sends": 1,
        "first_sent_at": now,
        "last_sent_at": now,
        **holder,
        "id": team.next_lease,
    }
    lease_id = _HOLD.make(tx, values)
    if team.breaker_opened:
        team_health.note_trial(tx, team, now)
    return Claim(
        token=token,
        lease_id=lease_id,
        address=values["address"],
        seat_id=team.seat_id,
        team_id=team.id,
        team=team,
        redemption_id=values.get("redemption_id"),
        transfer_id=values.get("transfer_id"),
        sends=1,
        first_sent_at=now,
        last_sent_at=now,
        unclear_since=None,
        late=late,
    )


def seize(tx: sa.Connection, core: Core, lease_id: int, now: datetime) -> Claim | None:
    """The right to settle a held lease, whoever has it: staff decide, or a restored database is settled.

    None where the lease is settled already. Its present owner can settle nothing any more.
    """
    token = new_token()
    until = now + timedelta(seconds=core.settings.redemption.claim)
    row = change(tx, t.leases, t.leases.c.id == lease_id, expected="held", claim=token, due_at=until).one_or_none()
    if row is None:
        return None
    team = TEAM.one(tx, {"team_id": row.team_id})
    return Claim(
        token=token,
        lease_id=row.id,
        address=row.address,
        seat_id=row.seat_id,
        team_id=row.team_id,
        team=team,
        redemption_id=row.redemption_id,
        transfer_id=row.transfer_id,
        sends=row.sends,
        first_sent_at=row.first_sent_at,
        last_sent_at=row.last_sent_at,
        unclear_since=row.unclear_since,
        late=True,
    )


def note_sending(tx: sa.Connection, core: Core, claim: Claim, now: datetime) -> None:
    """Record that the invite is about to be repeated, before it is. Raises: ClaimLost."""
    _renew(tx, core, claim, now, sends=t.leases.c.sends + 1)


@repeatable
def _renew(tx: sa.Connection, /, core: Core, claim: Claim, now: datetime, **values: Any) -> None:
    mine = (t.leases.c.id == claim.lease_id, t.leases.c.claim == claim.token)
    until = now + timedelta(seconds=core.settings.redemption.claim)
    if not change(tx, t.leases, *mine, expected="held", returning=False, due_at=until, **values).count:
        raise ClaimLost
    hold_until = now + timedelta(seconds=core.settings.redemption.seat_hold)
    tx.execute(sa.update(t.seats).where(t.seats.c.id == claim.seat_id).values(held_until=hold_until))


def kept(core: Core, claim: Claim) -> AbstractAsyncContextManager[None]:
    """Renew the claim while the body talks to the upstream: the hold outlives the call it protects."""
    return heartbeat(core.settings.redemption.claim / 3, lambda: core.write(_renew, core, claim, core.now()))
