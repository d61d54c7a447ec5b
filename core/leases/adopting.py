"""Members whom Usher did not invite are given a lease, as staff say: from then on they are served like everybody.

One small transaction each: the seat that was counted for a stranger becomes the lease's. Where the member has come to a
seat meanwhile, or is being taken out, they are left as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from core import audit, holds
from core.actors import Actor, Role
from core.command_errors import MissingArgument
from core.errors import BadChoice, NotFound
from core.leases import records, removal_plans
from core.rules.addresses import NAMELESS, Address, key_of
from core.rules.terms import ends_at, parse_term
from core.storage import tables as t
from core.storage.guards import guard
from core.storage.names import is_called
from core.teams import seats as seat_actions

if TYPE_CHECKING:
    from core.service import Core


@dataclass(frozen=True, slots=True)
class Adoption:
    """Whom, and with what: everybody in `team`, or `addresses` (in `team`, or wherever they are).

    `term` is the pool's own if unsaid, counted from `since`, which is now if unsaid.
    """

    team: str | None = None
    addresses: Sequence[Address] = ()
    term: str | None = None
    since: datetime | None = None
    auto_transfer: bool = True


@dataclass(frozen=True, slots=True)
class Adoptee:
    """One member. `refused` says why they are left: not_there, nameless, owner, over, seated, leaving."""

    address: str
    team: str | None
    term: str = ""
    expires_at: datetime | None = None
    refused: str | None = None
    lease_id: int | None = None


async def preview(core: Core, actor: Actor, wish: Adoption) -> list[Adoptee]:
    """Who would be given a lease, until when, and who not. Raises: NotAllowed, NotFound, BadTerm, BadChoice."""
    actor.require(Role.ADMIN)
    return await core.read(_found, _checked(core, wish), core.now())


async def adopt(core: Core, actor: Actor, wish: Adoption) -> list[Adoptee]:
    """Give them their leases. Doing it twice changes nothing more. Raises: NotAllowed, NotFound, BadTerm, BadChoice."""
    actor.require(Role.ADMIN)
    wish = _checked(core, wish)
    done = []
    for one in await core.read(_found, wish, core.now()):
        try:
            done.append(one if one.refused else await core.write(_adopt, actor, wish, one, core.now()))
        except IntegrityError:
            done.append(_left(one, "seated"))  # they were given a seat in the same instant
    return done


def _checked(core: Core, wish: Adoption) -> Adoption:
    if wish.team is None and not wish.addresses:
        raise MissingArgument(name="team")
    if wish.since is not None and wish.since > core.now():
        raise BadChoice(name="since", value=wish.since.date().isoformat(), choices=["2026-01-31"])
    term = str(parse_term(wish.term)) if wish.term else None
    return Adoption(wish.team, wish.addresses, term, wish.since, wish.auto_transfer)


def _found(tx: sa.Connection, wish: Adoption, now: datetime) -> list[Adoptee]:
    serving: sa.ColumnElement[bool] = t.teams.c.removed_at.is_(None)
    if wish.team is not None:
        serving = sa.and_(serving, is_called(t.teams, wish.team))
        if tx.execute(sa.select(t.teams.c.id).where(serving)).first() is None:
            raise NotFound(kind="team", name=wish.team)
    written = {one.key: one.original for one in wish.addresses}
    where = [t.seats.c.occupant.is_not(None), serving]
    if written:
        where.append(t.seats.c.occupant.in_(written))
    rows = tx.execute(
        sa.select(t.seats.c.occupant, t.teams.c.name, t.teams.c.owner_address, t.pools.c.default_term)
        .join(t.teams, t.teams.c.id == t.seats.c.team_id)
        .join(t.pools, t.pools.c.id == t.teams.c.pool_id)
        .where(*where)
        .order_by(t.teams.c.id, t.seats.c.number)
    ).all()
    found = [_adoptee(wish, row, written.get(row.occupant, row.occupant), now) for row in rows]
    there = {row.occupant for row in rows}
    return [*found, *(Adoptee(text, None, refused="not_there") for key, text in written.items() if key not in there)]


def _adoptee(wish: Adoption, row: Any, address: str, now: datetime) -> Adoptee:
    term = wish.term or row.default_term
    until = ends_at(parse_term(term), wish.since or now)
    refused = None
    if row.occupant.startswith(NAMELESS):
        refused = "nameless"
    elif row.owner_address and key_of(row.owner_address) == row.occupant:
        refused = "owner"
    elif until is not None and until <= now:
        refused = "over"
    return Adoptee(address, row.name, term, until, refused)


def _adopt(tx: sa.Connection, actor: Actor, wish: Adoption, one: Adoptee, now: datetime) -> Adoptee:
    holds.refuse_restored(tx)
    named = sa.and_(is_called(t.teams, one.team or ""), t.teams.c.removed_at.is_(None))
    # Locked, or it might go to another pool with everybody but this one.
    asked = sa.select(t.teams).where(named)
    team = tx.execute(asked.with_for_update(key_share=True) if guard("pool_kept", True) else asked).one_or_none()
    if team is None:
        return _left(one, "not_there")
    key = key_of(one.address)
    if not removal_plans.give_way(tx, team.id, key, now):
        return _left(one, "leaving")
    seat_id = seat_actions.take_from_stranger(tx, team.id, key)
    if seat_id is None:
        return _left(one, "seated" if removal_plans.is_served(tx, team.id, key) else "not_there")
    values = {
        "address": one.address,
        "address_key": key,
        "pool_id": team.pool_id,
        "team_id": team.id,
        "seat_id": seat_id,
        "status": "active",
        "term": one.term,
        "auto_transfer": wish.auto_transfer,
        "created_at": now,
        "joined_at": wish.since or now,
        "expires_at": one.expires_at,
    }
    lease = tx.execute(sa.insert(t.leases).values(**values).returning(t.leases)).one()
    after = {"team": team.id, "seat": seat_id, "term": one.term}
    audit.record(tx, actor, "lease.adopted", "lease", lease.id, now, after=after)
    records.note_seat(tx, lease, team, now)
    return Adoptee(one.address, one.team, one.term, one.expires_at, None, int(lease.id))


def _left(one: Adoptee, reason: str) -> Adoptee:
    return Adoptee(one.address, one.team, one.term, one.expires_at, reason)
