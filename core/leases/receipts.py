"""What a person may know of a redemption: its state now, read from the rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

import sqlalchemy as sa

from core.actors import Actor
from core.errors import StillConfirming
from core.people.report import identities_of, of_identities
from core.storage import tables as t

ReceiptState: TypeAlias = Literal["invited", "already_member", "unclear", "refused"]

UNDER_WAY = ("sending", "unclear")
"""States of a redemption whose code and seat are reserved."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one wish, now. `reason` is the key of a refusal, `facts` what its text needs."""

    redemption_id: int | None
    state: ReceiptState
    reason: str | None
    address: str
    code_last4: str
    team: str | None = None
    pool: str | None = None
    invited_at: datetime | None = None
    joined_at: datetime | None = None
    expires_at: datetime | None = None
    term: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    repeated: bool = False

    @property
    def others(self) -> bool:
        """Is the seat that it tells of somebody else's? Then it says no more than that there is one."""
        return bool(self.facts.get("others"))


OTHERS: Final[Mapping[str, bool]] = {"others": True}
"""The facts of a redemption that found somebody else's seat."""


def is_theirs(tx: sa.Connection, actor: Actor, lease_id: int) -> bool:
    """Did the person who asks get this lease, on whichever of their platforms?"""
    mine = sa.and_(t.leases.c.id == lease_id, of_identities(t.leases, identities_of(tx, actor)))
    return tx.execute(sa.select(t.leases.c.id).where(mine)).first() is not None


def read_receipt(tx: sa.Connection, redemption_id: int) -> Receipt:
    """The present state of a redemption, as the person who made it may see it."""
    return receipt_and_due(tx, redemption_id)[0]


def receipt_and_due(
    tx: sa.Connection, redemption_id: int, *, repeated: bool = False
) -> tuple[Receipt, datetime | None, int | None]:
    """The receipt; while it is under way also when its lease is due for another look, and which lease that is."""
    current = sa.select(sa.func.max(t.leases.c.id)).where(t.leases.c.redemption_id == redemption_id).scalar_subquery()
    row = tx.execute(
        sa.select(
            t.redemptions,
            t.teams.c.name.label("team"),
            t.pools.c.name.label("pool"),
            t.leases.c.id.label("current_lease"),
            t.leases.c.due_at,
            t.leases.c.invited_at,
            t.leases.c.joined_at,
            t.leases.c.expires_at,
            t.leases.c.term,
        )
        .outerjoin(t.leases, t.leases.c.id == sa.func.coalesce(t.redemptions.c.lease_id, current))
        .outerjoin(t.teams, t.teams.c.id == t.leases.c.team_id)
        .outerjoin(t.pools, t.pools.c.id == t.redemptions.c.pool_id)
        .where(t.redemptions.c.id == redemption_id)
    ).one()
    under_way = row.state in UNDER_WAY
    hidden = row.state == "refused" or bool((row.facts or {}).get("others"))
    receipt = Receipt(
        redemption_id=row.id,
        state="unclear" if under_way else row.state,
        reason=StillConfirming.key if under_way else row.reason,
        address=row.address,
        code_last4=row.code_last4,
        team=None if hidden else row.team,
        pool=row.pool,
        invited_at=None if hidden else row.invited_at,
        joined_at=None if hidden else row.joined_at,
        expires_at=None if hidden else row.expires_at,
        term=None if hidden else row.term,
        facts=row.facts or {},
        repeated=repeated,
    )
    return receipt, row.due_at if under_way else None, row.current_lease if under_way else None
