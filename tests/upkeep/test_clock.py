"""Clocks that jump: what was due stays due, and nothing that cannot be undone is done on the word of a wrong clock."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from core import holds
from core.actors import SYSTEM
from core.alerts.report import alert_list
from core.clock import SteppedClock
from core.leases import recovery
from core.rounds import Round
from core.storage.all_tables import metadata
from core.sweeps import locks, runner, schedule
from core.sweeps.alert_checks import clock_skew
from core.upkeep import clock_watch
from tests.support.chats import until
from tests.support.house import House, open_house

HOUR = timedelta(hours=1)


def stepped(house: House) -> SteppedClock:
    assert isinstance(house.core.clock, SteppedClock)
    return house.core.clock


async def open_alerts(house: House) -> list[str]:
    return [one.title for one in (await alert_list(house.core, SYSTEM)).lines if one.resolved_at is None]


async def live(house: House) -> int:
    return int(await house.value("SELECT count(*) FROM leases WHERE status IN ('invited', 'active')"))


async def temporary_member(house: House) -> None:
    """Somebody who joined just now and whose membership ends tomorrow."""
    [code] = await house.make_codes(term="24h", temporary=True)
    assert (await house.redeem("ann@example.com", code, key="k1")).state == "invited"
    now = house.core.now()
    joined = {"status": "active", "joined_at": now, "expires_at": now + timedelta(hours=24)}
    leases = metadata.tables["leases"]
    await house.core.write(lambda tx: tx.execute(sa.update(leases).values(joined)).rowcount)


def furthest(tx: sa.Connection) -> dict[str, datetime]:
    """The latest moment of each column that says when something is due."""
    found = {}
    for name in clock_watch.DUE:
        table, _, column = name.partition(".")
        latest = tx.execute(sa.select(sa.func.max(metadata.tables[table].c[column]))).scalar()
        if latest is not None:
            found[name] = latest
    return found


async def test_after_a_step_back_nothing_waits_for_it(database_url: str):
    async with open_house(database_url, clock=SteppedClock(), faults=["500=1"]) as house:
        await clock_watch.look(house.core)
        [code] = await house.make_codes()
        assert (await house.redeem("ann@example.com", code, key="k1", wait=0.0)).state == "unclear"
        now = house.core.now()
        await house.core.write(locks.register, {sweep.name: now for sweep in schedule.SWEEPS}, {})
        stepped(house).step(hours=-1)
        await clock_watch.look(house.core)

        found = await house.core.read(furthest)
        assert {"leases.due_at", "sweeps.due_at"} <= found.keys()
        assert not [name for name, latest in found.items() if latest > house.core.now() + HOUR / 2]
        assert "clock_stepped" in await open_alerts(house)

        async def settled() -> bool:
            await recovery.recover(house.core)
            return await house.value("SELECT state FROM redemptions") == "invited"

        await until(settled, 60, "the unclear redemption waits for the old time")


async def test_no_unclear_invite_waits_by_an_age_that_a_step_has_falsified(database_url: str):
    """Looked at while the clock is an hour ahead, it seems old enough for the next look to have ten minutes' time."""
    async with open_house(database_url, clock=SteppedClock(), faults=["500", "members:500"]) as house:
        await clock_watch.look(house.core)
        [code] = await house.make_codes()
        assert (await house.redeem("ann@example.com", code, key="k1", wait=0.0)).state == "unclear"

        async def waits() -> float:
            due = await house.core.read(furthest)
            return (due["leases.due_at"] - house.core.now()).total_seconds()

        for hours in (1, -1, -1, 1):
            stepped(house).step(hours=hours)
            await clock_watch.look(house.core)
            assert await waits() <= 0, hours
            await recovery.recover(house.core)
        assert await waits() < 700


@pytest.mark.parametrize("blind", [0, 40])
async def test_what_a_process_wrote_that_had_not_looked_for_long_is_found(database_url: str, blind: int):
    """It waited for the database while another one dealt with the step; with 0, the control, it hides how long."""
    async with open_house(database_url, clock=SteppedClock()) as house:
        now = house.core.now()
        written = now + HOUR - timedelta(seconds=30)
        await house.core.write(locks.register, {"expiry": written}, {})
        await house.core.write(clock_watch.note_time, house.core, now - HOUR, timedelta(0), timedelta(0))
        await house.core.write(clock_watch.note_time, house.core, now, -HOUR, timedelta(seconds=blind))
        found = await house.core.read(furthest)
        assert (found["sweeps.due_at"] == now) is (blind > 0)


async def test_what_a_process_wrote_that_was_killed_before_it_looked_is_found_a_minute_later(database_url: str):
    async with open_house(database_url, clock=SteppedClock()) as house:
        now = house.core.now()

        async def looked(at: datetime) -> datetime:
            await house.core.write(clock_watch.note_time, house.core, at, timedelta(0), timedelta(0))
            return (await house.core.read(furthest))["sweeps.due_at"]

        await house.core.write(clock_watch.note_time, house.core, now + HOUR, timedelta(0), timedelta(0))
        await house.core.write(clock_watch.note_time, house.core, now, -HOUR, timedelta(0))
        await house.core.write(locks.register, {"expiry": now + HOUR + timedelta(seconds=10)}, {})
        assert await looked(now + timedelta(seconds=30)) == now + HOUR + timedelta(seconds=10)
        assert await looked(now + timedelta(seconds=61)) == now + timedelta(seconds=61)
        # It is done once: what is due in two hours is so because it was meant to be.
        await house.execute("DELETE FROM sweeps")
        await house.core.write(locks.register, {"expiry": now + 2 * HOUR}, {})
        assert await looked(now + timedelta(seconds=122)) == now + 2 * HOUR


async def test_a_step_back_while_no_process_ran_is_noticed_at_the_next_look(database_url: str):
    async with open_house(database_url, clock=SteppedClock()) as house:
        await clock_watch.look(house.core)
        due = house.core.now() + timedelta(seconds=30)
        await house.core.write(locks.register, {"expiry": due}, {})
        stepped(house).step(hours=-1)
        await house.core.set_clock()  # what a process does when it starts
        await clock_watch.look(house.core)
        assert await house.core.read(locks.due, ["expiry"], house.core.now() + timedelta(minutes=1)) == ["expiry"]


async def test_a_step_ahead_ends_nobody_until_it_is_confirmed(database_url: str):
    async with open_house(database_url, clock=SteppedClock()) as house:
        await clock_watch.look(house.core)
        await temporary_member(house)
        stepped(house).step(days=2)
        await clock_watch.look(house.core)
        for name in (
            "expiry", "transfers", "unauthorised", "retention", "waitlist", "abnormal", "credit", "answers",
            "conversations",
        ):  # fmt: skip
            assert await runner.run_now(house.core, name) == Round(outcome="waits_for_the_clock")
        assert await live(house) == 1
        assert await house.value("SELECT count(*) FROM removals") == 0
        assert "clock_stepped" in await open_alerts(house)

        # The error lasted for seconds: the time is as it was, and so is the person.
        stepped(house).step(days=-2)
        await clock_watch.look(house.core)
        assert await runner.run_now(house.core, "expiry") != Round(outcome="waits_for_the_clock")
        assert await live(house) == 1
        assert await house.value("SELECT count(*) FROM removals") == 0


async def test_without_the_hold_the_same_step_removes_the_person(database_url: str):
    """The negative control of the test above."""
    async with open_house(database_url, clock=SteppedClock()) as house:
        await temporary_member(house)
        stepped(house).step(days=2)
        await house.core.set_clock()
        await runner.run_now(house.core, "expiry")
        assert await house.value("SELECT count(*) FROM removals") == 1


@pytest.mark.parametrize("how", ["second look", "staff"])
async def test_a_step_ahead_that_is_right_is_acted_on(database_url: str, how: str):
    section = {"second_look": 0.2 if how == "second look" else 600.0}
    async with open_house(database_url, clock=SteppedClock(), time=section) as house:
        await temporary_member(house)
        stepped(house).step(days=2)
        await clock_watch.look(house.core)
        if how == "staff":
            assert await clock_watch.confirm(house.core, SYSTEM)
            assert not await clock_watch.confirm(house.core, SYSTEM)
        else:
            await asyncio.sleep(0.3)
            await clock_watch.look(house.core)
        assert await house.core.read(holds.names) == frozenset()
        assert "clock_stepped" not in await open_alerts(house)
        await runner.run_now(house.core, "expiry")
        assert await house.value("SELECT count(*) FROM removals") == 1


async def test_small_corrections_are_no_steps(database_url: str):
    async with open_house(database_url, clock=SteppedClock()) as house:
        await clock_watch.look(house.core)
        for seconds in (2, -2, 100):
            stepped(house).step(seconds=seconds)
            await clock_watch.look(house.core)
        assert await house.core.read(holds.names) == frozenset()
        assert "clock_stepped" not in await open_alerts(house)


async def test_the_skew_of_a_machine_that_is_its_own_database_is_found(sqlite_url: str):
    """Comparing such a clock with the database's compares it with itself."""
    async with open_house(sqlite_url, clock=SteppedClock()) as house:
        await clock_watch.look(house.core)
        assert await house.core.read(lambda tx: list(clock_skew(tx, house.core, house.core.now()))) == []
        stepped(house).step(minutes=2)
        await clock_watch.look(house.core)
        [found] = await house.core.read(lambda tx: list(clock_skew(tx, house.core, house.core.now())))
        assert 110 < found.facts["seconds"] < 130


def test_every_due_time_is_declared():
    """A column that says when something is due or over must be brought forward, or be named here with its reason."""
    elsewhere = {
        "alerts.muted_until": "how long somebody wanted quiet",
        "seats.held_until": "shown only: the claim of its lease counts",
        "source_slots.held_until": "shown only: the claim of its call counts",
    }
    found = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if column.name.endswith(("due_at", "_until"))
    }
    assert found - set(clock_watch.DUE) == set(elsewhere)
    assert set(clock_watch.DUE) <= found
