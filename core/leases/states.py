"""What a lease may become: which are live, which of them are settled, and why one can be neither moved nor ended."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from core.actors import Actor
from core.errors import LeaseRefused, NotFound
from core.rules.addresses import key_of
from core.storage import tables as t
from core.storage.guards import guard
from core.storage.names import is_called
from core.storage.rows import LeaseRow

SETTLED = ("invited", "active", "transferring")
"""Live, and no invite of it is under way."""
MOVING = ("planned", "inviting", "waiting", "removing")
"""States of a transfer that is under way."""


def own_lease(tx: sa.Connection, actor: Actor, lease_id: int) -> LeaseRow:
    """A live lease of whoever asks; until the commit it neither ends nor moves, and they ask one thing after another.

    Raises: NotFound.
    """
    mine = sa.and_(t.leases.c.platform == actor.platform, t.leases.c.identity == actor.identity)
    live = sa.select(t.leases).where(t.leases.c.id == lease_id, t.leases.c.status.in_(t.LIVE), mine)
    row = tx.execute(live.with_for_update(key_share=True) if guard("wish_of_live", True) else live).one_or_none()
    if row is None:
        raise NotFound(kind="lease", name=str(lease_id))
    return row


def live_leases(tx: sa.Connection, address: str, *, team: str | None = None, lease_id: int | None = None) -> list[Any]:
    """The live leases of an address, oldest first; or the one with an id. Raises: NotFound."""
    where: list[sa.ColumnElement[bool]] = [t.leases.c.status.in_(t.LIVE)]
    if lease_id is not None:
        where.append(t.leases.c.id == lease_id)
    else:
        where.append(t.leases.c.address_key == key_of(address))
    if team is not None:
        named = sa.select(t.teams.c.id).where(is_called(t.teams, team))
        where.append(t.leases.c.team_id.in_(named))
    rows = tx.execute(sa.select(t.leases).where(*where).order_by(t.leases.c.id)).all()
    if not rows:
        raise NotFound(kind="lease", name=address or str(lease_id))
    return list(rows)


def why_not(tx: sa.Connection, lease_id: int) -> LeaseRefused:
    """Why a lease can be neither moved nor ended now."""
    row = tx.execute(sa.select(t.leases.c.status, t.leases.c.end_reason).where(t.leases.c.id == lease_id)).one()
    if row.status == "transferring":
        return LeaseRefused(reason="moving")
    if row.status not in t.LIVE:
        return LeaseRefused(reason="ended")
    return LeaseRefused(reason="held" if row.status == "held" else "ending")


def is_target(tx: sa.Connection, lease_id: int) -> bool:
    """Whether somebody is being moved to this lease: it can be neither moved on nor ended before that is over."""
    moved = sa.and_(t.transfers.c.target_lease_id == lease_id, t.transfers.c.state.in_(MOVING))
    return tx.execute(sa.select(t.transfers.c.id).where(moved)).first() is not None
