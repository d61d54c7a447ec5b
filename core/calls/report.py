"""Calls as staff see them: times, models, tokens, amounts and endings; never what was asked or answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core.actors import Actor, Role
from core.errors import BadChoice, NotFound
from core.rules.endings import ENDINGS
from core.storage import tables as t
from core.storage.names import is_called
from core.storage.talk_tables import OPEN, call_attempts, calls, sources

if TYPE_CHECKING:
    from core.service import Core

MOST = 500
STATES = (*OPEN, "settled", "refused")
WAYS = (*STATES, *(ending for ending in ENDINGS if ending not in STATES))
"""How a call stands, or ended."""


@dataclass(frozen=True, slots=True)
class AttemptLine:
    """One source that was asked."""

    number: int
    source: str
    outcome: str
    reason: str | None
    possible_loss: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class CallLine:
    """One call. Money in micro-credits; `person` is one identity of who pays, None for somebody erased."""

    id: int
    person: str | None
    via: str
    model: str
    source: str | None
    state: str
    finish: str | None
    reason: str | None
    claimed: int
    charged: int
    absorbed: int
    billed: int
    estimated: bool
    shortened: bool
    tokens_in: int
    tokens_out: int
    attempts: int
    made_at: datetime
    first_token_at: datetime | None
    ended_at: datetime | None
    tried: Sequence[AttemptLine] = ()


async def call_list(
    core: Core,
    actor: Actor,
    *,
    person: Actor | None = None,
    source: str | None = None,
    state: str | None = None,
    before: int | None = None,
    most: int = 50,
) -> list[CallLine]:
    """The latest calls, by any filters together; `before` continues a page. Raises: NotAllowed, BadChoice."""
    actor.require(Role.VIEWER)
    if state is not None and state not in WAYS:
        raise BadChoice(name="state", value=state[:40], choices=list(WAYS))
    return await core.read(_list, person, source, state, before, min(most, MOST))


async def call_page(core: Core, actor: Actor, call_id: int) -> CallLine:
    """One call with every source that was asked. Raises: NotAllowed, NotFound."""
    actor.require(Role.VIEWER)
    return await core.read(_page, call_id)


_PERSON = (
    sa.select(sa.func.min(t.identities.c.platform + ":" + t.identities.c.identity))
    .where(t.identities.c.person_id == calls.c.person_id)
    .scalar_subquery()
)
_LINE = sa.select(calls, sources.c.name.label("source"), _PERSON.label("person")).outerjoin(
    sources, sources.c.id == calls.c.source_id
)


def _list(
    tx: sa.Connection,
    person: Actor | None,
    source: str | None,
    state: str | None,
    before: int | None,
    most: int,
) -> list[CallLine]:
    statement = _LINE.order_by(calls.c.id.desc()).limit(most)
    if person is not None:
        mine = sa.select(t.identities.c.person_id).where(
            t.identities.c.platform == person.platform, t.identities.c.identity == person.identity
        )
        statement = statement.where(calls.c.person_id == mine.scalar_subquery())
    if source is not None:
        statement = statement.where(is_called(sources, source))
    if state is not None:
        statement = statement.where(sa.or_(calls.c.state == state, calls.c.finish == state))
    if before is not None:
        statement = statement.where(calls.c.id < before)
    return [_line(row) for row in tx.execute(statement)]


def _page(tx: sa.Connection, call_id: int) -> CallLine:
    row = tx.execute(_LINE.where(calls.c.id == call_id)).one_or_none()
    if row is None:
        raise NotFound(kind="call", name=str(call_id))
    tried = tx.execute(
        sa.select(call_attempts, sources.c.name.label("source"))
        .join(sources, sources.c.id == call_attempts.c.source_id)
        .where(call_attempts.c.call_id == call_id)
        .order_by(call_attempts.c.number)
    )
    return _line(
        row,
        [AttemptLine(one.number, one.source, one.outcome, one.reason, one.possible_loss, one.sent_at) for one in tried],
    )


def _line(row: Any, tried: Sequence[AttemptLine] = ()) -> CallLine:
    values = {name: getattr(row, name) for name in CallLine.__slots__ if name != "tried"}
    return CallLine(**values, tried=tried)
