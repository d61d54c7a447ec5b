"""What keeps Usher from acting on what it believes: a clock that has jumped, a database that is older than the world.

Each is a row of `facts`, so that every process sees it in the transaction in which it would act, and a restart
forgets nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.errors import RestoredWait
from core.storage import tables as t
from core.storage.database import dialect_insert

CLOCK = "held:clock"
"""The clock went ahead, and nobody has confirmed it. Facts: since, seconds, look_at."""
RESTORED = "held:restored"
"""The database is older than what happened. Facts: backup_at, noted_at, why."""

WAITS = {CLOCK: "waits_for_the_clock", RESTORED: "waits_for_the_restored_database"}
"""What came of a sweep that was held back, by what held it."""


def put(tx: sa.Connection, name: str, value: Mapping[str, Any], now: datetime) -> bool:
    """Begin to hold; False where that is held already, which stays as it is."""
    statement = dialect_insert(t.facts, tx).on_conflict_do_nothing(index_elements=["name"])
    return tx.execute(statement, {"name": name, "value": dict(value), "changed_at": now}).rowcount == 1


def lift(tx: sa.Connection, name: str) -> bool:
    """Hold no longer; False where it was not held."""
    return tx.execute(sa.delete(t.facts).where(t.facts.c.name == name)).rowcount == 1


def read(tx: sa.Connection, name: str) -> Mapping[str, Any] | None:
    """What is known of a hold; None where there is none."""
    value: Mapping[str, Any] | None = tx.execute(sa.select(t.facts.c.value).where(t.facts.c.name == name)).scalar()
    return value


def names(tx: sa.Connection) -> frozenset[str]:
    """What is held for just now."""
    return frozenset(tx.execute(sa.select(t.facts.c.name).where(t.facts.c.name.in_((CLOCK, RESTORED)))).scalars())


def refuse_restored(tx: sa.Connection) -> None:
    """Raises: RestoredWait while the database is known to be older than what has happened."""
    if read(tx, RESTORED) is not None:
        raise RestoredWait
