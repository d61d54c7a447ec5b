"""What `usher doctor` looks for in a PostgreSQL server: whatever makes it lose what it acknowledged, or wait for ever."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from core.storage.postgres_urls import time_limits

KEEPS: Final = ("database_keeps_what_it_acknowledged", "what the database acknowledged outlives a crash and a failover")
ENDS: Final = ("database_ends_what_waits", "the database ends what waits or idles for too long")

_DURABLE: Final = ("fsync", "full_page_writes", "synchronous_commit")


def keeping_faults(tx: sa.Connection) -> list[str]:
    """Why rows that were acknowledged could be gone after a crash or a failover."""
    faults = [f"{name} is off" for name in _DURABLE if _setting(tx, name) == "off"]
    # The state is hidden from a user who may not see it; the row itself is not. A base backup is no replica.
    replicas = tx.execute(
        sa.text(
            "SELECT count(*) FROM pg_stat_replication WHERE coalesce(state, 'streaming') IN ('streaming', 'catchup')"
        )
    ).scalar_one()
    if replicas and not _setting(tx, "synchronous_standby_names").strip():
        faults.append(
            f"{replicas} replicas and none is synchronous: set synchronous_standby_names, or Patroni's synchronous_mode"
        )
    elif replicas and _setting(tx, "synchronous_commit") == "local":
        faults.append("synchronous_commit is local, which waits for no replica")
    return faults


def waiting_faults(tx: sa.Connection, seconds: float) -> list[str]:
    """Which of the time limits this connection does not have, as behind a pooler."""
    wanted = time_limits(seconds)
    found = {
        name: tx.execute(sa.text("SELECT setting FROM pg_settings WHERE name = :n"), {"n": name}).scalar_one()
        for name in wanted
    }
    different = [f"{name} is {found[name]} ms and not {wanted[name]}" for name in wanted if found[name] != wanted[name]]
    return [*different, 'run "usher db upgrade", and let the pooler connect anew'] if different else []


def _setting(tx: sa.Connection, name: str) -> str:
    return str(tx.execute(sa.select(sa.func.current_setting(name))).scalar_one())
