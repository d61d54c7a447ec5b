"""A group's sponsor: what was paid for within a day, and whether one more question is within the limit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import sqlalchemy as sa

from core.errors import Refusal
from core.rules.money import amount_text
from core.storage.chat_tables import conversations, sponsors, turns
from core.storage.talk_tables import OPEN, calls
from core.talk_errors import SponsorGone, SponsorLimit


@dataclass(frozen=True, slots=True)
class DailyRoom:
    """What may still be claimed today under one limit, in micro-credits, and how a question is refused beyond it: made with what
    it `needed`.
    """

    left: int
    refusal: Callable[..., Refusal]


def room(tx: sa.Connection, turn_id: int, payer_id: int, now: datetime) -> DailyRoom:
    """What the sponsor of a turn's place still pays today. Raises: SponsorGone.

    The payer's row is locked by whoever calls, so that two questions do not count on the same room.
    """
    turn = tx.execute(sa.select(turns).where(turns.c.id == turn_id)).one_or_none()
    row = turn and tx.execute(sa.select(sponsors).where(*there(turn.platform, turn.place))).one_or_none()
    if row is None or row.person_id != payer_id:
        raise SponsorGone
    return DailyRoom(row.daily_limit - spent(tx, row, now), partial(SponsorLimit, limit=amount_text(row.daily_limit)))


def spent(tx: sa.Connection, row: Any, now: datetime) -> int:
    """Micro-credits that a row of `sponsors` has paid today (UTC), questions under way included."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    used = sa.case((calls.c.state.in_(OPEN), calls.c.claimed), else_=calls.c.charged)
    place = (conversations.c.platform == row.platform, conversations.c.place == row.place)
    talks = sa.select(conversations.c.id).where(conversations.c.person_id == 0, *place)
    paid = (
        sa.select(sa.func.coalesce(sa.func.sum(used), 0))
        .join_from(calls, turns, turns.c.id == calls.c.turn_id)
        .where(turns.c.conversation_id.in_(talks), turns.c.payer.is_not(None))
        .where(calls.c.person_id == row.person_id, calls.c.made_at >= today)
    )
    return int(tx.execute(paid).scalar_one())


def there(platform: str, place: str) -> tuple[sa.ColumnElement[bool], ...]:
    """The row of a place."""
    return sponsors.c.platform == platform, sponsors.c.place == place
