"""Giving freed seats to those who wait, in their order, and taking back what nobody accepts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
import structlog

from core import audit, outbox
from core.actors import SYSTEM, Actor
from core.errors import CodeRefused, NoSeats, Refusal, TeamUnavailable
from core.leases import redemption_steps
from core.leases.ending import ask_end
from core.leases.receipts import Receipt
from core.redemptions.orders import Order
from core.redemptions.places import HOLD
from core.redemptions.redemptions import redeem
from core.rules.addresses import Address
from core.rules.codes import read_code, read_imported
from core.service import code_row
from core.storage import tables as t
from core.storage.guards import guard
from core.storage.row_claims import change, claim_due

if TYPE_CHECKING:
    from core.service import Core

log = structlog.get_logger(__name__)

AGAIN = timedelta(seconds=30)
MOST = 100
"""Places served in one round."""
FOR_NOW = (NoSeats.key, TeamUnavailable.key)
"""Refusals that cost nobody their place."""
PREFIX = "wait:"
"""How the request keys of redemptions made from the waiting list begin."""


async def serve(core: Core) -> tuple[int, int]:
    """Redeem for those who wait, as far as there are seats. Returns how many were invited and how many closed.

    One bad place never stops the rest.
    """
    invited = closed = 0
    for entry_id in await core.read(_dead, core.now()):
        closed += await core.write(_close_dead, entry_id, core.now())
    for entry_id in await core.read(_next_in_line, core.now()):
        claimed = await core.write(_claim, entry_id, core.now())
        if claimed is None:
            continue
        try:
            receipt = await _redeem(core, claimed)
            outcome = await core.write(_settle, claimed, receipt, core.now())
        except Exception:
            # The claim runs out and the place is tried again; whatever is wrong with it is this one's alone.
            log.exception("waitlist_failed", entry=entry_id)
            continue
        invited += outcome == "served"
        closed += outcome == "closed"
    return invited, closed


async def withdraw_offers(core: Core) -> int:
    """End the invites that were not accepted in time; the code is as good as before. Returns how many."""
    ended = 0
    before = core.now() - timedelta(hours=core.settings.waitlist.offer_hours)
    for lease_id in await core.read(_not_accepted, before):
        try:
            ended += await core.write(_withdraw, lease_id, core.now())
        except Refusal as refusal:
            log.info("offer_kept", lease=lease_id, reason=refusal.facts.get("reason"))
    return ended


async def _redeem(core: Core, claimed: Any) -> Receipt:
    display = core.vault.decrypt(claimed.cipher, row=code_row(claimed.digest))
    try:
        code = read_code(display, await core.shapes())
    except Refusal:
        code = read_imported(display)
    # A refusal is remembered under its key: the next try is another wish. The same code with the same address
    # is still one use only.
    key = f"{PREFIX}{claimed.id}:{int(core.now().timestamp())}"
    holder = Actor(claimed.platform, claimed.identity, language=claimed.language)
    wanted = Address(claimed.address, claimed.address_key)
    place = (claimed.id, claimed.claim)
    order = Order(wanted, code, key, claimed.language, answers=False, guesses=False, place=place)
    return await redeem(core, holder, order, wait=0.0)


def _dead(tx: sa.Connection, now: datetime) -> list[int]:
    """Places whose code leads nowhere any more: it is used up, switched off or over, or its team is gone for good."""
    used_up = sa.and_(
        t.codes.c.used + t.codes.c.reserved >= t.codes.c.max_uses,
        sa.not_(t.place_redeemed),
    )
    dead = sa.or_(
        used_up, t.codes.c.status != "active", t.batches.c.expires_at <= now, t.teams.c.removed_at.is_not(None)
    )
    rows = tx.execute(
        sa.select(t.waitlist.c.id)
        .join(t.codes, t.codes.c.id == t.waitlist.c.code_id)
        .join(t.batches, t.batches.c.id == t.codes.c.batch_id)
        .outerjoin(t.teams, t.teams.c.id == t.batches.c.team_id)
        .where(t.waitlist.c.state == "waiting", _idle(now), dead)
        .order_by(t.waitlist.c.id)
    )
    return list(rows.scalars())


def _close_dead(tx: sa.Connection, entry_id: int, now: datetime) -> bool:
    """Close a place that waits for nothing, and tell whose it was."""
    values: dict[str, Any] = {"state": "closed", "ended_at": now, "claim": None, "due_at": None}
    row = change(tx, t.waitlist, t.waitlist.c.id == entry_id, _idle(now), expected="waiting", **values).one_or_none()
    if row is None:
        return False
    last4 = tx.execute(sa.select(t.codes.c.last4).where(t.codes.c.id == row.code_id)).scalar_one()
    after = {"state": "closed", "reason": CodeRefused.key}
    audit.record(tx, SYSTEM, "waitlist.closed", "waitlist", row.id, now, after=after)
    facts = {"address": row.address, "team": None, "code": last4, "reason": CodeRefused.key}
    key = f"waitlist_closed:{row.id}"
    outbox.tell(
        tx, row.platform, row.identity, outbox.Notice("waitlist_closed", facts, language=row.language, dedupe=key), now
    )
    return True


def _idle(now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(t.waitlist.c.due_at.is_(None), t.waitlist.c.due_at <= now)


def _next_in_line(tx: sa.Connection, now: datetime) -> list[int]:
    """Those who wait, in order, for each pool as many as it has free seats; bound codes by their team's seats.

    Whose invite went out while its outcome was not known takes no further seat: the entry is only to be closed.
    """
    free: dict[int, int] = {}
    by_team: dict[int, int] = {}
    available = sa.and_(t.seats.c.state == "free", t.seats.c.open)
    counted = sa.select(t.seats.c.pool_id, t.seats.c.team_id, sa.func.count().label("free")).where(available)
    for row in tx.execute(counted.group_by(t.seats.c.pool_id, t.seats.c.team_id)):
        free[row.pool_id] = free.get(row.pool_id, 0) + row.free
        by_team[row.team_id] = row.free
    invited = sa.exists().where(
        t.redemptions.c.code_id == t.waitlist.c.code_id,
        t.redemptions.c.address_key == t.waitlist.c.address_key,
        t.redemptions.c.state == "invited",
    )
    line = tx.execute(
        sa.select(t.waitlist.c.id, t.waitlist.c.pool_id, t.batches.c.team_id, invited.label("invited"))
        .join(t.codes, t.codes.c.id == t.waitlist.c.code_id)
        .join(t.batches, t.batches.c.id == t.codes.c.batch_id)
        .where(t.waitlist.c.state == "waiting", _idle(now), sa.or_(t.waitlist.c.pool_id.in_(free), invited))
        .order_by(t.waitlist.c.id)
    )
    chosen: list[int] = []
    for row in line:
        if len(chosen) >= MOST:
            break
        if row.invited:
            chosen.append(row.id)
            continue
        if free[row.pool_id] <= 0 or (row.team_id is not None and by_team.get(row.team_id, 0) <= 0):
            continue
        free[row.pool_id] -= 1
        if row.team_id is not None:
            by_team[row.team_id] -= 1
        chosen.append(row.id)
    return chosen


def _claim(tx: sa.Connection, entry_id: int, now: datetime) -> Any:
    waits = (t.waitlist.c.id == entry_id, t.waitlist.c.state == "waiting", _idle(now))
    if not claim_due(tx, t.waitlist, *waits, until=now + HOLD):
        return None
    joined = sa.select(t.waitlist, t.codes.c.cipher, t.codes.c.digest, t.codes.c.last4).join(
        t.codes, t.codes.c.id == t.waitlist.c.code_id
    )
    return tx.execute(joined.where(t.waitlist.c.id == entry_id)).one()


def _settle(tx: sa.Connection, claimed: Any, receipt: Receipt, now: datetime) -> str:
    mine = (t.waitlist.c.id == claimed.id, t.waitlist.c.claim == claimed.claim)
    if receipt.state == "unclear" or receipt.reason in FOR_NOW:
        change(tx, t.waitlist, *mine, expected="waiting", claim=None, due_at=now + AGAIN).one_or_none()
        return "waiting"
    state = "closed" if receipt.state == "refused" else "served"
    values: dict[str, Any] = {"state": state, "ended_at": now, "claim": None, "due_at": None}
    if not change(tx, t.waitlist, *mine, expected="waiting", **values).count:
        return "waiting"
    after = {"state": state, "redemption": receipt.redemption_id, "reason": receipt.reason}
    audit.record(tx, SYSTEM, f"waitlist.{state}", "waitlist", claimed.id, now, after=after)
    facts = {
        "address": claimed.address,
        "team": receipt.team,
        "code": claimed.last4,
        "reason": receipt.reason,
    }
    template = "waitlist_invited" if state == "served" else "waitlist_closed"
    # The mail of an invited person is the redemption's own.
    key = f"{template}:{claimed.id}"
    if state == "served" and receipt.redemption_id is not None:
        key = redemption_steps.late_notice(receipt.redemption_id)  # if that one went out, this one says no more
    outbox.tell(
        tx,
        claimed.platform,
        claimed.identity,
        outbox.Notice(template, facts, language=claimed.language, dedupe=key),
        now,
    )
    return state


def _not_accepted(tx: sa.Connection, before: datetime) -> list[int]:
    rows = tx.execute(
        sa.select(t.leases.c.id)
        .join(t.redemptions, t.redemptions.c.id == t.leases.c.redemption_id)
        .join(t.teams, t.teams.c.id == t.leases.c.team_id)
        .where(
            t.leases.c.status == "invited",
            t.leases.c.invited_at <= before,
            t.leases.c.transfer_id.is_(None),
            t.leases.c.end_reason.is_(None),
            t.teams.c.health == "healthy",
            t.redemptions.c.request_key.like(f"{PREFIX}%"),
        )
        .order_by(t.leases.c.id)
        .limit(MOST)
    )
    return list(rows.scalars())


def _withdraw(tx: sa.Connection, lease_id: int, now: datetime) -> bool:
    """False for whoever has accepted meanwhile: they stay."""
    pending = (t.leases.c.id == lease_id, *guard("lease_claim", t.leases.c.status == "invited"))
    lease = tx.execute(sa.select(t.leases).where(*pending).with_for_update(key_share=True)).one_or_none()
    if lease is None:
        return False
    ask_end(tx, SYSTEM, lease, "offer_expired", now)
    return True
