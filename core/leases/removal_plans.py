"""Planning that somebody is taken out of a team: one row, which `core.leases.removals` looks after."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.actors import Actor
from core.rules.addresses import key_of
from core.storage.database import dialect_insert
from core.storage.tables import removals


def plan(
    tx: sa.Connection, actor: Actor, lease: Any, cause: str, now: datetime, *, transfer_id: int | None = None
) -> int:
    """Record that a lease's person is to be taken out; returns the removal's id. One is under way at a time."""
    values = {
        "team_id": lease.team_id,
        "lease_id": lease.id,
        "transfer_id": transfer_id,
        "address": lease.address,
        "address_key": lease.address_key,
    }
    return _insert(tx, actor, values, cause, now)


def plan_stranger(tx: sa.Connection, actor: Actor, team_id: int, address: str, cause: str, now: datetime) -> int:
    """Record that a member without a lease is to be taken out; returns the removal's id."""
    values = {"team_id": team_id, "address": address, "address_key": key_of(address)}
    return _insert(tx, actor, values, cause, now)


def _insert(tx: sa.Connection, actor: Actor, values: dict[str, Any], cause: str, now: datetime) -> int:
    statement = dialect_insert(removals, tx).on_conflict_do_nothing(
        index_elements=["team_id", "address_key"], index_where=sa.text("state = 'planned'")
    )
    planned = {"cause": cause, "state": "planned", "requested_by": actor.key, "created_at": now, "due_at": now}
    tx.execute(statement, {**values, **planned})
    mine = sa.and_(
        removals.c.team_id == values["team_id"],
        removals.c.address_key == values["address_key"],
        removals.c.state == "planned",
    )
    return int(tx.execute(sa.select(removals.c.id).where(mine)).scalar_one())
