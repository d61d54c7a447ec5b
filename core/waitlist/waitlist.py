"""The waiting list of a pool: joining with an unused code, leaving. Seats are given out in order by a sweep."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core import attempts, audit, holds
from core.actors import Actor, Role
from core.code_errors import PersonLimit
from core.codes import bearers
from core.codes import uses as code_uses
from core.codes.bearers import Asker
from core.codes.foreign import make_real
from core.codes.guesses import settle_wrong_code
from core.errors import (
    CodeRefused,
    CodeSuspended,
    NotFound,
    PlaceServed,
    PlacesFull,
    RestoredWait,
    WaitlistClosed,
)
from core.people.report import WaitingPlace, identities_of, of_identities
from core.rules.addresses import Address, refuse_address
from core.rules.codes import CodeText
from core.service import Core
from core.storage import tables as t
from core.storage.database import dialect_insert
from core.storage.guards import guard
from core.storage.row_claims import Overtaken, change
from core.storage.rows import CountedCode
from core.teams.pools import hold_pool


async def join(
    core: Core, actor: Actor, address: Address, code: CodeText, *, language: str | None = None
) -> WaitingPlace:
    """Wait for a seat of the code's pool; the code stays unused meanwhile. Joining twice is joining once.

    Raises: AddressNotAllowed, CodeRefused, CodeSuspended, LockedOut, PersonLimit, PlacesFull, WaitlistClosed.
    """
    actor.require(Role.ANYONE)
    rules = core.settings.redemption
    refuse_address(address, rules.allowed_domains, rules.blocked)
    await make_real(core, [code])
    guessing = actor.role < Role.OPERATOR
    if guessing:
        await core.write(attempts.claim_guess, actor, core.settings.limits, core.now())
    try:
        waiting = await core.write(_join, core, actor, address, code, language, core.now())
    except CodeRefused:
        if guessing:
            await settle_wrong_code(core, actor, address.key, code)
        raise
    except (WaitlistClosed, RestoredWait, CodeSuspended, PlacesFull, PersonLimit):
        if guessing:
            await core.write(attempts.return_guess, actor)
        raise
    if guessing:
        await core.write(attempts.return_guess, actor)
    return waiting


async def leave(core: Core, actor: Actor, entry_id: int | None = None) -> int:
    """Give up one place, or all of this person's. Returns how many were given up.

    Raises: NotFound if none, PlaceServed if it is being served in this moment.
    """
    left = await core.write(_leave, actor, entry_id, core.now())
    if not left:
        raise NotFound(kind="waiting_place", name="")
    return left


def _join(
    tx: sa.Connection,
    core: Core,
    actor: Actor,
    address: Address,
    code: CodeText,
    language: str | None,
    now: datetime,
) -> WaitingPlace:
    holds.refuse_restored(tx)
    asker = Asker(actor)
    row = tx.execute(
        sa.select(
            t.codes.c.id,
            t.codes.c.last4,
            t.codes.c.used,
            t.codes.c.reserved,
            t.codes.c.max_uses,
            t.codes.c.batch_id,
            t.batches.c.per_person,
            t.batches.c.pool_id,
            t.batches.c.suspended_at,
            t.pool_shown.label("name"),
            t.pools.c.waitlist_open,
        )
        .join(t.batches, t.batches.c.id == t.codes.c.batch_id)
        .join(t.pools, t.pools.c.id == t.batches.c.pool_id)
        .where(
            t.codes.c.digest.in_(core.vault.digests(code.canonical)),
            t.codes.c.status == "active",
            t.codes.c.used + t.codes.c.reserved < t.codes.c.max_uses,
            sa.or_(t.batches.c.expires_at.is_(None), t.batches.c.expires_at > now),
            t.pools.c.enabled,
            bearers.meant(sa.bindparam("address_key", type_=sa.String())),
        )
        # Locked: of two places at once for its last use, one is refused.
        .with_for_update(of=t.codes),
        {"address_key": address.key, **asker.facts(now)},
    ).one_or_none()
    if row is None:
        raise CodeRefused
    if row.suspended_at is not None:
        raise CodeSuspended(code=row.id)
    if not row.waitlist_open:
        raise WaitlistClosed(pool=row.name)
    hold_pool(tx, row.pool_id)  # or the code might lead elsewhere before anybody sees the place
    code_uses.refuse_moved(tx, row.id, row.pool_id)
    bearers.refuse_beyond(tx, asker, row, address.key, now)
    _refuse_full(tx, core, actor, row, address)
    entry: Any = tx.execute(
        dialect_insert(t.waitlist, tx)
        .values(
            pool_id=row.pool_id,
            code_id=row.id,
            address=address.original,
            address_key=address.key,
            state="waiting",
            platform=actor.platform,
            identity=actor.identity,
            language=language,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["code_id", "address_key"], index_where=sa.text("state = 'waiting'"))
        .returning(t.waitlist.c.id)
    ).scalar_one_or_none()
    if entry is not None:
        audit.record(tx, actor, "waitlist.joined", "waitlist", entry, now, after={"pool": row.pool_id, "code": row.id})
    present = tx.execute(
        sa.select(t.waitlist.c.id, t.waitlist.c.created_at).where(
            t.waitlist.c.code_id == row.id, t.waitlist.c.address_key == address.key, t.waitlist.c.state == "waiting"
        )
    ).one_or_none()
    if present is None:
        raise Overtaken("waitlist")  # it was served or given up in this moment: whether to wait is asked anew
    ahead = tx.execute(
        sa.select(sa.func.count()).where(
            t.waitlist.c.pool_id == row.pool_id, t.waitlist.c.state == "waiting", t.waitlist.c.id < present.id
        )
    ).scalar_one()
    return WaitingPlace(present.id, address.original, row.name, row.last4, int(ahead) + 1, present.created_at)


def _leave(tx: sa.Connection, actor: Actor, entry_id: int | None, now: datetime) -> int:
    """A place that is being served has one outcome, and this is not it. Raises: PlaceServed."""
    which = of_identities(t.waitlist, identities_of(tx, actor))
    if entry_id is not None:
        which = sa.and_(which, t.waitlist.c.id == entry_id)
    idle = (sa.or_(t.waitlist.c.claim.is_(None), t.waitlist.c.due_at <= now), sa.not_(t.place_redeemed))
    values: dict[str, Any] = {"state": "left", "ended_at": now, "claim": None, "due_at": None}
    left = change(tx, t.waitlist, which, *guard("place_fence", *idle), expected="waiting", **values)
    for entry in left.all():
        audit.record(tx, actor, "waitlist.left", "waitlist", entry.id, now, before={"state": "waiting"})
    served = sa.select(t.waitlist.c.id).where(which, t.waitlist.c.state == "waiting")
    if not left.count and tx.execute(served).first() is not None:
        raise PlaceServed
    return left.count


def _refuse_full(tx: sa.Connection, core: Core, actor: Actor, code: CountedCode, address: Address) -> None:
    """Every place keeps a use of its code, and nobody stands in line for a whole town. Raises: PlacesFull."""
    waiting = sa.select(sa.func.count()).where(t.waitlist.c.state == "waiting", t.waitlist.c.address_key != address.key)
    kept = tx.execute(waiting.where(t.waitlist.c.code_id == code.id)).scalar_one()
    if code.used + code.reserved + kept >= code.max_uses:
        raise PlacesFull(reason="code", most=code.max_uses - code.used - code.reserved)
    most = core.settings.waitlist.places_per_person
    mine = tx.execute(waiting.where(of_identities(t.waitlist, identities_of(tx, actor)))).scalar_one()
    if mine >= most and actor.role < Role.OPERATOR:
        raise PlacesFull(reason="person", most=most)
