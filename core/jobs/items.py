"""Working a job off: its lines side by side, each tried at most three times, and never twice at once."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
import structlog

from core import audit, outbox
from core.errors import Busy, Refusal
from core.heartbeat import heartbeat
from core.jobs import chores, missing
from core.jobs import jobs as bulk
from core.jobs.jobs import JobClaim, JobLost
from core.jobs.outcomes import Outcome
from core.jobs.standing import CHORES, may_go_on
from core.leases import removals
from core.leases.ending import ask_end
from core.leases.leases import RESEND_APART
from core.leases.removal_plans import plan_stranger
from core.providers.protocol import Done, Refused, Unavailable
from core.storage import tables as t
from core.storage.row_claims import change
from core.storage.rows import LeaseRow, RemovalRow, SeatRow, TeamRow
from core.teams.health import confirm_credential, note_failure

if TYPE_CHECKING:
    from core.service import Core

log = structlog.get_logger(__name__)

AT_ONCE = 200
"""Lines read at a time; the rest is read when these are done."""
LOOK_AGAIN = timedelta(seconds=5)
"""Until removals that are being proved are looked at again."""
RETRY_AFTER = timedelta(seconds=10)
"""Until a failed line is tried again."""
PATIENCE = timedelta(minutes=10)
"""How long a job waits for the proof of a removal; after that the removal goes on without the job."""
OUTSTANDING = 60
"""Announcements in the outbox at once: more would keep alerts waiting behind them."""


async def work(core: Core, claim: JobClaim) -> bool:
    """One pass over the open lines of a claimed job. True if it is over now; it is claimed no more either way.

    Raises: JobLost when another process has taken the job over.
    """
    try:
        every = core.settings.jobs.visibility / 5
        async with heartbeat(every, lambda: core.write(bulk.renew, core, claim, core.now())):
            if claim.job.kind == "announce":
                return await core.write(_announce, core, claim, core.now())
            again_at = await _pass(core, claim)
            return await core.write(bulk.finish_pass, claim, again_at, core.now())
    except asyncio.CancelledError:
        # The process is to stop: another one goes on at once, instead of waiting for the claim to run out.
        with contextlib.suppress(JobLost):
            await asyncio.shield(core.write(bulk.finish_pass, claim, core.now(), core.now()))
        raise


async def _pass(core: Core, claim: JobClaim) -> datetime | None:
    """Try every open line once. Returns when to look at the job again, if lines stay open."""
    again_at: datetime | None = None
    last = 0
    gate = asyncio.Semaphore(core.settings.jobs.concurrency)
    while True:
        items = await core.read(_open_items, claim.job.id, last)
        if not items:
            return again_at
        last = items[-1].id
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_line(core, claim, item, gate)) for item in items]
        for moment in (task.result() for task in tasks):
            if moment is not None and (again_at is None or moment > again_at):
                again_at = moment


async def _line(core: Core, claim: JobClaim, item: Any, gate: asyncio.Semaphore) -> datetime | None:
    async with gate:
        try:
            outcome = await _act(core, claim, item)
        except JobLost:
            raise
        except Refusal as refusal:
            outcome = Outcome("failed", str(refusal.facts.get("reason") or refusal.key)[:64])
        except Exception:
            # Whatever is wrong with this line is this line's alone.
            log.exception("job_item_failed", job=claim.job.id, item=item.id)
            outcome = Outcome("failed", "unexpected", passing=True)
        if outcome.passing and item.tries + 1 < core.settings.jobs.tries:
            outcome = Outcome("pending", outcome.reason, True, outcome.retry_after)
        elif outcome.passing:
            outcome = Outcome("failed", outcome.reason)
        try:
            await core.write(bulk.settle_item, claim, item.id, outcome.state, outcome.reason, core.now())
        except Busy:
            # It stays open and is done again, as after a crash; the lines beside it go on.
            return core.now() + RETRY_AFTER
    if outcome.state != "pending":
        return None
    if not outcome.passing:
        return core.now() + LOOK_AGAIN
    asked = timedelta(seconds=min(outcome.retry_after or 0, 300))
    wait: timedelta = max(RETRY_AFTER * 3 ** int(item.tries), asked)
    return core.now() + wait


async def _act(core: Core, claim: JobClaim, item: Any) -> Outcome:
    if claim.job.kind in CHORES:
        return await chores.do(core, claim, item)
    kind, _, number = item.subject.partition(":")
    row_id = int(number) if number.isdigit() else 0
    if kind == "seat":
        return await _remove_stranger(core, claim, item, row_id)
    lease = await core.read(_lease, row_id)
    if lease is None:
        return Outcome("skipped", "not_found")
    if claim.job.kind == "reinvite":
        return await missing.again(core, claim, item, lease)
    if claim.job.kind == "resend":
        return await _resend(core, claim, item, lease)
    return await _end(core, claim, item, lease)


async def _resend(core: Core, claim: JobClaim, item: Any, lease: LeaseRow) -> Outcome:
    """Ask the upstream to mail the invite again. A repeat after a crash is a second mail, never a second invite."""
    why = _not_pending(lease)
    if why is not None:
        return Outcome("skipped", why)
    recently = lease.last_sent_at is not None and lease.last_sent_at > core.now() - RESEND_APART
    if recently and not item.tries and not claim.job.arguments.get("run"):
        return Outcome("skipped", "sent_recently")
    team = await core.read(_team, lease.team_id)
    if team.paused_until is not None and team.paused_until > core.now():
        return Outcome("pending", "paused", True, (team.paused_until - core.now()).total_seconds())
    if not await core.write(bulk.begin_item, core, claim, item.id, core.now()):
        return Outcome("skipped", "cancelled")
    if not await core.write(_note_resend, claim, lease.id, core.now()):
        return Outcome("skipped", "ended")
    provider = core.provider(team)
    answer = await provider.invite(lease.address, resend=True)
    if isinstance(answer, Done):
        return Outcome("done")
    if isinstance(answer, Refused):
        if answer.reason == "already_member":
            return Outcome("skipped", "joined")
        return Outcome("failed", answer.reason)
    if isinstance(answer, Unavailable):
        confirmed = await confirm_credential(provider, answer)
        if isinstance(confirmed, Unavailable):
            await core.write(note_failure, core, team.id, "resend", confirmed, core.now())
        return Outcome("failed", answer.reason, True, answer.retry_after)
    return Outcome("failed", "unclear", True)


async def _end(core: Core, claim: JobClaim, item: Any, lease: LeaseRow) -> Outcome:
    """End the lease and remove the person. The line is done, and the seat free, once they are proved gone."""
    if lease.status in {"ended", "failed"}:
        return Outcome("done" if item.tries else "skipped", None if item.tries else "ended")
    if claim.job.kind == "cancelinvite" and not item.tries and _not_pending(lease):
        return Outcome("skipped", _not_pending(lease))
    if not item.tries:
        if not await core.write(bulk.begin_item, core, claim, item.id, core.now()):
            return Outcome("skipped", "cancelled")
        if lease.end_reason is None:
            cause = "staff" if claim.job.kind == "remove" else "ended"
            await core.write(ask_end, claim.actor, lease, cause, core.now())
    return await _removed(core, t.removals.c.lease_id == lease.id)


async def _remove_stranger(core: Core, claim: JobClaim, item: Any, seat_id: int) -> Outcome:
    """Take out a member whom Usher did not invite."""
    seat = await core.read(_seat, seat_id)
    if seat is None or seat.occupant is None:
        return Outcome("done" if item.tries else "skipped", None if item.tries else "ended")
    if not item.tries:
        if not await core.write(bulk.begin_item, core, claim, item.id, core.now()):
            return Outcome("skipped", "cancelled")
        await core.write(plan_stranger, claim.actor, seat.team_id, seat.occupant, "staff", core.now())
    mine = sa.and_(t.removals.c.team_id == seat.team_id, t.removals.c.address_key == seat.occupant)
    return await _removed(core, mine)


async def _removed(core: Core, which: sa.ColumnElement[bool]) -> Outcome:
    """How far the removal is after one more step."""
    row = await core.read(_removal, which)
    if row is not None and row.state == "planned":
        await removals.advance(core, row.id)
        row = await core.read(_removal, which)
    if row is None:
        return Outcome("failed", "unexpected", passing=True)
    if row.state == "failed":
        return Outcome("failed", row.reason)
    if row.state == "planned":
        if core.now() - row.created_at > PATIENCE:
            return Outcome("done", "under_way")
        return Outcome("pending", "being_confirmed")
    return Outcome("done")


def _announce(tx: sa.Connection, core: Core, claim: JobClaim, now: datetime) -> bool:
    """Put the next messages into the outbox; the outbox settles the lines of those it has sent. Raises: JobLost."""
    job = claim.job
    mine = sa.and_(t.job_items.c.job_id == job.id, t.job_items.c.state == "pending")
    wanted = tx.execute(sa.select(t.jobs.c.cancel_wanted).where(t.jobs.c.id == job.id)).scalar_one()
    wanted = wanted or not may_go_on(tx, core, job, now)
    under_way = tx.execute(sa.select(sa.func.count()).where(mine, t.job_items.c.tries > 0)).scalar_one()
    room = 0 if wanted else OUTSTANDING - int(under_way)
    if room > 0:
        fresh = sa.select(t.job_items).where(mine, t.job_items.c.tries == 0).order_by(t.job_items.c.id).limit(room)
        for item in tx.execute(fresh).all():
            platform, _, identity = item.subject.partition(":")
            facts = {"job": job.id, "item": item.id, "text": job.arguments["text"]}
            dedupe = f"announcement:{job.id}:{item.id}:{job.arguments.get('run', 0)}"
            outbox.put(tx, platform, identity, outbox.Notice("announcement", facts, dedupe=dedupe), now)
            change(tx, t.job_items, t.job_items.c.id == item.id, expected="pending", tries=1).one()
    return bulk.finish_pass(tx, claim, now + timedelta(seconds=1), now)


def _not_pending(lease: LeaseRow) -> str | None:
    if lease.status in {"ended", "failed"}:
        return "ended"
    if lease.end_reason is not None:
        return "ending"
    if lease.joined_at is not None or lease.status == "active":
        return "joined"
    return None if lease.status == "invited" else "moving" if lease.status == "transferring" else "held"


def _note_resend(tx: sa.Connection, claim: JobClaim, lease_id: int, now: datetime) -> bool:
    pending = (t.leases.c.id == lease_id, t.leases.c.end_reason.is_(None))
    values: dict[str, Any] = {"last_sent_at": now, "sends": t.leases.c.sends + 1}
    if not change(tx, t.leases, *pending, expected="invited", **values).count:
        return False
    audit.record(tx, claim.actor, "lease.resent", "lease", lease_id, now, after={"job": claim.job.id})
    return True


def _open_items(tx: sa.Connection, job_id: int, after: int) -> list[Any]:
    mine = sa.and_(t.job_items.c.job_id == job_id, t.job_items.c.state == "pending", t.job_items.c.id > after)
    return list(tx.execute(sa.select(t.job_items).where(mine).order_by(t.job_items.c.id).limit(AT_ONCE)))


def _lease(tx: sa.Connection, lease_id: int) -> LeaseRow | None:
    return tx.execute(sa.select(t.leases).where(t.leases.c.id == lease_id)).one_or_none()


def _team(tx: sa.Connection, team_id: int) -> TeamRow:
    return tx.execute(sa.select(t.teams).where(t.teams.c.id == team_id)).one()


def _seat(tx: sa.Connection, seat_id: int) -> SeatRow | None:
    return tx.execute(sa.select(t.seats).where(t.seats.c.id == seat_id)).one_or_none()


def _removal(tx: sa.Connection, which: sa.ColumnElement[bool]) -> RemovalRow | None:
    latest = sa.select(t.removals).where(which).order_by(t.removals.c.id.desc()).limit(1)
    return tx.execute(latest).one_or_none()
