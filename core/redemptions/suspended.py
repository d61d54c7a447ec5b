"""Codes of suspended batches: after a restore, somebody may have used one, and the database does not know who.

Whoever writes such a code and is in one of its teams already is the one who used it: they get their lease back.
Everybody else asks, and staff decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core import audit, outbox
from core.actors import Actor, Role
from core.alerts import alerts
from core.errors import NotFound
from core.leases import records
from core.leases.receipts import Receipt, read_receipt
from core.redemptions.orders import Order, insert
from core.rules.addresses import Address
from core.storage import row_claims
from core.storage import tables as t
from core.storage.database import dialect_insert
from core.storage.row_claims import change
from core.storage.rows import SuspendedCode, TeamRow
from core.teams import seats as seat_actions

if TYPE_CHECKING:
    from core.service import Core


@dataclass(frozen=True, slots=True)
class SuspendedWish:
    """A wish to redeem a code whose batch is suspended."""

    id: int
    address: str
    code_last4: str
    pool: str
    batch: int
    created_at: datetime


def adopt_holder(
    tx: sa.Connection, actor: Actor, order: Order, content: bytes, now: datetime, code: SuspendedCode
) -> Receipt | None:
    """Somebody who is in a team already writes a code that may be theirs: it is, and they have their lease back."""
    team = _find_seat(tx, code, order.address)
    if team is None:
        return None
    redemption_id = insert(tx, actor, order, content, now, code, state="invited")
    holder = {"address": order.address.original, "address_key": order.address.key, "redemption_id": redemption_id}
    holder |= {"platform": actor.platform, "identity": actor.identity, "language": order.language}
    lease_id = _adopt(tx, actor, code, team, holder, now)
    if lease_id is None:
        raise row_claims.Overtaken("seats")
    mine = t.redemptions.c.id == redemption_id
    row = tx.execute(sa.update(t.redemptions).where(mine).values(lease_id=lease_id).returning(t.redemptions)).one()
    records.note_use(tx, row, bytes(code.digest), now)
    for action in ("redemption.reserved", "redemption.invited"):
        audit.record(tx, actor, action, "redemption", redemption_id, now, after={"lease": lease_id, "code": code.id})
    return read_receipt(tx, redemption_id)


def _find_seat(tx: sa.Connection, code: SuspendedCode, address: Address) -> TeamRow | None:
    """The team in which somebody is who may have used this code: a member without a lease. None if there is none."""
    mine = sa.and_(t.seats.c.occupant == address.key, t.teams.c.pool_id == code.pool_id, t.teams.c.removed_at.is_(None))
    if code.team_id is not None:
        mine = sa.and_(mine, t.teams.c.id == code.team_id)
    return tx.execute(
        sa.select(t.teams).join(t.seats, t.seats.c.team_id == t.teams.c.id).where(mine).order_by(t.teams.c.id)
    ).first()


def _adopt(
    tx: sa.Connection, actor: Actor, code: SuspendedCode, team: TeamRow, holder: dict[str, Any], now: datetime
) -> int | None:
    """Give a member the lease that their code stands for, and use the code. None if they have one by now.

    `holder` are the columns of the lease that say whose it is.
    """
    seat_id = seat_actions.take_from_stranger(tx, team.id, holder["address_key"])
    if seat_id is None:
        return None
    left = sa.and_(t.codes.c.id == code.id, t.codes.c.used + t.codes.c.reserved < t.codes.c.max_uses)
    if tx.execute(sa.update(t.codes).where(left).values(used=t.codes.c.used + 1)).rowcount != 1:
        raise row_claims.Overtaken("codes")
    tx.execute(sa.insert(t.batch_changes).values(batch_id=code.batch_id, used=1))
    terms = {"term": code.term, "auto_transfer": code.auto_transfer, "temporary": code.temporary}
    values = {"pool_id": code.pool_id, "team_id": team.id, "seat_id": seat_id, "status": "invited", "created_at": now}
    values |= {"invited_at": now, "first_sent_at": now, "last_sent_at": now, "sends": 0}
    lease = tx.execute(sa.insert(t.leases).values(**holder, **terms, **values).returning(t.leases)).one()
    audit.record(tx, actor, "lease.adopted", "lease", lease.id, now, after={"team": team.id, "seat": seat_id})
    records.note_seat(tx, lease, team, now)
    return int(lease.id)


def ask(tx: sa.Connection, actor: Actor, address: Address, code_id: int, language: str | None, now: datetime) -> None:
    """Remember that somebody wants to redeem a suspended code; asking twice is asking once."""
    statement = dialect_insert(t.code_requests, tx).on_conflict_do_nothing(
        index_elements=["code_id", "address_key"], index_where=sa.text("state <> 'declined'")
    )
    values = {"code_id": code_id, "address": address.original, "address_key": address.key, "state": "asked"}
    values |= {"platform": actor.platform, "identity": actor.identity, "language": language}
    asked = tx.execute(statement.values(**values, created_at=now).returning(t.code_requests.c.id)).scalar_one_or_none()
    if asked is None:
        return
    audit.record(tx, actor, "code_request.asked", "code_request", asked, now, after={"code": code_id})
    alerts.raise_alert(tx, "system", "code_requests", "warning", "code_requests", {"count": _waiting(tx)}, now)


async def requests(core: Core, actor: Actor) -> list[SuspendedWish]:
    """Who waits for a decision, the longest first. Raises: NotAllowed."""
    actor.require(Role.VIEWER)
    return await core.read(_list)


async def decide(core: Core, actor: Actor, request_id: int, *, approve: bool) -> None:
    """Let the address use the code, or not; the person is told. Raises: NotAllowed, NotFound."""
    actor.require(Role.OPERATOR)
    await core.write(_decide, actor, request_id, approve, core.now())


def _list(tx: sa.Connection) -> list[SuspendedWish]:
    rows = tx.execute(
        sa.select(t.code_requests, t.codes.c.last4, t.codes.c.batch_id, t.pools.c.name.label("pool"))
        .join(t.codes, t.codes.c.id == t.code_requests.c.code_id)
        .join(t.batches, t.batches.c.id == t.codes.c.batch_id)
        .join(t.pools, t.pools.c.id == t.batches.c.pool_id)
        .where(t.code_requests.c.state == "asked")
        .order_by(t.code_requests.c.id)
    )
    return [SuspendedWish(row.id, row.address, row.last4, row.pool, row.batch_id, row.created_at) for row in rows]


def _decide(tx: sa.Connection, actor: Actor, request_id: int, approve: bool, now: datetime) -> None:
    state = "approved" if approve else "declined"
    mine = t.code_requests.c.id == request_id
    decided = change(tx, t.code_requests, mine, expected="asked", state=state, decided_at=now, decided_by=actor.key)
    row = decided.one_or_none()
    if row is None:
        raise NotFound(kind="request", name=str(request_id))
    audit.record(tx, actor, f"code_request.{state}", "code_request", request_id, now)
    last4 = tx.execute(sa.select(t.codes.c.last4).where(t.codes.c.id == row.code_id)).scalar_one()
    facts = {"address": row.address, "code": last4}
    key = f"code_request:{request_id}"
    outbox.tell(
        tx,
        row.platform,
        row.identity,
        outbox.Notice(f"code_request_{state}", facts, language=row.language, dedupe=key),
        now,
    )
    if not _waiting(tx):
        alerts.end_condition(tx, "system", "code_requests", now)


def _waiting(tx: sa.Connection) -> int:
    asked = sa.select(sa.func.count()).select_from(t.code_requests).where(t.code_requests.c.state == "asked")
    return int(tx.execute(asked).scalar_one())
