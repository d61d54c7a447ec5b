"""What happens when the clock jumps.

Decisions compare against the database's time, which `core.clock` advances by the monotonic clock between two looks. A
look that finds another time than expected has seen a step. After a step back every due time lies too far in the future:
all of them are brought forward by as much. A step ahead may be an error that lasts for seconds, in which memberships
would end and people be removed: what cannot be undone waits until a second look agrees with the first, or until staff
confirm the time.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
import structlog

from core import audit, holds
from core.actors import SYSTEM, Actor, Role
from core.alerts import alerts
from core.errors import UsherError
from core.storage import tables as t
from core.storage.all_tables import metadata
from core.storage.database import dialect_insert

if TYPE_CHECKING:
    from core.service import Core

log = structlog.get_logger(__name__)

EVERY = 5.0
"""Seconds, by the monotonic clock, between two looks."""
LATEST = "clock:latest"
"""The fact that holds the latest time that any process has seen."""
JUMPED = "clock:jumped"
"""The fact that holds since when the time has gone on evenly: the last jump, plus the time all processes need to see
it.
"""
BACK = "clock:back"
"""The fact that holds the steps back of the last minute."""
LOOK_AGAIN = timedelta(seconds=60)
"""How long after a step back one more look is taken at what was written of the old time: whoever wrote it may have been
killed before looking. Longer than anybody waits for the database, `database.lock_timeout` (30 s)."""
LATE_WRITERS = timedelta(seconds=3 * EVERY)
"""How long before its last look a process may have read the time from which it then wrote a due time."""

DUE: Final = (
    "attempts.locked_until",
    "calls.due_at",
    "inbox.due_at",
    "jobs.due_at",
    "leases.due_at",
    "limit_groups.paused_until",
    "notices.due_at",
    "removals.due_at",
    "sources.paused_until",
    "subaccounts.due_at",
    "sweeps.claimed_until",
    "sweeps.due_at",
    "team_endpoints.paused_until",
    "teams.paused_until",
    "teams.read_due_at",
    "transfers.due_at",
    "turns.due_at",
    "waitlist.due_at",
)
"""Moments at which something becomes due, each reckoned from the time when it was written."""
PAST: Final = (
    "attempts.window_started_at",
    "leases.first_sent_at",
    "leases.last_sent_at",
    "leases.unclear_since",
    "removals.sent_at",
    "teams.members_failures_since",
    "teams.read_at",
    "teams.unhealthy_since",
    "wallets.refilled_at",
)
"""Moments from which something is measured; in the future they would make it wait."""


async def watch(core: Core, stop: asyncio.Event) -> None:
    """Look every few seconds until `stop` is set, whatever the database or a look does."""
    while not stop.is_set():
        try:
            await look(core)
        except UsherError as error:
            log.warning("clock_waits_for_the_database", error=error.key)
        except Exception:
            log.exception("clock_look_failed")
        try:
            await asyncio.wait_for(stop.wait(), EVERY)
        except TimeoutError:
            continue


async def look(core: Core) -> timedelta:
    """Take over the database's time, after dealing with a step in it. Returns how far it stepped."""
    asked = core.now()
    moment = await core.database.now()
    answered = core.now()
    seen = core.clock.seen(moment)
    # The database looked at its clock at some time between asking and answering: that much says nothing.
    step = timedelta(0) if asked <= seen <= answered else seen - (asked if seen < asked else answered)
    jumped = await core.write(note_time, core, seen, step, core.clock.set_ago())
    core.clock.set(moment + (core.now() - answered))
    core.clock.jumped(jumped)
    small = abs(core.clock.drift()).total_seconds() <= core.settings.alerts.clock_skew
    if small or core.clock.trusted_for() > timedelta(seconds=core.settings.time.second_look):
        core.clock.trust()
    return step


async def confirm(core: Core, actor: Actor) -> bool:
    """Confirm that the present time is right. False where nothing waited for that. Raises: NotAllowed."""
    actor.require(Role.ADMIN)
    return await core.write(_confirm, actor, core.now())


def note_time(tx: sa.Connection, core: Core, now: datetime, step: timedelta, blind: timedelta) -> datetime | None:
    """Deal with `step`, which this process has seen, and with one that happened while no process ran.

    Returns since when the time has gone on evenly in all processes; None where it always has.

    `blind` is how long ago this process has last looked: for as long it may have written due times of the old time,
    also after another one has dealt with the step. One that waited for the database was blind for longer than usual.
    """
    rules = core.settings.time
    latest = _latest(tx)
    back = timedelta(seconds=core.settings.alerts.clock_skew)
    missed = now - latest if latest is not None else timedelta(0)
    seconds = abs(round(step.total_seconds()))
    if step < -back or missed < -back:
        first = latest is None or missed < -back
        by = -min(step, missed) if first else -step
        seconds = abs(round(by.total_seconds()))
        count = bring_forward(tx, now, by, None if first else LATE_WRITERS + blind)
        if first:
            audit.record(tx, SYSTEM, "clock.back", "clock", None, now, after={"seconds": seconds, "rows": count})
            facts = {"seconds": seconds, "direction": "back"}
            alerts.raise_alert(tx, "system", "time", "error", "clock_stepped", facts, now)
            _set_latest(tx, now)
            _set(tx, BACK, [*(_read(tx, BACK) or ()), {"since": now, "by": by.total_seconds()}], now)
            if holds.lift(tx, holds.CLOCK):
                audit.record(tx, SYSTEM, "clock.confirmed", "clock", None, now, after={"by": "back"})
        log.error("clock_stepped_back", seconds=seconds, rows=count)
    elif step > timedelta(seconds=rules.step):
        look_at_unclear(tx, now)
        look_at = now + timedelta(seconds=rules.second_look)
        held = {"since": now, "seconds": seconds, "look_at": look_at}
        if holds.put(tx, holds.CLOCK, held, now):
            audit.record(tx, SYSTEM, "clock.ahead", "clock", None, now, after=held)
            facts = {"seconds": seconds, "direction": "ahead"}
            alerts.raise_alert(tx, "system", "time", "critical", "clock_stepped", facts, now)
        log.error("clock_stepped_ahead", seconds=seconds)
    elif (held_since := holds.read(tx, holds.CLOCK)) and now >= held_since["look_at"]:
        _confirm(tx, SYSTEM, now)
    if latest is None or now > latest:
        _set_latest(tx, now)
    _look_again(tx, now)
    # While nobody looked the time may have jumped, or have gone on.
    if abs(step) > back or missed > timedelta(seconds=rules.step):
        _set(tx, JUMPED, now + LATE_WRITERS, now)
    jumped: datetime | None = _read(tx, JUMPED)
    return jumped


def _look_again(tx: sa.Connection, now: datetime) -> None:
    steps = _read(tx, BACK) or []
    over = [one for one in steps if now >= one["since"] + LOOK_AGAIN]
    for one in over:
        bring_forward(tx, now, timedelta(seconds=one["by"]), now - one["since"] + LATE_WRITERS)
    if over:
        _set(tx, BACK, [one for one in steps if one not in over], now)


def bring_forward(tx: sa.Connection, now: datetime, by: timedelta, blind: timedelta | None = None) -> int:
    """Make whatever is due later than `now` due earlier by `by`, but not before now. Returns how many rows changed.

    With `blind`, only what a process can have written that has not seen the step for so long.
    """
    beyond = now if blind is None else now + by - blind
    count = 0
    for column in (_column(name) for name in DUE):
        # Calculated here and not in SQL: the two databases keep moments differently.
        found = sa.select(column).where(column > max(now, beyond)).distinct()
        for moment in tx.execute(found).scalars().all():
            earlier = max(now, moment - by)
            count += tx.execute(sa.update(column.table).where(column == moment).values({column.name: earlier})).rowcount
    for column in (_column(name) for name in PAST):
        count += tx.execute(sa.update(column.table).where(column > now).values({column.name: now})).rowcount
    return count + look_at_unclear(tx, now)


def look_at_unclear(tx: sa.Connection, now: datetime) -> int:
    """Have every waiting unclear invite looked at now. Returns how many those are.

    Each waits as long as it has been unclear, and a step back would add an hour to that.
    """
    waits = (t.leases.c.status == "held", t.leases.c.unclear_since.is_not(None), t.leases.c.claim.is_(None))
    return tx.execute(sa.update(t.leases).where(*waits, t.leases.c.due_at > now).values(due_at=now)).rowcount


def _confirm(tx: sa.Connection, actor: Actor, now: datetime) -> bool:
    if not holds.lift(tx, holds.CLOCK):
        return False
    audit.record(tx, actor, "clock.confirmed", "clock", None, now)
    alerts.end_condition(tx, "system", "time", now)
    return True


def _latest(tx: sa.Connection) -> datetime | None:
    latest: datetime | None = _read(tx, LATEST)
    return latest


def _set_latest(tx: sa.Connection, now: datetime) -> None:
    _set(tx, LATEST, now, now)


def _read(tx: sa.Connection, name: str) -> Any:
    return tx.execute(sa.select(t.facts.c.value).where(t.facts.c.name == name).with_for_update()).scalar_one_or_none()


def _set(tx: sa.Connection, name: str, value: Any, now: datetime) -> None:
    values = {"value": value, "changed_at": now}
    statement = dialect_insert(t.facts, tx).values(name=name, **values)
    tx.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))


def _column(name: str) -> Any:
    table, _, column = name.partition(".")
    return metadata.tables[table].c[column]
