"""Places for running calls at a source: each a row, claimed like a seat, so that an account is never overrun."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core.rules.source_choice import CandidateSource, Prefers, in_order
from core.sources import rates
from core.storage.column_types import Moment
from core.storage.guards import guard
from core.storage.prepared import Prepared
from core.storage.rows import SourceRow
from core.storage.talk_rows import CandidateRow
from core.storage.talk_tables import limit_groups, models, source_models, source_slots, sources
from core.talk_settings import SourceSettings

if TYPE_CHECKING:
    from core.service import Core

_BUSY = (
    sa.select(sa.func.count())
    .where(source_slots.c.source_id == sources.c.id, source_slots.c.state == "busy")
    .scalar_subquery()
)
_now = sa.bindparam("now", type_=Moment())


def _over(column: sa.Column[Any]) -> sa.ColumnElement[bool]:
    return sa.or_(column.is_(None), column <= _now)


_FITTING = sa.and_(
    source_models.c.model_id == sa.bindparam("model_id", type_=models.c.id.type),
    sources.c.enabled,
    sources.c.removed_at.is_(None),
    sources.c.health == "healthy",
    _over(sources.c.paused_until),
    _over(limit_groups.c.paused_until),
    source_models.c.enabled,
    sa.or_(source_models.c.fraction.is_(None), source_models.c.fraction > 0, source_models.c.resets_at <= _now),
    sa.or_(
        sa.and_(sources.c.owner_id.is_(None), sa.bindparam("own_only", type_=sa.Boolean()).is_(sa.false())),
        sources.c.owner_id == sa.bindparam("person_id", type_=sources.c.owner_id.type),
        sa.and_(sources.c.shared, sa.bindparam("own_only", type_=sa.Boolean()).is_(sa.false())),
    ),
)
_JOINED = sources.join(source_models, source_models.c.source_id == sources.c.id).outerjoin(
    limit_groups, limit_groups.c.id == sources.c.limit_group_id
)
_CANDIDATES = Prepared(
    sa.select(sources, source_models.c.upstream_name, _BUSY.label("busy")).select_from(_JOINED).where(_FITTING)
)


def fitting(
    tx: sa.Connection, model_id: int, person_id: int, now: datetime, *, own_only: bool = False
) -> list[CandidateRow]:
    """The sources that may answer this person now, whether or not they have a free place.

    Those are enabled, healthy, not resting (neither they nor their limit group), with some quota left, and either the
    house's, the person's own, or lent to everybody. `own_only`: only the person's own.
    """
    values = {"model_id": model_id, "person_id": person_id, "own_only": own_only, "now": now}
    return list(_CANDIDATES.all(tx, values))


def is_own(row: SourceRow, person_id: int) -> bool:
    """Is a source the person's, and lent to nobody?"""
    return bool(row.owner_id == person_id and not row.shared)


def free_places(candidates: Collection[CandidateRow]) -> int:
    """How many calls could begin at these sources, counting free places only."""
    return sum(max(0, row.concurrency - row.busy) for row in candidates)


def has_own(tx: sa.Connection, model_id: int, person_id: int, now: datetime) -> bool:
    """Has this person a source of their own, lent to nobody, that may answer?"""
    return any(not row.shared for row in fitting(tx, model_id, person_id, now, own_only=True))


_FREE = (
    sa.select(source_slots.c.id)
    .where(source_slots.c.source_id == sa.bindparam("source"), source_slots.c.state == "free")
    .order_by(source_slots.c.number)
    .limit(1)
)


def _claiming(guarded: bool) -> Prepared:
    chosen = _FREE.with_for_update(skip_locked=True) if guarded else _FREE
    still = (source_slots.c.state == "free",) if guarded else ()
    return Prepared(
        sa.update(source_slots)
        .where(source_slots.c.id == chosen.scalar_subquery(), *still)
        .values(state="busy", call_id=sa.bindparam("call"), held_until=sa.bindparam("until", type_=Moment()))
        .returning(source_slots.c.id)
    )


_CLAIM = {guarded: _claiming(guarded) for guarded in (True, False)}


def claim_slot(
    tx: sa.Connection,
    core: Core,
    call_id: int,
    in_order: Iterable[CandidateRow],
    tokens: int,
    now: datetime,
) -> CandidateRow | None:
    """Take a free place at the first source that has one, and count the call against that source's limits.

    Returns the source's row, or None where each of them is busy or at its limit for this minute.
    """
    until = now + timedelta(seconds=core.settings.talk.claim)
    for source in in_order:
        if not rates.has_room(tx, source, tokens, now):
            continue
        values = {"source": source.id, "call": call_id, "until": until}
        if _CLAIM[bool(guard("slot_claim", source))].one_or_none(tx, values) is None:
            continue
        if rates.claim(tx, source, tokens, now):
            return source
        free_slots(tx, call_id)
    return None


_FREEING = Prepared(
    sa.update(source_slots)
    .where(source_slots.c.call_id == sa.bindparam("call"), source_slots.c.state == "busy")
    .values(state="free", call_id=None, held_until=None)
)
_HOLDING = Prepared(
    sa.update(source_slots)
    .where(source_slots.c.call_id == sa.bindparam("call"), source_slots.c.state == "busy")
    .values(held_until=sa.bindparam("until", type_=Moment()))
)


def free_slots(tx: sa.Connection, call_id: int) -> None:
    """The call has ended; its place is free again."""
    _FREEING.run(tx, {"call": call_id})


def hold(tx: sa.Connection, call_id: int, until: datetime) -> None:
    """The call goes on: its place stays taken for longer."""
    _HOLDING.run(tx, {"call": call_id, "until": until})


def resize(tx: sa.Connection, source_id: int, concurrency: int) -> None:
    """Give a source so many places. Busy places beyond that number go when their call ends and this runs again."""
    present = set(tx.execute(sa.select(source_slots.c.number).where(source_slots.c.source_id == source_id)).scalars())
    missing = [number for number in range(1, concurrency + 1) if number not in present]
    if missing:
        rows = [{"source_id": source_id, "number": number, "state": "free"} for number in missing]
        tx.execute(sa.insert(source_slots), rows)
    tx.execute(
        sa.delete(source_slots).where(
            source_slots.c.source_id == source_id, source_slots.c.number > concurrency, source_slots.c.state == "free"
        )
    )


def by_policy(rows: Collection[Any], settings: SourceSettings, person_id: int, prefers: Prefers) -> Iterator[Any]:
    """The sources in the order in which they are to be tried."""
    by_id = {row.id: row for row in rows}
    found = [
        CandidateSource(
            row.id,
            own=is_own(row, person_id),
            busy=row.busy / row.concurrency if row.concurrency else 1.0,
            weight=row.weight,
        )
        for row in rows
    ]
    return (by_id[one.source_id] for one in in_order(found, settings.policy, prefers, random.random))
