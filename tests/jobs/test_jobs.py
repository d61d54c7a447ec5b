"""Bulk jobs: one action for many people, with a result for each, whatever happens in between."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa

from core.actors import Actor, Role
from core.command_errors import MissingArgument
from core.errors import Conflict, NotAllowed, NotFound, NothingToDo
from core.jobs import announcements
from core.jobs import items as bulk_items
from core.jobs import jobs as bulk
from core.jobs.jobs import ProgressPlace, StartedJob
from core.jobs.report import JobLine, job, job_list, job_results
from core.jobs.selection import Selection
from core.jobs.sweep import work_off
from core.people import people
from core.rounds import Round
from core.storage import tables as t
from tests.support.moved import MovedHouse, open_moved_house

OPERATOR = Actor("cli", "5", Role.OPERATOR)
ADMIN = Actor("cli", "6", Role.ADMIN)
HERE = ProgressPlace("telegram", "5", "en")


async def invite(house: MovedHouse, *names: str, **plan) -> list[int]:
    """Pending invites, a day old."""
    ids = [await house.seat(f"{name}@example.com", accept=False, **plan) for name in names]
    house.clock.move(days=1)
    return ids


async def run(house: MovedHouse, kind: str, chosen: Selection, key: str = "k1", **more) -> tuple[StartedJob, JobLine]:
    started = await bulk.start(house.core, ADMIN, kind, chosen, request_key=key, **more)
    await work_off(house.core)
    return started, await job(house.core, ADMIN, started.job_id)


async def results(house: MovedHouse, job_id: int) -> dict[str, tuple[str, str | None]]:
    lines = await job_results(house.core, ADMIN, job_id)
    return {one.address.partition("@")[0]: (one.state, one.reason) for one in lines}


def mails(house: MovedHouse, name: str) -> int:
    """Invite calls for somebody, the first and every repeat."""
    return len([one for one in house.sandbox.ledger()["invites"] if one["email"] == f"{name}@example.com"])


async def test_a_dry_run_changes_nothing_and_says_why_somebody_is_left_alone(database_url: str):
    async with open_moved_house(database_url, workspaces=2) as house:
        await invite(house, "ann", "bob")
        await house.seat("joined@example.com")
        chosen = Selection(tuple(f"{name}@example.com" for name in ("ann", "bob", "joined", "nobody")))
        plan = await bulk.preview(house.core, OPERATOR, "resend", chosen)
        assert [one.address for one in plan.targets] == ["ann@example.com", "bob@example.com"]
        assert {one.address: one.reason for one in plan.left} == {
            "joined@example.com": "joined",
            "nobody@example.com": "not_found",
        }
        assert await job_list(house.core, OPERATOR) == []
        assert mails(house, "ann") == 1


async def test_resending_mails_each_pending_invite_once_more(database_url: str):
    async with open_moved_house(database_url, workspaces=2) as house:
        await invite(house, "ann", "bob", "cat")
        await house.seat("new@example.com", accept=False)
        chosen = Selection(tuple(f"{name}@example.com" for name in ("ann", "bob", "new", "nobody")))
        started, line = await run(house, "resend", chosen)
        assert (line.state, line.total, line.done, line.skipped) == ("done", 4, 2, 2)
        assert await results(house, started.job_id) == {
            "ann": ("done", None),
            "bob": ("done", None),
            "new": ("skipped", "sent_recently"),
            "nobody": ("skipped", "not_found"),
        }
        assert [mails(house, name) for name in ("ann", "bob", "cat", "new")] == [2, 2, 1, 1]
        assert await house.value("SELECT count(*) FROM leases WHERE status = 'invited'") == 4


async def test_filters_by_team_pool_batch_and_age(database_url: str):
    async with open_moved_house(database_url, workspaces=2, seats=2) as house:
        await invite(house, "ann", "bob", "cat")  # each with a batch of its own; cat is in the second team
        house.clock.move(days=2)
        await house.seat("new@example.com", accept=False)
        team = await house.value("SELECT name FROM teams WHERE id = 2")

        async def chosen(**filters) -> list[str]:
            plan = await bulk.preview(house.core, OPERATOR, "cancelinvite", Selection(**filters))
            return [one.address.partition("@")[0] for one in plan.targets]

        assert await chosen(team=team) == ["cat", "new"]
        assert await chosen(pool="default") == ["ann", "bob", "cat", "new"]
        assert await chosen(batch=2) == ["bob"]
        assert await chosen(older_days=3) == ["ann", "bob", "cat"]
        assert await chosen(team=team, older_days=3) == ["cat"]
        assert await chosen(team=team, addresses=("ann@example.com", "cat@example.com")) == ["cat"]
        for wrong in (Selection(team="no"), Selection(pool="no"), Selection(batch=99)):
            with pytest.raises(NotFound):
                await bulk.preview(house.core, OPERATOR, "resend", wrong)
        with pytest.raises(MissingArgument):
            await bulk.preview(house.core, OPERATOR, "resend", Selection())


async def test_taken_back_invites_free_their_seats_once_that_is_proved(database_url: str):
    async with open_moved_house(database_url, seats=3) as house:
        await invite(house, "ann", "bob")
        house.sandbox.set_faults(["list-lag=30"])
        chosen = Selection(tuple(f"{name}@example.com" for name in ("ann", "bob")))
        started, line = await run(house, "cancelinvite", chosen, place=HERE)
        for _ in range(12):
            if line.finished_at:
                break
            assert line.state == "running"
            house.clock.move(seconds=20)
            await work_off(house.core)
            line = await job(house.core, ADMIN, started.job_id)
        assert (line.state, line.done) == ("done", 2)
        assert await house.seats() == ["free", "free", "free"]
        assert house.where("ann@example.com") == {}
        assert await house.value("SELECT count(*) FROM leases WHERE status = 'ended'") == 2


async def test_removing_members_and_strangers(database_url: str):
    async with open_moved_house(database_url, seats=4) as house:
        await house.seat("ann@example.com")
        await house.seat("bob@example.com")
        house.sandbox.world.join(house.sandbox.world.spaces["ws-1"], "stranger@example.com")
        for _ in range(2):
            house.clock.move(minutes=10)
            await house.sync()
        assert await house.value("SELECT count(*) FROM seats WHERE occupant IS NOT NULL") == 1
        with pytest.raises(NotAllowed):
            await bulk.start(house.core, OPERATOR, "remove", Selection(("a@b.example",)), request_key="k")
        chosen = Selection(("ann@example.com", "stranger@example.com"))
        started, line = await run(house, "remove", chosen)
        for _ in range(10):
            if line.finished_at:
                break
            house.clock.move(seconds=61)
            await work_off(house.core)
            line = await job(house.core, ADMIN, started.job_id)
        assert (line.state, line.done) == ("done", 2)
        assert house.where("ann@example.com") == {} == house.where("stranger@example.com")
        assert house.where("bob@example.com")
        assert (await house.seats()).count("taken") == 1


async def test_only_what_failed_is_tried_again_three_times_and_then_by_hand(database_url: str):
    async with open_moved_house(database_url, workspaces=1, seats=4) as house:
        await invite(house, "ann", "bob")
        house.sandbox.set_faults(["500"])
        chosen = Selection(("ann@example.com", "bob@example.com", "nobody@example.com"))
        started, line = await run(house, "resend", chosen)
        for _ in range(10):
            if line.finished_at:
                break
            house.clock.move(minutes=6)
            await work_off(house.core)
            line = await job(house.core, ADMIN, started.job_id)
        assert (line.state, line.failed, line.skipped) == ("failed", 2, 1)
        assert {one.tries for one in await job_results(house.core, ADMIN, started.job_id, states=("failed",))} == {3}
        house.sandbox.set_faults([])
        house.clock.move(minutes=20)
        assert await bulk.retry(house.core, OPERATOR, started.job_id) == 2
        await work_off(house.core)
        line = await job(house.core, ADMIN, started.job_id)
        assert (line.state, line.done, line.skipped) == ("done", 2, 1)
        assert [mails(house, name) for name in ("ann", "bob")] == [5, 5], "the first, three that failed, and the last"
        with pytest.raises(NothingToDo):
            await bulk.retry(house.core, OPERATOR, started.job_id)


async def test_equal_jobs_are_one_and_so_is_a_repeated_request(database_url: str):
    async with open_moved_house(database_url, seats=4) as house:
        await invite(house, "ann", "bob")
        both = Selection(("ann@example.com", "bob@example.com"))
        other_order = Selection(("bob@example.com", "ann@example.com"))
        first = await bulk.start(house.core, OPERATOR, "resend", both, request_key="k1")
        equal = await bulk.start(house.core, ADMIN, "resend", other_order, request_key="k2")
        assert (first.merged, equal.merged, equal.job_id) == (False, True, first.job_id)
        await work_off(house.core)
        repeated = await bulk.start(house.core, OPERATOR, "resend", both, request_key="k1")
        assert (repeated.merged, repeated.job_id) == (True, first.job_id)
        other = await bulk.start(house.core, OPERATOR, "cancelinvite", both, request_key="k3")
        assert other.job_id != first.job_id
        assert mails(house, "ann") == 2


async def test_two_at_once_make_one_job(database_url: str):
    async with open_moved_house(database_url, seats=4) as house:
        await invite(house, "ann")
        chosen = Selection(("ann@example.com",))
        begun = await asyncio.gather(
            *(bulk.start(house.core, OPERATOR, "resend", chosen, request_key=f"k{number}") for number in range(8)),
            return_exceptions=True,
        )
        ids = {one.job_id for one in begun if isinstance(one, StartedJob)}
        assert len(ids) == 1, begun
        assert not [one for one in begun if isinstance(one, BaseException)], begun


async def test_a_job_stops_where_it_is_told_to(database_url: str):
    async with open_moved_house(database_url, seats=4, jobs={"concurrency": 1}) as house:
        await invite(house, "ann", "bob", "cat")
        chosen = Selection(tuple(f"{name}@example.com" for name in ("ann", "bob", "cat")))
        started = await bulk.start(house.core, OPERATOR, "resend", chosen, request_key="k1")
        [claim] = await house.core.write(bulk.claim_due, house.core, house.core.now(), most=1)
        await bulk.cancel(house.core, OPERATOR, started.job_id)
        assert (await job(house.core, OPERATOR, started.job_id)).cancelling
        assert await bulk_items.work(house.core, claim)
        line = await job(house.core, OPERATOR, started.job_id)
        assert (line.state, line.done, line.skipped) == ("cancelled", 0, 3)
        await bulk.cancel(house.core, OPERATOR, started.job_id)
        waiting = await bulk.start(house.core, OPERATOR, "cancelinvite", chosen, request_key="k2")
        await bulk.cancel(house.core, OPERATOR, waiting.job_id)
        assert (await job(house.core, OPERATOR, waiting.job_id)).state == "cancelled"
        assert await work_off(house.core) == Round()
        finished, _ = await run(house, "resend", Selection(("ann@example.com",)), key="k3")
        with pytest.raises(Conflict):
            await bulk.cancel(house.core, OPERATOR, finished.job_id)


async def test_what_a_dead_process_had_claimed_is_done_by_another_one_later(database_url: str):
    async with open_moved_house(database_url, seats=4) as house:
        await invite(house, "ann", "bob")
        chosen = Selection(("ann@example.com", "bob@example.com"))
        started = await bulk.start(house.core, OPERATOR, "resend", chosen, request_key="k1")
        [dead] = await house.core.write(bulk.claim_due, house.core, house.core.now(), most=1)
        assert await work_off(house.core) == Round()
        house.clock.move(seconds=301)
        await work_off(house.core)
        assert (await job(house.core, OPERATOR, started.job_id)).done == 2
        with pytest.raises(bulk.JobLost):
            await house.core.write(bulk.renew, house.core, dead, house.core.now())
        with pytest.raises(bulk.JobLost):
            await bulk_items.work(house.core, dead)
        assert mails(house, "ann") == 2


async def test_a_job_that_kills_its_processes_is_given_up_with_an_alert(database_url: str):
    async with open_moved_house(database_url, seats=4) as house:
        await invite(house, "ann")
        started = await bulk.start(house.core, OPERATOR, "resend", Selection(("ann@example.com",)), request_key="k1")
        for _ in range(3):
            assert len(await house.core.write(bulk.claim_due, house.core, house.core.now(), most=1)) == 1
            house.clock.move(seconds=301)
        assert await work_off(house.core) == Round()
        line = await job(house.core, OPERATOR, started.job_id)
        assert (line.state, line.failed) == ("failed", 1)
        assert ("job:1", "job_given_up") in await house.open_alerts()


async def test_progress_is_a_message_and_its_edits(database_url: str):
    async with open_moved_house(database_url, seats=4) as house:
        await invite(house, "ann", "bob", "cat")
        chosen = Selection(tuple(f"{name}@example.com" for name in ("ann", "bob", "cat")))
        started = await bulk.start(house.core, OPERATOR, "resend", chosen, request_key="k1", place=HERE)

        def send(tx: sa.Connection) -> None:
            tx.execute(sa.update(t.notices).values(state="sent", tries=1))
            tx.execute(sa.update(t.jobs).values(message_ref="5:77"))

        await house.core.write(send)
        await work_off(house.core)
        found = await house.rows("SELECT recipient, message_ref, template FROM notices WHERE state = 'ready'")
        assert [tuple(row) for row in found] == [("5", "5:77", "job")], "three lines, one edit that waits"
        assert (await job(house.core, OPERATOR, started.job_id)).state == "done"


async def test_a_hanging_upstream_holds_up_only_its_own_lines(database_url: str):
    async with open_moved_house(database_url, workspaces=2, seats=1, upstream={"timeout": 3.0}) as house:
        await invite(house, "ann", "bob")
        slow = await house.value("SELECT external_id FROM teams WHERE id = 1")
        house.sandbox.set_faults(["hang"], slow)
        chosen = Selection(("ann@example.com", "bob@example.com"))
        started, line = await run(house, "resend", chosen)
        assert (line.done, line.waiting) == (1, 1)
        assert (await results(house, started.job_id))["bob"] == ("done", None)


async def test_who_may_do_what(database_url: str):
    async with open_moved_house(database_url) as house:
        viewer = Actor("telegram", "9", Role.VIEWER)
        chosen = Selection(("ann@example.com",))
        with pytest.raises(NotAllowed):
            await bulk.preview(house.core, viewer, "resend", chosen)
        with pytest.raises(NothingToDo):
            await bulk.start(house.core, OPERATOR, "resend", chosen, request_key="k")
        with pytest.raises(NotAllowed):
            await job_list(house.core, Actor("telegram", "9"))
        for act in (bulk.cancel, bulk.retry):
            with pytest.raises(NotAllowed):
                await act(house.core, viewer, 1)
            with pytest.raises(NotFound):
                await act(house.core, OPERATOR, 1)
        with pytest.raises(NotAllowed):
            await announcements.announce(house.core, OPERATOR, "hello", "everyone", request_key="k")


async def test_an_announcement_reaches_each_person_once_and_is_counted(database_url: str):
    async with open_moved_house(database_url, workspaces=2) as house:
        core = house.core
        for number in range(150):
            await people.recognise(core, "telegram", f"1{number:03}", chat_id=f"1{number:03}")
        await people.recognise(core, "discord", "55", chat_id="dm")
        await people.recognise(core, "terminal", "me", chat_id="me")
        await people.mark_unreachable(core, "telegram", "1000")
        assert await announcements.count_recipients(core, ADMIN, "everyone") == 150
        started = await announcements.announce(core, ADMIN, "Hello\nthere", "everyone", request_key="k1", place=HERE)
        again = await announcements.announce(core, ADMIN, "Hello\nthere", "everyone", request_key="k1", place=HERE)
        assert (started.items, again.merged, again.job_id) == (150, True, started.job_id)

        from bots.outgoing.delivery import Delivery
        from bots.outgoing.posting import Unreachable
        from tests.bots.outgoing.test_delivery import Desk

        telegram, discord = Desk(), Desk()
        telegram.trouble["1007"] = [Unreachable()]
        delivery = Delivery(core, {"telegram": telegram, "discord": discord})
        for _ in range(8):
            await work_off(core)
            assert await house.value("SELECT count(*) FROM notices WHERE state = 'ready'") <= 62
            await delivery.run_once()
            house.clock.move(seconds=3)
        line = await job(core, ADMIN, started.job_id)
        assert (line.state, line.done, line.failed) == ("failed", 149, 1)
        told = [one.recipient for one in telegram.sent if one.template == "announcement"]
        assert len(told) == len(set(told)) == 148
        assert [one.recipient for one in discord.sent] == ["55"]
        assert "Hello\nthere" in discord.texts()[0]
        assert (await results(house, started.job_id))["telegram:1007"] == ("failed", "unreachable")
        assert "149 of 150 done" in telegram.texts("5")[-1]


async def test_announcements_to_staff_and_to_a_pools_people(database_url: str):
    owners = {"staff": {"owners": ["telegram:100"]}}
    async with open_moved_house(database_url, workspaces=1, **owners) as house:
        core = house.core
        for identity in ("100", "200", "300"):
            await people.recognise(core, "telegram", identity, chat_id=identity)
        token, _ = await people.issue_token(core, Actor("cli", "root", Role.OWNER), Role.VIEWER)
        await people.claim_token(core, Actor("telegram", "200"), token)
        await house.seat("ann@example.com")
        await house.execute("UPDATE leases SET platform = 'telegram', identity = '300'")
        assert await announcements.count_recipients(core, ADMIN, "staff") == 2
        assert await announcements.count_recipients(core, ADMIN, "pool", "Default") == 1
        with pytest.raises(NotFound):
            await announcements.count_recipients(core, ADMIN, "pool", "no such pool")


async def test_a_cancelled_announcement_takes_back_what_was_not_sent(database_url: str):
    async with open_moved_house(database_url) as house:
        core = house.core
        for number in range(100):
            await people.recognise(core, "telegram", str(1000 + number), chat_id=str(1000 + number))
        started = await announcements.announce(core, ADMIN, "Hello", "everyone", request_key="k1")
        await work_off(core)
        await bulk.cancel(core, ADMIN, started.job_id)
        house.clock.move(seconds=2)
        await work_off(core)
        line = await job(core, ADMIN, started.job_id)
        assert (line.state, line.skipped) == ("cancelled", 100)
        assert await house.value("SELECT count(*) FROM notices WHERE state = 'ready'") == 0
