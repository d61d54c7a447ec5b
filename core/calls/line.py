"""Waiting in line for a place at a source: first those whose plan says so, then in the order of asking."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from core.calls.orders import CallClaim
from core.storage.column_types import Moment
from core.storage.prepared import Prepared
from core.storage.talk_tables import calls, memberships, plans
from core.talk_settings import TalkSettings

BEATS = 3
"""A call whose process has not been heard of for so many checkpoints holds nobody up any more."""

_now = sa.bindparam("now", type_=Moment())
_first = sa.exists().where(
    memberships.c.person_id == calls.c.person_id,
    memberships.c.ended_at.is_(None),
    sa.or_(memberships.c.until_at.is_(None), memberships.c.until_at > _now),
    plans.c.id == memberships.c.plan_id,
    plans.c.waits_first,
)
_waiting = sa.and_(
    calls.c.state == "claimed",
    calls.c.model_id == sa.bindparam("model_id", type_=calls.c.model_id.type),
    calls.c.id != sa.bindparam("call", type_=calls.c.id.type),
    calls.c.own_only.is_(sa.false()),
    calls.c.due_at > sa.bindparam("heard", type_=Moment()),
)
_earlier = calls.c.id < sa.bindparam("call", type_=calls.c.id.type)
_AHEAD = {
    True: Prepared(sa.select(sa.func.count().label("number")).where(_waiting, _earlier, _first)),
    False: Prepared(sa.select(sa.func.count().label("number")).where(_waiting, sa.or_(_earlier, _first))),
}
"""By whether the one who asks waits first."""


def ahead(tx: sa.Connection, talk: TalkSettings, claim: CallClaim, now: datetime) -> int:
    """How many wait for the same model before this call."""
    heard = now + timedelta(seconds=talk.claim - BEATS * min(talk.checkpoint, talk.claim / 3))
    values = {"model_id": claim.model_id, "call": claim.call_id, "heard": heard, "now": now}
    return int(_AHEAD[claim.waits_first].one(tx, values).number)
