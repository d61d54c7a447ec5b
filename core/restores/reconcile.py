"""Catching a restored database up with what has happened since its backup, and letting it serve again.

First the journal is replayed, then the readings of every team settle what is left. A dry run does all of it and
rolls it back, so that what it shows is what would be done.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core import audit, holds
from core.actors import Actor, Role
from core.alerts import alerts
from core.errors import NotRestored
from core.people.privacy import erase_again
from core.restores import marks, presence
from core.restores.gifts_again import give_again
from core.restores.outcome import Reconciled
from core.restores.presence import Seen
from core.restores.replay import replay, stories
from core.storage import tables as t
from core.storage.copying import continue_numbers, last_numbers
from core.storage.journal import Journal
from core.storage.names import is_called
from core.storage.rows import TeamRow
from core.sync.readings import Lists
from core.sync.sync import ask

if TYPE_CHECKING:
    from core.service import Core

AT_ONCE = 10
"""Teams read at the same time."""
OVERLAP = timedelta(hours=1)
"""How much of the time before the backup is replayed as well; what is known already changes nothing."""


class _DryRun(Exception):
    """Carries the outcome out of a transaction that is to be rolled back."""

    def __init__(self, outcome: Reconciled) -> None:
        super().__init__()
        self.outcome = outcome


async def reconcile(
    core: Core, actor: Actor, *, do: bool = False, journals: Sequence[Path] = (), apart: float = 5.0
) -> Reconciled:
    """Say what reconciling would do or, with `do`, do it and lift the mark.

    `journals` are further directories, as of other machines; `apart` the seconds between the two readings.
    Raises: NotAllowed, NotRestored.
    """
    actor.require(Role.OWNER)
    known = await core.read(holds.read, holds.RESTORED)
    if known is None:
        raise NotRestored
    outcome = Reconciled(known["backup_at"], str(known["why"]), journal=False)
    told = await asyncio.to_thread(_read_journals, core, journals, outcome)
    seen = await _read_twice(core, apart, outcome)
    try:
        if not do:
            return await core.write(_rehearse, core, told, seen, outcome, core.now())
        return await core.write(_reconcile, core, actor, told, seen, outcome, core.now())
    except _DryRun as dry:
        return dry.outcome


async def release(core: Core, actor: Actor, pool: str | None = None) -> int:
    """Let suspended batches (of one pool) be redeemed again: staff know that none of them was used since the backup.

    Returns how many. Raises: NotAllowed.
    """
    actor.require(Role.OWNER)
    return await core.write(_release, actor, pool, core.now())


def _bring_together(
    tx: sa.Connection,
    core: Core,
    told: Sequence[Mapping[str, Any]],
    seen: Mapping[int, Seen],
    outcome: Reconciled,
    now: datetime,
) -> Reconciled:
    """Make the rows say what the journals tell and what the upstreams show."""
    outcome = Reconciled(
        outcome.backup_at, outcome.why, outcome.journal, False, outcome.counts.copy(), [*outcome.items]
    )
    replay(tx, core, stories(told), outcome, now)
    give_again(tx, told, outcome, now)
    for line in told:
        if line["kind"] == "erased":
            erase_again(tx, core.vault, line["person"], line["leases"], line["gifts"], now)
    _continue_numbers(tx, told)
    presence.settle(tx, core, seen, outcome, now)
    presence.suspend(tx, _unexplained(tx, seen, outcome), outcome, now)
    return outcome


def _rehearse(
    tx: sa.Connection,
    core: Core,
    told: Sequence[Mapping[str, Any]],
    seen: Mapping[int, Seen],
    outcome: Reconciled,
    now: datetime,
) -> Reconciled:
    """Raises: _DryRun, with what would be done and nothing of it committed."""
    raise _DryRun(_bring_together(tx, core, told, seen, outcome, now))


def _reconcile(
    tx: sa.Connection,
    core: Core,
    actor: Actor,
    told: Sequence[Mapping[str, Any]],
    seen: Mapping[int, Seen],
    outcome: Reconciled,
    now: datetime,
) -> Reconciled:
    outcome = _bring_together(tx, core, told, seen, outcome, now)
    outcome.done = True
    holds.lift(tx, holds.RESTORED)
    marks.note_reconciled(tx, now)
    audit.record(tx, actor, "database.reconciled", "database", None, now, after={"counts": dict(outcome.counts)})
    alerts.end_condition(tx, "database", "restored", now)
    return outcome


def _unexplained(tx: sa.Connection, seen: Mapping[int, Seen], outcome: Reconciled) -> frozenset[int]:
    """Pools that somebody may have come into by a code that is not known as used: a team shows them, or cannot be read."""
    named = {item.team for item in outcome.items if item.what == "member_protected"}
    unread = sa.and_(t.teams.c.id.not_in(seen), t.teams.c.removed_at.is_(None), t.teams.c.health == "healthy")
    found = tx.execute(sa.select(t.teams.c.pool_id).where(sa.or_(t.teams.c.name.in_(named), unread)).distinct())
    return frozenset(found.scalars())


def _read_journals(core: Core, more: Sequence[Path], outcome: Reconciled) -> list[dict[str, Any]]:
    """The lines since the backup. `outcome.journal` says whether anything can be missing from them."""
    journals = [core.database.journal] if core.database.journal is not None else []
    journals += [Journal(directory, core.vault) for directory in more]
    lines: list[dict[str, Any]] = []
    for journal in journals:
        for line in journal.read():
            if line:
                lines.append(line)
            else:
                outcome.counts["line_unreadable"] += 1
    lines.sort(key=lambda line: line["at"])
    since = outcome.backup_at
    outcome.journal = (
        bool(lines) and not outcome.counts["line_unreadable"] and since is not None and lines[0]["at"] <= since
    )
    return [line for line in lines if since is None or line["at"] >= since - OVERLAP]


async def _read_twice(core: Core, apart: float, outcome: Reconciled) -> dict[int, Seen]:
    rows = await core.read(_in_service)
    first = await _read_all(core, rows)
    await asyncio.sleep(apart)
    second = await _read_all(core, rows)
    seen = {}
    for team in rows:
        one, two = first[team.id], second[team.id]
        if isinstance(one, Lists) and isinstance(two, Lists):
            seen[team.id] = Seen.of(one, two)
        else:
            outcome.note("team_unreadable", team=team.name)
    return seen


async def _read_all(core: Core, rows: Sequence[Any]) -> dict[int, Any]:
    places = asyncio.Semaphore(AT_ONCE)

    async def one(team: TeamRow) -> Any:
        async with places:
            return await ask(core, team)

    async with asyncio.TaskGroup() as group:
        tasks = {team.id: group.create_task(one(team)) for team in rows}
    return {team_id: task.result() for team_id, task in tasks.items()}


def _in_service(tx: sa.Connection) -> list[Any]:
    here = sa.and_(t.teams.c.removed_at.is_(None), t.teams.c.health == "healthy")
    return list(tx.execute(sa.select(t.teams).where(here).order_by(t.teams.c.id)).all())


def _continue_numbers(tx: sa.Connection, told: Sequence[Mapping[str, Any]]) -> None:
    """New rows are numbered after all that the journal tells of, also after those that nobody can make again."""
    last = last_numbers(tx)
    for table, name in (("leases", "lease"), ("redemptions", "redemption"), ("people", "person")):
        last[table] = max([last.get(table, 0), *(line[name] for line in told if line.get(name) is not None)])
    continue_numbers(tx, last)


def _release(tx: sa.Connection, actor: Actor, pool: str | None, now: datetime) -> int:
    mine: sa.ColumnElement[bool] = t.batches.c.suspended_at.is_not(None)
    if pool is not None:
        mine = sa.and_(mine, t.batches.c.pool_id.in_(sa.select(t.pools.c.id).where(is_called(t.pools, pool))))
    released = (
        tx.execute(sa.update(t.batches).where(mine).values(suspended_at=None).returning(t.batches.c.id)).scalars().all()
    )
    for batch_id in released:
        audit.record(tx, actor, "batch.released", "batch", batch_id, now)
    return len(released)
