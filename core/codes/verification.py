"""Saying what a code is good for, without using it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import sqlalchemy as sa

from core import attempts
from core.actors import Actor, Role
from core.codes import bearers
from core.codes.bearers import Asker
from core.codes.foreign import make_real
from core.codes.guesses import settle_wrong_code
from core.errors import CodeUnknown
from core.rules.addresses import Address
from core.rules.codes import CodeText
from core.storage import tables as t
from core.storage.prepared import Prepared
from core.storage.talk_tables import gifts

if TYPE_CHECKING:
    from core.service import Core

CodeState: TypeAlias = Literal["valid", "used_up", "expired", "disabled"]


@dataclass(frozen=True, slots=True)
class VerifiedCode:
    """What a code is good for: a seat, or what `gives` says. `mine` says that the asker has redeemed it.

    `remaining` counts uses; `amount` is in micro units, of credit.
    """

    last4: str
    state: CodeState
    pool: str
    team: str | None
    remaining: int
    max_uses: int
    term: str
    temporary: bool
    expires_at: datetime | None
    mine: bool
    gives: str = "seat"
    amount: int = 0
    plan: str = ""

    @property
    def valid(self) -> bool:
        return self.state == "valid"


async def verify(core: Core, actor: Actor, code: CodeText, address: Address | None = None) -> VerifiedCode:
    """The standing of a code. Nothing is used; a wrong code counts as a guess.

    Staff, whoever redeemed the code and whoever knows the address it was used for get its real state. To anybody
    else a code that cannot be used is as good as unknown. Raises: CodeRefused, LockedOut.
    """
    actor.require(Role.ANYONE)
    await make_real(core, [code])
    facts = {
        "platform": actor.platform,
        "identity": actor.identity,
        "address_key": None if address is None else address.key,
        **Asker(actor).facts(core.now()),
        **{f"digest_{number}": digest for number, digest in enumerate(core.vault.digests(code.canonical))},
    }
    if actor.role < Role.VIEWER:
        found = await core.write(_guess, core, actor, facts, core.now())
        if found is None:
            await settle_wrong_code(core, actor, None if address is None else address.key, code)
    else:
        found = await core.read(_look_up, facts, core.now(), every=True)
    if found is None:
        raise CodeUnknown
    return found


def _guess(tx: sa.Connection, core: Core, actor: Actor, facts: dict[str, Any], now: datetime) -> VerifiedCode | None:
    """The look-up of a stranger, counted as a guess that stays one unless the code is good. Several of one identity
    wait for one another at the claim.
    """
    attempts.claim_guess(tx, actor, core.settings.limits, now)
    found = _look_up(tx, facts, now)
    if found is None or not (found.valid or found.mine):
        return None
    attempts.return_guess(tx, actor)
    return found


@cache
def _looking(keys: int, *, every: bool) -> Prepared:
    """One statement for all of it, unless `every` without those that are for another. The asker's redemptions are those of every identity of the same person."""
    platform, identity = (sa.bindparam(name, type_=sa.String()) for name in ("platform", "identity"))
    own = t.identities.alias("own")
    person = sa.select(own.c.person_id).where(own.c.platform == platform, own.c.identity == identity).scalar_subquery()
    of_person = sa.exists().where(
        t.identities.c.platform == t.redemptions.c.platform,
        t.identities.c.identity == t.redemptions.c.identity,
        t.identities.c.person_id == person,
    )
    by = sa.or_(
        sa.and_(t.redemptions.c.platform == platform, t.redemptions.c.identity == identity),
        t.redemptions.c.address_key == sa.bindparam("address_key", type_=sa.String()),
        of_person,
    )
    key = sa.bindparam("address_key", type_=sa.String())
    meant = () if every else (bearers.meant(key),)
    taken = sa.exists().where(gifts.c.code_id == t.codes.c.id, gifts.c.person_id == person)
    mine = sa.or_(
        sa.exists().where(t.redemptions.c.code_id == t.codes.c.id, t.redemptions.c.state != "refused", by), taken
    )
    return Prepared(
        sa.select(
            t.codes.c.last4,
            t.codes.c.status,
            t.codes.c.max_uses,
            t.codes.c.used,
            t.codes.c.reserved,
            t.batches.c.expires_at,
            t.batches.c.term,
            t.batches.c.temporary,
            t.batches.c.gives,
            t.batches.c.gift,
            (t.pools.c.name if every else t.pool_shown).label("pool"),
            t.pools.c.enabled,
            t.teams.c.name.label("team"),
            mine.label("mine"),
        )
        .join(t.batches, t.batches.c.id == t.codes.c.batch_id)
        .join(t.pools, t.pools.c.id == t.batches.c.pool_id)
        .outerjoin(t.teams, t.teams.c.id == t.batches.c.team_id)
        .where(
            t.codes.c.digest.in_([sa.bindparam(f"digest_{number}", type_=sa.LargeBinary()) for number in range(keys)]),
            t.codes.c.status != "deleted",
            *meant,
        )
    )


def _look_up(tx: sa.Connection, facts: dict[str, Any], now: datetime, *, every: bool = False) -> VerifiedCode | None:
    keys = sum(name.startswith("digest_") for name in facts)
    row = _looking(keys, every=every).one_or_none(tx, facts)
    if row is None:
        return None
    return VerifiedCode(
        last4=row.last4,
        state=_state(row, now),
        pool=row.pool,
        team=row.team,
        max_uses=row.max_uses,
        remaining=max(0, row.max_uses - row.used - row.reserved),
        term=row.term,
        temporary=bool(row.temporary),
        expires_at=row.expires_at,
        mine=bool(row.mine),
        gives=row.gives,
        amount=int((row.gift or {}).get("amount") or 0),
        plan=str((row.gift or {}).get("plan") or ""),
    )


def _state(row: Any, now: datetime) -> CodeState:
    if row.status != "active" or not row.enabled:
        return "disabled"
    if row.expires_at is not None and row.expires_at <= now:
        return "expired"
    return "valid" if row.used + row.reserved < row.max_uses else "used_up"
