"""Sync: what complete readings change, and that nothing else changes anything."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.actors import SYSTEM, Actor
from core.errors import NotAllowed, NotFound
from core.service import open_core
from core.sync import health_sweep, sync
from tests.support.house import settings_for
from tests.support.moved import open_moved_house


async def test_an_accepted_invite_starts_the_term_where_the_provider_says(database_url: str):
    async with open_moved_house(database_url) as house:
        lease_id = await house.seat("ann@example.com", accept=False)
        house.clock.move(hours=5)
        house.sandbox.accept("ann@example.com")
        joined = house.clock.now()
        house.clock.move(minutes=7)
        readings = await house.sync()
        assert [(reading.complete, reading.joined) for reading in readings] == [(True, 1)]
        rows = await house.core.read(_leases)
        assert rows[lease_id].status == "active"
        assert rows[lease_id].joined_at == joined
        assert rows[lease_id].expires_at == datetime(2026, 2, 28, 17, 0, tzinfo=UTC), "31 January and one month"


async def test_strangers_take_seats_and_leave_them_after_three_misses(database_url: str):
    async with open_moved_house(database_url) as house:
        space = house.sandbox.world.spaces["ws-1"]
        stranger = house.sandbox.world.join(space, "Stranger@Elsewhere.Example.com")
        await house.sync()
        assert await house.seats() == ["taken", "free", "free", "free"]
        house.sandbox.world.leave(space, stranger)
        for expected in ("taken", "taken", "free"):
            house.clock.move(minutes=5)
            await house.sync()
            assert (await house.seats())[0] == expected


async def test_more_strangers_than_seats_are_all_counted(database_url: str):
    async with open_moved_house(database_url, seats=2) as house:
        for number in range(3):
            house.sandbox.world.join(house.sandbox.world.spaces["ws-1"], f"s{number}@elsewhere.example.com")
        await house.sync()
        assert await house.seats() == ["taken", "taken", "taken"]
        await house.sync()
        assert await house.seats() == ["taken", "taken", "taken"]


async def test_who_declines_is_gone_after_three_complete_readings(database_url: str):
    async with open_moved_house(database_url) as house:
        lease_id = await house.seat("ann@example.com", accept=False)
        house.sandbox.world.spaces["ws-1"].invites.clear()
        await house.sync()
        assert (await house.lease(lease_id)).absent_reads == 0, "younger than the lists' lag"
        for status in ("invited", "invited", "ended"):
            house.clock.move(minutes=5)
            await house.sync()
            assert (await house.lease(lease_id)).status == status
        assert (await house.lease(lease_id)).end_reason == "gone"
        assert await house.seats() == ["free"] * 4


async def test_readings_that_follow_at_once_count_as_one_miss(database_url: str):
    async with open_moved_house(database_url) as house:
        lease_id = await house.seat("ann@example.com", accept=False)
        house.sandbox.world.spaces["ws-1"].invites.clear()
        house.clock.move(minutes=5)
        for _ in range(5):
            await house.sync()
        assert (await house.lease(lease_id)).absent_reads == 1


@pytest.mark.parametrize(
    "faults",
    [
        ["members:page-cut"],
        ["empty-members"],
        ["members:html-200"],
        ["pending:html-200"],
        ["stale-members"],
        ["members:500"],
        ["members:truncated"],
        ["members:hang"],
    ],
    ids=lambda faults: faults[0],
)
async def test_a_list_that_cannot_be_right_removes_nobody_and_is_told_once(database_url: str, faults: list[str]):
    """Cut after page 1, empty, an HTML page, of earlier, broken: no lease ends, no seat is freed, one alert."""
    timeout = 1.5 if "members:hang" in faults else 20.0
    async with open_moved_house(database_url, upstream={"timeout": timeout}) as house:
        first = await house.seat("ann@example.com")
        house.clock.move(minutes=5)
        house.sandbox.set_faults(faults)
        second = await house.seat("bob@example.com", accept=False)
        house.sandbox.accept("bob@example.com")
        before = await house.seats()
        for _ in range(5):
            house.clock.move(minutes=5)
            for reading in await house.sync():
                assert not reading.complete
        assert await house.seats() == before
        assert (await house.lease(first)).status == "active"
        assert (await house.lease(second)).status == "invited"
        assert await house.value("SELECT count(*) FROM removals") == 0
        assert len(await house.open_alerts()) == 1
        house.sandbox.set_faults([])
        house.clock.move(minutes=5)
        await house.sync()
        assert (await house.lease(second)).status == "active"
        assert await house.open_alerts() == []


async def test_other_spellings_and_numbers_and_repeated_rows_change_nothing(database_url: str):
    async with open_moved_house(database_url) as house:
        await house.seat("ann@example.com")
        await house.seat("bob@example.com", accept=False)
        house.sandbox.set_faults(["other-case", "numeric-status", "no-pending-count"])
        for _ in range(4):
            house.clock.move(minutes=5)
            assert all(reading.complete for reading in await house.sync())
        assert await house.leases("ann@example.com") == [("active", 1)]
        assert await house.leases("bob@example.com") == [("invited", 1)]
        assert await house.seats() == ["taken", "taken", "free", "free"]


async def test_seats_the_upstream_does_not_have_go_and_come_back(database_url: str):
    async with open_moved_house(database_url) as house:
        house.sandbox.world.spaces["ws-1"].seats = 2
        await house.sync()
        assert await house.seats() == ["free", "free"]
        house.sandbox.world.spaces["ws-1"].seats = 10
        await house.sync()
        await house.sync()
        assert await house.seats() == ["free"] * 4, "never more than staff have set"


async def test_a_full_that_nothing_explains_costs_a_seat_only_until_the_next_reading(database_url: str):
    async with open_moved_house(database_url, workspaces=2) as house:
        house.sandbox.set_faults(["422-full=1"])
        code = (await house.make_codes())[0]
        assert (await house.redeem("ann@example.com", code, key="k")).state == "invited"
        assert await house.seats(1) == []
        for expected in (1, 2, 3, 4):
            house.clock.move(minutes=5)
            await house.sync()
            assert len(await house.seats(1)) == expected


async def test_a_rejected_credential_counts_when_it_is_rejected_twice(database_url: str):
    async with open_moved_house(database_url) as house:
        house.sandbox.set_faults(["pending:401=1"])
        await house.sync()
        assert await house.value("SELECT health FROM teams") == "healthy"
        house.sandbox.set_faults(["401"])
        await house.sync()
        assert await house.value("SELECT health FROM teams") == "expired"
        assert await house.open_alerts() == [("team:1", "team_expired")]
        assert await house.value("SELECT count(*) FROM seats WHERE open") == 0
        house.sandbox.set_faults([])
        await house.sync()
        assert await house.value("SELECT health FROM teams") == "healthy"
        assert await house.value("SELECT count(*) FROM seats WHERE open") == 4
        assert await house.open_alerts() == []


async def test_teams_have_their_turns_apart_from_each_other(database_url: str):
    async with open_moved_house(database_url, workspaces=8) as house:
        house.clock.move(seconds=1)
        assert len(await sync.read_due(house.core)) == 8
        turns = [row.read_due_at for row in (await house.core.read(_teams)).values()]
        assert len({turn.replace(microsecond=0) for turn in turns}) >= 7
        assert all(house.clock.now() < turn <= house.clock.now() + timedelta(seconds=300) for turn in turns)
        assert await sync.read_due(house.core) == []
        house.clock.move(seconds=300)
        assert len(await sync.read_due(house.core)) == 8


async def test_turns_of_a_longer_interval_come_forward_but_pauses_do_not(database_url: str):
    async with open_moved_house(database_url, workspaces=3) as house:
        house.sandbox.set_faults(["members:429-huge"], "ws-3")
        await house.sync()
        house.clock.move(seconds=1)
        async with open_core(settings_for(database_url, sync={"interval": 10}), clock=house.clock) as hurried:
            read = await sync.read_due(hurried)
            assert sorted(reading.team for reading in read) == ["Workspace 1", "Workspace 2"]
            assert await sync.read_due(hurried) == []


async def test_a_hanging_team_delays_no_other(database_url: str, monkeypatch: pytest.MonkeyPatch):
    options = {"workspaces": 6, "upstream": {"timeout": 3.0}, "sync": {"concurrency": 1}}
    async with open_moved_house(database_url, **options) as house:
        house.sandbox.set_faults(["hang"], "ws-1")
        monkeypatch.setattr(sync, "SLOW", 0.1)  # a number, so that the test need not wait for it
        done: list[str] = []

        async def watch(count: int, of: int) -> None:
            done.append(f"{count}/{of}")

        readings = await sync.sync_all(house.core, SYSTEM, watch)
        assert [reading.team for reading in readings][-1] == "Workspace 1"
        assert [reading.complete for reading in readings] == [True] * 5 + [False]
        assert done == [f"{count}/6" for count in range(1, 7)]


async def test_who_may_sync_and_what(database_url: str):
    async with open_moved_house(database_url, workspaces=3) as house:
        await house.seat("ann@example.com")
        assert len(await sync.sync_address(house.core, SYSTEM, "ANN@example.com")) == 1
        assert (await sync.sync_team(house.core, SYSTEM, "workspace 2")).complete
        with pytest.raises(NotFound):
            await sync.sync_address(house.core, SYSTEM, "nobody@example.com")
        with pytest.raises(NotAllowed):
            await sync.sync_all(house.core, Actor("telegram", "1"))


def _leases(tx):
    import sqlalchemy as sa

    from core.storage.tables import leases

    return {row.id: row for row in tx.execute(sa.select(leases))}


def _teams(tx):
    import sqlalchemy as sa

    from core.storage.tables import teams

    return {row.id: row for row in tx.execute(sa.select(teams))}


async def test_a_team_whose_members_cannot_be_read_is_closed_at_the_defaults_and_its_error_goes_with_it(
    database_url: str,
):
    async with open_moved_house(database_url, workspaces=2, upstream={"timeout": 20.0}) as house:
        await house.sync()
        house.sandbox.set_faults(["members:500"], "ws-1")
        seats = 0
        for _ in range(8):
            house.clock.move(seconds=house.core.settings.sync.interval)
            await sync.read_due(house.core)
            if await house.value("SELECT health FROM teams WHERE id = 1") == "expired":
                break
            seats += 1
            await house.seat(f"person{seats}@example.com", accept=False)
        assert seats == 3, "three failed readings are bad luck, the fourth is not"
        assert await house.value("SELECT last_error FROM teams WHERE id = 1")
        await house.seat("later@example.com", accept=False)
        assert set(house.where("later@example.com")) == {"ws-2"}, "nobody new comes to a team that cannot be read"
        house.sandbox.set_faults([], "ws-1")
        house.clock.move(minutes=20)
        await health_sweep.check_health(house.core)
        assert await house.value("SELECT health FROM teams WHERE id = 1") == "healthy"
        assert await house.value("SELECT last_error FROM teams WHERE id = 1") is None
        house.sandbox.set_faults(["pending:500"], "ws-1")
        house.clock.move(minutes=5)
        await house.sync()
        assert await house.value("SELECT last_error FROM teams WHERE id = 1")
        house.sandbox.set_faults([], "ws-1")
        house.clock.move(minutes=5)
        await house.sync()
        assert await house.value("SELECT last_error FROM teams WHERE id = 1") is None
