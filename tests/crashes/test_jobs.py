"""A real process is killed in the middle of a bulk job: another one does the rest, and repeats no more than was begun."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from datetime import timedelta

from core.actors import SYSTEM
from core.clock import MovedClock
from core.jobs import jobs as bulk
from core.jobs.report import job
from core.jobs.selection import Selection
from core.jobs.sweep import work_off
from core.rounds import Round
from core.service import open_core
from tests.support.house import KEY, open_house, settings_for
from tests.support.processes import Processes

PEOPLE = 8
AT_ONCE = 2


async def test_killed_in_the_middle_of_a_job(database_url: str, processes: Processes):
    async with open_house(database_url, workspaces=2, seats=4) as house:
        names = [f"person{number}@example.com" for number in range(PEOPLE)]
        for name, code in zip(names, await house.make_codes(PEOPLE), strict=True):
            await house.redeem(name, code, key=name)
        past = "created_at - 86400000000" if "sqlite" in database_url else "created_at - interval '1 day'"
        await house.execute(f"UPDATE leases SET last_sent_at = {past}")
        begun = await bulk.start(house.core, SYSTEM, "resend", Selection(tuple(names)), request_key="k1")
        house.sandbox.set_faults(["slow=400"])
        environment = {
            "USHER_DATABASE__URL": database_url,
            "USHER_VAULT__KEYS__k1": KEY,
            "USHER_JOBS__CONCURRENCY": str(AT_ONCE),
        }
        worker = processes.start("sweep", "run", "jobs", **environment)
        done = "SELECT count(*) FROM job_items WHERE state = 'done'"
        while not 2 <= await house.value(done) < PEOPLE:  # noqa: ASYNC110 - another process does it
            await asyncio.sleep(0.05)
        killed = await asyncio.to_thread(worker.kill)
        assert killed.code == -signal.SIGKILL
        house.sandbox.set_faults([])
        assert await work_off(house.core) == Round(), "the dead one's claim holds for a while"

        later = MovedClock(await house.core.database.now() + timedelta(seconds=301))
        async with open_core(settings_for(database_url), clock=later) as other:
            await work_off(other)
            line = await job(other, SYSTEM, begun.job_id)
        assert (line.state, line.done) == ("done", PEOPLE)
        calls = Counter(one["email"] for one in house.sandbox.ledger()["invites"])
        assert set(calls) == set(names)
        assert min(calls.values()) >= 2, "somebody was left out"
        assert sum(calls.values()) <= 2 * PEOPLE + AT_ONCE, "more was repeated than was under way"
