"""Staff seat somebody: a code is made, switched off and used in the transaction that holds the seat; nobody sees it.

So an invitation by staff is a redemption like any other: the same reservation, the same call, the same recovery. What
comes back to its code is void by itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from core import audit
from core.actors import Actor, Role
from core.codes.codes import code_values
from core.errors import NotFound, TeamUnavailable
from core.leases.receipts import Receipt
from core.redemptions import redemptions
from core.redemptions.orders import Order
from core.redemptions.redemptions import RedeemStage, Reservation
from core.rules import quota
from core.rules.addresses import Address, refuse_address
from core.rules.codes import CodeText, generate_many, read_code
from core.rules.terms import parse_term
from core.storage import tables as t
from core.storage.commits import repeatable
from core.storage.names import is_called
from core.storage.row_claims import change
from core.teams.pools import Pool, default_pool, hold_pool
from core.teams.quota import pool_quota, team_quota
from core.teams.teams import pool_of_team, team_of_pool

if TYPE_CHECKING:
    from core.service import Core

TRIES = 3


@dataclass(frozen=True, slots=True)
class SeatWish:
    """Where staff want somebody, and for how long: anywhere in the pool if no team is said, for its own term if none is.

    With `override` the seat may be one that is promised to a code.
    """

    pool: str | None = None
    team: str | None = None
    term: str | None = None
    override: bool = False


ANYWHERE: Final = SeatWish()


@dataclass(frozen=True, slots=True)
class ChosenPlace:
    """What a wish comes to: the pool that it means, and the term that holds."""

    pool: Pool
    team: str | None
    term: str
    override: bool

    @property
    def means(self) -> str:
        """What a request key stands for beside the address."""
        return f"seat {self.pool.id} {self.team or ''} {self.term}"


async def seat(
    core: Core,
    actor: Actor,
    address: Address,
    wish: SeatWish = ANYWHERE,
    *,
    request_key: str,
    wait: float = 20.0,
    progress: Callable[[RedeemStage], Awaitable[None]] | None = None,
) -> Receipt:
    """Give an address a seat without handing out a code. Repeating `request_key` returns the first outcome.

    The seat is one that no code out there is promised, unless an owner overrides. An address that has a live lease
    there already keeps it, and nothing is used. Raises, with nothing changed: NotAllowed, AddressNotAllowed, BadTerm,
    NotFound, QuotaExceeded, NoSeats, TeamUnavailable, StillConfirming, RequestKeyReused.
    """
    actor.require(Role.OPERATOR)
    if wish.override:
        actor.require(Role.OWNER)
    rules = core.settings.redemption
    refuse_address(address, rules.allowed_domains, rules.blocked)
    place = await _chosen(core, actor, wish)

    async def report(stage: RedeemStage) -> None:
        if progress is not None:
            await progress(stage)

    for last in range(TRIES):
        try:
            started = await core.write(_begin, core, actor, address, request_key, place, core.now())
            break
        except IntegrityError:
            # The same address or the same key at the same instant, or a code that exists: the next try shows.
            if last == TRIES - 1:
                raise
    if isinstance(started, Receipt):
        return started
    return await redemptions.carry_on(core, started, wait=wait, progress=report)


async def _chosen(core: Core, actor: Actor, wish: SeatWish) -> ChosenPlace:
    """Raises: BadTerm, NotFound, TeamUnavailable."""
    of = await core.read(pool_of_team, wish.team) if wish.team is not None else wish.pool
    pool = await default_pool(core, actor, of)
    if wish.team is not None and wish.pool is not None and (await default_pool(core, actor, wish.pool)).id != pool.id:
        raise NotFound(kind="team", name=f"{wish.team} ({wish.pool})")
    if not pool.enabled:
        raise TeamUnavailable(pool=pool.name)
    term = str(parse_term(wish.term)) if wish.term else pool.default_term
    return ChosenPlace(pool, wish.team, term, wish.override)


async def place_named(core: Core, actor: Actor, name: str) -> tuple[str | None, str | None]:
    """The pool or the team of that name, as (pool, None) or (None, team). Raises: NotAllowed, NotFound."""
    actor.require(Role.OPERATOR)
    return await core.read(_place_named, name)


def _place_named(tx: sa.Connection, name: str) -> tuple[str | None, str | None]:
    team = sa.and_(is_called(t.teams, name), t.teams.c.removed_at.is_(None))
    if (found := tx.execute(sa.select(t.teams.c.name).where(team)).scalar_one_or_none()) is not None:
        return None, found
    pool = sa.and_(is_called(t.pools, name), t.pools.c.removed_at.is_(None))
    if (found := tx.execute(sa.select(t.pools.c.name).where(pool)).scalar_one_or_none()) is None:
        raise NotFound(kind="place", name=name)
    return found, None


@repeatable
def _begin(
    tx: sa.Connection, core: Core, actor: Actor, address: Address, request_key: str, place: ChosenPlace, now: datetime
) -> Reservation | Receipt:
    """Raises: Refusal, with nothing of it committed."""
    [text] = generate_many(place.pool.shape, 1)
    order = Order(address, read_code(text, [place.pool.shape]), request_key, guesses=False, means=place.means)
    before = redemptions.asked_before(tx, core, actor, order)
    if before is not None:
        return before
    # Whoever makes codes waits here, so what is left has to do for what is promised; nobody moves what is in it meanwhile.
    if not hold_pool(tx, place.pool.id, alone=True):
        raise NotFound(kind="pool", name=place.pool.name)
    team_id = None if place.team is None else team_of_pool(tx, place.team, place.pool.id)
    batch_id, code_id = _make_code(tx, core, actor, order.code, place, team_id, now)
    started = redemptions.reserve(tx, core, actor, order, now, look_first=False)
    # Off from the beginning: if its use comes back it is void, and no code is left that nobody has.
    code = change(tx, t.codes, t.codes.c.id == code_id, expected="active", status="disabled").one()
    if not code.reserved and not _is_used(tx, code_id):
        # The same request was there in the same instant: this code was never needed.
        tx.execute(sa.delete(t.codes).where(t.codes.c.id == code_id))
        tx.execute(sa.delete(t.batches).where(t.batches.c.id == batch_id))
        return started
    audit.record(tx, actor, "batch.direct", "batch", batch_id, now, after={"count": 1, "override": place.override})
    if not code.reserved:
        tx.execute(sa.insert(t.batch_changes).values(batch_id=batch_id, voided=1))
        return started
    of_pool = pool_quota(tx, place.pool.id, now)
    of_team = None if team_id is None else team_quota(tx, team_id, now)
    quota.refuse_taking(of_pool, of_team, override=place.override)
    return started


def _make_code(
    tx: sa.Connection, core: Core, actor: Actor, code: CodeText, place: ChosenPlace, team_id: int | None, now: datetime
) -> tuple[int, int]:
    """A batch of its own with one code in it; their numbers."""
    values = {
        "pool_id": place.pool.id,
        "team_id": team_id,
        "kind": "general" if team_id is None else "bound",
        "maker": actor.key,
        "term": place.term,
        "direct": True,
        "codes": 1,
        "uses": 1,
        "created_at": now,
        "made_at": now,
    }
    batch_id = int(tx.execute(sa.insert(t.batches).values(**values).returning(t.batches.c.id)).scalar_one())
    row = code_values(core.vault, batch_id, code.canonical, code.display, 1)
    return batch_id, int(tx.execute(sa.insert(t.codes).values(**row).returning(t.codes.c.id)).scalar_one())


def _is_used(tx: sa.Connection, code_id: int) -> bool:
    return tx.execute(sa.select(t.redemptions.c.id).where(t.redemptions.c.code_id == code_id)).first() is not None
