"""A person wants to keep their seat longer: asked for by them, decided by staff, and then an extension like any other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core import audit
from core.actors import Actor, Role
from core.alerts import alerts
from core.errors import LeaseRefused, NotFound
from core.leases.leases import Meant, extend_live
from core.leases.notices import team_name, tell_holder
from core.leases.states import own_lease
from core.rules.terms import UNLIMITED, parse_term
from core.storage import tables as t
from core.storage.database import dialect_insert
from core.storage.row_claims import change

if TYPE_CHECKING:
    from core.service import Core

_ENDLESS = str(UNLIMITED)


@dataclass(frozen=True, slots=True)
class ExtensionWish:
    """A wish to stay longer by `term`."""

    id: int
    address: str
    team: str
    pool: str
    term: str
    expires_at: datetime | None
    created_at: datetime


async def ask(core: Core, actor: Actor, lease_id: int) -> str:
    """Ask staff for one more term on one's own lease; returns the term. Asking twice is asking once.

    Raises: NotFound (not their lease), LeaseRefused (it is ending, has no end, or has not begun).
    """
    actor.require(Role.ANYONE)
    return await core.write(_ask, actor, lease_id, core.now())


async def wishes(core: Core, actor: Actor) -> list[ExtensionWish]:
    """What nobody has decided yet, the longest waiting first. Raises: NotAllowed."""
    actor.require(Role.VIEWER)
    return await core.read(_wishes)


async def approve(core: Core, actor: Actor, wish_id: int) -> datetime | None:
    """Let the seat last one term longer; returns its new end. Raises: NotAllowed, NotFound, LeaseRefused."""
    actor.require(Role.OPERATOR)
    return await core.write(_approve, core, actor, wish_id, core.now())


async def decline(core: Core, actor: Actor, wish_id: int) -> None:
    """Turn the wish down; the person is told. Raises: NotAllowed, NotFound."""
    actor.require(Role.OPERATOR)
    await core.write(_decline, core, actor, wish_id, core.now())


def _ask(tx: sa.Connection, actor: Actor, lease_id: int, now: datetime) -> str:
    lease = own_lease(tx, actor, lease_id)
    if lease.end_reason is not None:
        raise LeaseRefused(reason="ending")
    if lease.expires_at is None or lease.term == _ENDLESS:
        raise LeaseRefused(reason="unlimited" if lease.joined_at or lease.term == _ENDLESS else "not_joined")
    statement = dialect_insert(t.extension_requests, tx).on_conflict_do_nothing(
        index_elements=["lease_id"], index_where=sa.text("state = 'asked'")
    )
    values = {"lease_id": lease_id, "term": lease.term, "state": "asked", "created_at": now}
    asked = tx.execute(statement.values(**values).returning(t.extension_requests.c.id)).scalar_one_or_none()
    if asked is not None:
        after = {"lease": lease_id, "term": lease.term}
        audit.record(tx, actor, "extension.asked", "extension_request", asked, now, after=after)
        facts = {"team": team_name(tx, lease.team_id), "wish": asked, "term": lease.term}
        alerts.raise_alert(tx, "system", f"extension:{asked}", "info", "extension_asked", facts, now)
    return str(lease.term)


def _wishes(tx: sa.Connection) -> list[ExtensionWish]:
    rows = tx.execute(
        sa.select(
            t.extension_requests,
            t.leases.c.address,
            t.leases.c.expires_at,
            t.teams.c.name.label("team"),
            t.pools.c.name.label("pool"),
        )
        .join(t.leases, t.leases.c.id == t.extension_requests.c.lease_id)
        .join(t.teams, t.teams.c.id == t.leases.c.team_id)
        .join(t.pools, t.pools.c.id == t.leases.c.pool_id)
        .where(t.extension_requests.c.state == "asked", t.leases.c.status.in_(t.LIVE))
        .order_by(t.extension_requests.c.id)
    )
    return [
        ExtensionWish(row.id, row.address, row.team, row.pool, row.term, row.expires_at, row.created_at) for row in rows
    ]


def _approve(tx: sa.Connection, core: Core, actor: Actor, wish_id: int, now: datetime) -> datetime | None:
    row = _decided(tx, actor, wish_id, "approved", now)
    [(_, until)] = extend_live(tx, core, actor, Meant("", lease_id=row.lease_id), parse_term(row.term), now)
    return until


def _decline(tx: sa.Connection, core: Core, actor: Actor, wish_id: int, now: datetime) -> None:
    row = _decided(tx, actor, wish_id, "declined", now)
    lease = tx.execute(sa.select(t.leases).where(t.leases.c.id == row.lease_id)).one()
    tell_holder(tx, core, lease, "extension_declined", now, key=str(wish_id), until=lease.expires_at)


def _decided(tx: sa.Connection, actor: Actor, wish_id: int, state: str, now: datetime) -> Any:
    """Of several decisions at the same instant one counts. Raises: NotFound."""
    mine = t.extension_requests.c.id == wish_id
    decided = change(
        tx, t.extension_requests, mine, expected="asked", state=state, decided_at=now, decided_by=actor.key
    )
    row = decided.one_or_none()
    if row is None:
        raise NotFound(kind="request", name=str(wish_id))
    audit.record(tx, actor, f"extension.{state}", "extension_request", wish_id, now)
    alerts.end_condition(tx, "system", f"extension:{wish_id}", now)
    return row
