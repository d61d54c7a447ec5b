"""Wishes about leases beside moving and ending: another address, reports, dying targets."""

from __future__ import annotations

import pytest

from core.actors import SYSTEM, Actor, Role
from core.errors import LeaseRefused, NotAllowed, NotFound, TransferRefused
from core.leases import ending, leases
from core.leases import report as lease_reports
from core.sweeps import control as sweep_actions
from core.sweeps import report as sweep_reports
from core.sweeps import runner
from core.transfers import address_changes, sweep, transfers
from core.transfers import report as transfer_reports
from tests.support.moved import MovedHouse, open_moved_house

ANN, NEW = "ann@example.com", "ann.new@example.com"
HOLDER = Actor("telegram", "7")
STAFF = Actor("telegram", "1", Role.OPERATOR)


async def _seated(house: MovedHouse) -> int:
    code = (await house.make_codes())[0]
    await house.redeem(ANN, code, key="k", actor=HOLDER)
    house.sandbox.accept(ANN)
    await house.sync()
    return int(await house.value("SELECT max(id) FROM leases"))


async def test_another_address_is_asked_for_decided_and_stays_in_the_team(database_url: str):
    async with open_moved_house(database_url, workspaces=2) as house:
        lease_id = await _seated(house)
        with pytest.raises(NotFound):
            await address_changes.ask(house.core, Actor("telegram", "8"), lease_id, NEW)
        with pytest.raises(TransferRefused):
            await address_changes.ask(house.core, HOLDER, lease_id, "ANN@example.com")
        first = await address_changes.ask(house.core, HOLDER, lease_id, "typo@example.com")
        wish = await address_changes.ask(house.core, HOLDER, lease_id, NEW)
        assert await house.open_alerts() == [(f"address:{wish.transfer_id}", "address_change_asked")]
        with pytest.raises(NotAllowed):
            await address_changes.approve(house.core, HOLDER, wish.transfer_id)
        with pytest.raises(NotFound):
            await address_changes.approve(house.core, STAFF, first.transfer_id)
        moving = await address_changes.approve(house.core, STAFF, wish.transfer_id)
        assert (moving.state, moving.to_team, moving.address) == ("waiting", "Workspace 1", NEW)
        assert await house.open_alerts() == []
        assert (house.where(ANN), house.where(NEW)) == ({"ws-1": "member"}, {"ws-1": "pending"})
        house.sandbox.accept(NEW)
        await house.sync()
        await sweep.advance_transfers(house.core)
        assert (house.where(ANN), house.where(NEW)) == ({}, {"ws-1": "member"})
        assert await house.seats() == ["free", "taken", "free", "free"]


async def test_a_wish_for_another_address_can_be_declined_and_staff_need_no_wish(database_url: str):
    async with open_moved_house(database_url) as house:
        lease_id = await _seated(house)
        wish = await address_changes.ask(house.core, HOLDER, lease_id, NEW)
        await address_changes.decline(house.core, STAFF, wish.transfer_id)
        assert await house.notices("address_change_declined") == 1
        assert await house.leases(ANN) == [("active", 1)]
        assert (await address_changes.change(house.core, STAFF, lease_id, NEW)).state == "waiting"


async def test_who_is_on_the_way_to_a_team_that_dies_is_sent_another_way(database_url: str):
    async with open_moved_house(database_url, workspaces=3) as house:
        await house.seat(ANN)
        await transfers.transfer(house.core, SYSTEM, ANN, to="workspace 2")
        await house.execute("UPDATE transfers SET target_team_id = NULL")
        house.sandbox.set_faults(["404"], "ws-2")
        house.clock.move(hours=73)
        await house.sync()
        await sweep.advance_transfers(house.core)
        assert house.where(ANN)["ws-1"] == "member", "a dead team takes nobody over"
        await sweep.move_out_of_dead_teams(house.core)
        house.clock.move(minutes=6)
        await sweep.advance_transfers(house.core)
        assert house.where(ANN) == {"ws-1": "member", "ws-2": "pending", "ws-3": "pending"}
        house.sandbox.accept(ANN, "ws-3")
        await house.sync()
        await sweep.advance_transfers(house.core)
        assert await house.leases(ANN) == [("ended", 1), ("ended", 2), ("active", 3)]


async def test_the_way_there_is_nobodys_to_change(database_url: str):
    async with open_moved_house(database_url, workspaces=3) as house:
        await house.seat(ANN)
        await transfers.transfer(house.core, SYSTEM, ANN)
        with pytest.raises(TransferRefused):
            await transfers.transfer(house.core, SYSTEM, ANN, lease_id=2)
        with pytest.raises(LeaseRefused):
            await leases.end(house.core, SYSTEM, ANN, lease_id=2)


async def test_a_person_may_ask_to_be_moved_where_the_pool_allows_it(database_url: str):
    async with open_moved_house(database_url, workspaces=2) as house:
        lease_id = await _seated(house)
        with pytest.raises(TransferRefused):
            await transfers.request(house.core, HOLDER, lease_id)
        await house.execute("UPDATE pools SET transfer_requests = true")
        assert (await transfers.request(house.core, HOLDER, lease_id)).state == "waiting"
        assert await house.notices("transfer_started") == 1
        assert await house.notices("transfer_invited") == 1


async def test_reports_show_where_people_are_and_how_they_came_there(database_url: str):
    async with open_moved_house(database_url, workspaces=3) as house:
        await house.seat(ANN)
        await house.seat("bob@example.com", accept=False, term="unlimited")
        (preview,) = await transfer_reports.preview(house.core, STAFF, ANN)
        assert (preview.from_team, preview.to_team, preview.refused) == ("Workspace 1", "Workspace 2", None)
        (named,) = await transfer_reports.preview(house.core, STAFF, ANN, to="workspace 1")
        assert named.refused == "same_team"
        await transfers.transfer(house.core, STAFF, ANN)
        moving = await lease_reports.lease_list(house.core, STAFF, lease_reports.LeaseFilter("moving"))
        assert [(line.address, line.team, line.moving_to) for line in moving.lines] == [
            (ANN, "Workspace 1", "Workspace 2")
        ]
        under_way, arriving = await transfer_reports.preview(house.core, STAFF, ANN)
        assert arriving.from_team == "Workspace 2"
        assert under_way.refused == "under_way"
        await leases.end(house.core, STAFF, "bob@example.com")
        listed = await lease_reports.lease_list(house.core, STAFF, lease_reports.LeaseFilter("all", ANN))
        assert [line.team for line in listed.lines] == ["Workspace 2", "Workspace 1"]
        assert [line.state for line in await transfer_reports.transfer_list(house.core, STAFF, state="live")] == [
            "waiting"
        ]
        assert [line.cause for line in await transfer_reports.removal_list(house.core, STAFF)] == ["ended"]
        with pytest.raises(NotAllowed):
            await lease_reports.lease_list(house.core, HOLDER, lease_reports.LeaseFilter())


async def test_sweeps_are_shown_paused_and_run(database_url: str):
    async with open_moved_house(database_url) as house:
        admin = Actor("telegram", "1", Role.ADMIN)
        assert not any((await runner.run_now(house.core, "expiry")).facts.values())
        await sweep_actions.pause(house.core, admin, "expiry")
        (line,) = await sweep_reports.sweep_list(house.core, admin)
        assert (line.name, line.paused, line.failed, line.seconds) == ("expiry", True, False, 0.0)
        await sweep_actions.run_soon(house.core, admin, "expiry")
        with pytest.raises(NotFound):
            await sweep_actions.pause(house.core, admin, "nothing")
        with pytest.raises(NotAllowed):
            await sweep_actions.pause(house.core, STAFF, "expiry")


@pytest.mark.parametrize(("reason", "wish"), [("ended", "cancelled"), ("transferred", "asked")])
async def test_a_wish_for_another_address_ends_with_the_seat_unless_its_holder_has_moved(
    database_url: str, reason: str, wish: str
):
    async with open_moved_house(database_url) as house:
        lease = await house.lease(await house.seat("ann@example.com"))
        await house.execute(
            "INSERT INTO transfers (lease_id, address, cause, forced, skip_acceptance, state, attempts, requested_by,"
            " created_at) SELECT id, 'ann@example.org', 'address', false, true, 'asked', 0, 'telegram:7', created_at"
            " FROM leases"
        )
        assert await house.core.write(ending.end_now, house.core, lease, reason, house.core.now())
        assert await house.value("SELECT state FROM transfers") == wish
