"""What is said of the sweeps: which are overdue, each by how often it runs itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from bots.terminal_chat.chat import TerminalChat
from core.actors import SYSTEM, Role
from core.languages import LANGUAGES
from core.storage.tables import sweeps
from core.sweeps import alerts, control, locks
from core.sweeps.intervals import EVERY, patience
from core.sweeps.report import sweep_list
from core.sweeps.schedule import SWEEPS
from tests.support.house import House, open_house

OTHERS = "telegram-poller"
"""One that has no rounds."""


async def put_off(house: House, name: str, **values: object) -> None:
    now = house.core.now()
    await house.core.write(locks.register, {name: now}, {})
    await house.core.write(lambda tx: tx.execute(sa.update(sweeps).where(sweeps.c.name == name).values(**values)))


async def late(house: House) -> set[str]:
    return {one.name for one in await sweep_list(house.core, SYSTEM) if one.late}


async def told(house: House) -> set[str]:
    """Of which sweeps the alert tells that they are late."""
    await alerts.check(house.core)
    found = await house.rows("SELECT subject FROM alerts WHERE title = 'sweep_late' AND resolved_at IS NULL")
    return {row.subject.removeprefix("late:") for row in found}


def test_every_sweep_has_its_interval() -> None:
    assert {sweep.name for sweep in SWEEPS} == set(EVERY)


@pytest.mark.parametrize("name", [*(sweep.name for sweep in SWEEPS), OTHERS])
async def test_a_sweep_is_late_by_its_own_interval(sqlite_url: str, name: str) -> None:
    async with open_house(sqlite_url, workspaces=0) as house:
        now, spare = house.core.now(), patience(name, house.core.settings)
        assert timedelta(minutes=1) <= spare <= timedelta(hours=1)
        await put_off(house, name, due_at=now - spare + timedelta(seconds=30))
        assert (await late(house), await told(house)) == (set(), set())
        await put_off(house, name, due_at=now - spare - timedelta(seconds=1))
        assert (await late(house), await told(house)) == ({name}, {name})


async def test_a_round_under_way_may_take_an_hour(database_url: str) -> None:
    async with open_house(database_url, workspaces=0) as house:
        now = house.core.now()
        held = {"claim": "x", "claimed_until": now + timedelta(hours=1)}
        await put_off(house, "recovery", due_at=now - timedelta(minutes=50), **held)
        assert (await late(house), await told(house)) == (set(), set())
        await put_off(house, "recovery", due_at=now - timedelta(minutes=61), **held)
        assert (await late(house), await told(house)) == ({"recovery"}, {"recovery"})


async def test_a_killed_round_and_a_pause_that_ends_leave_time_to_begin_anew(database_url: str) -> None:
    async with open_house(database_url, workspaces=0) as house:
        now = house.core.now()
        long_ago = now - timedelta(minutes=50)
        await put_off(house, "recovery", due_at=long_ago, claim="x", claimed_until=now - timedelta(seconds=5))
        await put_off(house, "sync", due_at=long_ago, paused=True)
        await control.pause(house.core, SYSTEM, "sync", paused=False)
        assert (await late(house), await told(house)) == (set(), set())
        await put_off(house, "recovery", due_at=long_ago, claim="x", claimed_until=now - timedelta(seconds=70))
        assert (await late(house), await told(house)) == ({"recovery"}, {"recovery"})


async def test_what_runs_every_few_seconds_is_late_after_a_minute_and_a_daily_one_after_an_hour(
    database_url: str,
) -> None:
    async with open_house(database_url, workspaces=0) as house:
        due = house.core.now() - timedelta(minutes=2)
        for name in ("recovery", "retention", "jobs", "calls"):
            await put_off(house, name, due_at=due)
        await put_off(house, "jobs", paused=True)
        await put_off(house, "calls", claim="x", claimed_until=house.core.now() + timedelta(hours=1))
        assert await late(house) == {"recovery"}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_staff_see_that_no_worker_runs(sqlite_url: str, language: str) -> None:
    async with open_house(sqlite_url, workspaces=0) as house:
        await put_off(house, "recovery", due_at=house.core.now() - timedelta(minutes=2))
        await put_off(house, "retention", due_at=house.core.now() - timedelta(minutes=2))
        chat = TerminalChat(house.core, identity="admin", role=Role.ADMIN, language=language)
        said = (await chat.send("/sweep"))[-1].text
        assert (said.count("🟠"), said.count("🟢")) == (2, 1)
        assert "usher run" in said
        await put_off(house, "retention", claim="x", claimed_until=house.core.now() + timedelta(hours=1))
        said = (await chat.send("/sweep"))[-1].text
        assert (said.count("🟠"), "usher run" in said) == (1, False)
