"""What staff may be about to type: names of pools and teams, numbers of batches, addresses that hold seats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import sqlalchemy as sa

from core.actors import Actor, Role
from core.storage import tables as t
from core.storage.names import name_key, starting_with

if TYPE_CHECKING:
    from core.service import Core

MOST = 25
LONGEST = 100
"""Characters of a suggestion that every platform shows."""
PART = 3
"""Characters from which on a part of an address is looked for anywhere in it."""
Completed: TypeAlias = Literal["pool", "team", "batch", "address"]


async def completions(core: Core, actor: Actor, kind: Completed, typed: str) -> list[tuple[str, str]]:
    """Up to 25 pairs of what is shown and what is meant, for the beginning that was typed. Raises: NotAllowed."""
    actor.require(Role.VIEWER)
    return await core.read(_completions, kind, typed.strip())


def _completions(tx: sa.Connection, kind: Completed, typed: str) -> list[tuple[str, str]]:
    if kind == "batch":
        return _batches(tx, typed)
    if kind == "address":
        key = typed.casefold()
        # A short beginning fits many, and an index finds it; a longer part may stand anywhere.
        match = t.leases.c.address_key.startswith if len(key) < PART else t.leases.c.address_key.contains
        wanted = sa.select(t.leases.c.address_key).where(t.leases.c.status.in_(t.LIVE), match(key, autoescape=True))
        wanted = wanted.distinct()
        return [(one, one) for one in tx.execute(wanted.order_by(t.leases.c.address_key).limit(MOST)).scalars()]
    table = t.pools if kind == "pool" else t.teams
    named = table.c.name_key.contains(name_key(typed), autoescape=True)
    upstream: sa.ColumnElement[bool] = sa.false()
    if kind == "team" and typed:
        upstream = sa.func.lower(t.teams.c.external_id).contains(typed.lower(), autoescape=True)
    wanted = sa.select(table.c.name, named.label("named"), *([t.teams.c.external_id] if kind == "team" else []))
    # What begins so comes before what only contains it, and that before what is called so upstream alone.
    order = sa.case((starting_with(table, typed), 0), (named, 1), else_=2)
    found = wanted.where(sa.or_(named, upstream), table.c.removed_at.is_(None)).order_by(order, table.c.name)
    rows = tx.execute(found.limit(MOST))
    return [(row.name if row.named else f"{row.name} · {row.external_id}"[:LONGEST], row.name) for row in rows]


def _batches(tx: sa.Connection, typed: str) -> list[tuple[str, str]]:
    wanted = sa.select(t.batches.c.id, t.batches.c.label).order_by(t.batches.c.id.desc()).limit(MOST)
    if typed:
        # A label is no name and has no key: as it was written, or in any case where the database knows one.
        label = sa.or_(
            t.batches.c.label.contains(typed, autoescape=True),
            sa.func.lower(t.batches.c.label).contains(typed.lower(), autoescape=True),
        )
        number = sa.cast(t.batches.c.id, sa.String).startswith(typed.removeprefix("#"), autoescape=True)
        wanted = wanted.where(sa.or_(label, number))
    return [(f"#{row.id} {row.label}".strip(), str(row.id)) for row in tx.execute(wanted)]
