"""Leases over time: extending, ending, sending the invite again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core import audit
from core.actors import Actor, Role
from core.errors import LeaseRefused, TeamUnavailable, TooManyAttempts
from core.leases import records
from core.leases import removals as removal_work
from core.leases.ending import ask_end
from core.leases.notices import team_name, tell_holder
from core.leases.states import SETTLED, live_leases, why_not
from core.leases.taking_over import end_by_force
from core.providers.protocol import Done, Refused, Unavailable
from core.rules.terms import Term, ends_at, parse_term
from core.storage import tables as t
from core.storage.guards import guard
from core.storage.row_claims import change
from core.storage.rows import TeamRow
from core.teams import health as team_health

if TYPE_CHECKING:
    from core.service import Core

RESEND_APART = timedelta(minutes=10)
"""A mailbox is not to be filled by a button."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of ending a lease. `state` is done (proved gone), planned (under way) or failed."""

    lease_id: int
    address: str
    team: str | None
    state: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Meant:
    """The live leases of an address, of those the one in `team`, or the one lease of a number."""

    address: str
    team: str | None = None
    lease_id: int | None = None

    def rows(self, tx: sa.Connection) -> Any:
        """Raises: NotFound."""
        return live_leases(tx, self.address, team=self.team, lease_id=self.lease_id)


async def extend(
    core: Core, actor: Actor, address: str, term: str, *, team: str | None = None, lease_id: int | None = None
) -> list[tuple[int, datetime]]:
    """Let the live leases of an address (or one of them) end later by `term`; returns ids and their new ends.

    Counted from the present end, or from now where that has passed.
    Raises: NotAllowed, NotFound, BadTerm, LeaseRefused.
    """
    actor.require(Role.OPERATOR)
    return await core.write(extend_live, core, actor, Meant(address, team, lease_id), parse_term(term), core.now())


async def end(
    core: Core,
    actor: Actor,
    address: str,
    *,
    team: str | None = None,
    lease_id: int | None = None,
    forced: bool = False,
) -> list[Ended]:
    """End the live leases of an address (or one of them) and take the person out of the team.

    A `forced` one takes over a move that is under way, at whatever step it is.

    The seat is free only when the upstream has been proved to show the person no more; where that could not be
    shown at once, the removal sweep goes on. Raises: NotAllowed, NotFound, LeaseRefused, TransferRefused.
    """
    actor.require(Role.OPERATOR)
    planned = await core.write(_plan_end, core, actor, Meant(address, team, lease_id), forced, core.now())
    for removal_id in planned:
        await removal_work.advance(core, removal_id)
    return await core.read(_ended, planned)


async def resend(
    core: Core, actor: Actor, address: str, *, team: str | None = None, lease_id: int | None = None
) -> list[str]:
    """Ask the upstream to mail pending invites again; returns the teams. The holder may do so for their own lease.

    Raises: NotAllowed, NotFound, LeaseRefused (nothing pending), TooManyAttempts, TeamUnavailable.
    """
    actor.require(Role.ANYONE)
    rows = await core.read(live_leases, address, team=team, lease_id=lease_id)
    if any((row.platform, row.identity) != (actor.platform, actor.identity) for row in rows):
        actor.require(Role.OPERATOR)
    pending = [row for row in rows if row.invited_at is not None and row.joined_at is None]
    if not pending:
        raise LeaseRefused(reason="joined" if any(row.joined_at for row in rows) else "held")
    told = []
    for lease in pending:
        team_row = await core.write(_claim_resend, actor, lease.id, core.now())
        provider = core.provider(team_row)
        answer = await provider.invite(lease.address, resend=True)
        if isinstance(answer, Unavailable):
            answer = await team_health.confirm_credential(provider, answer)
        if isinstance(answer, Unavailable):
            await core.write(team_health.note_failure, core, team_row.id, "invite", answer, core.now())
        if not isinstance(answer, Done) and not (isinstance(answer, Refused) and answer.reason == "already_member"):
            raise TeamUnavailable(pool=team_row.name)
        told.append(team_row.name)
    return told


def _plan_end(
    tx: sa.Connection,
    core: Core,
    actor: Actor,
    meant: Meant,
    forced: bool,
    now: datetime,
) -> list[int]:
    rows = meant.rows(tx)
    if forced:
        return end_by_force(tx, core, actor, rows, now)
    return [ask_end(tx, actor, row, "ended", now) for row in rows]


def _ended(tx: sa.Connection, removal_ids: list[int]) -> list[Ended]:
    rows = tx.execute(sa.select(t.removals).where(t.removals.c.id.in_(removal_ids)).order_by(t.removals.c.id))
    return [Ended(row.lease_id, row.address, team_name(tx, row.team_id), row.state, row.reason) for row in rows.all()]


def extend_live(
    tx: sa.Connection, core: Core, actor: Actor, meant: Meant, term: Term, now: datetime
) -> list[tuple[int, datetime]]:
    """The unit of `extend`, for whoever decides in the same transaction."""
    extended = []
    for lease in meant.rows(tx):
        if lease.end_reason is not None:
            raise LeaseRefused(reason="ending")
        if lease.expires_at is None:
            raise LeaseRefused(reason="unlimited" if lease.joined_at else "not_joined")
        later = ends_at(term, max(lease.expires_at, now))
        staying = sa.and_(t.leases.c.id == lease.id, t.leases.c.end_reason.is_(None))
        as_read = (staying, *guard("extension", t.leases.c.expires_at == lease.expires_at))
        values: dict[str, Any] = {"expires_at": later, "warned_at": None}
        if later is None:
            values["term"] = str(term)  # it has no end anywhere that its person is moved to
        # Whoever extended it meanwhile has moved the end: this one counts from there. What is ended meanwhile ends.
        change(tx, t.leases, *as_read, expected=lease.status, guarded_by="extension", **values).one()
        records.note_until(tx, lease.id, later, now)
        audit.record(
            tx,
            actor,
            "lease.extended",
            "lease",
            lease.id,
            now,
            before={"expires_at": lease.expires_at.isoformat()},
            after={"expires_at": later.isoformat() if later else None},
        )
        tell_holder(tx, core, lease, "lease_extended", now, key=f"{lease.id}:{now.isoformat()}", until=later)
        extended.append((lease.id, later))
    return extended  # type: ignore[return-value]  # an unlimited term ends never: shown as such


def _claim_resend(tx: sa.Connection, actor: Actor, lease_id: int, now: datetime) -> TeamRow:
    """The lease's team, once per ten minutes. Raises: TooManyAttempts, LeaseRefused."""
    fresh = sa.or_(t.leases.c.last_sent_at.is_(None), t.leases.c.last_sent_at <= now - RESEND_APART)
    mine = sa.and_(t.leases.c.id == lease_id, t.leases.c.end_reason.is_(None))
    values: dict[str, Any] = {"last_sent_at": now, "sends": t.leases.c.sends + 1}
    row = change(tx, t.leases, mine, fresh, expected=SETTLED, **values).one_or_none()
    if row is None:
        settled = sa.and_(mine, t.leases.c.status.in_(SETTLED))
        last = tx.execute(sa.select(t.leases.c.last_sent_at).where(settled)).scalar_one_or_none()
        if last is None:
            raise why_not(tx, lease_id)
        raise TooManyAttempts(until=last + RESEND_APART)
    audit.record(tx, actor, "lease.resent", "lease", lease_id, now)
    return tx.execute(sa.select(t.teams).where(t.teams.c.id == row.team_id)).one()
