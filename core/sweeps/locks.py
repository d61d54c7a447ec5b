"""The row of `sweeps` as the lock: one process at a time runs a sweep, and a dead one loses it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa

from core.rounds import Round
from core.storage import tables as t
from core.storage.database import dialect_insert
from core.storage.row_claims import claim_due

HOLD = timedelta(seconds=10)
"""How long a claim lives without being renewed: the longest that a killed process keeps others waiting."""


class LockLost(Exception):
    """Another process has taken the sweep over, because this one was silent for too long."""


def register(tx: sa.Connection, first_due: Mapping[str, datetime], latest: Mapping[str, datetime]) -> None:
    """Make the missing rows, due at `first_due`; a row due after `latest` comes forward to it.

    The second part is for an interval that was made shorter while nothing ran. A row with a latest moment that was due
    before and that nobody works on is due at `first_due` too: nothing is late for having been switched off.
    """
    statement = dialect_insert(t.sweeps, tx).on_conflict_do_nothing(index_elements=["name"])
    tx.execute(statement, [{"name": name, "due_at": moment, "paused": False} for name, moment in first_due.items()])
    for name, moment in latest.items():
        tx.execute(sa.update(t.sweeps).where(t.sweeps.c.name == name, t.sweeps.c.due_at > moment).values(due_at=moment))
        first = first_due[name]
        idle = sa.or_(t.sweeps.c.claim.is_(None), t.sweeps.c.claimed_until <= first)
        waited = (t.sweeps.c.name == name, t.sweeps.c.due_at < first, idle)
        tx.execute(sa.update(t.sweeps).where(*waited).values(due_at=first))


def due(tx: sa.Connection, names: Collection[str], now: datetime) -> list[str]:
    """The sweeps that could be claimed now, the longest waiting first."""
    statement = (
        sa.select(t.sweeps.c.name).where(t.sweeps.c.name.in_(names), *_claimable(now)).order_by(t.sweeps.c.due_at)
    )
    return list(tx.execute(statement).scalars())


def claim(tx: sa.Connection, name: str, now: datetime, *, early: bool = False) -> str | None:
    """The token of a fresh claim, or None where the sweep is not due, paused or claimed.

    `early` runs it now, due or not and paused or not: somebody asked for it.
    """
    due = (t.sweeps.c.name == name, *_claimable(now, early=early))
    claimed = claim_due(tx, t.sweeps, *due, until=now + HOLD, started_at=now)
    return claimed[0].claim if claimed else None


def renew(tx: sa.Connection, name: str, token: str, now: datetime, *, endless: bool = False) -> None:
    """Keep the claim. One that is `endless` has no round to be late with: it is due for as long as nobody renews it.

    Raises: LockLost.
    """
    due = {"due_at": now} if endless else {}
    statement = sa.update(t.sweeps).where(t.sweeps.c.name == name, t.sweeps.c.claim == token)
    if tx.execute(statement.values(claimed_until=now + HOLD, **due)).rowcount != 1:
        raise LockLost


def release(tx: sa.Connection, name: str, token: str, now: datetime, due_at: datetime, came: Round | None) -> bool:
    """Give the lock back with what came of the round. False, and nothing changed, where it is another's by now.

    None: the round was broken off, and what came of the one before stays.
    """
    values: dict[str, object] = {"claim": None, "claimed_until": None, "due_at": due_at}
    if came is not None:
        values |= {"finished_at": now, "outcome": came.outcome, "facts": dict(came.facts)}
    statement = sa.update(t.sweeps).where(t.sweeps.c.name == name, t.sweeps.c.claim == token)
    return tx.execute(statement.values(**values)).rowcount == 1


def _claimable(now: datetime, *, early: bool = False) -> list[sa.ColumnElement[bool]]:
    unclaimed = sa.or_(t.sweeps.c.claim.is_(None), t.sweeps.c.claimed_until <= now)
    return [unclaimed] if early else [unclaimed, t.sweeps.c.due_at <= now, t.sweeps.c.paused.is_(False)]
