"""Sync: reading teams whole, so that what Usher believes is what the upstream shows.

One team after the other, several at once, spread over the interval. A team that hangs is left to its time-out
while another takes its place; a reading that failed or was cut changes nothing but health counters.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

import sqlalchemy as sa
import structlog

from core.actors import Actor, Role
from core.alerts import alerts
from core.errors import NotFound, UsherError
from core.providers.protocol import Capacity, Failure, Listing, ProviderFault, Unavailable
from core.rules.addresses import key_of
from core.storage import tables as t
from core.storage.names import is_called
from core.storage.row_claims import claim_due
from core.storage.rows import TeamRow
from core.sync import readings
from core.sync.readings import Doubtful, Lists, Reading
from core.teams import health as team_health

if TYPE_CHECKING:
    from core.providers.protocol import Provider
    from core.service import Core

log = structlog.get_logger(__name__)

TellRead: TypeAlias = Callable[[int, int], Awaitable[None]]
"""Called with how many teams are read and how many there are."""

CHUNK = 50
"""Teams claimed together; what a killed process has claimed is read one interval later."""
SLOW = 2.0
"""Seconds after which a team's reading gives its place to the next team, and goes on beside it."""
CALLS_PER_READING = 3
READ = ("pending", "members")
"""The calls without which there is no reading."""
FAILED_TWICE = 2
"""Readings in a row that fail before staff are told: one is no news."""


@dataclass(frozen=True, slots=True)
class ReadFailed:
    """Why a team could not be read whole."""

    call: str
    reason: str | None
    detail: str
    retry_after: float | None = None
    fault: ProviderFault = "team"


@dataclass(frozen=True, slots=True)
class _Claimed:
    """Rows of teams to be read now, and of those whose calls have to wait."""

    teams: list[Any]
    waiting: list[Any]


async def silent(done: int, of: int) -> None:
    """Nobody watches."""


async def read_team(core: Core, team_id: int) -> Reading:
    """Read one team's invites, members and seats whole, and write down what they show.

    A failure or a partial list changes nothing but health counters; the reading says why it is not complete.
    Raises: NotFound.
    """
    for reading in await read_many(core, [team_id]):
        return reading
    raise NotFound(kind="team", name=str(team_id))


async def read_many(core: Core, team_ids: Sequence[int], progress: TellRead = silent) -> list[Reading]:
    """Read several teams, `sync.concurrency` at once. One bad team never stops nor delays the rest."""
    chunks = iter([team_ids[start : start + CHUNK] for start in range(0, len(team_ids), CHUNK)])

    async def following() -> _Claimed | None:
        wanted = next(chunks, None)
        return await core.write(_claim, core, wanted, core.now()) if wanted else None

    return await _read_all(core, following, len(team_ids), progress)


async def read_due(core: Core) -> list[Reading]:
    """Read every healthy team whose turn has come."""

    async def following() -> _Claimed | None:
        claimed = await core.write(_claim, core, None, core.now())
        return claimed if claimed.teams or claimed.waiting else None

    return await _read_all(core, following, 0, silent)


async def _read_all(
    core: Core, following: Callable[[], Coroutine[Any, Any, _Claimed | None]], of: int, progress: TellRead
) -> list[Reading]:
    """Read what `following` claims, chunk by chunk.

    A place is held only while the upstream is asked: what a reading changes is written while the next team is
    being read, and the next chunk is claimed before the present one is done.
    """
    read: list[Reading] = []
    places = asyncio.Semaphore(core.settings.sync.concurrency)
    unwritten = asyncio.Semaphore(CHUNK + core.settings.sync.concurrency)

    async def finish(reading: Reading) -> None:
        read.append(reading)
        await progress(len(read), of)

    async def one(team: TeamRow) -> None:
        try:
            async with _lent(places):
                lists = await ask(core, team)
            await finish(await _write(core, team, lists))
        finally:
            unwritten.release()

    async with asyncio.TaskGroup() as group:
        claiming = group.create_task(following())
        while (claimed := await claiming) is not None:
            claiming = group.create_task(following())
            for team in claimed.waiting:
                await finish(Reading(team.id, team.name, complete=False, reason="paused"))
            for team in claimed.teams:
                await unwritten.acquire()
                await places.acquire()
                group.create_task(one(team))
    return read


async def sync_address(core: Core, actor: Actor, address: str, progress: TellRead = silent) -> list[Reading]:
    """Read every team in which an address holds a seat. Raises: NotAllowed, NotFound."""
    actor.require(Role.OPERATOR)
    ids = await core.read(_teams_of, address)
    if not ids:
        raise NotFound(kind="lease", name=address)
    return await read_many(core, ids, progress)


async def sync_team(core: Core, actor: Actor, name: str) -> Reading:
    """Read one team. Raises: NotAllowed, NotFound."""
    actor.require(Role.OPERATOR)
    found = await core.read(_team_named, name)
    if found is None:
        raise NotFound(kind="team", name=name)
    return await read_team(core, found)


async def sync_all(core: Core, actor: Actor, progress: TellRead = silent) -> list[Reading]:
    """Read every team. Raises: NotAllowed."""
    actor.require(Role.OPERATOR)
    return await read_many(core, await core.read(_all_teams), progress)


async def ask(core: Core, team: TeamRow) -> Lists | ReadFailed:
    """What the upstream shows; never raises, and never takes longer than its calls may."""
    try:
        async with asyncio.timeout(CALLS_PER_READING * core.settings.upstream.timeout):
            return await _lists(core, team)
    except TimeoutError:
        return ReadFailed("members", None, "timed out")
    except UsherError as error:
        return ReadFailed("members", None, error.key)
    except Exception as error:
        log.exception("reading_failed", team=team.id)
        return ReadFailed("members", None, type(error).__name__)


async def _write(core: Core, team: TeamRow, lists: Lists | ReadFailed) -> Reading:
    try:
        if isinstance(lists, Lists):
            try:
                return await core.write(readings.apply, core, team.id, lists, core.now())
            except Doubtful as doubt:
                lists = ReadFailed("members", None, str(doubt))
        return await core.write(_note_failed, core, team.id, lists, core.now())
    except Exception as error:
        log.exception("reading_not_written", team=team.id)
        return Reading(team.id, team.name, complete=False, reason=type(error).__name__)


async def _lists(core: Core, team: TeamRow) -> Lists | ReadFailed:
    """Invites first: whoever accepts in between is then seen at least among the members."""
    provider = core.provider(team)
    started_at = core.now()
    pending = await provider.pending_invites()
    if not isinstance(pending, Listing):
        return await _confirmed(provider, "pending", pending)
    members = await provider.members()
    if not isinstance(members, Listing):
        return await _confirmed(provider, "members", members)
    capacity: Capacity | Failure | None = None
    if provider.properties.counts_seats:
        capacity = await provider.capacity()
        if isinstance(capacity, Unavailable) and capacity.reason == "credential":
            return await _confirmed(provider, "capacity", capacity)
    counted = capacity if isinstance(capacity, Capacity) else None
    return readings.collect(
        started_at,
        provider.properties,
        team.owner_address,
        pending.items,
        members.items,
        counted,
        count_failed=capacity is not None and counted is None,
    )


async def _confirmed(provider: Provider, call: str, failure: Failure) -> ReadFailed:
    meant = await team_health.confirm_credential(provider, failure)
    return ReadFailed(call, meant.reason, meant.detail, meant.retry_after)


@asynccontextmanager
async def _lent(places: asyncio.Semaphore) -> AsyncIterator[None]:
    """A place that was taken before; it is given on when the work in it turns out to be slow."""
    returned = False

    def give_back() -> None:
        nonlocal returned
        if not returned:
            returned = True
            places.release()

    later = asyncio.get_running_loop().call_later(SLOW, give_back)
    try:
        yield
    finally:
        later.cancel()
        give_back()


def _note_failed(tx: sa.Connection, core: Core, team_id: int, failed: ReadFailed, now: datetime) -> Reading:
    team_health.note_failure(tx, core, team_id, failed.call, failed, now)
    team = tx.execute(sa.select(t.teams).where(t.teams.c.id == team_id)).one()
    if failed.retry_after is not None:
        # A short pause is no reason to wait for the next regular turn.
        due = now + timedelta(seconds=failed.retry_after)
        sooner = sa.and_(t.teams.c.id == team_id, t.teams.c.read_due_at > due)
        tx.execute(sa.update(t.teams).where(sooner).values(read_due_at=due))
    again = max(team.failures, team.members_failures) >= FAILED_TWICE
    if again and team.health == "healthy" and failed.reason not in {"paused", "rate_limited", "unpaid"}:
        facts = {"team": team.name, "error": failed.reason or failed.detail}
        alerts.raise_alert(tx, "provider", f"team:{team_id}", "warning", "reading_failed", facts, now)
    return Reading(team_id, team.name, complete=False, reason=failed.reason or failed.detail)


def _claim(tx: sa.Connection, core: Core, wanted: Sequence[int] | None, now: datetime) -> _Claimed:
    """Teams to read, claimed by moving their turn: those `wanted`, or the next that are due.

    A team's first turn is spread over the interval. A team that asked for a pause, or whose breaker is open, is
    not read, and has its turn when that is over.
    """
    interval = core.settings.sync.interval
    later = now + timedelta(seconds=interval)
    # A turn further away than the interval is of a time when that was longer, unless the team has to wait.
    unpaused = sa.or_(t.teams.c.paused_until.is_(None), t.teams.c.paused_until <= now)
    calm = sa.not_(sa.exists().where(t.team_endpoints.c.team_id == t.teams.c.id))
    of_old = sa.and_(t.teams.c.read_due_at > later, unpaused, calm)
    turn = sa.or_(t.teams.c.read_due_at.is_(None), t.teams.c.read_due_at <= now, of_old)
    if wanted is None:
        due = (turn, t.teams.c.health == "healthy", t.teams.c.removed_at.is_(None))
        rows = claim_due(tx, t.teams, *due, until=later, order_by=[t.teams.c.read_due_at], most=CHUNK)
    else:
        asked = sa.update(t.teams).where(t.teams.c.id.in_(wanted)).values(read_due_at=later)
        rows = tx.execute(asked.returning(t.teams)).all()
    turns = team_health.waits_of(tx, rows, READ, now)
    waiting = set(turns)
    for row in rows:
        if row.read_at is None and row.id not in waiting:
            # Teams that came together would be read together for ever; a step of the golden ratio keeps them apart.
            turns[row.id] = now + timedelta(seconds=interval * (0.1 + 0.9 * (row.id * 0.6180339887 % 1)))
    if turns:
        moment = t.teams.c.read_due_at.type
        own = sa.case({key: sa.literal(value, moment) for key, value in turns.items()}, value=t.teams.c.id)
        tx.execute(sa.update(t.teams).where(t.teams.c.id.in_(turns)).values(read_due_at=own))
    return _Claimed([row for row in rows if row.id not in waiting], [row for row in rows if row.id in waiting])


def _teams_of(tx: sa.Connection, address: str) -> list[int]:
    mine = sa.and_(t.leases.c.address_key == key_of(address), t.leases.c.status.in_(t.LIVE))
    return list(tx.execute(sa.select(t.leases.c.team_id).where(mine).distinct().order_by(t.leases.c.team_id)).scalars())


def _team_named(tx: sa.Connection, name: str) -> int | None:
    named = sa.and_(is_called(t.teams, name), t.teams.c.removed_at.is_(None))
    return tx.execute(sa.select(t.teams.c.id).where(named)).scalar_one_or_none()


def _all_teams(tx: sa.Connection) -> list[int]:
    return list(
        tx.execute(sa.select(t.teams.c.id).where(t.teams.c.removed_at.is_(None)).order_by(t.teams.c.id)).scalars()
    )
