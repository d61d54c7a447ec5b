"""A backup every day by itself: it can be read, the old ones go, and staff hear of one that is missing."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.actors import SYSTEM
from core.reports.overview import overview
from core.rules.keeping import pick_surplus
from core.storage import copying
from core.storage.copying import copy_database
from core.sweeps import alerts, runner
from core.upkeep import backups
from core.upkeep.backup_files import BackupUnreadable
from tests.support.moved import open_moved_house

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.db"))


def test_fourteen_days_and_eight_weeks_are_kept():
    made = [NOON + timedelta(days=number, hours=hour) for number in range(100) for hour in (0, 5)]
    gone = set(pick_surplus(made, daily=14, weekly=8, now=made[-1]))
    kept = sorted(set(made) - gone)
    days = {one.date() for one in kept}
    assert len(kept) == len(days), "one of each day"
    assert {(NOON + timedelta(days=99 - back)).date() for back in range(14)} <= days
    assert len({one.isocalendar()[:2] for one in kept}) == 8
    assert max(made) in kept


def test_a_backup_of_a_clock_that_was_ahead_takes_nobodys_place():
    ahead, today, before = NOON + timedelta(days=60), NOON, NOON - timedelta(days=1)
    assert pick_surplus([ahead, today, before], daily=1, weekly=1, now=NOON) == [before]
    assert pick_surplus([ahead, today], daily=1, weekly=1, now=ahead) == [today]


async def test_a_backup_is_made_looked_at_and_the_old_ones_go(sqlite_url: str):
    async with open_moved_house(sqlite_url, backups={"enabled": True, "daily": 2, "weekly": 1}) as house:
        folder = Path(str(sa.make_url(sqlite_url).database)).parent / "backups"
        by_hand = await backups.make_backup(house.core, SYSTEM)
        for _ in range(4):
            house.clock.move(days=1)
            await runner.run_now(house.core, "backup")
        found = files_in(folder)
        assert len(found) == 3
        assert by_hand.name in found, "what somebody asked for stays"
        assert (await overview(house.core, SYSTEM)).last_backup == house.core.now()
        await alerts.check(house.core)
        assert ("backup", "backup_late") not in await house.open_alerts()
        house.clock.move(hours=51)
        await alerts.check(house.core)
        assert ("backup", "backup_late") in await house.open_alerts()
        await runner.run_now(house.core, "backup")
        await alerts.check(house.core)
        assert ("backup", "backup_late") not in await house.open_alerts()


async def test_whoever_is_killed_while_making_one_leaves_none(sqlite_url: str, monkeypatch: pytest.MonkeyPatch):
    """What is half there would be kept as the day's backup, in place of a whole one."""
    folder = Path(str(sa.make_url(sqlite_url).database)).parent / "backups"
    under_way: list[list[str]] = []

    async def copied(source: str, target: str, **_: object) -> dict[str, int]:
        under_way.append(files_in(folder))
        return await copy_database(source, target)

    monkeypatch.setattr(copying, "copy_database", copied)
    async with open_moved_house(sqlite_url, backups={"enabled": True}) as house:
        folder.mkdir()
        left = folder / "usher-auto-20260101-000000.db.abc.part"
        left.write_bytes(b"of a process that was killed")
        os.utime(left, (0, 0))
        made = await backups.make_backup(house.core, SYSTEM)
        assert (under_way, files_in(folder)) == ([[]], [made.name])
        house.clock.move(days=1)
        await runner.run_now(house.core, "backup")
        assert not left.exists()


def spoil(path: Path, broken: str) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        if broken == "the revision":
            database.execute("UPDATE alembic_version SET version_num = '0001'")
            database.commit()
    if broken == "a page":
        content = path.read_bytes()
        path.write_bytes(content[:4096] + bytes(8192) + content[12288:])


@pytest.mark.parametrize("broken", ["a page", "the revision"])
async def test_one_that_cannot_be_read_is_none(sqlite_url: str, monkeypatch: pytest.MonkeyPatch, broken: str):
    """The disk keeps something else than what was written to it."""

    async def copied(source: str, target: str, **_: object) -> dict[str, int]:
        counted = await copy_database(source, target)
        await asyncio.to_thread(spoil, Path(target.partition(":///")[2]), broken)
        return counted

    monkeypatch.setattr(copying, "copy_database", copied)
    async with open_moved_house(sqlite_url, backups={"enabled": True}) as house:
        with pytest.raises(BackupUnreadable):
            await runner.run_now(house.core, "backup")
        assert ("sweep:backup", "sweep_failed") in await house.open_alerts()
        assert files_in(Path(str(sa.make_url(sqlite_url).database)).parent / "backups") == []
        assert (await overview(house.core, SYSTEM)).last_backup is None


async def test_on_postgresql_a_place_has_to_be_named(postgres_url: str, tmp_path: Path):
    async with open_moved_house(postgres_url, backups={"enabled": True}) as house:
        assert (await runner.run_now(house.core, "backup")).outcome == "no_place"
    async with open_moved_house(postgres_url, backups={"enabled": True, "directory": str(tmp_path)}) as house:
        await runner.run_now(house.core, "backup")
        assert len(files_in(tmp_path)) == 1
