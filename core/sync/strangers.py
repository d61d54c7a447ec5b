"""Members that Usher did not invite: who they are, who of them may be taken out, and protecting them by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core import audit
from core.actors import SYSTEM, Actor, Role
from core.alerts import alerts
from core.command_errors import SeatFromHere
from core.errors import NotFound
from core.leases.removal_plans import plan_stranger
from core.rules.addresses import NAMELESS, key_of
from core.rules.removal import CandidateMember, RemovalPlan, plan_removals
from core.storage import tables as t
from core.storage.database import dialect_insert
from core.storage.names import number_of
from core.sync.readings import SWITCHED_ON

if TYPE_CHECKING:
    from core.service import Core


SEEN = "strangers_dry_run"
"""The fact that somebody has looked at a dry run, and who was the last."""
SEEN_BEFORE = timedelta(days=7)
"""How long before it is switched on a look at who would go still counts."""
UNSEEN = "strangers:unseen"


@dataclass(frozen=True, slots=True)
class Stranger:
    """One member without a lease. `kept_because` is None where the sweep would take them out."""

    team: str
    address: str
    seen: int
    protected: bool
    kept_because: str | None


async def dry_run(core: Core, actor: Actor) -> list[Stranger]:
    """Who would be taken out now, and why the others stay. That it was looked at is noted: see `was_seen`.

    Raises: NotAllowed.
    """
    actor.require(Role.ADMIN)
    return await core.write(_dry_run, core, actor, core.now())


async def protect(
    core: Core, actor: Actor, address: str, *, team: str | None = None, protected: bool = True
) -> list[str]:
    """Protect a member by hand from being taken out, or no longer; in one team or wherever they are. Returns the teams.

    Raises: NotAllowed, NotFound, SeatFromHere.
    """
    actor.require(Role.ADMIN)
    return await core.write(_protect, actor, team, address, protected, core.now())


def was_seen(tx: sa.Connection, now: datetime) -> bool:
    """Has anybody looked at a dry run lately, or since the sweep was switched on?"""
    seen = tx.execute(sa.select(t.facts.c.changed_at).where(t.facts.c.name == SEEN)).scalar_one_or_none()
    since = tx.execute(sa.select(t.facts.c.changed_at).where(t.facts.c.name == SWITCHED_ON)).scalar_one_or_none()
    return seen is not None and seen >= (since or now) - SEEN_BEFORE


def ask_to_look(tx: sa.Connection, now: datetime) -> bool:
    """Alert where the sweep is on and nobody has looked at a dry run. True where that is so: nobody is to be removed."""
    if was_seen(tx, now):
        alerts.end_condition(tx, "security", UNSEEN, now)
        return False
    alerts.raise_alert(tx, "security", UNSEEN, "warning", "strangers_unseen", {}, now)
    return True


def switch(tx: sa.Connection, enabled: bool, now: datetime) -> bool:
    """Note that the sweep is on or off. Whoever is there when it is switched on is never taken out by it.

    True if it was switched on just now.
    """
    if not enabled:
        tx.execute(sa.delete(t.facts).where(t.facts.c.name == SWITCHED_ON))
        return False
    statement = dialect_insert(t.facts, tx).on_conflict_do_nothing(index_elements=["name"])
    fact = {"name": SWITCHED_ON, "value": now, "changed_at": now}
    if tx.execute(statement, fact).rowcount != 1:
        return False
    tx.execute(sa.update(t.seats).where(t.seats.c.occupant.is_not(None)).values(grandfathered=True))
    audit.record(tx, SYSTEM, "strangers.watched", "sweep", None, now)
    return True


def plan(tx: sa.Connection, core: Core, now: datetime) -> list[int]:
    """Plan this round's removals; returns their ids. Too many candidates in a team remove nobody and alert."""
    planned: list[int] = []
    for team, decided in _plans(tx, core):
        subject = f"strangers:{team.id}"
        if decided.tripped:
            told = {"team": team.name, "count": len(decided.keep)}
            alerts.raise_alert(tx, "security", subject, "error", "too_many_strangers", told, now)
        else:
            alerts.end_condition(tx, "security", subject, now)
        for candidate in decided.remove:
            removal = plan_stranger(tx, SYSTEM, team.id, candidate.key, "unauthorised", now)
            if removal is None:
                continue
            planned.append(removal)
            change = {"removal": planned[-1], "seen": candidate.seen}
            audit.record(tx, SYSTEM, "removal.planned", "team", team.id, now, after=change)
    return planned


def _plans(tx: sa.Connection, core: Core) -> list[tuple[Any, RemovalPlan]]:
    serving = sa.and_(t.teams.c.health == "healthy", t.teams.c.removed_at.is_(None))
    occupied = (
        sa.select(t.seats, t.teams.c.name)
        .join(t.teams, t.teams.c.id == t.seats.c.team_id)
        # Whose address is not known may be anybody, also somebody invited here: they count, and are left alone.
        .where(t.seats.c.occupant.not_like(f"{NAMELESS}%"), serving)
        .order_by(t.seats.c.team_id, t.seats.c.number)
    )
    by_team: dict[int, list[Any]] = {}
    for seat in tx.execute(occupied):
        by_team.setdefault(seat.team_id, []).append(seat)
    flying = set(tx.execute(sa.select(t.leases.c.address_key).where(t.leases.c.status == "held")).scalars())
    plans = []
    count = 0
    for team_id, found in by_team.items():
        team = tx.execute(sa.select(t.teams).where(t.teams.c.id == team_id)).one()
        live = sa.and_(t.leases.c.team_id == team_id, t.leases.c.status.in_(t.LIVE))
        leased = set(tx.execute(sa.select(t.leases.c.address_key).where(live)).scalars())
        owner = key_of(team.owner_address) if team.owner_address else None
        candidates = [
            CandidateMember(
                key=seat.occupant,
                seen=seat.seen_reads if not seat.absent_reads else 0,
                is_owner=seat.occupant == owner,
                leased=seat.occupant in leased,
                in_flight=seat.occupant in flying,
                grandfathered=seat.grandfathered,
                protected=seat.protected,
            )
            for seat in found
        ]
        members = len(found) + len(leased)
        decided = plan_removals(candidates, members, core.settings.unauthorised.most_per_round, count)
        count += len(decided.remove)
        plans.append((team, decided))
    return plans


def _dry_run(tx: sa.Connection, core: Core, actor: Actor, now: datetime) -> list[Stranger]:
    fact = {"name": SEEN, "value": actor.key, "changed_at": now}
    seen = dialect_insert(t.facts, tx).values(fact)
    tx.execute(seen.on_conflict_do_update(index_elements=["name"], set_={"value": actor.key, "changed_at": now}))
    alerts.end_condition(tx, "security", UNSEEN, now)
    audit.record(tx, actor, "strangers.looked_at", "sweep", None, now)
    found: list[Stranger] = []
    for team, decided in _plans(tx, core):
        listed = [*((candidate, None) for candidate in decided.remove), *decided.keep]
        found.extend(
            Stranger(team.name, candidate.key, candidate.seen, candidate.protected, reason and reason.value)
            for candidate, reason in listed
        )
    return found


def _protect(
    tx: sa.Connection, actor: Actor, team: str | None, address: str, protected: bool, now: datetime
) -> list[str]:
    where = t.seats.c.occupant == key_of(address)
    if team is not None:
        where = sa.and_(where, t.seats.c.team_id == number_of(tx, t.teams, "team", team))
    changed = sa.update(t.seats).where(where).values(protected=protected).returning(t.seats.c.team_id)
    ids = list(tx.execute(changed).scalars())
    if not ids:
        if seated := _seated(tx, address, team):
            raise SeatFromHere(address=address, teams=seated)
        raise NotFound(kind="member", name=address)
    for team_id in ids:
        audit.record(tx, actor, "member.protected", "team", team_id, now, after={"protected": protected})
    return sorted(tx.execute(sa.select(t.teams.c.name).where(t.teams.c.id.in_(ids))).scalars())


def _seated(tx: sa.Connection, address: str, team: str | None) -> list[str]:
    """The teams in which an address has a seat from here; such members the sweep leaves alone."""
    live = sa.and_(t.leases.c.address_key == key_of(address), t.leases.c.status.in_(t.LIVE))
    if team is not None:
        live = sa.and_(live, t.leases.c.team_id == number_of(tx, t.teams, "team", team))
    joined = t.leases.join(t.teams, t.teams.c.id == t.leases.c.team_id)
    return sorted(set(tx.execute(sa.select(t.teams.c.name).select_from(joined).where(live)).scalars()))
