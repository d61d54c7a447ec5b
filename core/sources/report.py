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
from core.sources.parents import with_sources
from core.storage import tables as t
from core.storage.names import is_called
from core.storage.subaccount_tables import SUBACCOUNT_LIVE, parents, subaccounts
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
    """A source. `owner` is one of the owner's identities, None for the house's; `daily_budget` is in micro-credits."""

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


@dataclass(frozen=True, slots=True)
class ParentTally:
    """A source that makes accounts for others: how many it has made that are ready, and how many are under way."""

    name: str
    adapter: str
    base_url: str
    last4: str
    for_all: bool
    ready: int
    under_way: int


@dataclass(frozen=True, slots=True)
class SubaccountLine:
    """An account that was made for somebody. `source` is what it is called here; `reason` why it is not ready."""

    parent: str
    person: str | None
    name: str
    state: str
    source: str | None
    reason: str | None
    created_at: datetime
    due_at: datetime | None


async def parents_for(core: Core, actor: Actor) -> list[str]:
    """Where the actor could still ask for an account of their own, by name."""
    return await core.read(_parents_for, actor)


async def parent_list(core: Core, actor: Actor, name: str | None = None) -> list[ParentTally]:
    """The sources that make accounts for others, or the one of that name, if it does. Raises: NotAllowed."""
    actor.require(Role.VIEWER)
    return await core.read(_parent_list, name)


async def subaccount_list(core: Core, actor: Actor, parent: str | None = None) -> list[SubaccountLine]:
    """The accounts that were made for people and are not over, the newest first. Raises: NotAllowed."""
    actor.require(Role.VIEWER)
    return await core.read(_subaccount_list, parent)


def _parents_for(tx: sa.Connection, actor: Actor) -> list[str]:
    person_id = person_id_of(tx, actor)
    had = sa.select(subaccounts.c.parent_id).where(
        subaccounts.c.person_id == person_id, subaccounts.c.state.in_(SUBACCOUNT_LIVE)
    )
    found = with_sources().where(sources.c.removed_at.is_(None), parents.c.for_all, parents.c.id.not_in(had))
    return [row.name for row in tx.execute(found.order_by(sources.c.name))]


def _parent_list(tx: sa.Connection, name: str | None) -> list[ParentTally]:
    found = with_sources().where(sources.c.removed_at.is_(None)).order_by(sources.c.name)
    rows = tx.execute(found if name is None else found.where(is_called(sources, name))).all()
    ready = sa.func.sum(sa.case((subaccounts.c.state == "ready", 1), else_=0))
    grouped = sa.select(subaccounts.c.parent_id, sa.func.count().label("live"), ready.label("ready"))
    counted = grouped.where(subaccounts.c.state.in_(SUBACCOUNT_LIVE)).group_by(subaccounts.c.parent_id)
    numbers = {row.parent_id: (int(row.ready), int(row.live - row.ready)) for row in tx.execute(counted)}
    return [
        ParentTally(row.name, row.adapter, row.base_url, row.last4, row.for_all, *numbers.get(row.id, (0, 0)))
        for row in rows
    ]


def _subaccount_list(tx: sa.Connection, parent: str | None) -> list[SubaccountLine]:
    used = sources.alias()
    whose = (
        sa.select(sa.func.min(t.identities.c.platform + ":" + t.identities.c.identity))
        .where(t.identities.c.person_id == subaccounts.c.person_id)
        .scalar_subquery()
    )
    found = (
        sa.select(subaccounts, sources.c.name.label("parent"), used.c.name.label("source"), whose.label("person"))
        .join(parents, parents.c.id == subaccounts.c.parent_id)
        .join(sources, sources.c.id == parents.c.source_id)
        .outerjoin(used, used.c.id == subaccounts.c.source_id)
        .where(subaccounts.c.state.in_(SUBACCOUNT_LIVE))
        .order_by(subaccounts.c.id.desc())
    )
    rows = tx.execute(found if parent is None else found.where(is_called(sources, parent)))
    return [SubaccountLine(**{name: getattr(row, name) for name in SubaccountLine.__slots__}) for row in rows]
