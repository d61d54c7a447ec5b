"""Long work that is not about people, as jobs that can be watched and stopped: reading all teams, a new key, a backup.

The first two can be stopped between any two parts, because each part is whole in itself: one team read, one chunk of
rows under the new key. A backup can be stopped until the file has its final name; then nothing of it is left.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core.actors import Actor
from core.errors import BackupRefused, NothingToDo
from core.heartbeat import heartbeat
from core.jobs import jobs as bulk
from core.jobs.jobs import JobClaim, ProgressPlace, StartedJob
from core.jobs.outcomes import Outcome
from core.jobs.standing import role_of
from core.storage import tables as t
from core.storage.row_claims import change
from core.sync import sync
from core.upkeep import backups, rotation
from core.upkeep.backup_places import place_of

if TYPE_CHECKING:
    from core.service import Core

KEYS = "keys"
"""The one line of a change of keys."""
WHOLE = "everything"
"""The one line of a backup."""
UNDER_WAY = "under way"
"""The place of a backup that does not exist yet."""
LOOK = 1.0
"""Seconds between two looks at whether the backup is to be stopped."""
FIGURES = ("members", "pending", "joined", "gone", "strangers")


class _Stopped(Exception):
    """The job is to end."""


async def start(
    core: Core, actor: Actor, kind: str, *, request_key: str, place: ProgressPlace | None = None
) -> StartedJob:
    """Begin to read every team (`sync`), to write everything under the active key (`rotate`), or to copy all (`backup`).

    Raises: NotAllowed, NothingToDo, BackupRefused (there is no place for one).
    """
    actor.require(role_of(kind))
    if kind == "backup":
        place_of(core.settings)
    return await core.write(_start, actor, kind, request_key, place, core.now())


async def do(core: Core, claim: JobClaim, item: Any) -> Outcome:
    """Do one line of such a job."""
    if not await core.write(bulk.begin_item, core, claim, item.id, core.now()):
        return Outcome("skipped", "cancelled")
    if claim.job.kind == "rotate":
        return await _rotate(core, claim)
    if claim.job.kind == "backup":
        return await _backup(core, claim)
    name = await core.read(_team_name, int(item.subject.partition(":")[2]))
    if name is None:
        return Outcome("skipped", "removed")
    reading = await sync.sync_team(core, claim.actor, name)
    await core.write(_add_figures, claim, {one: getattr(reading, one) for one in FIGURES})
    return Outcome("done") if reading.complete else Outcome("failed", (reading.reason or "unexpected")[:64])


async def _rotate(core: Core, claim: JobClaim) -> Outcome:
    before = 0

    async def watched(done: int) -> None:
        nonlocal before
        wanted = await core.write(_add_figures, claim, {"rewritten": done - before})
        before = done
        if wanted:
            raise _Stopped

    try:
        done = await rotation.rotate_keys(core, claim.actor, watched)
    except _Stopped:
        return Outcome("skipped", "cancelled")
    if not done.unreadable:
        return Outcome("done")
    await core.write(_add_figures, claim, {"unreadable": len(done.unreadable)})
    return Outcome("failed", "unreadable_rows")


async def _backup(core: Core, claim: JobClaim) -> Outcome:
    copied = 0

    def count(rows: int) -> None:
        nonlocal copied
        copied += rows

    async def look() -> None:
        if await core.write(_set_figures, claim, {"rows": copied, "where": UNDER_WAY}, core.now()):
            raise _Stopped

    try:
        await look()
        async with heartbeat(LOOK, look):
            made = await backups.make_backup(core, claim.actor, watched=count)
    except _Stopped:
        return Outcome("skipped", "cancelled")
    except BackupRefused as refusal:
        return Outcome("failed", f"backup_{refusal.facts['reason']}")
    figures = {"rows": made.rows, "where": made.where, "name": made.name, "size": made.size}
    await core.write(_set_figures, claim, figures, core.now())
    return Outcome("done")


def _start(
    tx: sa.Connection, actor: Actor, kind: str, request_key: str, place: ProgressPlace | None, now: datetime
) -> StartedJob:
    subjects: list[tuple[str, str | None]] = [(WHOLE if kind == "backup" else KEYS, None)]
    if kind == "sync":
        present = sa.select(t.teams.c.id).where(t.teams.c.removed_at.is_(None)).order_by(t.teams.c.id)
        subjects = [(f"team:{team_id}", None) for team_id in tx.execute(present).scalars()]
    if not subjects:
        raise NothingToDo(count=0)
    return bulk.insert_job(tx, actor, bulk.JobOrder(kind, subjects, {}, request_key, place), now)


def _add_figures(tx: sa.Connection, claim: JobClaim, more: dict[str, int]) -> bool:
    """Add to what the job has counted. True if the job is to end. Raises: JobLost."""
    job = bulk.locked(tx, claim)
    before = job.arguments.get("figures", {})
    figures = {**before, **{name: before.get(name, 0) + number for name, number in more.items()}}
    change(tx, t.jobs, t.jobs.c.id == job.id, expected="running", arguments={**job.arguments, "figures": figures}).one()
    return bool(job.cancel_wanted)


def _set_figures(tx: sa.Connection, claim: JobClaim, figures: dict[str, Any], now: datetime) -> bool:
    """Write down how far the job is, and show it in its message. True if the job is to end. Raises: JobLost."""
    job = bulk.locked(tx, claim)
    change(tx, t.jobs, t.jobs.c.id == job.id, expected="running", arguments={**job.arguments, "figures": figures}).one()
    bulk.show(tx, job, now, after=bulk.SHOW_AFTER)
    return bool(job.cancel_wanted)


def _team_name(tx: sa.Connection, team_id: int) -> str | None:
    named = sa.select(t.teams.c.name).where(t.teams.c.id == team_id, t.teams.c.removed_at.is_(None))
    name: str | None = tx.execute(named).scalar_one_or_none()
    return name
