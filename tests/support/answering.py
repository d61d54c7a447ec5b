"""A provider that answers as it is told, in a house that is moved by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa

from core.providers.protocol import Done, Standing
from tests.support.moved import MovedHouse

LAG = timedelta(seconds=60)


class Answering:
    """A provider that answers an invite as it is told, with lists that lag by `LAG`."""

    def __init__(self, *, idempotent: bool = True) -> None:
        self.properties = SimpleNamespace(
            list_lag=LAG.total_seconds(), idempotent_by_address=idempotent, can_remove=True, can_cancel=True
        )
        self.standing: Any = Standing(None, None)
        self.answer: Any = Done("x")
        self.invited = 0

    async def look_up(self, _: str) -> Any:
        return self.standing

    async def invite(self, _: str) -> Any:
        self.invited += 1
        return self.answer

    async def remove_member(self, _: Any) -> Any:
        return self.answer

    async def cancel_invite(self, _: Any) -> Any:
        return self.answer


def answered_by(house: MovedHouse, provider: Answering) -> None:
    """Have every team of the house answered by it."""
    house.core.provider = lambda *_: provider  # type: ignore[method-assign, assignment]


async def moment(house: MovedHouse, column: sa.Column[datetime], which: int) -> datetime:
    """A moment of the row with that number, which has one."""
    found = sa.select(column).where(column.table.c.id == which)
    read: datetime = await house.core.read(lambda tx: tx.execute(found).scalar_one())
    return read
