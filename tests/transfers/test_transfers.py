"""Transfers: the person is somewhere at every moment, and in two places only while a transfer says so."""

from __future__ import annotations

import pytest

from core.actors import SYSTEM, Actor, Role
from core.errors import LeaseRefused, NotAllowed, NotFound, TransferRefused
from core.leases import expiry, leases
from core.transfers import sweep, transfers
from tests.support.moved import MovedHouse, open_moved_house

ANN = "ann@example.com"


async def _sweep(house: MovedHouse) -> None:
    await sweep.advance_transfers(house.core)


async def test_a_transfer_waits_for_the_person_and_then_leaves_the_old_team(database_url: str):
    async with open_moved_house(database_url, workspaces=2) as house:
        await house.seat(ANN)
        (moving,) = await transfers.transfer(house.core, SYSTEM, ANN)
        assert (moving.state, moving.from_team, moving.to_team) == ("waiting", "Workspace 1", "Workspace 2")
        assert house.where(ANN) == {"ws-1": "member", "ws-2": "pending"}
        assert await house.leases(ANN) == [("transferring", 1), ("invited", 2)]
        house.clock.move(hours=1)
        await _sweep(house)
        assert house.where(ANN) == {"ws-1": "member", "ws-2": "pending"}
        house.sandbox.accept(ANN)
        await house.sync()
        await _sweep(house)
        assert house.where(ANN) == {"ws-2": "member"}
        assert await house.leases(ANN) == [("ended", 1), ("active", 2)]
        assert await house.seats(1) == ["free"] * 4
        old, new = await house.rows("SELECT * FROM leases ORDER BY id")
        assert (new.expires_at, new.transfer_count, old.end_reason) == (old.expires_at, 1, "transferred")
        assert await house.value("SELECT state FROM transfers") == "done"
        assert await house.value("SELECT lease_id FROM redemptions") == new.id


async def test_at_the_end_of_the_grace_the_old_team_lets_go_of_who_has_not_accepted(database_url: str):
    async with open_moved_house(database_url, workspaces=2) as house:
        await house.seat(ANN)
        await transfers.transfer(house.core, SYSTEM, ANN)
        house.clock.move(hours=71)
        await _sweep(house)
        assert house.where(ANN) == {"ws-1": "member", "ws-2": "pending"}
        house.clock.move(hours=2)
        await _sweep(house)
        assert house.where(ANN) == {"ws-2": "pending"}
        assert await house.leases(ANN) == [("ended", 1), ("invited", 2)]


async def test_a_team_out_of_service_is_waited_for_and_its_people_are_not_forgotten(database_url: str):
    """Whoever was invited there keeps the old seat until it is well again, however long that takes."""
    async with open_moved_house(database_url, workspaces=2) as house:
        await house.seat(ANN)
        await transfers.transfer(house.core, SYSTEM, ANN)
        await house.execute("UPDATE teams SET health = 'expired' WHERE id = 2")
        for hours in (73, 1, 1):
            house.clock.move(hours=hours)
            await _sweep(house)
            assert not [found for found in await house.breaches() if found.startswith("no_transfer_is_forgotten")]
        assert await house.value("SELECT state FROM transfers") == "waiting"
        await house.execute("UPDATE teams SET health = 'healthy' WHERE id = 2")
        house.clock.move(minutes=11)
        await _sweep(house)
        assert house.where(ANN) == {"ws-2": "pending"}


async def test_a_forced_transfer_skips_only_the_waiting(database_url: str):
    async with open_moved_house(database_url, workspaces=3) as house:
        await house.seat(ANN)
        (moved,) = await transfers.transfer(house.core, SYSTEM, ANN, to="workspace 3", forced=True)
        assert moved.state == "done"
        assert house.where(ANN) == {"ws-3": "pending"}


async def test_at_expiry_the_membership_begins_anew_in_another_team(database_url: str):
    async with open_moved_house(database_url, workspaces=2) as house:
        await house.seat(ANN, term="24h")
        house.clock.move(hours=25)
        await expiry.expire(house.core)
        await _sweep(house)
        house.sandbox.accept(ANN)
        house.clock.move(minutes=5)
        await house.sync()
        await _sweep(house)
        assert house.where(ANN) == {"ws-2": "member"}
        old, new = await house.rows("SELECT * FROM leases ORDER BY id")
        assert new.expires_at > old.expires_at


async def test_who_is_not_moved_is_warned_and_then_taken_out(database_url: str):
    async with open_moved_house(database_url) as house:
        lease_id = await house.seat(ANN, term="30d", auto_transfer=False)
        house.clock.move(days=26)
        await expiry.expire(house.core)
        assert (await house.lease(lease_id)).warned_at is None
        for days in (1.5, 0.1, 1.5, 0.1):
            house.clock.move(days=days)
            await expiry.expire(house.core)
        assert (await house.lease(lease_id)).warned_at is not None
        house.clock.move(days=2)
        await expiry.expire(house.core)
        assert (await house.lease(lease_id)).status == "active", "a seat is free when the upstream shows it"
        await _sweep(house)
        assert house.where(ANN) == {}
        assert (await house.lease(lease_id)).status == "ended"
        assert await house.seats() == ["free"] * 4


async def test_a_warning_comes_once_per_mark_in_chat_and_mail(database_url: str):
    async with open_moved_house(database_url, mail={"host": "127.0.0.1"}) as house:
        code = (await house.make_codes(term="30d", auto_transfer=False))[0]
        await house.redeem(ANN, code, key="k", actor=Actor("telegram", "7", Role.OPERATOR))
        house.sandbox.accept(ANN)
        await house.sync()
        house.clock.move(days=20)
        for _ in range(20):
            house.clock.move(hours=11)
            await expiry.expire(house.core)
        found = await house.rows("SELECT channel, count(*) FROM notices WHERE template='lease_expiring' GROUP BY 1")
        assert {row[0]: row[1] for row in found} == {"telegram": 2, "mail": 2}


async def test_a_temporary_membership_ends_by_removal(database_url: str):
    async with open_moved_house(database_url, workspaces=2) as house:
        await house.seat(ANN, term="24h", temporary=True)
        house.clock.move(hours=23)
        await expiry.expire(house.core)
        await _sweep(house)
        assert house.where(ANN) == {"ws-1": "member"}
        house.clock.move(hours=1)
        await expiry.expire(house.core)
        await _sweep(house)
        assert house.where(ANN) == {}
        assert await house.leases(ANN) == [("ended", 1)]


async def test_without_a_seat_it_is_tried_ten_times_and_then_told(database_url: str):
    async with open_moved_house(database_url) as house:
        await house.seat(ANN)
        (moving,) = await transfers.transfer(house.core, SYSTEM, ANN)
        assert (moving.state, moving.reason) == ("planned", "no_seats")
        pauses = []
        while moving.state == "planned":
            assert moving.due_at is not None
            pause = moving.due_at - house.clock.now()
            pauses.append(round(pause.total_seconds() / 60))
            house.clock.move(seconds=pause.total_seconds())
            await _sweep(house)
            moving = await house.core.read(transfers.read_transfer, moving.id)
        assert pauses == [5, 10, 20, 40, 80, 160, 320, 640, 1280, 1440]
        assert (moving.state, moving.attempts) == ("failed", 10)
        assert await house.leases(ANN) == [("active", 1)]
        assert ("lease:1", "transfer_failed") in await house.open_alerts()
        with pytest.raises(TransferRefused):
            await transfers.cancel(house.core, SYSTEM, moving.id)
        again = await transfers.retry(house.core, SYSTEM, moving.id)
        assert again.state == "planned"
        await transfers.cancel(house.core, SYSTEM, moving.id)
        assert await house.leases(ANN) == [("active", 1)]


async def test_who_declines_the_new_team_is_still_in_the_old_one(database_url: str):
    async with open_moved_house(database_url, workspaces=2) as house:
        await house.seat(ANN)
        await transfers.transfer(house.core, SYSTEM, ANN)
        house.sandbox.world.spaces["ws-2"].invites.clear()
        for _ in range(4):
            house.clock.move(minutes=5)
            await house.sync()
        assert await house.leases(ANN) == [("transferring", 1), ("ended", 2)]
        assert await house.value("SELECT state FROM transfers") == "planned"
        house.clock.move(minutes=10)
        await _sweep(house)
        assert house.where(ANN) == {"ws-1": "member", "ws-2": "pending"}


async def test_a_team_that_refuses_is_passed_over(database_url: str):
    async with open_moved_house(database_url, workspaces=3) as house:
        await house.seat(ANN)
        house.sandbox.set_faults(["422-full=1"])
        (moving,) = await transfers.transfer(house.core, SYSTEM, ANN)
        assert moving.state == "waiting"
        assert house.where(ANN) == {"ws-1": "member", "ws-3": "pending"}


@pytest.mark.parametrize("fault", ["applied-then-timeout=1", "applied-then-500=1", "reset=1", "empty-invites=1"])
async def test_an_unclear_invite_is_settled_before_anything_else(database_url: str, fault: str):
    from core.leases import recovery

    async with open_moved_house(database_url, workspaces=2, upstream={"timeout": 2.0}) as house:
        await house.seat(ANN)
        house.sandbox.set_faults([fault])
        (moving,) = await transfers.transfer(house.core, SYSTEM, ANN, forced=True)
        assert moving.state == "inviting"
        await _sweep(house)
        assert house.where(ANN)["ws-1"] == "member"
        house.clock.move(seconds=30)
        await recovery.recover(house.core)
        await _sweep(house)
        assert (await house.core.read(transfers.read_transfer, moving.id)).state == "done"
        assert house.where(ANN) == {"ws-2": "pending"}
        applied = [entry for entry in house.invited() if entry[0] == "ws-2"]
        assert len(applied) == 1


@pytest.mark.parametrize(
    "fault", ["remove:500=2", "remove:reset=1", "members:html-200=2", "remove:applied-then-timeout=1"]
)
async def test_a_removal_is_repeated_until_the_person_is_seen_no_more(database_url: str, fault: str):
    async with open_moved_house(database_url, workspaces=2, upstream={"timeout": 2.0}) as house:
        await house.seat(ANN)
        house.sandbox.set_faults([fault])
        await transfers.transfer(house.core, SYSTEM, ANN, forced=True)
        for _ in range(8):
            house.clock.move(minutes=2)
            await _sweep(house)
        assert house.where(ANN) == {"ws-2": "pending"}
        assert await house.value("SELECT state FROM transfers") == "done"


async def test_a_removal_that_cannot_be_done_is_told_and_shows_both_places(database_url: str):
    async with open_moved_house(database_url, workspaces=2) as house:
        await house.seat(ANN)
        house.sandbox.set_faults(["remove:403"])
        (moving,) = await transfers.transfer(house.core, SYSTEM, ANN, forced=True)
        assert (moving.state, moving.source_status, moving.target_status) == ("failed", "active", "invited")
        assert {"lease:1", "removal:1"} <= {subject for subject, _ in await house.open_alerts()}
        house.sandbox.set_faults([])
        again = await transfers.retry(house.core, SYSTEM, moving.id)
        assert again.state == "done"
        assert house.where(ANN) == {"ws-2": "pending"}


async def test_people_of_a_dead_team_are_moved_without_counting(database_url: str):
    async with open_moved_house(database_url, workspaces=2) as house:
        await house.seat(ANN)
        house.sandbox.set_faults(["404"], "ws-1")
        await house.sync()
        assert await house.value("SELECT health FROM teams WHERE id = 1") == "gone"
        await sweep.move_out_of_dead_teams(house.core)
        await _sweep(house)
        house.sandbox.accept(ANN, "ws-2")
        await house.sync()
        await _sweep(house)
        assert await house.leases(ANN) == [("ended", 1), ("active", 2)]
        assert await house.value("SELECT transfer_count FROM leases WHERE team_id = 2") == 0


async def test_a_credential_gone_for_a_day_makes_a_team_dead(database_url: str):
    async with open_moved_house(database_url, workspaces=2) as house:
        await house.seat(ANN)
        house.sandbox.set_faults(["401"], "ws-1")
        await house.sync()
        house.clock.move(hours=23)
        await sweep.move_out_of_dead_teams(house.core)
        assert await house.leases(ANN) == [("active", 1)]
        house.clock.move(hours=2)
        await sweep.move_out_of_dead_teams(house.core)
        await _sweep(house)
        assert house.where(ANN) == {"ws-1": "member", "ws-2": "pending"}
        house.sandbox.accept(ANN, "ws-2")
        await house.sync()
        await _sweep(house)
        assert await house.leases(ANN) == [("ended", 1), ("active", 2)]
        assert (await house.seats(1))[0] == "taken", "the person is still there"
        house.sandbox.set_faults([], "ws-1")
        await house.sync()
        for _ in range(3):
            house.clock.move(hours=1)
            await _sweep(house)
            await house.sync()
        assert house.where(ANN) == {"ws-2": "member"}
        assert await house.seats(1) == ["free"] * 4


async def test_ending_extending_and_who_may(database_url: str):
    async with open_moved_house(database_url, workspaces=2) as house:
        lease_id = await house.seat(ANN)
        stranger = Actor("telegram", "5")
        for action in (
            leases.end(house.core, stranger, ANN),
            leases.extend(house.core, stranger, ANN, "1 month"),
            transfers.transfer(house.core, stranger, ANN),
        ):
            with pytest.raises(NotAllowed):
                await action
        with pytest.raises(NotFound):
            await transfers.request(house.core, stranger, lease_id)
        ((extended, until),) = await leases.extend(house.core, SYSTEM, ANN, "1 month")
        assert (extended, until.isoformat()) == (lease_id, "2026-03-28T12:00:00+00:00")
        (ended,) = await leases.end(house.core, SYSTEM, ANN)
        assert ended.state == "done"
        assert house.where(ANN) == {}
        with pytest.raises(NotFound):
            await leases.end(house.core, SYSTEM, ANN)


async def test_a_pending_invite_is_cancelled_when_its_lease_ends(database_url: str):
    async with open_moved_house(database_url) as house:
        await house.seat(ANN, accept=False)
        house.sandbox.set_faults(["list-lag=50"])
        (ended,) = await leases.end(house.core, SYSTEM, ANN)
        assert ended.state == "planned", "it may not be listed yet"
        assert await house.seats() == ["taken", "free", "free", "free"]
        house.clock.move(minutes=2)
        await _sweep(house)
        assert house.where(ANN) == {}
        assert await house.seats() == ["free"] * 4


async def test_an_ending_lease_is_not_moved_and_a_moving_one_not_ended(database_url: str):
    async with open_moved_house(database_url, workspaces=2) as house:
        await house.seat(ANN)
        await transfers.transfer(house.core, SYSTEM, ANN)
        with pytest.raises((TransferRefused, LeaseRefused)):
            await leases.end(house.core, SYSTEM, ANN, lease_id=1)
        with pytest.raises(TransferRefused):
            await transfers.transfer(house.core, SYSTEM, ANN, lease_id=1)


async def test_the_invite_is_mailed_again_but_not_by_everybody_nor_all_the_time(database_url: str):
    from core.errors import TooManyAttempts

    async with open_moved_house(database_url) as house:
        code = (await house.make_codes())[0]
        holder = Actor("telegram", "7")
        await house.redeem(ANN, code, key="k", actor=holder)
        with pytest.raises(NotAllowed):
            await leases.resend(house.core, Actor("telegram", "8"), ANN)
        with pytest.raises(TooManyAttempts):
            await leases.resend(house.core, holder, ANN)
        house.clock.move(minutes=11)
        assert await leases.resend(house.core, holder, ANN) == ["Workspace 1"]
        assert len(house.invited()) == 1


async def test_many_endings_in_one_team_are_spread_over_rounds(database_url: str):
    async with open_moved_house(database_url, seats=8) as house:
        for number in range(6):
            await house.seat(f"p{number}@example.com", term="24h", temporary=True)
        house.clock.move(hours=25)
        await expiry.expire(house.core)
        left = []
        for _ in range(3):
            await _sweep(house)
            left.append(house.sandbox.world.spaces["ws-1"].taken)
            house.clock.move(seconds=15)
        assert left == [3, 0, 0]
