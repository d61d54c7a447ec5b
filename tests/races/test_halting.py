"""Whoever is halted inside a transaction of SQLite is seen there, whatever its other threads come to meanwhile."""

from __future__ import annotations

import asyncio
from pathlib import Path

import sqlalchemy as sa

from tests.races.halting import Gate
from tests.races.world import on_file


def _write(tx: sa.Connection) -> None:
    tx.execute(sa.text("CREATE TABLE somewhere (id INTEGER)"))


def _read(tx: sa.Connection) -> int:
    return int(tx.execute(sa.text("SELECT 7")).scalar_one())


async def test_a_reader_that_comes_to_the_gate_does_not_hide_who_writes(tmp_path: Path):
    database = on_file(f"sqlite+aiosqlite:///{tmp_path / 'usher.db'}")
    gate = Gate(database, words="COMMIT")
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(database.write(_write))
            await gate.reached.wait()
            assert gate.inside
            gate.reached.clear()
            reading = group.create_task(database.read(_read))
            await gate.reached.wait()
            assert gate.inside
            gate.open()
        assert reading.result() == 7
        gate = Gate(database, words="SELECT")
        async with asyncio.TaskGroup() as group:
            group.create_task(database.read(_read))
            await gate.reached.wait()
            assert not gate.inside
            gate.open()
    finally:
        gate.leave()
        await database.close()
