"""Planning that somebody is taken out of a team: one row, which `core.leases.removals` looks after."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core import audit
from core.actors import SYSTEM, Actor
from core.rules.addresses import key_of
from core.storage import tables as t
from core.storage.database import dialect_insert
from core.storage.guards import guard
from core.storage.row_claims import change
from core.storage.rows import LeaseRow, RemovalRow

SERVED = "served"
"""Why a removal is not made: the person has come to a seat in that team since."""


def plan(
    tx: sa.Connection, actor: Actor, lease: LeaseRow, cause: str, now: datetime, *, transfer_id: int | None = None
) -> int:
    """Record that a lease's person is to be taken out; returns the removal's id.

    One is under way at a time: one that was planned for the same person without a lease becomes this one.
    """
    values: dict[str, Any] = {
        "lease_id": lease.id,
        "transfer_id": transfer_id,
        "cause": cause,
        "requested_by": actor.key,
    }
    where = {"team_id": lease.team_id, "address": lease.address, "address_key": lease.address_key}
    removal_id = _insert(tx, {**where, **values}, now)
    if removal_id is not None:
        return removal_id
    mine = (t.removals.c.team_id == lease.team_id, t.removals.c.address_key == lease.address_key)
    return int(change(tx, t.removals, *mine, expected="planned", **values).one().id)


def plan_stranger(tx: sa.Connection, actor: Actor, team_id: int, address: str, cause: str, now: datetime) -> int | None:
    """Record that a member without a lease is to be taken out; returns the removal's id. None for one who has a lease."""
    key = key_of(address)
    if guard("removal_recheck", True) and is_served(tx, team_id, key):
        return None
    where = {"team_id": team_id, "address": address, "address_key": key}
    removal_id = _insert(tx, {**where, "cause": cause, "requested_by": actor.key}, now)
    if removal_id is None:
        removal_id = tx.execute(sa.select(t.removals.c.id).where(_planned(team_id, key))).scalar_one_or_none()
    return removal_id


def is_served(tx: sa.Connection, team_id: int, address_key: str, *, but_for: int | None = None) -> bool:
    """Whether an address has a live lease in a team, other than `but_for`."""
    live = sa.and_(t.leases.c.team_id == team_id, t.leases.c.address_key == address_key, t.leases.c.status.in_(t.LIVE))
    if but_for is not None:
        live = sa.and_(live, t.leases.c.id != but_for)
    return tx.execute(sa.select(t.leases.c.id).where(live)).first() is not None


def give_way(tx: sa.Connection, team_id: int, address_key: str, now: datetime) -> bool:
    """Somebody is given a seat in a team that they were to be taken out of: they stay.

    False if they are being taken out already: then nobody can say whether the call comes before the invite or after.
    """
    if not guard("removal_recheck", True):
        return True
    planned = sa.select(is_planned(team_id, address_key))
    if not tx.execute(planned).scalar_one():
        return True
    unsent = (t.removals.c.team_id == team_id, t.removals.c.address_key == address_key, t.removals.c.sent_at.is_(None))
    for row in change(tx, t.removals, *unsent, expected="planned", **_given_way(now)).all():
        note_given_way(tx, row, now)
    return not tx.execute(planned).scalar_one()


def gave_way(tx: sa.Connection, team_id: int, address_key: str, since: datetime) -> Any:
    """The removal that was not made because the address was given a seat in the team at that moment or later, or None."""
    mine = (t.removals.c.team_id == team_id, t.removals.c.address_key == address_key)
    not_made = (t.removals.c.state == "cancelled", t.removals.c.reason == SERVED, t.removals.c.finished_at >= since)
    latest = sa.select(t.removals).where(*mine, *not_made).order_by(t.removals.c.id.desc()).limit(1)
    return tx.execute(latest).one_or_none()


def take_up_again(tx: sa.Connection, lease: LeaseRow, now: datetime) -> None:
    """Nothing came of a lease: whoever was to be taken out before they were given it still is."""
    before = gave_way(tx, lease.team_id, lease.address_key, lease.created_at)
    if before is None or is_served(tx, lease.team_id, lease.address_key):
        return
    kept = {name: getattr(before, name) for name in ("team_id", "address", "address_key", "cause", "requested_by")}
    again = _insert(tx, kept, now)
    if again is not None:
        after = {"removal": again, "instead_of": before.id}
        audit.record(tx, SYSTEM, "removal.planned", "team", lease.team_id, now, after=after)


def is_planned(team_id: Any, address_key: Any) -> sa.ColumnElement[bool]:
    """Whether an address is to be taken out of a team."""
    return sa.exists().where(_planned(team_id, address_key))


def _given_way(now: datetime) -> dict[str, Any]:
    return {"state": "cancelled", "reason": SERVED, "finished_at": now, "claim": None, "due_at": None}


def cancel(tx: sa.Connection, removal_id: int, now: datetime) -> None:
    """The person of a planned removal has a seat in the team by now: nobody is taken out."""
    for row in change(tx, t.removals, t.removals.c.id == removal_id, expected="planned", **_given_way(now)).all():
        note_given_way(tx, row, now)


def note_given_way(tx: sa.Connection, row: RemovalRow, now: datetime) -> None:
    """The audit line of a removal that is not made."""
    after = {"removal": row.id, "reason": SERVED}
    audit.record(tx, SYSTEM, "removal.cancelled", "team", row.team_id, now, after=after)


def _insert(tx: sa.Connection, values: dict[str, Any], now: datetime) -> int | None:
    statement = dialect_insert(t.removals, tx).on_conflict_do_nothing(
        index_elements=["team_id", "address_key"], index_where=sa.text("state = 'planned'")
    )
    planned = {"state": "planned", "created_at": now, "due_at": now}
    made = tx.execute(statement.values(**values, **planned).returning(t.removals.c.id)).scalar_one_or_none()
    return None if made is None else int(made)


def _planned(team_id: Any, address_key: Any) -> sa.ColumnElement[bool]:
    mine = sa.and_(t.removals.c.team_id == team_id, t.removals.c.address_key == address_key)
    return sa.and_(mine, t.removals.c.state == "planned")
