"""Saying what a code is good for, without using it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import sqlalchemy as sa

from core import attempts
from core.actions.guesses import note_wrong_code
from core.actors import Actor, Role
from core.errors import CodeUnknown
from core.reports.members import identities_of, of_identities
from core.rules.addresses import Address
from core.rules.codes import CodeText
from core.storage.tables import batches, codes, pools, redemptions, teams

if TYPE_CHECKING:
    from core.service import Core

CodeState: TypeAlias = Literal["valid", "used_up", "expired", "disabled"]


@dataclass(frozen=True, slots=True)
class Verified:
    """What a code is good for. `mine` says that the asker has redeemed it; `remaining` counts uses."""

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

    @property
    def valid(self) -> bool:
        return self.state == "valid"


async def verify(core: Core, actor: Actor, code: CodeText, address: Address | None = None) -> Verified:
    """The standing of a code. Nothing is used; a wrong code counts as a guess.

    Staff, whoever redeemed the code and whoever knows the address it was used for get its real state. To anybody else a code that cannot be used is as
    good as unknown. Raises: CodeRefused, LockedOut.
    """
    guessing = actor.role < Role.VIEWER
    if guessing:
        await core.write(attempts.claim_guess, actor.key, core.settings.limits, core.now())
    found = await core.read(_look_up, core, actor, code, address, core.now())
    if found is None or (guessing and not found.valid and not found.mine):
        if guessing:
            await core.write(note_wrong_code, core, actor, core.now())
        raise CodeUnknown
    if guessing:
        await core.write(attempts.return_guess, actor.key)
    return found


def _look_up(
    tx: sa.Connection, core: Core, actor: Actor, code: CodeText, address: Address | None, now: datetime
) -> Verified | None:
    row = tx.execute(
        sa.select(
            codes.c.id,
            codes.c.last4,
            codes.c.status,
            codes.c.max_uses,
            codes.c.used,
            codes.c.reserved,
            batches.c.expires_at,
            batches.c.term,
            batches.c.temporary,
            pools.c.name.label("pool"),
            pools.c.enabled,
            teams.c.name.label("team"),
        )
        .join(batches, batches.c.id == codes.c.batch_id)
        .join(pools, pools.c.id == batches.c.pool_id)
        .outerjoin(teams, teams.c.id == batches.c.team_id)
        .where(codes.c.digest.in_(core.vault.digests(code.canonical)), codes.c.status != "deleted")
    ).one_or_none()
    if row is None:
        return None
    by = of_identities(redemptions, identities_of(tx, actor))
    if address is not None:
        by = sa.or_(by, redemptions.c.address_key == address.key)
    mine = tx.execute(
        sa.select(redemptions.c.id)
        .where(redemptions.c.code_id == row.id, by, redemptions.c.state != "refused")
        .limit(1)
    ).first()
    return Verified(
        last4=row.last4,
        state=_state(row, now),
        pool=row.pool,
        team=row.team,
        max_uses=row.max_uses,
        remaining=max(0, row.max_uses - row.used - row.reserved),
        term=row.term,
        temporary=row.temporary,
        expires_at=row.expires_at,
        mine=mine is not None,
    )


def _state(row: Any, now: datetime) -> CodeState:
    if row.status != "active" or not row.enabled:
        return "disabled"
    if row.expires_at is not None and row.expires_at <= now:
        return "expired"
    return "valid" if row.used + row.reserved < row.max_uses else "used_up"
