"""Runs the sweeps: a timer in every process, a row in the database as the lock.

Any number of processes may run this on one database. A sweep runs in one of them at a time; when that one dies,
its claim runs out and the next takes over.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Collection, Sequence
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

import structlog

from core import holds, telemetry
from core.alerts import alerts
from core.errors import UsherError
from core.heartbeat import heartbeat
from core.rounds import DONE, FAILED, Round
from core.sweeps import locks, schedule
from core.sweeps.locks import LockLost
from core.sweeps.schedule import Sweep

if TYPE_CHECKING:
    from core.service import Core

log = structlog.get_logger(__name__)

STOP_WITHIN = 6.0
"""Seconds that sweeps get to end by themselves when the process is asked to stop; then they are broken off."""
LONGEST_LOOK = 1.0
"""Seconds between two looks at what is due, where no interval asks for more."""


class SweepRunning(Exception):
    """The sweep is running already."""


async def run(
    core: Core,
    *,
    stop: asyncio.Event | None = None,
    only: Collection[str] | None = None,
    sweeps: Sequence[Sweep] | None = None,
    stop_within: float = STOP_WITHIN,
) -> None:
    """Run the sweeps (or `only` those named) until `stop` is set or this is cancelled; ends within 10 s.

    A failing sweep is logged and raises an alert; it never stops the others nor this function, and neither does
    a database that is away.
    """
    stop = stop or asyncio.Event()
    chosen = [sweep for sweep in (sweeps or schedule.SWEEPS) if only is None or sweep.name in only]
    by_name = {sweep.name: sweep for sweep in chosen}
    wake = asyncio.Event()
    await _registered(core, chosen, stop)
    async with _timer(core, chosen, wake), asyncio.TaskGroup() as group:
        running: dict[str, asyncio.Task[None]] = {}
        while not stop.is_set():
            for name in await _due(core, [name for name in by_name if name not in running]):
                running[name] = group.create_task(_run_due(core, by_name[name]), name=f"sweep {name}")
            await _any_of(stop, wake)
            wake.clear()
            running = {name: task for name, task in running.items() if not task.done()}
        if running:
            await asyncio.wait(running.values(), timeout=stop_within)
        for task in running.values():
            task.cancel()


async def run_now(core: Core, name: str) -> Round:
    """Run one sweep here and at once, due or not, paused or not, and return what came of it.

    Raises: KeyError for an unknown name, SweepRunning while it runs somewhere, and whatever the sweep raises.
    """
    sweep = schedule.named(name)
    if sweep is None:
        raise KeyError(name)
    await core.write(locks.register, {name: core.now()}, {})
    token = await core.write(locks.claim, name, core.now(), early=True)
    if token is None:
        raise SweepRunning(name)
    return await _run_claimed(core, sweep, token)


@contextlib.asynccontextmanager
async def _timer(core: Core, chosen: Sequence[Sweep], wake: asyncio.Event) -> AsyncIterator[None]:
    # Imported late: only processes that sweep pay for it.
    from apscheduler.schedulers.asyncio import AsyncIOScheduler

    async def ring() -> None:
        wake.set()

    shortest = min((sweep.interval(core.settings) for sweep in chosen), default=LONGEST_LOOK)
    scheduler = AsyncIOScheduler(timezone=UTC)
    scheduler.add_job(
        ring,
        "interval",
        seconds=max(0.1, min(LONGEST_LOOK, shortest / 2)),
        coalesce=True,
        max_instances=1,
        misfire_grace_time=None,
    )
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)
        await asyncio.sleep(0)  # the shutdown is carried out by the loop's next turn


async def _registered(core: Core, chosen: Sequence[Sweep], stop: asyncio.Event) -> None:
    """Make the rows, due a little apart from each other; waits for a database that is away."""
    while not stop.is_set():
        now = core.now()
        spread = {
            sweep.name: now + timedelta(seconds=random.uniform(0, min(2.0, sweep.interval(core.settings) / 4)))
            for sweep in chosen
        }
        latest = {sweep.name: now + timedelta(seconds=sweep.interval(core.settings)) for sweep in chosen}
        try:
            await core.write(locks.register, spread, latest)
        except UsherError as error:
            log.warning("sweeps_wait_for_the_database", error=error.key)
            await _any_of(stop, asyncio.Event(), seconds=1.0)
        else:
            return


async def _due(core: Core, names: Collection[str]) -> list[str]:
    try:
        return await core.read(locks.due, names, core.now())
    except UsherError as error:
        log.warning("sweeps_wait_for_the_database", error=error.key)
        return []


async def _run_due(core: Core, sweep: Sweep) -> None:
    try:
        token = await core.write(locks.claim, sweep.name, core.now())
        if token is not None:
            await _run_claimed(core, sweep, token)
    except LockLost:
        log.warning("sweep_lost", sweep=sweep.name)
    except Exception:
        log.exception("sweep_failed", sweep=sweep.name)


async def _run_claimed(core: Core, sweep: Sweep, token: str) -> Round:
    started = core.now()
    interval = timedelta(seconds=sweep.interval(core.settings))
    came: Round | None = None
    try:
        every = locks.HOLD.total_seconds() / 3
        async with heartbeat(every, lambda: core.write(locks.renew, sweep.name, token, core.now())):
            held = sweep.waits_for & await core.read(holds.names) if sweep.waits_for else frozenset()
            came = Round(outcome=holds.WAITS[min(held)]) if held else await sweep.body(core)
        await core.write(alerts.end_condition, "system", f"sweep:{sweep.name}", core.now())
        return came
    except LockLost:
        raise
    except Exception as error:
        came = Round({"error": type(error).__name__}, FAILED)
        told = {"sweep": sweep.name, **came.facts}
        await core.write(alerts.raise_alert, "system", f"sweep:{sweep.name}", "error", "sweep_failed", told, core.now())
        raise
    finally:
        ended = "broken off" if came is None else FAILED if came.outcome == FAILED else DONE
        telemetry.count("usher_sweeps", sweep=sweep.name, outcome=ended)
        # A sweep that was broken off is due at once, wherever the next process looks.
        # The clock may have been set back meanwhile.
        now = core.now()
        due_at = min(max(now, started + interval), now + interval) if came is not None else now
        await asyncio.shield(core.write(locks.release, sweep.name, token, core.now(), due_at, came))


async def _any_of(*events: asyncio.Event, seconds: float | None = None) -> None:
    """Wait until one of the events is set, or for so many seconds."""
    async with asyncio.TaskGroup() as group:
        waits = [group.create_task(event.wait()) for event in events]
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
