"""How much a source may be given in a minute and in a day: requests, tokens, credit, counted over all processes.

Requests and tokens are kept as in `core.budgets`: a row holds the moment at which its minute is unused again, and each
call moves it on by its share. So no minute ever sees more than the limit, and a restart forgets nothing.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from core.storage import tables as t
from core.storage.database import dialect_insert
from core.storage.rows import SourceRow
from core.storage.talk_tables import sources

MINUTE = 60.0
BURST = 2
"""Half of a minute's limit may go out at once; the other half becomes free evenly over the rest of that minute."""


def has_room(tx: sa.Connection, source: SourceRow, tokens: int, now: datetime) -> bool:
    """Whether `claim` is likely to succeed. Asked before a place is taken, so that a source at its limit costs nothing."""
    if source.daily_budget is not None and source.day == now.toordinal() and source.spent >= source.daily_budget:
        return False
    scopes = {scope: (limit, weight) for scope, limit, weight in _limits(source, tokens)}
    if not scopes:
        return True
    rows = tx.execute(sa.select(t.budgets).where(t.budgets.c.scope.in_(list(scopes)))).all()
    return all(row.whole_at <= _reach(*scopes[row.scope], now.timestamp()) for row in rows)


def claim(tx: sa.Connection, source: SourceRow, tokens: int, now: datetime) -> bool:
    """Count one call of at most so many tokens against every limit, or, if one of them has no room, against none."""
    for done, (scope, limit, weight) in enumerate(limits := _limits(source, tokens)):
        if not _claim(tx, scope, limit, weight, now.timestamp()):
            for scope_done, limit_done, weight_done in limits[:done]:
                _give_back(tx, scope_done, limit_done, weight_done)
            return False
    return True


def note_spent(tx: sa.Connection, source_id: int, amount: int, now: datetime) -> None:
    """Add what a call cost to the source's day, where somebody set a limit for it."""
    today = now.toordinal()
    tx.execute(
        sa.update(sources)
        .where(sources.c.id == source_id, sources.c.daily_budget.is_not(None))
        .values(spent=sa.case((sources.c.day == today, sources.c.spent + amount), else_=amount), day=today)
    )


def _limits(source: SourceRow, tokens: int) -> list[tuple[str, int, int]]:
    limits = ((f"source:{source.id}:rpm", source.rpm, 1), (f"source:{source.id}:tpm", source.tpm, tokens))
    # A single call beyond a whole minute's tokens goes out alone, when the minute is whole.
    return [(scope, limit, min(weight, limit)) for scope, limit, weight in limits if limit]


def _share(limit: int, weight: int) -> float:
    """Seconds that a call of this weight moves the row on."""
    burst = max(1, limit // BURST)
    return MINUTE * weight / max(1, limit - burst)


def _reach(limit: int, weight: int, now: float) -> float:
    """Until when the row may stand for the call to go out.

    A call larger than the burst waits until the row has been unused for so long that the minute behind it leaves room.
    """
    burst = max(1, limit // BURST)
    return now + _share(limit, burst) - _share(limit, weight)


def _claim(tx: sa.Connection, scope: str, limit: int, weight: int, now: float) -> bool:
    share = _share(limit, weight)
    impossible = t.budgets.c.whole_at > now + 3 * MINUTE
    running = sa.and_(t.budgets.c.whole_at > now, sa.not_(impossible))
    counted = (
        dialect_insert(t.budgets, tx)
        .values(scope=scope, whole_at=now + share)
        .on_conflict_do_update(
            index_elements=["scope"],
            set_={"whole_at": sa.case((running, t.budgets.c.whole_at), else_=now) + share},
            where=sa.or_(t.budgets.c.whole_at <= _reach(limit, weight, now), impossible),
        )
        .returning(t.budgets.c.whole_at)
    )
    return tx.execute(counted).one_or_none() is not None


def _give_back(tx: sa.Connection, scope: str, limit: int, weight: int) -> None:
    less = t.budgets.c.whole_at - _share(limit, weight)
    tx.execute(sa.update(t.budgets).where(t.budgets.c.scope == scope).values(whole_at=less))
