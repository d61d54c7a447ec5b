"""Carrying over who holds what: a seat, a lease with its old end, and the use of the code that gave it."""

from __future__ import annotations

import hashlib
from typing import Any

import sqlalchemy as sa

from core import audit
from core.codes.foreign import stored_text
from core.codes.guesses import contents_of
from core.errors import BadAddress
from core.leases import records, removal_plans
from core.predecessors.belongings import Belongings, Holding
from core.predecessors.carrying import Load
from core.predecessors.outcome import Left
from core.redemptions.orders import Order, insert
from core.rules.addresses import Address, key_of, read_address
from core.rules.codes import ANYTHING, CodeText, canonical
from core.rules.terms import UNLIMITED
from core.storage import tables as t
from core.storage.rows import CodeOfBatch, LeaseRow, TeamRow
from core.teams import seats as seat_actions

ENDED = "moved_in_ended"
"""Why the lease of somebody has ended who had a seat in the old system, and has none there any more."""
MOVED_IN = "moved_in:"
"""What the request keys of such uses begin with."""
_POOL_TERM = sa.select(t.pools.c.default_term).where(t.pools.c.id == sa.bindparam("pool"))


def carry_holders(tx: sa.Connection, load: Load, wanted: Belongings) -> None:
    """Give each holder what they have there. Who is here already, or cannot be told, is left as they are."""
    name = {one.key: one.name or one.external_id for one in wanted.teams}
    hashed = {one.text for one in wanted.codes if one.hashed}
    load.outcome.holders.left += [Left(address, "old_team_unknown") for address in wanted.placeless]
    # Who has a seat now comes first: of the uses of a code, theirs is certain.
    for one in sorted(wanted.holdings, key=lambda held: not held.live):
        team = load.teams.get(one.team)
        if team is None:
            if one.live:
                load.outcome.holders.left.append(Left(one.address, "old_team_left", team=name.get(one.team)))
            continue
        try:
            address = read_address(one.address)
        except BadAddress:
            load.outcome.holders.left.append(Left(one.address, "bad_address", team=team.name))
            continue
        if one.live:
            _carry(tx, load, one, address, team, one.code in hashed)
        elif one.code is not None and one.code in load.codes:
            _carry_past(tx, load, one, address, team, one.code in hashed)


def _carry(tx: sa.Connection, load: Load, one: Holding, address: Address, team: TeamRow, hashed: bool) -> None:
    mine = sa.and_(t.leases.c.team_id == team.id, t.leases.c.address_key == address.key, t.leases.c.status.in_(t.LIVE))
    here = tx.execute(sa.select(t.leases.c.id).where(mine)).scalar_one_or_none()
    redeemed = _redeemed(tx, load, one, address)
    if here is not None or redeemed:
        # Moved on, or ended, since they were carried over: that is what counts now.
        load.outcome.holders.known += 1
        load.outcome.lease_ids += [int(here)] if here is not None else []
        return
    if team.owner_address and key_of(team.owner_address) == address.key:
        load.outcome.holders.left.append(Left(one.address, "owner", team=team.name))
        return
    if not removal_plans.give_way(tx, team.id, address.key, load.now):
        load.outcome.holders.left.append(Left(one.address, "leaving", team=team.name))
        return
    seat_id = seat_actions.take_from_stranger(tx, team.id, address.key)
    if seat_id is None:
        seat_actions.seat_stranger(tx, team.id, address.key)
        seat_id = seat_actions.take_from_stranger(tx, team.id, address.key)
    values = _lease(tx, load, one, address, team) | {
        "seat_id": seat_id,
        "status": "invited" if one.pending else "active",
    }
    lease = _insert(tx, load, values, team)
    records.note_seat(tx, lease, team, load.now)
    if one.ends_at is not None and one.ends_at <= load.now:
        load.outcome.overdue += 1
    load.outcome.holders.created += 1
    load.outcome.lease_ids.append(int(lease.id))
    _use(tx, load, one, address, lease, hashed)


def _carry_past(tx: sa.Connection, load: Load, one: Holding, address: Address, team: TeamRow, hashed: bool) -> None:
    if _redeemed(tx, load, one, address) or int(load.codes[one.code or ""].id) not in load.fresh:
        return
    ended = min(one.ends_at or load.now, load.now)
    values = _lease(tx, load, one, address, team) | {"status": "ended", "ended_at": ended, "end_reason": ENDED}
    lease = _insert(tx, load, values, team)
    load.outcome.past += 1
    _use(tx, load, one, address, lease, hashed)


def _lease(tx: sa.Connection, load: Load, one: Holding, address: Address, team: TeamRow) -> dict[str, Any]:
    code = load.codes.get(one.code or "")
    return {
        "address": address.original,
        "address_key": address.key,
        "pool_id": team.pool_id,
        "team_id": team.id,
        # Without an end there, there is none here: a reading would count one from the day they joined.
        "term": str(UNLIMITED) if one.ends_at is None else _term(tx, code, team),
        "auto_transfer": one.auto_transfer and not one.temporary,
        "temporary": one.temporary,
        "created_at": min(one.since or load.now, load.now),
        "invited_at": one.since,
        "joined_at": one.joined_at,
        "expires_at": one.ends_at,
    }


def _term(tx: sa.Connection, code: CodeOfBatch | None, team: TeamRow) -> str:
    """What a lease lasts that follows this one: as the code says, else as the pool does."""
    return str(code.term if code is not None else tx.execute(_POOL_TERM, {"pool": team.pool_id}).scalar_one())


def _insert(tx: sa.Connection, load: Load, values: dict[str, Any], team: TeamRow) -> LeaseRow:
    lease: LeaseRow = tx.execute(sa.insert(t.leases).values(**values).returning(t.leases)).one()
    after = {"team": team.id, "seat": lease.seat_id, "status": lease.status}
    audit.record(tx, load.actor, "lease.moved_in", "lease", lease.id, load.now, after=after)
    return lease


def _redeemed(tx: sa.Connection, load: Load, one: Holding, address: Address) -> bool:
    code = load.codes.get(one.code or "")
    if code is None:
        return False
    mine = sa.and_(t.redemptions.c.code_id == code.id, t.redemptions.c.address_key == address.key)
    open_or_done = t.redemptions.c.state.in_(("sending", "unclear", "invited"))
    return tx.execute(sa.select(t.redemptions.c.id).where(mine, open_or_done)).first() is not None


def _use(tx: sa.Connection, load: Load, one: Holding, address: Address, lease: LeaseRow, hashed: bool) -> None:
    """The code that gave the lease is used once, as if it had been redeemed here."""
    code = load.codes.get(one.code or "")
    if code is None or one.code is None:
        return
    explained = _was_nobodys(tx, load, one.code, code)
    left = sa.and_(t.codes.c.id == code.id, t.codes.c.used + t.codes.c.reserved < t.codes.c.max_uses + explained)
    used = sa.update(t.codes).where(left).values(used=t.codes.c.used + 1, max_uses=t.codes.c.max_uses + explained)
    if tx.execute(used.returning(t.codes.c.id)).one_or_none() is None:
        load.outcome.holders.left.append(Left(one.address, "code_used_up", other=f"…{code.last4}"))
        return
    tx.execute(sa.insert(t.batch_changes).values(batch_id=code.batch_id, uses=explained, used=1))
    digested = stored_text(one.code) if hashed else canonical(one.code)
    vault = load.core.vault
    key = hashlib.sha256(vault.digest(digested) + address.key.encode()).hexdigest()
    order = Order(address, CodeText(digested, one.code, code.last4, ANYTHING), f"{MOVED_IN}{key}")
    at = min(one.since or load.now, load.now)
    done: dict[str, Any] = {"state": "invited", "lease_id": lease.id, "created_at": at, "settled_at": at}
    content = contents_of(vault, address.key, digested)[0]
    number = insert(tx, load.actor, order, content, load.now, code, **done)
    for action in ("redemption.reserved", "redemption.invited"):
        after = {"lease": lease.id, "code": code.id}
        audit.record(tx, load.actor, action, "redemption", number, load.now, after=after)
    if not _served_by_another(tx, lease):
        tx.execute(sa.update(t.leases).where(t.leases.c.id == lease.id).values(redemption_id=number))
    redemption = tx.execute(sa.select(t.redemptions).where(t.redemptions.c.id == number)).one()
    if lease.status in t.LIVE:
        records.note_use(tx, redemption, bytes(code.digest), load.now)


def _was_nobodys(tx: sa.Connection, load: Load, written: str, code: CodeOfBatch) -> int:
    """1 where this use was taken off the code as nobody knows whose, when its holder had to be left out; else 0."""
    if written not in load.uses:
        return 0
    there, used_there = load.uses[written]
    mine = sa.and_(t.redemptions.c.code_id == code.id, t.redemptions.c.request_key.startswith(MOVED_IN))
    carried = tx.execute(sa.select(sa.func.count()).where(mine)).scalar_one()
    taken_off = there - tx.execute(sa.select(t.codes.c.max_uses).where(t.codes.c.id == code.id)).scalar_one()
    return int(taken_off > 0 and carried + taken_off >= used_there)


def _served_by_another(tx: sa.Connection, lease: LeaseRow) -> bool:
    """Of two seats of one person in one pool, one is the pool's by its code; the other is theirs all the same."""
    others = sa.and_(
        t.leases.c.id != lease.id,
        t.leases.c.pool_id == lease.pool_id,
        t.leases.c.address_key == lease.address_key,
        t.leases.c.status.in_(t.LIVE),
        t.leases.c.redemption_id.is_not(None),
    )
    return lease.status in t.LIVE and tx.execute(sa.select(t.leases.c.id).where(others)).first() is not None
