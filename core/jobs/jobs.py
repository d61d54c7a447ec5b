"""Bulk jobs: one action for many people, as a row with a line per person, worked off by any process.

A job is claimed for `jobs.visibility` seconds and the claim renewed while it is worked on, so that a killed process
delays it and loses nothing. Each line is settled by itself, by whoever holds the claim.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from core import audit, holds, outbox
from core.actors import SYSTEM, Actor, Role
from core.alerts import alerts
from core.errors import Conflict, NotFound, NothingToDo
from core.jobs.selection import Selection, Target, find_targets
from core.jobs.standing import ROLES, may_go_on, role_of
from core.storage import tables as t
from core.storage.database import dialect_insert
from core.storage.row_claims import change
from core.storage.row_claims import claim_due as claim_rows
from core.storage.rows import JobRow

if TYPE_CHECKING:
    from core.service import Core

SHOW_AFTER = timedelta(seconds=2)
"""Between two paintings of a progress bar."""
REPEAT = timedelta(days=1)
"""How long the same request is the same job."""


class JobLost(Exception):
    """Another process has taken the job over: what this process learned must not be written."""


@dataclass(frozen=True, slots=True)
class ProgressPlace:
    """Where a job's progress is shown: a chat that messages can be pushed into, in a language."""

    platform: str
    chat_id: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class JobPlan:
    """A dry run: `targets` would be done, `left` would be skipped, each with its reason."""

    kind: str
    targets: list[Target]
    left: list[Target]


@dataclass(frozen=True, slots=True)
class StartedJob:
    """`merged`: an equal job was waiting or running already, and no second one was made."""

    job_id: int
    items: int
    merged: bool


@dataclass(frozen=True, slots=True)
class JobClaim:
    """The right to work on one job, until it is taken over."""

    token: str
    job: JobRow

    @property
    def actor(self) -> Actor:
        """Whoever started it, with the role that was checked then."""
        platform, _, identity = self.job.maker.partition(":")
        return Actor(platform, identity, ROLES[self.job.kind])


async def preview(core: Core, actor: Actor, kind: str, chosen: Selection) -> JobPlan:
    """What `start` would do now. Raises: NotAllowed, MissingArgument, NotFound, BadNumber."""
    actor.require(role_of(kind))
    targets = await core.read(find_targets, kind, chosen, core.now())
    return JobPlan(kind, [one for one in targets if not one.reason], [one for one in targets if one.reason])


async def start(
    core: Core, actor: Actor, kind: str, chosen: Selection, *, request_key: str, place: ProgressPlace | None = None
) -> StartedJob:
    """Make the job; a sweep works it off. The same request, or an equal job under way, makes no second one.

    Raises: NotAllowed, MissingArgument, NotFound, BadNumber, NothingToDo.
    """
    actor.require(role_of(kind))
    return await core.write(_start, actor, kind, chosen, request_key, place, core.now())


async def cancel(core: Core, actor: Actor, job_id: int) -> None:
    """Stop a job before its next line; what is done stays done. Raises: NotAllowed, NotFound, Conflict if it is over."""
    await core.write(_cancel, actor, job_id, core.now())


async def retry(core: Core, actor: Actor, job_id: int) -> int:
    """Do the failed lines again, and only those; returns how many. Raises: NotAllowed, NotFound, NothingToDo, Conflict."""
    try:
        return await core.write(_retry, actor, job_id, core.now())
    except IntegrityError as equal:
        raise Conflict from equal


@dataclass(frozen=True, slots=True)
class JobOrder:
    """A job to be made. Its lines are (subject, reason); a line with a reason is skipped from the start.

    A second order with the same `request_key` is the same job. Its progress is shown in `place`.
    """

    kind: str
    lines: Sequence[tuple[str, str | None]]
    arguments: Mapping[str, Any]
    request_key: str
    place: ProgressPlace | None = None


def insert_job(tx: sa.Connection, actor: Actor, order: JobOrder, now: datetime) -> StartedJob:
    """Make the job and its lines, unless that job, or an equal one under way, exists already."""
    kind, place = order.kind, order.place
    todo = sorted(subject for subject, reason in order.lines if reason is None)
    fingerprint = _fingerprint(kind, todo, order.arguments)
    known = _known(tx, fingerprint, order.request_key, now)
    if known is not None:
        return StartedJob(known, len(todo), merged=True)
    values = {
        "kind": kind,
        "arguments": {**order.arguments, "key": order.request_key},
        "fingerprint": fingerprint,
        "state": "pending",
        "maker": actor.key,
        "platform": place.platform if place else None,
        "chat_id": place.chat_id if place else None,
        "language": place.language if place else None,
        "due_at": now,
        "created_at": now,
    }
    statement = dialect_insert(t.jobs, tx).on_conflict_do_nothing(
        index_elements=["fingerprint"], index_where=sa.text("state = 'pending'")
    )
    job_id = tx.execute(statement.values(**values).returning(t.jobs.c.id)).scalar_one_or_none()
    if job_id is None:  # an equal one was made in the same moment
        return StartedJob(_known(tx, fingerprint, order.request_key, now) or 0, len(todo), merged=True)
    rows = [
        {
            "job_id": job_id,
            "subject": subject,
            "state": "skipped" if reason else "pending",
            "reason": reason,
            "done_at": now if reason else None,
        }
        for subject, reason in order.lines
    ]
    tx.execute(sa.insert(t.job_items), rows)
    audit.record(tx, actor, "job.started", "job", job_id, now, after={"kind": kind, "items": len(todo)})
    if place is not None and place.platform in outbox.CHATS:
        chat = outbox.in_chat(place.platform, place.chat_id)
        dedupe = f"job:{job_id}"
        outbox.put(
            tx, place.platform, chat, outbox.Notice("job", {"job": job_id}, language=place.language, dedupe=dedupe), now
        )
    return StartedJob(job_id, len(todo), merged=False)


def claim_due(tx: sa.Connection, core: Core, now: datetime, *, most: int, job_id: int | None = None) -> list[JobClaim]:
    """Claim jobs that are due. A job whose processes have died too often is given up."""
    visible = now + timedelta(seconds=core.settings.jobs.visibility)
    due = [t.jobs.c.state.in_(("pending", "running")), t.jobs.c.due_at <= now]
    if job_id is not None:
        due.append(t.jobs.c.id == job_id)
    rows = claim_rows(
        tx,
        t.jobs,
        *due,
        until=visible,
        order_by=[t.jobs.c.due_at],
        most=most,
        state="running",
        tries=t.jobs.c.tries + 1,
    )
    claims = []
    for row in rows:
        if row.tries > core.settings.jobs.tries:
            _give_up(tx, row, now)
        else:
            claims.append(JobClaim(row.claim, row))
    return claims


def renew(tx: sa.Connection, core: Core, claim: JobClaim, now: datetime) -> None:
    """Raises: JobLost."""
    visible = now + timedelta(seconds=core.settings.jobs.visibility)
    if not change(tx, t.jobs, *_mine(claim), expected="running", due_at=visible).count:
        raise JobLost


def begin_item(tx: sa.Connection, core: Core, claim: JobClaim, item_id: int, now: datetime) -> bool:
    """Count a try before it is made. False if the job is to stop. Raises: JobLost."""
    job = locked(tx, claim)
    if job.cancel_wanted or not may_go_on(tx, core, job, now):
        return False
    change(tx, t.job_items, t.job_items.c.id == item_id, expected="pending", tries=t.job_items.c.tries + 1).one()
    return True


def settle_item(
    tx: sa.Connection, claim: JobClaim, item_id: int, state: str, reason: str | None, now: datetime
) -> None:
    """Write down what became of one line. Raises: JobLost."""
    job = locked(tx, claim)
    ended = None if state == "pending" else now
    values: dict[str, Any] = {"state": state, "reason": reason, "done_at": ended}
    settled = change(tx, t.job_items, t.job_items.c.id == item_id, expected="pending", **values).count
    if settled and state != "pending":
        show(tx, job, now, after=SHOW_AFTER)


def finish_pass(tx: sa.Connection, claim: JobClaim, again_at: datetime | None, now: datetime) -> bool:
    """Give the claim back: the job is over, or due again at `again_at`. True if it is over. Raises: JobLost."""
    job = locked(tx, claim)
    if job.cancel_wanted:
        _skip_rest(tx, job.id, now)
    counts = count_items(tx, [job.id])[job.id]
    if counts.get("pending"):
        values: dict[str, Any] = {"claim": None, "tries": 0, "due_at": again_at or now}
        change(tx, t.jobs, *_mine(claim), expected="running", **values).one()
        if job.kind == "announce":
            show(tx, job, now, after=SHOW_AFTER)
        return False
    state = "cancelled" if job.cancel_wanted else "failed" if counts.get("failed") else "done"
    values = {"state": state, "claim": None, "tries": 0, "finished_at": now}
    change(tx, t.jobs, *_mine(claim), expected="running", **values).one()
    audit.record(tx, SYSTEM, f"job.{state}", "job", job.id, now, after=counts)
    if state != "failed":
        alerts.end_condition(tx, "system", f"job:{job.id}", now)
    show(tx, job, now)
    return True


def show(tx: sa.Connection, job: JobRow, now: datetime, *, after: timedelta = timedelta(0)) -> None:
    """Have the job's message in its chat show the present state."""
    if job.platform in outbox.CHATS and job.chat_id and job.message_ref:
        outbox.put_edit(
            tx,
            job.platform,
            outbox.in_chat(job.platform, job.chat_id),
            outbox.Notice("job", {"job": job.id}, language=job.language, due_at=now + after),
            now,
            edits=job.message_ref,
        )


def count_items(tx: sa.Connection, job_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """Lines by state, per job."""
    counts: dict[int, dict[str, int]] = {job_id: {} for job_id in job_ids}
    rows = tx.execute(
        sa.select(t.job_items.c.job_id, t.job_items.c.state, sa.func.count().label("number"))
        .where(t.job_items.c.job_id.in_(list(job_ids)))
        .group_by(t.job_items.c.job_id, t.job_items.c.state)
    )
    for row in rows:
        counts[row.job_id][row.state] = int(row.number)
    return counts


def _start(
    tx: sa.Connection,
    actor: Actor,
    kind: str,
    chosen: Selection,
    request_key: str,
    place: ProgressPlace | None,
    now: datetime,
) -> StartedJob:
    holds.refuse_restored(tx)
    targets = find_targets(tx, kind, chosen, now)
    if not any(one.reason is None for one in targets):
        raise NothingToDo(count=len(targets))
    lines = [(one.subject, one.reason) for one in targets]
    return insert_job(tx, actor, JobOrder(kind, lines, chosen.described, request_key, place), now)


def _fingerprint(kind: str, todo: Sequence[str], arguments: Mapping[str, Any]) -> str:
    text = json.dumps([kind, list(todo), arguments.get("text")], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _known(tx: sa.Connection, fingerprint: str, request_key: str, now: datetime) -> int | None:
    """An equal job that is not over, or the very same request's."""
    equal = sa.and_(t.jobs.c.fingerprint == fingerprint, t.jobs.c.created_at > now - REPEAT)
    for row in tx.execute(sa.select(t.jobs).where(equal).order_by(t.jobs.c.id.desc())):
        if row.state in {"pending", "running"} or row.arguments.get("key") == request_key:
            return int(row.id)
    return None


def _mine(claim: JobClaim) -> tuple[sa.ColumnElement[bool], ...]:
    return (t.jobs.c.id == claim.job.id, t.jobs.c.claim == claim.token)


def locked(tx: sa.Connection, claim: JobClaim) -> JobRow:
    """The job's row, locked until the commit. Raises: JobLost."""
    job = tx.execute(
        sa.select(t.jobs).where(*_mine(claim), t.jobs.c.state == "running").with_for_update()
    ).one_or_none()
    if job is None:
        raise JobLost
    return job


def _give_up(tx: sa.Connection, job: JobRow, now: datetime) -> None:
    """Give up a job whose processes have all died."""
    left = _end_items(tx, job.id, "failed", "given_up", now)
    change(tx, t.jobs, t.jobs.c.id == job.id, expected="running", state="failed", claim=None, finished_at=now).one()
    audit.record(tx, SYSTEM, "job.failed", "job", job.id, now, after={"reason": "given_up", "left": left})
    facts = {"job": job.id, "kind": job.kind}
    alerts.raise_alert(tx, "system", f"job:{job.id}", "error", "job_given_up", facts, now)
    show(tx, job, now)


def _wanted(tx: sa.Connection, actor: Actor, job_id: int) -> JobRow:
    job = tx.execute(sa.select(t.jobs).where(t.jobs.c.id == job_id).with_for_update()).one_or_none()
    if job is None:
        raise NotFound(kind="job", name=str(job_id))
    actor.require(role_of(job.kind))
    return job


def _cancel(tx: sa.Connection, actor: Actor, job_id: int, now: datetime) -> None:
    actor.require(Role.OPERATOR)
    job = _wanted(tx, actor, job_id)
    if job.state not in {"pending", "running"}:
        if job.state == "cancelled":
            return
        raise Conflict
    values: dict[str, Any] = {"cancel_wanted": True}
    after: dict[str, int] = {}
    if job.claim is None:
        after = _skip_rest(tx, job_id, now)
        values |= {"state": "cancelled", "finished_at": now}
    change(tx, t.jobs, t.jobs.c.id == job_id, expected=job.state, **values).one()
    audit.record(tx, actor, "job.cancelled", "job", job_id, now, before={"state": job.state}, after=after)
    show(tx, job, now)


def _skip_rest(tx: sa.Connection, job_id: int, now: datetime) -> dict[str, int]:
    """Leave out the lines that nobody has begun, and announcements that still wait in the outbox; returns how many."""
    unsent = (t.notices.c.dedupe.like(f"announcement:{job_id}:%"), t.notices.c.tries == 0)
    taken_back = change(
        tx, t.notices, *unsent, expected="ready", returning=False, state="dead", error="cancelled"
    ).count
    return {"skipped": _end_items(tx, job_id, "skipped", "cancelled", now), "taken_back": taken_back}


def _end_items(tx: sa.Connection, job_id: int, state: str, reason: str, now: datetime) -> int:
    """Close the lines that are not done; returns how many."""
    waiting = t.job_items.c.job_id == job_id
    values: dict[str, Any] = {"state": state, "reason": reason, "done_at": now}
    return change(tx, t.job_items, waiting, expected="pending", returning=False, **values).count


def _retry(tx: sa.Connection, actor: Actor, job_id: int, now: datetime) -> int:
    actor.require(Role.OPERATOR)
    job = _wanted(tx, actor, job_id)
    if job.state in {"pending", "running"}:
        raise Conflict
    fresh: dict[str, Any] = {"state": "pending", "tries": 0, "reason": None, "done_at": None}
    again = change(tx, t.job_items, t.job_items.c.job_id == job_id, expected="failed", returning=False, **fresh).count
    if not again:
        raise NothingToDo(count=0)
    run = int(job.arguments.get("run", 0)) + 1
    row = change(
        tx,
        t.jobs,
        t.jobs.c.id == job_id,
        expected=job.state,
        state="pending",
        tries=0,
        cancel_wanted=False,
        finished_at=None,
        due_at=now,
        arguments={**job.arguments, "run": run},
    ).one()
    alerts.end_condition(tx, "system", f"job:{job_id}", now)
    audit.record(tx, actor, "job.retried", "job", job_id, now, after={"items": again, "run": run})
    show(tx, row, now)
    return int(again)
