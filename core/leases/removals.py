"""Taking people out of teams: a row is the intent, committed before the call, and the log after it.

Nothing is believed of one list. Somebody counts as gone when a removal was sent and a complete reading after it
shows them no more, or when two complete readings apart from each other have not shown them at all.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
import structlog

from core import audit, holds
from core.actors import SYSTEM
from core.alerts import alerts
from core.crashpoints import crashpoint
from core.leases import transfer_steps
from core.leases.claims import ClaimLost
from core.leases.ending import end_now
from core.leases.removal_plans import cancel, is_served, plan_stranger
from core.leases.states import SETTLED
from core.providers.protocol import Done, Failure, ProviderAnswer, Refused, Standing, Unavailable
from core.rules.addresses import key_of, mask
from core.rules.removal import most_in_team
from core.rules.transfers import retry_at
from core.storage import tables as t
from core.storage.guards import guard
from core.storage.row_claims import change, claim_due
from core.storage.rows import RemovalRow, TeamRow
from core.teams import health as team_health
from core.teams import seats as seat_actions

if TYPE_CHECKING:
    from core.providers.protocol import Provider
    from core.service import Core

log = structlog.get_logger(__name__)

HOLD = timedelta(seconds=60)
"""How long one look at a removal may take before another process may look."""
LOOK_AGAIN = timedelta(seconds=15)
"""Between two looks that have to agree, and after a removal that a list does not show yet."""
AGREEING = 2
"""Complete readings without the person, where no removal was sent."""
TEAM_AWAY = timedelta(minutes=30)
TOGETHER = 5
"""Removals under way side by side."""


@dataclass(frozen=True, slots=True)
class RemovalClaim:
    """The right to work on one removal."""

    token: str
    row: RemovalRow
    team: TeamRow
    last_sent_at: datetime | None


async def advance(core: Core, removal_id: int) -> None:
    """Work on one removal now, if nobody else is."""
    for claim in await core.write(take_over, core.now(), most=1, removal_id=removal_id):
        await _conclude(core, claim)


async def advance_due(core: Core, most: int = 200) -> int:
    """Work on what is due, several at once. Returns how many that were; one bad row never stops the rest.

    One round takes no more out of a team than the rules allow, however many memberships end at once: the rest
    follows in the next ones, and a mistake has time to be seen.
    """
    count = 0
    of_team: Counter[int] = Counter()
    while count < most:
        claims = await core.write(take_over, core.now(), most=TOGETHER)
        async with asyncio.TaskGroup() as group:
            for claim in claims:
                of_team[claim.team.id] += 1
                if of_team[claim.team.id] > most_in_team(claim.team.capacity):
                    group.create_task(_leave_for_later(core, claim))
                else:
                    group.create_task(_conclude(core, claim))
        count += len(claims)
        if len(claims) < TOGETHER:
            break
    return count


def take_over(tx: sa.Connection, now: datetime, *, most: int, removal_id: int | None = None) -> list[RemovalClaim]:
    """Claim removals that are due."""
    if holds.read(tx, holds.RESTORED) is not None:
        return []
    due = [t.removals.c.state == "planned", t.removals.c.due_at <= now]
    if removal_id is not None:
        due.append(t.removals.c.id == removal_id)
    rows = claim_due(tx, t.removals, *due, until=now + HOLD, order_by=[t.removals.c.due_at], most=most)
    claims = []
    for row in rows:
        team = tx.execute(sa.select(t.teams).where(t.teams.c.id == row.team_id)).one()
        sent = tx.execute(sa.select(t.leases.c.last_sent_at).where(t.leases.c.id == row.lease_id)).scalar_one_or_none()
        claims.append(RemovalClaim(row.claim, row, team, sent))
    return claims


async def _leave_for_later(core: Core, claim: RemovalClaim) -> None:
    try:
        await core.write(_next_round, claim, core.now() + LOOK_AGAIN)
    except Exception:
        log.exception("removal_not_put_off", removal=claim.row.id)  # its claim runs out, and the next round finds it


async def _conclude(core: Core, claim: RemovalClaim) -> None:
    try:
        async with asyncio.timeout(HOLD.total_seconds() * 0.8):
            await _work(core, claim)
    except ClaimLost:
        log.info("removal_claim_lost", removal=claim.row.id)
    except Exception:
        # The claim runs out and the row is tried again; whatever is wrong with it is this row's alone.
        log.exception("removal_failed", removal=claim.row.id, team=claim.team.id)


async def _work(core: Core, claim: RemovalClaim) -> None:
    gone = claim.team.health == "gone"
    if claim.team.removed_at is not None or (gone and claim.row.lease_id is not None):
        await core.write(_finish, core, claim, core.now(), still_there=gone)
        return
    if claim.team.health != "healthy":
        await core.write(_postpone, claim, core.now() + TEAM_AWAY)
        return
    provider = core.provider(claim.team)
    sent_at: datetime | None = claim.row.sent_at
    for _ in range(3):
        started = core.now()
        standing = await provider.look_up(claim.row.address)
        if not isinstance(standing, Standing):
            failed = await team_health.confirm_credential(provider, standing)
            await core.write(_retry, core, claim, failed, core.now())
            return
        if not standing.known:
            await core.write(_note_absent, core, claim, started, sent_at, provider.properties.list_lag, core.now())
            return
        lag = timedelta(seconds=provider.properties.list_lag)
        if sent_at is not None and core.now() < core.clock.at_latest(sent_at) + lag:
            break  # sent a moment ago and still listed: the list may be older than the removal
        if claim.row.attempts >= core.settings.transfers.tries:
            await core.write(_fail, core, claim, "still_listed", core.now())
            return
        sent_at = core.now()
        if not await core.write(_note_sending, claim, sent_at):
            return
        crashpoint("T4")
        answer = await _send(provider, claim, standing)
        crashpoint("T5")
        if not isinstance(answer, Done):
            if isinstance(answer, Unavailable):
                answer = await team_health.confirm_credential(provider, answer)
            await core.write(_after, core, claim, answer, core.now())
            return
    await core.write(_postpone, claim, core.now() + LOOK_AGAIN)


async def _send(provider: Provider, claim: RemovalClaim, standing: Standing) -> ProviderAnswer:
    if standing.member is not None:
        owner = claim.team.owner_address
        if standing.member.is_owner or (owner and key_of(owner) == claim.row.address_key):
            return Refused("not_allowed", "owner")
        if not provider.properties.can_remove:
            return Refused("not_allowed", "cannot_remove")
        return await provider.remove_member(standing.member)
    if standing.invite is None:
        return Done()
    if not provider.properties.can_cancel:
        return Refused("not_allowed", "cannot_cancel")
    return await provider.cancel_invite(standing.invite)


def _changed(tx: sa.Connection, claim: RemovalClaim, /, **values: Any) -> bool:
    """Change the removal if the claim to it has not been lost."""
    mine = (t.removals.c.id == claim.row.id, t.removals.c.claim == claim.token)
    return change(tx, t.removals, *mine, expected="planned", returning=False, **values).count == 1


def _change(tx: sa.Connection, mine: RemovalClaim, /, **values: Any) -> None:
    """Raises: ClaimLost."""
    if not _changed(tx, mine, **values):
        raise ClaimLost


def _next_round(tx: sa.Connection, claim: RemovalClaim, until: datetime) -> bool:
    return _changed(tx, claim, claim=None, due_at=until)


def _postpone(tx: sa.Connection, claim: RemovalClaim, until: datetime) -> None:
    _change(tx, claim, claim=None, due_at=until)


def _note_sending(tx: sa.Connection, claim: RemovalClaim, now: datetime) -> bool:
    """Record that the call is about to leave. False, and it does not, for one who has come to a seat meanwhile."""
    row = claim.row
    if guard("removal_recheck", True) and is_served(tx, row.team_id, row.address_key, but_for=row.lease_id):
        cancel(tx, row.id, now)
        return False
    _change(tx, claim, sent_at=now, attempts=t.removals.c.attempts + 1, absent_reads=0, due_at=now + HOLD)
    return True


def _note_absent(
    tx: sa.Connection,
    core: Core,
    claim: RemovalClaim,
    started: datetime,
    sent_at: datetime | None,
    list_lag: float,
    now: datetime,
) -> None:
    """A complete reading does not show the person: they are gone, or it has to be seen once more."""
    appears_at = core.clock.at_latest(claim.last_sent_at or claim.row.created_at) + timedelta(seconds=list_lag)
    if sent_at is None and claim.last_sent_at is not None and started < appears_at:
        _postpone(tx, claim, appears_at)
    elif sent_at is None and claim.row.absent_reads + 1 < AGREEING:
        _change(tx, claim, claim=None, due_at=now + LOOK_AGAIN, absent_reads=claim.row.absent_reads + 1)
    else:
        _finish(tx, core, claim, now)


def _after(tx: sa.Connection, core: Core, claim: RemovalClaim, answer: ProviderAnswer, now: datetime) -> None:
    if isinstance(answer, Refused):
        _fail(tx, core, claim, answer.detail or answer.reason, now)
    elif isinstance(answer, Done):
        _postpone(tx, claim, now)
    else:
        _retry(tx, core, claim, answer, now)


def _retry(tx: sa.Connection, core: Core, claim: RemovalClaim, failed: Failure, now: datetime) -> None:
    """The upstream could not be asked, or its answer is unclear: look again, later each time."""
    failures = claim.row.attempts + 1
    at = retry_at(failures, now, core.settings.transfers)
    if isinstance(failed, Unavailable) and failed.reason in {"rate_limited", "paused"}:
        pause = timedelta(seconds=failed.retry_after or 60)
        _postpone(tx, claim, now + pause)
    elif at is None:
        _fail(tx, core, claim, failed.reason or "unclear", now)
    else:
        _change(tx, claim, claim=None, due_at=min(at, now + LOOK_AGAIN * 2**failures), attempts=failures)
    team_health.note_failure(tx, core, claim.team.id, "remove", failed, now)


def _finish(tx: sa.Connection, core: Core, claim: RemovalClaim, now: datetime, *, still_there: bool = False) -> None:
    """The person is proved gone: the removal is done, the lease ends, the seat is free, all at once.

    `still_there`: the whole workspace is gone. The lease ends; should the workspace ever come back with its
    people, the removal that is left behind takes this one out.
    """
    row = claim.row
    _change(tx, claim, state="done", finished_at=now, claim=None, due_at=None)
    audit.record(
        tx,
        SYSTEM,
        "removal.done",
        "team",
        row.team_id,
        now,
        after={"removal": row.id, "lease": row.lease_id, "cause": row.cause, "by": row.requested_by},
    )
    alerts.end_condition(tx, "system", f"removal:{row.lease_id}", now)
    lease = None
    if row.lease_id is not None:
        lease = tx.execute(sa.select(t.leases).where(t.leases.c.id == row.lease_id)).one()
        end_now(tx, core, lease, row.cause, now, tell=row.transfer_id is None, still_there=still_there)
        if still_there:
            plan_stranger(tx, SYSTEM, row.team_id, row.address, row.cause, now)
    else:
        stranger = sa.and_(t.seats.c.team_id == row.team_id, t.seats.c.occupant == row.address_key)
        for seat_id in tx.execute(sa.select(t.seats.c.id).where(stranger)).scalars().all():
            seat_actions.give_back(tx, seat_id)
    if row.transfer_id is not None:
        transfer_steps.source_removed(tx, core, row.transfer_id, now)
    crashpoint("T6")


def _fail(tx: sa.Connection, core: Core, claim: RemovalClaim, reason: str, now: datetime) -> None:
    """It cannot be done: the person stays, the lease lives on, and staff are told."""
    row = claim.row
    _change(tx, claim, state="failed", reason=reason[:64], finished_at=now, claim=None, due_at=None)
    if row.lease_id is not None:
        change(tx, t.leases, t.leases.c.id == row.lease_id, expected=SETTLED, end_reason=None).one_or_none()
    audit.record(
        tx, SYSTEM, "removal.failed", "team", row.team_id, now, after={"removal": row.id, "reason": reason[:64]}
    )
    facts = {"team": claim.team.name, "address": mask(row.address), "reason": reason[:64]}
    subject = f"removal:{row.lease_id or row.id}"
    alerts.raise_alert(tx, "system", subject, "error", "removal_failed", facts, now)
    if row.transfer_id is not None:
        transfer_steps.removal_failed(tx, core, row.transfer_id, reason, now)
