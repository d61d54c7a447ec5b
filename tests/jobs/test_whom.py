"""Whom bulk work is about: who came last to a team that is too full, and who left before their time was over."""

from __future__ import annotations

import json
from dataclasses import replace

from core.actors import SYSTEM, Role
from core.jobs import jobs
from core.jobs import sweep as job_sweep
from core.jobs.report import job
from core.jobs.selection import Selection
from core.leases import recovery
from core.people import staff
from core.sync import sync
from core.teams import pools, teams
from core.teams.report import team_list
from core.transfers import transfers
from tests.support.desk import Desk
from tests.support.house import House, open_house
from tests.support.moved import open_moved_house


async def seated(house: House, count: int) -> None:
    for number, code in enumerate(await house.make_codes(count)):
        receipt = await house.redeem(f"p{number}@example.com", code, key=f"seat {number}")
        assert receipt.state == "invited"


async def test_who_came_last_goes_first_and_only_on_staffs_word(database_url: str) -> None:
    async with open_house(database_url, seats=5) as house:
        await seated(house, 4)
        await teams.change_team(house.core, SYSTEM, "Workspace 1", capacity=2)
        [line] = await team_list(house.core, SYSTEM)
        assert (line.over, line.pending) == (2, 4)
        desk = Desk(house, Role.ADMIN)
        await staff.grant(house.core, SYSTEM, desk._actor().key, Role.ADMIN)
        assert desk.words("team-over", team="Workspace 1", count=2) in await desk.say("/team Workspace 1")
        await desk.press(desk.words("button-remove-over", count=2))
        assert [name for name in desk.buttons if "@" in name] == []
        assert {item.facts["address"] for item in desk.reply.items} == {"p3@example.com", "p2@example.com"}
        # One of them goes by themselves meanwhile: then one is enough.
        await house.execute("UPDATE leases SET protected = TRUE WHERE address = 'p3@example.com'")
        await desk.press(desk.words("button-confirm"))
        await job_sweep.work_off(house.core)
        ended = await house.rows("SELECT address FROM leases WHERE end_reason IS NOT NULL")
        assert [row.address for row in ended] == ["p2@example.com"]
        assert await house.breaches() == []


async def test_uninvited_members_go_before_whoever_came_earlier(database_url: str) -> None:
    async with open_moved_house(database_url, seats=5) as house:
        [space] = house.sandbox.world.spaces.values()
        for number, uninvited in enumerate((True, False, True, False, True)):
            house.clock.move(minutes=1)
            address = f"p{number}@example.com"
            if uninvited:
                house.sandbox.world.join(space, address)
                await house.sync()
            else:
                await house.seat(address)
        await teams.change_team(house.core, SYSTEM, "Workspace 1", capacity=2)
        chosen = Selection(over="Workspace 1")
        # Whom an older release had counted already came long ago, and whoever is protected by hand stays.
        await house.execute("UPDATE seats SET occupied_at = NULL WHERE occupant = 'p2@example.com'")
        plan = await jobs.preview(house.core, SYSTEM, "remove", chosen)
        assert {one.address for one in plan.targets} == {"p4@example.com", "p3@example.com", "p1@example.com"}
        await house.sync()
        plan = await jobs.preview(house.core, SYSTEM, "remove", chosen)
        assert {one.address for one in plan.targets} == {"p4@example.com", "p3@example.com", "p2@example.com"}
        await jobs.start(house.core, SYSTEM, "remove", chosen, request_key="a")
        await job_sweep.work_off(house.core)
        gone = await house.rows("SELECT address FROM removals ORDER BY address")
        assert [row.address for row in gone] == ["p2@example.com", "p3@example.com", "p4@example.com"]
        assert await house.breaches() == []


async def test_who_is_missing_is_invited_again_for_what_is_left(database_url: str) -> None:
    async with open_house(database_url, seats=5) as house:
        await seated(house, 3)
        ended = "UPDATE leases SET status = 'ended', end_reason = {why}, ended_at = created_at, seat_id = NULL WHERE address = {who}"
        await house.execute(ended.format(why="'gone'", who="'p0@example.com'"))
        await house.execute(ended.format(why="'staff'", who="'p1@example.com'"))
        await house.execute(
            "UPDATE seats SET state = 'free' WHERE id NOT IN (SELECT seat_id FROM leases WHERE seat_id IS NOT NULL)"
        )
        for key in ("a", "a", "b"):
            plan = await jobs.preview(house.core, SYSTEM, "reinvite", Selection(pool="default"))
            if key != "b":
                assert [one.address for one in plan.targets] == ["p0@example.com"]
                await jobs.start(house.core, SYSTEM, "reinvite", Selection(pool="default"), request_key=key)
        await job_sweep.work_off(house.core)
        live = await house.rows("SELECT address FROM leases WHERE status = 'invited' ORDER BY address")
        assert [row.address for row in live] == ["p0@example.com", "p2@example.com"]
        assert (await jobs.preview(house.core, SYSTEM, "reinvite", Selection(pool="default"))).targets == []


async def test_an_invite_again_that_is_not_answered_stays_one_however_late_it_is_looked_at(database_url: str) -> None:
    async with open_moved_house(database_url, seats=3) as house:
        await house.seat("ann@example.com", term="30d")
        [space] = house.sandbox.world.spaces.values()
        house.sandbox.world.leave(space, space.members["ann@example.com"])
        for _ in range(4):
            house.clock.move(minutes=10)
            await house.sync()
        assert await house.value("SELECT end_reason FROM leases") == "gone"
        house.sandbox.set_faults(["applied-then-reset=1", "list-lag=200000"])
        started = await jobs.start(house.core, SYSTEM, "reinvite", Selection(pool="default"), request_key="a")
        await job_sweep.work_off(house.core)
        assert (await job(house.core, SYSTEM, started.job_id)).confirming == 1
        # So much later that what is left of the term is another number of days.
        house.clock.move(hours=30)
        await job_sweep.work_off(house.core)
        assert (await job(house.core, SYSTEM, started.job_id)).reasons == []
        house.sandbox.set_faults([])
        house.clock.move(hours=30)
        await recovery.recover(house.core)
        await job_sweep.work_off(house.core)
        line = await job(house.core, SYSTEM, started.job_id)
        assert (line.state, line.done, line.reasons) == ("done", 1, [])
        assert house.where("ann@example.com") == {space.id: "pending"}


async def test_new_teams_of_a_pool_are_called_by_its_template(sqlite_url: str) -> None:
    async with open_house(sqlite_url, workspaces=2) as house:
        await pools.change_pool(house.core, SYSTEM, "default", team_names="{pool} {seq2}")
        await house.execute("UPDATE teams SET external_id = external_id || '-before'")
        text = "\n".join(json.dumps(session) for session in house.sandbox.sessions("chatgpt"))
        first, second = await teams.preview_teams(house.core, SYSTEM, text)
        await teams.import_teams(house.core, SYSTEM, [first, replace(second, name="By hand")])
        names = [line.name for line in await team_list(house.core, SYSTEM)]
        assert names == ["Workspace 1", "Workspace 2", "default 01", "By hand"]


async def test_whoever_is_being_moved_is_left_out_at_both_ends(database_url: str) -> None:
    """What a preview shows is what is done: a seat that somebody is moved to can be given up no more than the old."""
    async with open_house(database_url, workspaces=2) as house:
        await seated(house, 1)
        house.sandbox.accept("p0@example.com")
        await sync.sync_all(house.core, SYSTEM)
        await transfers.transfer(house.core, SYSTEM, "p0@example.com")
        chosen = Selection(("p0@example.com",))
        for kind in ("cancelinvite", "remove"):
            plan = await jobs.preview(house.core, SYSTEM, kind, chosen)
            assert (plan.targets, [one.reason for one in plan.left]) == ([], ["moving", "moving"])
        plan = await jobs.preview(house.core, SYSTEM, "resend", chosen)
        assert [one.team for one in plan.targets] == ["Workspace 2"], "the new invitation may be mailed again"


async def test_each_question_for_an_address_says_what_it_is_for(sqlite_url: str) -> None:
    async with open_house(sqlite_url) as house:
        desk = Desk(house)
        assert desk.words("ask-redeem-address", address="", count=0) == await desk.say("/redeem")
        assert desk.words("ask-protect-address") == await desk.say("/protect")
        assert desk.words("ask-address") in await desk.say("/removals nobody")
