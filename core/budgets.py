"""How many requests a minute an upstream gets, counted in rows so that all processes keep to one budget together.

A row holds the moment at which its budget will be whole again. A request moves it on by its share of a minute,
and goes out if the row stays within reach: a third of the budget may be spent at once, the rest evenly. So no
minute ever sees more requests than the budget, and a restart forgets nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from core.storage import tables as t
from core.storage.column_types import Moment
from core.storage.database import dialect_insert

MINUTE = 60.0


class OverBudget(Exception):
    """`spent` is used up, and nothing was counted.

    One request fits again in `soon` seconds; `wait` is when it is worth coming back for more than one.
    """

    def __init__(self, spent: Budget, soon: float) -> None:
        super().__init__(spent.scope)
        self.spent = spent
        self.soon = soon
        self.wait = max(1.0, soon + spent.interval * (spent.burst // 4))


@dataclass(frozen=True, slots=True)
class Budget:
    """`limit` requests in any minute; `team_id` is None for the budget of a whole provider."""

    provider: str
    limit: int
    team_id: int | None = None

    @property
    def scope(self) -> str:
        return f"provider:{self.provider}" if self.team_id is None else f"team:{self.team_id}"

    @property
    def burst(self) -> int:
        """Requests that may go out at once."""
        return max(1, self.limit // 3)

    @property
    def interval(self) -> float:
        """Seconds from one request to the next once the burst is spent."""
        return MINUTE / (self.limit - self.burst + 1)


def claim_request(tx: sa.Connection, wanted: Sequence[Budget], now: datetime) -> None:
    """Count one request against every budget, or against none. Raises: OverBudget."""
    for budget in wanted:
        _claim(tx, budget, now.timestamp())


def pass_over(tx: sa.Connection, spent: Budget, until: datetime) -> None:
    """Whoever chooses a team or reads one leaves those without budget alone until then."""
    mine = t.teams.c.id == spent.team_id
    if spent.team_id is None:
        mine = sa.and_(t.teams.c.provider == spent.provider, t.teams.c.removed_at.is_(None))
    sooner = sa.or_(t.teams.c.paused_until.is_(None), t.teams.c.paused_until < sa.literal(until, Moment()))
    chosen = sa.select(t.teams.c.id).where(mine, sooner).order_by(t.teams.c.id).with_for_update(skip_locked=True)
    tx.execute(sa.update(t.teams).where(t.teams.c.id.in_(chosen)).values(paused_until=until))


def spent(tx: sa.Connection, wanted: Iterable[Budget], now: datetime) -> list[Budget]:
    """Those of which not one more request may go out now."""
    whole = {row.scope: row.whole_at for row in tx.execute(sa.select(t.budgets))}
    return [one for one in wanted if whole.get(one.scope, 0.0) > now.timestamp() + (one.burst - 1) * one.interval]


def _claim(tx: sa.Connection, budget: Budget, now: float) -> None:
    reach = now + (budget.burst - 1) * budget.interval
    # Further away than a whole burst it cannot be by counting: the limit was raised, or a clock set back.
    impossible = t.budgets.c.whole_at > now + (budget.burst + 1) * budget.interval
    running = sa.and_(t.budgets.c.whole_at > now, sa.not_(impossible))
    counted = (
        dialect_insert(t.budgets, tx)
        .values(scope=budget.scope, whole_at=now + budget.interval)
        .on_conflict_do_update(
            index_elements=["scope"],
            set_={"whole_at": sa.case((running, t.budgets.c.whole_at), else_=now) + budget.interval},
            where=sa.or_(t.budgets.c.whole_at <= reach, impossible),
        )
        .returning(t.budgets.c.whole_at)
    )
    if tx.execute(counted).one_or_none() is not None:
        return
    whole_at = tx.execute(sa.select(t.budgets.c.whole_at).where(t.budgets.c.scope == budget.scope)).scalar_one()
    raise OverBudget(budget, float(whole_at) - reach)
