"""Long work that is about no person: it is watched, stopped between its parts, and says why something was left out."""

from __future__ import annotations

import pytest

from core.actors import SYSTEM, Actor, Role
from core.errors import NotAllowed
from core.jobs import chores, jobs, report
from core.jobs import sweep as job_sweep
from core.service import Core, open_core
from core.vault import fresh_key
from tests.support.house import KEY, open_house, settings_for


async def items_of(core: Core, job_id: int) -> list[report.ItemLine]:
    return await report.job_results(core, SYSTEM, job_id)


async def test_reading_every_team_stops_between_two_of_them(database_url: str) -> None:
    async with open_house(database_url, workspaces=3) as house:
        core = house.core
        begun = await chores.start(core, SYSTEM, "sync", request_key="s")
        assert (await chores.start(core, SYSTEM, "sync", request_key="other")).job_id == begun.job_id
        [claim] = await core.write(jobs.claim_due, core, core.now(), most=1)
        rows = await house.rows("SELECT id, subject FROM job_items ORDER BY id")
        first = await chores.do(core, claim, rows[0])
        await core.write(jobs.settle_item, claim, rows[0].id, first.state, first.reason, core.now())
        await jobs.cancel(core, SYSTEM, begun.job_id)
        assert (await chores.do(core, claim, rows[1])).reason == "cancelled"
        await core.write(jobs.finish_pass, claim, None, core.now())
        line = await report.job(core, SYSTEM, begun.job_id)
        assert (line.state, line.done, line.skipped) == ("cancelled", 1, 2)
        assert line.reasons == [("skipped", "cancelled", 2)]
        assert line.arguments["figures"]["members"] == 1
        assert await house.value("SELECT count(*) FROM teams WHERE read_at IS NOT NULL") == 1


async def test_a_team_that_cannot_be_read_is_named_with_the_reason_and_read_again(database_url: str) -> None:
    async with open_house(database_url, workspaces=2) as house:
        house.sandbox.set_faults(["members:500"], "ws-2")
        begun = await chores.start(house.core, SYSTEM, "sync", request_key="s")
        await job_sweep.work_off(house.core)
        assert [(one.address, one.state) for one in await items_of(house.core, begun.job_id)] == [
            ("Workspace 1", "done"),
            ("Workspace 2", "failed"),
        ]
        house.sandbox.set_faults([], "ws-2")
        assert await jobs.retry(house.core, SYSTEM, begun.job_id) == 1
        await job_sweep.work_off(house.core)
        assert (await report.job(house.core, SYSTEM, begun.job_id)).state == "done"


async def test_what_is_begun_at_this_machines_prompt_goes_on(sqlite_url: str) -> None:
    """Nobody has granted that role, so nobody takes it away; of a chat, somebody has."""
    async with open_house(sqlite_url) as house:
        for platform, state in (("terminal", "done"), ("telegram", "cancelled")):
            maker = Actor(platform, "you", Role.OWNER)
            begun = await chores.start(house.core, maker, "sync", request_key=platform)
            await job_sweep.work_off(house.core)
            assert (await report.job(house.core, SYSTEM, begun.job_id)).state == state


async def test_a_change_of_keys_stops_after_a_chunk_and_goes_on_later(database_url: str) -> None:
    async with open_house(database_url) as house:
        await house.make_codes(250)
        keys = {"active": "k2", "keys": {"k1": KEY, "k2": fresh_key()}}
        async with open_core(settings_for(database_url, vault=keys)) as core:
            with pytest.raises(NotAllowed):
                await chores.start(core, Actor("telegram", "1", Role.ADMIN), "rotate", request_key="no")
            begun = await chores.start(core, SYSTEM, "rotate", request_key="r")
            [claim] = await core.write(jobs.claim_due, core, core.now(), most=1)
            await jobs.cancel(core, SYSTEM, begun.job_id)
            assert (await chores._rotate(core, claim)).reason == "cancelled"
            old = "SELECT count(*) FROM codes WHERE substr(cipher, 1, 3) = CAST('k1:' AS BLOB)"
            if not core.database.is_sqlite:
                old = "SELECT count(*) FROM codes WHERE substr(cipher, 1, 3) = 'k1:'::bytea"
            assert await house.value(old) == 50
            await core.write(jobs.finish_pass, claim, None, core.now())
            again = await chores.start(core, SYSTEM, "rotate", request_key="again")
            await job_sweep.work_off(core)
            line = await report.job(core, SYSTEM, again.job_id)
            assert (line.state, line.arguments["figures"]) == ("done", {"rewritten": 51})
            assert await house.value(old) == 0
