"""Bulk jobs as staff see them: how far they are, and what became of each line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core.actors import Actor, Role
from core.errors import NotFound
from core.storage import tables as t

if TYPE_CHECKING:
    from core.service import Core


@dataclass(frozen=True, slots=True)
class JobLine:
    """One job. `waiting` lines are not settled yet; `confirming` of them wait for the upstream's proof.

    `reasons`: (failed or skipped, why, how many), the most frequent first.
    """

    id: int
    kind: str
    state: str
    maker: str
    arguments: Mapping[str, Any]
    total: int
    done: int
    failed: int
    skipped: int
    waiting: int
    confirming: int
    reasons: Sequence[tuple[str, str, int]]
    created_at: datetime
    finished_at: datetime | None
    cancelling: bool
    platform: str | None
    chat_id: str | None
    language: str | None


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One line of a job, with the address and team it is about."""

    id: int
    subject: str
    address: str
    team: str | None
    state: str
    reason: str | None
    tries: int
    done_at: datetime | None


async def job_list(core: Core, actor: Actor, *, most: int = 50, unfinished: bool = False) -> list[JobLine]:
    """The latest jobs first. Raises: NotAllowed."""
    actor.require(Role.VIEWER)
    return await core.read(_list, most, unfinished)


async def job(core: Core, actor: Actor, job_id: int) -> JobLine:
    """One job. Raises: NotAllowed, NotFound."""
    actor.require(Role.VIEWER)
    found = await core.read(find_job, job_id)
    if found is None:
        raise NotFound(kind="job", name=str(job_id))
    return found


async def job_results(
    core: Core, actor: Actor, job_id: int, *, states: tuple[str, ...] = (), most: int = 10_000
) -> list[ItemLine]:
    """The lines of a job, in order; of all states or of `states`. Raises: NotAllowed."""
    actor.require(Role.VIEWER)
    return await core.read(_items, job_id, states, most)


def find_job(tx: sa.Connection, job_id: int) -> JobLine | None:
    """The job of that id."""
    row = tx.execute(sa.select(t.jobs).where(t.jobs.c.id == job_id)).one_or_none()
    return None if row is None else _lines(tx, [row])[0]


def _list(tx: sa.Connection, most: int, unfinished: bool) -> list[JobLine]:
    statement = sa.select(t.jobs).order_by(t.jobs.c.id.desc()).limit(most)
    if unfinished:
        statement = statement.where(t.jobs.c.state.in_(("pending", "running")))
    return _lines(tx, list(tx.execute(statement)))


def _lines(tx: sa.Connection, rows: list[Any]) -> list[JobLine]:
    counts: dict[int, dict[str, int]] = {row.id: {} for row in rows}
    confirming = sa.and_(t.job_items.c.state == "pending", t.job_items.c.reason == "being_confirmed")
    grouped = sa.select(
        t.job_items.c.job_id,
        t.job_items.c.state,
        sa.func.count().label("number"),
        sa.func.sum(sa.case((confirming, 1), else_=0)).label("confirming"),
    )
    wanted = t.job_items.c.job_id.in_(list(counts))
    for line in tx.execute(grouped.where(wanted).group_by(t.job_items.c.job_id, t.job_items.c.state)):
        counts[line.job_id][line.state] = int(line.number)
        if line.confirming:
            counts[line.job_id]["confirming"] = int(line.confirming)
    why: dict[int, list[tuple[str, str, int]]] = {row.id: [] for row in rows}
    left = sa.and_(wanted, t.job_items.c.state.in_(("failed", "skipped")), t.job_items.c.reason.is_not(None))
    number = sa.func.count().label("number")
    by_reason = sa.select(t.job_items.c.job_id, t.job_items.c.state, t.job_items.c.reason, number).where(left)
    columns = (t.job_items.c.job_id, t.job_items.c.state, t.job_items.c.reason)
    for job_id, state, reason, count in tx.execute(by_reason.group_by(*columns).order_by(number.desc(), *columns)):
        why[job_id].append((state, reason, int(count)))
    return [_line(row, counts[row.id], why[row.id]) for row in rows]


def _line(row: Any, counts: Mapping[str, int], why: Sequence[tuple[str, str, int]]) -> JobLine:
    return JobLine(
        id=row.id,
        kind=row.kind,
        state=row.state,
        maker=row.maker,
        arguments={name: value for name, value in row.arguments.items() if name not in {"key", "text"}},
        total=sum(number for state, number in counts.items() if state != "confirming"),
        done=counts.get("done", 0),
        failed=counts.get("failed", 0),
        skipped=counts.get("skipped", 0),
        waiting=counts.get("pending", 0),
        confirming=counts.get("confirming", 0),
        reasons=why,
        created_at=row.created_at,
        finished_at=row.finished_at,
        cancelling=bool(row.cancel_wanted) and row.state in {"pending", "running"},
        platform=row.platform,
        chat_id=row.chat_id,
        language=row.language,
    )


def _items(tx: sa.Connection, job_id: int, states: tuple[str, ...], most: int) -> list[ItemLine]:
    statement = sa.select(t.job_items).where(t.job_items.c.job_id == job_id).order_by(t.job_items.c.id).limit(most)
    if states:
        statement = statement.where(t.job_items.c.state.in_(states))
    rows = list(tx.execute(statement))
    known = {
        **_named(tx, t.leases, t.leases.c.address, "lease", rows),
        **_named(tx, t.seats, t.seats.c.occupant, "seat", rows),
        **_named(tx, t.teams, t.teams.c.name, "team", rows),
    }
    lines = []
    for row in rows:
        address, team = known.get(row.subject, (row.subject, None))
        lines.append(
            ItemLine(row.id, row.subject, address or row.subject, team, row.state, row.reason, row.tries, row.done_at)
        )
    return lines


def _named(
    tx: sa.Connection, table: sa.Table, address: sa.ColumnElement[Any], kind: str, rows: list[Any]
) -> dict[str, tuple[str | None, str | None]]:
    """Address and team of the leases or seats behind the lines."""
    ids = [int(row.subject.partition(":")[2]) for row in rows if row.subject.startswith(f"{kind}:")]
    found: dict[str, tuple[str | None, str | None]] = {}
    for start in range(0, len(ids), 1000):
        statement = sa.select(table.c.id, address.label("address"), t.teams.c.name)
        part = table.c.id.in_(ids[start : start + 1000])
        if table is not t.teams:
            statement = statement.join(t.teams, t.teams.c.id == table.c.team_id)
        for row in tx.execute(statement.where(part)):
            found[f"{kind}:{row.id}"] = (row.address, row.name)
    return found
