"""What the providers show, held against what is stored: `usher doctor --upstream`."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core.actors import Actor, Role
from core.providers.protocol import Capacity, Failure, Listing, Member, PendingInvite
from core.reports.doctor import Finding
from core.rules.addresses import key_of, key_of_listed, mask
from core.storage import tables as t
from core.storage.rows import TeamRow

if TYPE_CHECKING:
    from core.service import Core

AT_ONCE = 10
"""Teams read at the same time; a team's two lists are read one after the other."""


@dataclass(slots=True)
class Difference:
    """One team compared. Addresses are keys as `key_of` makes them."""

    team: str
    unreadable: str | None = None
    over: int = 0
    missing: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Stored:
    """Whom a team should have. `unsettled` may be there or not: their invite is under way or just ended."""

    people: frozenset[str]
    unsettled: frozenset[str]
    strangers: frozenset[str]
    owner: str | None
    capacity: int


async def compare(core: Core, actor: Actor) -> list[Difference]:
    """Read every team that is in service and compare it with the stored state. Raises: NotAllowed."""
    actor.require(Role.VIEWER)
    rows = await core.read(_teams)
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(team: TeamRow) -> Difference:
        async with turn:
            return await _compare(core, team)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(team)) for team in rows]
    return [task.result() for task in tasks]


def as_findings(differences: Sequence[Difference]) -> list[Finding]:
    """The differences as the doctor's findings; a team that could not be read is a warning."""

    def people(attribute: str) -> list[str]:
        return [f"{one.team}: {mask(key)}" for one in differences for key in getattr(one, attribute)]

    return [
        Finding.of(
            "upstream_not_oversold",
            "a provider never has more people and invites than seats",
            [f"{one.team}: {one.over} too many" for one in differences if one.over],
        ),
        Finding.of("upstream_has_our_people", "whoever has a seat here has one upstream", people("missing")),
        Finding.of("upstream_has_no_others", "whoever has a seat upstream has one here", people("unknown")),
        Finding.of("upstream_invites_once", "nobody is invited twice to a team", people("doubled")),
        Finding.of(
            "upstream_readable",
            "every team in service can be read",
            [f"{one.team}: {one.unreadable}" for one in differences if one.unreadable],
            warning=True,
        ),
    ]


async def _compare(core: Core, team: TeamRow) -> Difference:
    provider = core.provider(team)
    pending = await provider.pending_invites()
    members = await provider.members()
    if not isinstance(pending, Listing):
        return Difference(team.name, _why(pending))
    if not isinstance(members, Listing):
        return Difference(team.name, _why(members))
    bought = None
    if any(member.seat_type for member in members.items):
        capacity = await provider.capacity()
        bought = capacity.seat_type if isinstance(capacity, Capacity) else None
    lag = timedelta(seconds=provider.properties.list_lag)
    stored = await core.read(_stored, team.id, core.now() - lag)
    return _difference(team.name, stored, pending.items, members.items, bought)


def _why(failure: Failure) -> str:
    return failure.reason or failure.detail or "unclear"


def _difference(
    name: str,
    stored: _Stored,
    pending: Sequence[PendingInvite],
    members: Sequence[Member],
    bought: str | None,
) -> Difference:
    invited = [key_of_listed(invite.address, invite.reference) for invite in pending]
    owners = {key_of_listed(member.address, member.reference) for member in members if member.is_owner} | {stored.owner}
    joined = {key_of_listed(member.address, member.reference) for member in members} - owners
    there = (set(invited) | joined) - owners
    seated = there - {
        key_of_listed(member.address, member.reference) for member in members if not member.takes_a_seat(bought)
    }
    expected = stored.people | stored.strangers
    return Difference(
        team=name,
        over=max(0, len(seated) - max(stored.capacity, len(expected))),
        missing=sorted(stored.people - there - stored.unsettled),
        unknown=sorted(seated - expected - stored.unsettled),
        doubled=sorted(key for key, times in Counter(invited).items() if times > 1 and key is not None),
    )


def _teams(tx: sa.Connection) -> list[Any]:
    in_service = (t.teams.c.removed_at.is_(None), t.teams.c.health == "healthy")
    return list(tx.execute(sa.select(t.teams).where(*in_service).order_by(t.teams.c.created_at, t.teams.c.id)).all())


def _stored(tx: sa.Connection, team_id: int, fresh_since: datetime) -> _Stored:
    team = tx.execute(sa.select(t.teams).where(t.teams.c.id == team_id)).one()
    rows = tx.execute(
        sa.select(t.leases.c.address_key, t.leases.c.status, t.leases.c.invited_at).where(
            t.leases.c.team_id == team_id, t.leases.c.status.in_(t.LIVE)
        )
    ).all()
    ended = tx.execute(
        # Whoever left a moment ago may still stand in a list that lags.
        sa.select(t.leases.c.address_key).where(
            t.leases.c.team_id == team_id, t.leases.c.status.not_in(t.LIVE), t.leases.c.ended_at >= fresh_since
        )
    ).scalars()
    occupants = tx.execute(
        sa.select(t.seats.c.occupant).where(t.seats.c.team_id == team_id, t.seats.c.occupant.is_not(None))
    ).scalars()
    number = tx.execute(
        sa.select(sa.func.count()).select_from(t.seats).where(t.seats.c.team_id == team_id)
    ).scalar_one()
    fresh = {row.address_key for row in rows if row.invited_at is None or row.invited_at >= fresh_since}
    return _Stored(
        people=frozenset(row.address_key for row in rows if row.status != "held"),
        unsettled=frozenset(fresh | set(ended.all())),
        strangers=frozenset(occupants.all()),
        owner=key_of(team.owner_address) if team.owner_address else None,
        capacity=int(number),
    )
