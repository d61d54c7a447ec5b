"""Batches and codes as staff see them, and the map code → address → team → invite state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core.actors import Actor, Role
from core.codes.foreign import make_real
from core.errors import NotFound
from core.rules.addresses import key_of
from core.rules.codes import CodeText
from core.rules.gifts import Giving
from core.storage import tables as t
from core.storage.names import number_of
from core.teams.quota import IS_UNDER_WAY

if TYPE_CHECKING:
    from core.service import Core

MOST = 1_000
"""Codes on one page."""

FIGURES = ("codes", "uses", "used", "voided", "joined")


@dataclass(frozen=True, slots=True)
class BatchLine:
    """One batch with its figures, in uses. `unused` may still be redeemed while the batch has not expired.

    `voided` are unused uses that nobody can redeem, of which `deleted` are gone for good and the rest switched off;
    `reserved` are uses under way, `joined` the people who accepted their invite; `bearer` is whom its codes are for,
    empty for whoever has them.
    """

    id: int
    pool: str
    team: str | None
    kind: str
    label: str
    note: str
    maker: str
    imported: bool
    codes: int
    uses: int
    used: int
    voided: int
    deleted: int
    unused: int
    reserved: int
    joined: int
    term: str
    auto_transfer: bool
    bearer: str
    per_person: int | None
    expires_at: datetime | None
    created_at: datetime
    complete: bool
    gives: str
    """As it is written: `seat`, `credit:5`, `plan:vip`, `access`."""


@dataclass(frozen=True, slots=True)
class UseLine:
    """One use of a code: who, in which team, and what became of it."""

    redemption_id: int
    address: str
    state: str
    team: str | None
    lease_status: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class CodeLine:
    """One code without its text. `state` is unused, used (nothing left), expired, disabled or deleted.

    `gives` is what it is good for, as it is written for `gives=`: seat, credit:5, plan:vip.
    """

    id: int
    last4: str
    batch: int
    pool: str
    team: str | None
    kind: str
    state: str
    max_uses: int
    used: int
    reserved: int
    term: str
    expires_at: datetime | None
    auto_transfer: bool
    bearer: str
    uses: Sequence[UseLine]
    created_at: datetime | None = None
    gives: str = "seat"


async def batch_list(core: Core, actor: Actor, *, pool: str | None = None, most: int = 200) -> list[BatchLine]:
    """Batches (of one pool), newest first. Raises: NotAllowed, NotFound (the pool)."""
    actor.require(Role.VIEWER)
    return await core.read(_batches, pool, None, most)


async def batch_page(core: Core, actor: Actor, batch_id: int) -> BatchLine:
    """One batch. Raises: NotAllowed, NotFound."""
    actor.require(Role.VIEWER)
    found = await core.read(_batches, None, batch_id, 1)
    if not found:
        raise NotFound(kind="batch", name=str(batch_id))
    return found[0]


@dataclass(frozen=True, slots=True)
class CodeFilter:
    """Which codes, by all that is said. `state` is one of `CodeLine.state`, `team` the team that a code is bound to."""

    pool: str | None = None
    team: str | None = None
    batch: int | None = None
    state: str | None = None
    last4: str | None = None
    address: str | None = None


async def code_list(core: Core, actor: Actor, wanted: CodeFilter, *, after: int = 0, most: int = 100) -> list[CodeLine]:
    """Codes, oldest first, from beyond the code with id `after`. Raises: NotAllowed, NotFound."""
    actor.require(Role.VIEWER)
    return await core.read(_filtered, wanted, after, min(most, MOST), core.now())


async def code_page(core: Core, actor: Actor, code: CodeText) -> CodeLine:
    """One code by its text. Raises: NotAllowed, NotFound."""
    actor.require(Role.VIEWER)
    await make_real(core, [code])
    found = await core.read(_codes, [t.codes.c.digest.in_(core.vault.digests(code.canonical))], 1, core.now())
    if not found:
        raise NotFound(kind="code", name=f"…{code.last4}")
    return found[0]


def _in_state(state: str | None, now: datetime) -> list[sa.ColumnElement[bool]]:
    expired = sa.and_(t.batches.c.expires_at.is_not(None), t.batches.c.expires_at <= now)
    spent = t.codes.c.used + t.codes.c.reserved >= t.codes.c.max_uses
    active = t.codes.c.status == "active"
    chosen: dict[str, list[sa.ColumnElement[bool]]] = {
        "unused": [active, sa.not_(spent), sa.or_(t.batches.c.expires_at.is_(None), t.batches.c.expires_at > now)],
        "used": [active, spent],
        "expired": [active, sa.not_(spent), expired],
        "disabled": [t.codes.c.status == "disabled"],
        "deleted": [t.codes.c.status == "deleted"],
    }
    return [t.codes.c.status != "deleted"] if state is None else chosen[state]


def _state(row: Any, now: datetime) -> str:
    if row.status != "active":
        return str(row.status)
    if row.used + row.reserved >= row.max_uses:
        return "used"
    return "expired" if row.expires_at is not None and row.expires_at <= now else "unused"


def _filtered(tx: sa.Connection, wanted: CodeFilter, after: int, most: int, now: datetime) -> list[CodeLine]:
    where = [t.codes.c.id > after, *_in_state(wanted.state, now)]
    if wanted.batch is None and wanted.last4 is None and wanted.address is None:
        where.append(sa.not_(t.batches.c.direct))  # nobody has such a code, nor ever had
    if wanted.pool is not None:
        where.append(t.batches.c.pool_id == number_of(tx, t.pools, "pool", wanted.pool))
    if wanted.team is not None:
        where.append(t.batches.c.team_id == number_of(tx, t.teams, "team", wanted.team))
    if wanted.batch is not None:
        if tx.execute(sa.select(t.batches.c.id).where(t.batches.c.id == wanted.batch)).first() is None:
            raise NotFound(kind="batch", name=str(wanted.batch))
        where.append(t.batches.c.id == wanted.batch)
    if wanted.last4 is not None:
        where.append(t.codes.c.last4 == wanted.last4.strip().upper()[-4:])
    if wanted.address is not None:
        key = key_of(wanted.address)
        used = sa.select(t.redemptions.c.code_id).where(t.redemptions.c.address_key == key)
        where.append(t.codes.c.id.in_(used))
    return _codes(tx, where, most, now)


def _codes(tx: sa.Connection, where: Sequence[sa.ColumnElement[bool]], most: int, now: datetime) -> list[CodeLine]:
    rows = tx.execute(
        sa.select(
            t.codes,
            t.batches.c.kind,
            t.batches.c.temporary,
            t.batches.c.term,
            t.batches.c.expires_at,
            t.batches.c.for_address,
            t.batches.c.for_identity,
            t.batches.c.created_at,
            t.batches.c.gives,
            t.batches.c.gift,
            sa.func.coalesce(t.codes.c.auto_transfer, t.batches.c.auto_transfer).label("moves"),
            t.pools.c.name.label("pool"),
            t.teams.c.name.label("team"),
        )
        .select_from(t.codes)
        .join(t.batches, t.batches.c.id == t.codes.c.batch_id)
        .join(t.pools, t.pools.c.id == t.batches.c.pool_id)
        .outerjoin(t.teams, t.teams.c.id == t.batches.c.team_id)
        .where(*where)
        .order_by(t.codes.c.id)
        .limit(most)
    ).all()
    uses = _uses(tx, [row.id for row in rows])
    return [
        CodeLine(
            id=row.id,
            last4=row.last4,
            batch=row.batch_id,
            pool=row.pool,
            team=row.team,
            kind="temporary" if row.temporary else row.kind,
            state=_state(row, now),
            max_uses=row.max_uses,
            used=row.used,
            reserved=row.reserved,
            term=row.term,
            expires_at=row.expires_at,
            auto_transfer=row.moves,
            bearer=row.for_address or row.for_identity or "",
            uses=uses.get(row.id, []),
            created_at=row.created_at,
            gives=str(Giving.of(row.gives, row.gift)),
        )
        for row in rows
    ]


def _uses(tx: sa.Connection, code_ids: Sequence[int]) -> dict[int, list[UseLine]]:
    if not code_ids:
        return {}
    own = t.leases.alias()
    of_it = sa.select(sa.func.max(own.c.id)).where(own.c.redemption_id == t.redemptions.c.id).correlate(t.redemptions)
    # A transfer hands the redemption on: where the person is now counts, then where they were.
    now_in = of_it.where(own.c.status.in_(t.LIVE)).scalar_subquery()
    shown = sa.func.coalesce(now_in, t.redemptions.c.lease_id, of_it.scalar_subquery())
    rows = tx.execute(
        sa.select(t.redemptions, t.teams.c.name.label("team"), t.leases.c.status.label("lease_status"))
        .select_from(t.redemptions)
        .outerjoin(t.leases, t.leases.c.id == shown)
        .outerjoin(t.teams, t.teams.c.id == t.leases.c.team_id)
        .where(t.redemptions.c.code_id.in_(code_ids), t.redemptions.c.state != "refused")
        .order_by(t.redemptions.c.id)
    )
    found: dict[int, list[UseLine]] = {}
    for row in rows:
        line = UseLine(row.id, row.address, row.state, row.team, row.lease_status, row.created_at)
        found.setdefault(row.code_id, []).append(line)
    return found


def _batches(tx: sa.Connection, pool: str | None, batch_id: int | None, most: int) -> list[BatchLine]:
    changed = (
        sa.select(
            t.batch_changes.c.batch_id,
            *(sa.func.sum(t.batch_changes.c[name]).label(name) for name in FIGURES),
        )
        .group_by(t.batch_changes.c.batch_id)
        .subquery()
    )

    under_way = (
        sa.select(t.codes.c.batch_id, sa.func.count().label("number"))
        .join(t.redemptions, t.redemptions.c.code_id == t.codes.c.id)
        .where(IS_UNDER_WAY)
        .group_by(t.codes.c.batch_id)
        .subquery()
    )

    def figure(name: str) -> sa.ColumnElement[int]:
        return (t.batches.c[name] + sa.func.coalesce(changed.c[name], 0)).label(f"all_{name}")

    statement = (
        sa.select(
            t.batches,
            t.pools.c.name.label("pool"),
            t.teams.c.name.label("team"),
            *(figure(name) for name in FIGURES),
            sa.func.coalesce(under_way.c.number, 0).label("reserved"),
        )
        .join(t.pools, t.pools.c.id == t.batches.c.pool_id)
        .outerjoin(t.teams, t.teams.c.id == t.batches.c.team_id)
        .outerjoin(changed, changed.c.batch_id == t.batches.c.id)
        .outerjoin(under_way, under_way.c.batch_id == t.batches.c.id)
        .order_by(t.batches.c.id.desc())
        .limit(most)
    )
    if pool is not None:
        statement = statement.where(t.batches.c.pool_id == number_of(tx, t.pools, "pool", pool))
    statement = statement.where(sa.not_(t.batches.c.direct) if batch_id is None else t.batches.c.id == batch_id)
    rows = tx.execute(statement).all()
    deleted = _deleted(tx, [row.id for row in rows if row.all_voided])
    return [_batch(row, deleted.get(row.id, 0)) for row in rows]


def _deleted(tx: sa.Connection, batch_ids: Sequence[int]) -> dict[int, int]:
    """Uses of deleted codes, by batch."""
    if not batch_ids:
        return {}
    gone = sa.select(t.codes.c.batch_id, sa.func.sum(t.codes.c.max_uses).label("uses")).where(
        t.codes.c.batch_id.in_(batch_ids), t.codes.c.status == "deleted"
    )
    return {row.batch_id: int(row.uses) for row in tx.execute(gone.group_by(t.codes.c.batch_id))}


def _batch(row: Any, deleted: int) -> BatchLine:
    uses, used, voided = int(row.all_uses), int(row.all_used), int(row.all_voided)
    return BatchLine(
        id=row.id,
        pool=row.pool,
        team=row.team,
        kind="temporary" if row.temporary else row.kind,
        label=row.label,
        note=row.note,
        maker=row.maker,
        imported=row.imported,
        codes=int(row.all_codes),
        uses=uses,
        used=used,
        voided=voided,
        deleted=deleted,
        unused=uses - used - voided - int(row.reserved),
        reserved=int(row.reserved),
        joined=int(row.all_joined),
        term=row.term,
        auto_transfer=row.auto_transfer,
        bearer=row.for_address or row.for_identity or "",
        per_person=row.per_person,
        expires_at=row.expires_at,
        created_at=row.created_at,
        complete=row.made_at is not None,
        gives=str(Giving.of(row.gives, row.gift)),
    )
