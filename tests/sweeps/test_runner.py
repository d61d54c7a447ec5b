"""The sweeps' timer and lock, with real time for the timer and real databases for the lock."""

from __future__ import annotations

import asyncio
import time

import pytest
import sqlalchemy as sa

from core.rounds import Round
from core.service import Core, open_core
from core.storage import tables as t
from core.sweeps import locks, runner
from core.sweeps.schedule import Sweep
from tests.support.house import settings_for


@pytest.fixture
async def core(database_url: str):
    async with open_core(settings_for(database_url)) as opened:
        yield opened


def _rows(tx: sa.Connection):
    return {row.name: row for row in tx.execute(sa.select(t.sweeps))}


async def _run_until(core: Core, sweeps: list[Sweep], done, *, processes: int = 1, **more) -> None:
    """Run the runner (several times side by side: several processes) until `done()` says so."""
    stop = asyncio.Event()

    async def watch() -> None:
        while not done():  # noqa: ASYNC110 - the sweeps know nothing of this test's events
            await asyncio.sleep(0.02)
        stop.set()

    async with asyncio.timeout(240), asyncio.TaskGroup() as group:
        group.create_task(watch())
        for _ in range(processes):
            group.create_task(runner.run(core, stop=stop, sweeps=sweeps, **more))


async def test_a_sweep_runs_again_and_again_and_its_row_tells(core: Core):
    rounds: list[float] = []

    async def body(core: Core) -> Round:
        rounds.append(time.monotonic())
        return Round({"rounds": len(rounds)})

    await _run_until(core, [Sweep("again", lambda settings: 0.2, body)], lambda: len(rounds) >= 3)
    row = (await core.read(_rows))["again"]
    assert (row.outcome, row.facts) == ("done", {"rounds": len(rounds)})
    assert row.claim is None
    assert row.finished_at >= row.started_at


async def test_two_processes_never_run_one_sweep_at_once(core: Core):
    inside, most, rounds = 0, 0, 0

    async def body(core: Core) -> Round:
        nonlocal inside, most, rounds
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0.05)
        inside -= 1
        rounds += 1
        return Round()

    sweep = Sweep("alone", lambda settings: 0.1, body)
    await _run_until(core, [sweep], lambda: rounds >= 6, processes=3)
    assert most == 1


async def test_a_failing_sweep_stops_nobody_and_is_told_once(core: Core):
    failed, fine = 0, 0

    async def bad(core: Core) -> Round:
        nonlocal failed
        failed += 1
        raise ValueError("of no interest")

    async def good(core: Core) -> Round:
        nonlocal fine
        fine += 1
        return Round()

    sweeps = [Sweep("bad", lambda settings: 0.1, bad), Sweep("good", lambda settings: 0.1, good)]
    await _run_until(core, sweeps, lambda: failed >= 3 and fine >= 3)
    rows = await core.read(lambda tx: tx.execute(sa.select(t.alerts)).all())
    assert [(row.category, row.subject, row.title) for row in rows] == [("system", "sweep:bad", "sweep_failed")]
    assert rows[0]._mapping["count"] >= 3
    assert [*(await core.read(_rows))["bad"]][-2:] == ["failed", {"error": "ValueError"}]


async def test_stopping_breaks_off_what_does_not_end(core: Core):
    started = asyncio.Event()

    async def endless(core: Core) -> Round:
        started.set()
        await asyncio.sleep(3600)
        return Round()

    since = time.monotonic()
    await _run_until(core, [Sweep("endless", lambda settings: 0.1, endless)], started.is_set, stop_within=0.2)
    assert time.monotonic() - since < 60
    row = (await core.read(_rows))["endless"]
    assert row.claim is None, "the next process may start at once"
    assert row.outcome is None


async def test_a_dead_process_keeps_nobody_waiting_longer_than_its_claim(core: Core):
    now = core.now()
    await core.write(locks.register, {"left": now}, {})
    assert await core.write(locks.claim, "left", now) is not None
    assert await core.write(locks.claim, "left", now) is None
    later = now + locks.HOLD
    token = await core.write(locks.claim, "left", later)
    assert token is not None
    assert not await core.write(locks.release, "left", "the dead one's", later, later, Round())
    with pytest.raises(locks.LockLost):
        await core.write(locks.renew, "left", "the dead one's", later)


async def test_a_paused_sweep_runs_only_when_asked(core: Core):
    now = core.now()
    await core.write(locks.register, {"quiet": now}, {})
    await core.write(lambda tx: tx.execute(sa.update(t.sweeps).values(paused=True)).rowcount)
    assert await core.write(locks.claim, "quiet", now) is None
    assert await core.write(locks.claim, "quiet", now, early=True) is not None
