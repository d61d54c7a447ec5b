"""The end of what stays unclear: staff say what became of an invite that nobody can find out about any more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core import audit
from core.actors import Actor, Role
from core.errors import LeaseRefused, NotFound
from core.leases import invites
from core.leases.claims import seize
from core.providers.protocol import Standing
from core.rules.settlement import Verdict
from core.storage import tables as t
from core.storage.rows import TeamRow

if TYPE_CHECKING:
    from core.service import Core


@dataclass(frozen=True, slots=True)
class UnclearInvite:
    """An invite whose outcome is not known, with all that is.

    `upstream` is what the workspace says now, if it was asked: member, pending, absent, or why it cannot be asked.
    """

    lease_id: int
    address: str
    team: str
    health: str
    since: datetime
    sends: int
    last_sent_at: datetime
    last_error: str | None
    code_last4: str | None
    transfer_id: int | None
    upstream: str | None = None


async def unclear_list(core: Core, actor: Actor, *, most: int = 50) -> list[UnclearInvite]:
    """What is unclear, the longest first. Raises: NotAllowed."""
    actor.require(Role.OPERATOR)
    return [_unclear(row) for row in await core.read(_rows, None, most)]


async def unclear(core: Core, actor: Actor, lease_id: int) -> UnclearInvite:
    """One unclear invite, with what its workspace says now. Raises: NotAllowed, NotFound."""
    actor.require(Role.OPERATOR)
    rows = await core.read(_rows, lease_id, 1)
    if not rows:
        raise NotFound(kind="unclear_invite", name=str(lease_id))
    team = await core.read(_team, rows[0].team_id)
    standing = await core.provider(team).look_up(rows[0].address)
    if isinstance(standing, Standing):
        said = "member" if standing.member is not None else "pending" if standing.invite is not None else "absent"
    else:
        said = str(getattr(standing, "reason", None) or standing.detail or "unclear")
    return _unclear(rows[0], said)


async def settle(core: Core, actor: Actor, lease_id: int, *, invited: bool) -> None:
    """Say that an unclear invite was applied, or that it was not: then the code and the seat are as before it.

    Whoever is at it meanwhile can settle nothing any more. Raises: NotAllowed, NotFound, LeaseRefused.
    """
    actor.require(Role.OPERATOR)
    await core.write(_settle, core, actor, lease_id, invited, core.now())


def _settle(tx: sa.Connection, core: Core, actor: Actor, lease_id: int, invited: bool, now: datetime) -> None:
    row = tx.execute(sa.select(t.leases).where(t.leases.c.id == lease_id)).one_or_none()
    if row is None:
        raise NotFound(kind="unclear_invite", name=str(lease_id))
    if row.status == "held" and row.unclear_since is None:
        raise LeaseRefused(reason="held")  # it is being sent: its answer is awaited
    claim = seize(tx, core, lease_id, now)
    if claim is None:
        raise LeaseRefused(reason="settled")
    known = {"as": "invited" if invited else "not invited", "unclear_since": row.unclear_since.isoformat()}
    audit.record(tx, actor, "lease.settled_by_hand", "lease", lease_id, now, before={"sends": row.sends}, after=known)
    verdict = Verdict("invited", reference=None) if invited else Verdict("given_up", "by_hand")
    invites.settle(tx, core, claim, verdict, now)


def _rows(tx: sa.Connection, lease_id: int | None, most: int) -> list[Any]:
    where = sa.and_(t.leases.c.status == "held", t.leases.c.unclear_since.is_not(None))
    if lease_id is not None:
        where = sa.and_(where, t.leases.c.id == lease_id)
    statement = (
        sa.select(t.leases, t.teams.c.name, t.teams.c.health, t.teams.c.last_error, t.redemptions.c.code_last4)
        .join(t.teams, t.teams.c.id == t.leases.c.team_id)
        .outerjoin(t.redemptions, t.redemptions.c.id == t.leases.c.redemption_id)
        .where(where)
        .order_by(t.leases.c.unclear_since, t.leases.c.id)
        .limit(most)
    )
    return list(tx.execute(statement).all())


def _team(tx: sa.Connection, team_id: int) -> TeamRow:
    return tx.execute(sa.select(t.teams).where(t.teams.c.id == team_id)).one()


def _unclear(row: Any, upstream: str | None = None) -> UnclearInvite:
    return UnclearInvite(
        lease_id=row.id,
        address=row.address,
        team=row.name,
        health=row.health,
        since=row.unclear_since,
        sends=row.sends,
        last_sent_at=row.last_sent_at,
        last_error=row.last_error,
        code_last4=row.code_last4,
        transfer_id=row.transfer_id,
        upstream=upstream,
    )
