"""A circuit opens for what is the team's fault, and never for one person's address; a bill is no credential."""

from __future__ import annotations

import json

import pytest

from core.actors import SYSTEM
from core.errors import TeamUnavailable
from core.leases import leases, recovery, removals
from core.sync import sync
from core.teams import teams
from tests.support.moved import MovedHouse, open_moved_house

BAD = "bad@people.example"


async def asked(house: MovedHouse, address: str, key: str) -> str:
    code = (await house.make_codes())[0]
    return (await house.redeem(address, code, key=key, wait=0)).state


async def clear_up(house: MovedHouse) -> None:
    for minutes in (1, 2, 5, 10, 30):
        house.clock.move(minutes=minutes)
        await recovery.recover(house.core)
        await removals.advance_due(house.core)


@pytest.mark.parametrize(
    "fault", ["empty-invites", "errored-objects", "errored-strings", "already-emails", "409-conflict", "invite:403=1"]
)
async def test_one_bad_address_closes_no_team(database_url: str, fault: str):
    async with open_moved_house(database_url, workspaces=1, seats=8) as house:
        house.sandbox.set_faults([fault])
        for number in range(3):
            await asked(house, BAD, f"bad {number}")
        for _ in range(4):
            house.clock.move(minutes=1)
            await recovery.recover(house.core)
        house.sandbox.set_faults([])
        for number in range(2):
            assert await asked(house, f"good-{number}@people.example", f"good {number}") == "invited"
        assert await house.value("SELECT health FROM teams") == "healthy"
        assert await house.value("SELECT breaker_opened FROM teams") == 0
        await clear_up(house)
        assert await house.value("SELECT count(*) FROM seats WHERE state = 'held'") == 0


async def test_several_addresses_in_a_row_are_the_teams_fault(sqlite_url: str):
    async with open_moved_house(sqlite_url, workspaces=1, seats=8, faults=["empty-invites"]) as house:
        for number in range(3):
            await asked(house, f"some-{number}@people.example", f"some {number}")
        assert await house.value("SELECT breaker_opened FROM teams") == 1


async def test_three_conflicts_of_three_people_close_no_team(sqlite_url: str):
    async with open_moved_house(sqlite_url, workspaces=1, seats=8, faults=["409-conflict=3"]) as house:
        for number in range(3):
            assert await asked(house, f"some-{number}@people.example", f"some {number}") == "unclear"
        assert await asked(house, "fourth@people.example", "fourth") == "invited"
        await clear_up(house)
        pending = [row["email"] for row in house.sandbox.ledger()["pending"]]
        assert sorted(pending) == ["fourth@people.example", *(f"some-{n}@people.example" for n in range(3))]


@pytest.mark.parametrize("fault", ["401-true-up", "400-true-up"])
async def test_a_seat_that_has_to_be_bought_is_a_full_team(database_url: str, fault: str):
    async with open_moved_house(database_url, workspaces=2, seats=8) as house:
        house.sandbox.set_faults([fault], "ws-1")
        for number in range(6):
            assert await asked(house, f"p{number}@people.example", f"p {number}") == "invited"
        assert {space for space, _ in house.invited()} == {"ws-2"}
        assert await house.rows("SELECT health, failures FROM teams ORDER BY id") == [("healthy", 0), ("healthy", 0)]


async def test_an_open_bill_pauses_the_team_and_leaves_its_credential_alone(database_url: str):
    async with open_moved_house(database_url, workspaces=2, seats=8) as house:
        house.sandbox.set_faults(["401-delinquent"], "ws-1")
        for number in range(6):
            assert await asked(house, f"p{number}@people.example", f"p {number}") == "invited"
        assert {space for space, _ in house.invited()} == {"ws-2"}
        assert await house.rows("SELECT health, failures FROM teams ORDER BY id") == [("healthy", 0), ("healthy", 0)]
        assert await house.open_alerts() == [("team:1", "team_unpaid")]
        calls = [entry for entry in house.sandbox.ledger()["invites"] if entry["workspace"] == "ws-1"]
        assert len(calls) == 1, "it is left in peace for a while"
        house.sandbox.set_faults(["members:401-delinquent", "pending:401-delinquent"], "ws-1")
        for _ in range(6):
            house.clock.move(minutes=20)
            assert not (await sync.read_team(house.core, 1)).complete
        assert await house.value("SELECT health FROM teams WHERE id = 1") == "healthy"
        house.sandbox.set_faults([], "ws-1")
        house.clock.move(minutes=20)
        assert (await sync.read_team(house.core, 1)).complete
        assert await house.open_alerts() == []
        assert await asked(house, "later@people.example", "later") == "invited"
        assert ("ws-1", "later@people.example") in house.invited()


async def test_a_removal_that_is_one_persons_trouble_expires_no_team(sqlite_url: str):
    async with open_moved_house(sqlite_url, workspaces=1, seats=8) as house:
        await house.seat(BAD)
        house.sandbox.set_faults(["remove:409-conflict"])
        house.clock.move(hours=1)
        await leases.end(house.core, SYSTEM, BAD)
        await clear_up(house)
        assert await house.rows("SELECT health, failures FROM teams") == [("healthy", 0)]
        assert await house.value("SELECT count(*) FROM team_endpoints") == 0
        house.sandbox.set_faults([])
        await clear_up(house)
        assert house.where(BAD) == {}


async def test_pressing_resend_for_one_bad_address_closes_no_team(sqlite_url: str):
    async with open_moved_house(sqlite_url, workspaces=1, seats=8) as house:
        await house.seat(BAD, accept=False)
        house.sandbox.set_faults(["empty-invites"])
        for _ in range(5):
            house.clock.move(hours=1)
            with pytest.raises(TeamUnavailable):
                await leases.resend(house.core, SYSTEM, BAD)
        assert await house.rows("SELECT health, failures, breaker_opened FROM teams") == [("healthy", 0, 0)]


async def test_members_without_an_address_take_a_seat_and_stay(database_url: str):
    async with open_moved_house(database_url, workspaces=1, seats=4, unauthorised={"enabled": True}) as house:
        house.sandbox.set_faults(["null-email"])
        await house.seat("ann@people.example")
        for _ in range(3):
            house.clock.move(minutes=5)
            [reading] = await house.sync()
            assert reading.complete, reading
        assert sorted(await house.seats()) == ["free", "free", "taken", "taken"]
        assert await house.value("SELECT occupant FROM seats WHERE occupant IS NOT NULL") == "#user-nameless"
        from core.sync import strangers

        assert await strangers.dry_run(house.core, SYSTEM) == []
        house.sandbox.set_faults([])
        for _ in range(4):
            house.clock.move(minutes=5)
            await house.sync()
        assert sorted(await house.seats()) == ["free", "free", "free", "taken"]


async def test_who_sits_on_another_kind_of_seat_is_not_counted(database_url: str):
    async with open_moved_house(database_url, workspaces=1, seats=4) as house:
        await house.seat("ann@people.example")
        house.sandbox.world.join(house.sandbox.world.spaces["ws-1"], "metered.ws-1@elsewhere.example.com")
        house.clock.move(minutes=5)
        await house.sync()
        assert sorted(await house.seats()) == ["free", "free", "taken", "taken"]
        space = house.sandbox.world.spaces["ws-1"]
        house.sandbox.world.leave(space, space.members["metered.ws-1@elsewhere.example.com"])
        house.sandbox.set_faults(["seat-types"])
        for _ in range(3):
            house.clock.move(minutes=5)
            [reading] = await house.sync()
            assert reading.complete, reading
            assert reading.capacity == 4
        assert sorted(await house.seats()) == ["free", "free", "free", "taken"]


async def test_staff_are_told_once_of_a_group_that_hides_its_members(sqlite_url: str):
    async with open_moved_house(sqlite_url, workspaces=1, seats=8, kinds=("scim",)) as house:
        session = {**house.sandbox.sessions("scim")[0], "group": "Seats", "seats": 8}
        candidates = await teams.preview_teams(house.core, SYSTEM, json.dumps(session))
        await teams.import_teams(house.core, SYSTEM, candidates)
        await teams.enable_team(house.core, SYSTEM, "Workspace 1", enabled=False)
        house.sandbox.set_faults(["no-group-members"])
        for number in range(2):
            assert await asked(house, f"p{number}@people.example", f"p {number}") == "invited"
        assert await house.open_alerts() == [("team:2:group_members_hidden", "group_members_hidden")]
        for _ in range(4):
            house.clock.move(minutes=5)
            await house.sync()
        assert await house.value("SELECT count(*) FROM leases WHERE status IN ('invited', 'active')") == 2


async def test_fewer_seats_than_were_given_are_not_taken_over_without_a_word(database_url: str):
    async with open_moved_house(database_url, workspaces=1, seats=8) as house:
        house.sandbox.set_faults(["smaller-capacity"])
        for _ in range(2):
            house.clock.move(minutes=5)
            await house.sync()
        assert await house.rows("SELECT capacity, capacity_learned FROM teams") == [(8, 7)]
        assert await house.open_alerts() == [("team:1:seats", "fewer_seats_stated")]
        # Where a refusal for want of seats came first, what is learned comes up to the stated number from below.
        await house.execute("UPDATE teams SET capacity_learned = 6")
        await house.execute("UPDATE alerts SET resolved_at = created_at, over_at = created_at")
        house.clock.move(minutes=5)
        await house.sync()
        assert await house.rows("SELECT capacity, capacity_learned FROM teams") == [(8, 7)]
        assert await house.open_alerts() == [("team:1:seats", "fewer_seats_stated")]
        house.sandbox.set_faults([])
        house.clock.move(minutes=5)
        await house.sync()
        assert await house.open_alerts() == []
