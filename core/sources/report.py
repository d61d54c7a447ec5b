"""Sources as staff, and their owners, see them; never a credential."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core.actors import Actor, Role
from core.credit.report import person_id_of
from core.errors import NotFound
from core.storage import tables as t
from core.storage.names import is_called
from core.storage.talk_tables import limit_groups, models, source_models, source_slots, sources

if TYPE_CHECKING:
    from core.service import Core


@dataclass(frozen=True, slots=True)
class Offered:
    """A model at a source. `fraction` of its quota is left, as far as the source says."""

    model: str
    upstream_name: str
    fraction: float | None
    resets_at: datetime | None
    read_at: datetime | None
    enabled: bool


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A source. `owner` is one identity of whose it is, None for the house; `daily_budget` in micro-credits."""

    id: int
    name: str
    adapter: str
    base_url: str
    last4: str
    owner: str | None
    shared: bool
    tier: str
    limit_group: str | None
    weight: int
    concurrency: int
    busy: int
    rpm: int | None
    tpm: int | None
    daily_budget: int | None
    enabled: bool
    health: str
    failures: int
    paused_until: datetime | None
    group_paused_until: datetime | None
    last_error: str | None
    checked_at: datetime | None
    models: Sequence[Offered]


async def source_list(core: Core, actor: Actor, *, own: bool = False) -> list[SourceLine]:
    """All sources by name, or the actor's own. Raises: NotAllowed."""
    if not own:
        actor.require(Role.VIEWER)
    return await core.read(_list, actor if own else None, None)


async def source_page(core: Core, actor: Actor, name: str) -> SourceLine:
    """One source. Raises: NotAllowed, NotFound."""
    actor.require(Role.VIEWER)
    found = await core.read(_list, None, name)
    if not found:
        raise NotFound(kind="source", name=name[:100])
    return found[0]


_OWNER = (
    sa.select(sa.func.min(t.identities.c.platform + ":" + t.identities.c.identity))
    .where(t.identities.c.person_id == sources.c.owner_id)
    .scalar_subquery()
)
_BUSY = (
    sa.select(sa.func.count())
    .where(source_slots.c.source_id == sources.c.id, source_slots.c.state == "busy")
    .scalar_subquery()
)


def _list(tx: sa.Connection, owner: Actor | None, name: str | None) -> list[SourceLine]:
    statement = (
        sa.select(
            sources,
            limit_groups.c.name.label("limit_group"),
            limit_groups.c.paused_until.label("group_paused_until"),
            _OWNER.label("owner"),
            _BUSY.label("busy"),
        )
        .outerjoin(limit_groups, limit_groups.c.id == sources.c.limit_group_id)
        .where(sources.c.removed_at.is_(None))
        .order_by(sources.c.name)
    )
    if owner is not None:
        person_id = person_id_of(tx, owner)
        if person_id is None:
            return []  # compared with nobody, it would be the house's accounts
        statement = statement.where(sources.c.owner_id == person_id)
    if name is not None:
        statement = statement.where(is_called(sources, name))
    rows = tx.execute(statement).all()
    offered = _offered(tx, [row.id for row in rows])
    return [_line(row, offered.get(row.id, [])) for row in rows]


def _offered(tx: sa.Connection, ids: Sequence[int]) -> dict[int, list[Offered]]:
    found: dict[int, list[Offered]] = {}
    statement = (
        sa.select(source_models, models.c.name.label("model"))
        .join(models, models.c.id == source_models.c.model_id)
        .where(source_models.c.source_id.in_(ids))
        .order_by(models.c.name)
    )
    for row in tx.execute(statement):
        one = Offered(row.model, row.upstream_name, row.fraction, row.resets_at, row.read_at, row.enabled)
        found.setdefault(row.source_id, []).append(one)
    return found


def _line(row: Any, offered: Sequence[Offered]) -> SourceLine:
    values = {name: getattr(row, name) for name in SourceLine.__slots__ if name != "models"}
    return SourceLine(**values, models=offered)
