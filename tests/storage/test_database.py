"""Units of work: whole or not at all, side by side, and patient with a database that is busy or away."""

from __future__ import annotations

import asyncio
import gc
import sqlite3
import threading
import time

import pytest
import sqlalchemy as sa

from core.errors import Busy
from core.storage import tables as t
from core.storage.database import Database
from tests.support.postgres import PostgresServer


def put(tx: sa.Connection, name: str, moment: object, *, fail: bool = False) -> str:
    tx.execute(sa.insert(t.facts).values(name=name, value={"n": name}, changed_at=moment))
    if fail:
        raise ValueError(name)
    return name


def names(tx: sa.Connection) -> set[str]:
    return set(tx.execute(sa.select(t.facts.c.name)).scalars())


async def opened(url: str, **options: float) -> Database:
    return Database(url, **options)  # type: ignore[arg-type]


async def test_one_bad_unit_spoils_no_other(database_url: str) -> None:
    database = await opened(database_url)
    try:
        now = await database.now()
        results = await asyncio.gather(
            *(database.write(put, f"n{number}", now, fail=number % 10 == 0) for number in range(200)),
            return_exceptions=True,
        )
        failed = [result for result in results if isinstance(result, ValueError)]
        assert len(failed) == 20
        assert await database.read(names) == {f"n{number}" for number in range(200) if number % 10}
    finally:
        await database.close()


async def test_a_cancelled_caller_does_not_cut_a_unit_in_half(database_url: str) -> None:
    database = await opened(database_url)
    started, go_on = threading.Event(), threading.Event()

    def slow(tx: sa.Connection, moment: object) -> None:
        put(tx, "first", moment)
        started.set()
        if database.is_sqlite:
            go_on.wait(60)
        else:
            tx.execute(sa.text("SELECT pg_sleep(1)"))
        put(tx, "second", moment)

    try:
        task = asyncio.ensure_future(database.write(slow, await database.now()))
        await asyncio.to_thread(started.wait, 60)
        task.cancel()
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        for _ in range(3000):
            found = await database.read(names)
            if found:
                break
            await asyncio.sleep(0.02)
        assert found == {"first", "second"}
    finally:
        await database.close()


async def test_closing_waits_for_a_unit_whose_caller_has_gone(postgres_url: str) -> None:
    database = await opened(postgres_url)
    started = threading.Event()

    def slow(tx: sa.Connection, moment: object) -> None:
        started.set()
        tx.execute(sa.text("SELECT pg_sleep(1)"))
        put(tx, "late", moment)

    task = asyncio.ensure_future(database.write(slow, await database.now()))
    await asyncio.to_thread(started.wait, 60)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await database.close()
    database = await opened(postgres_url)
    try:
        assert await database.read(names) == {"late"}
    finally:
        await database.close()


async def test_a_writer_of_another_process_is_waited_for(sqlite_url: str) -> None:
    database = await opened(sqlite_url)
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite+aiosqlite:///"), isolation_level=None)
    try:
        now = await database.now()
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.ensure_future(database.write(put, "patient", now))
        await asyncio.sleep(0.2)
        assert not waiting.done()
        other.execute("COMMIT")
        assert await waiting == "patient"
    finally:
        other.close()
        await database.close()


async def test_a_lock_that_stays_is_busy_and_changes_nothing(sqlite_url: str) -> None:
    database = await opened(sqlite_url, lock_timeout=0.05)
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite+aiosqlite:///"), isolation_level=None)
    try:
        now = await database.now()
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Busy):
            await database.write(put, "nobody", now)
        other.execute("ROLLBACK")
        assert await database.read(names) == set()
    finally:
        other.close()
        await database.close()


async def test_connections_that_were_cut_are_replaced(postgres_url: str, postgres: PostgresServer) -> None:
    database = await opened(postgres_url)
    try:
        now = await database.now()
        await asyncio.gather(*(database.write(put, f"a{number}", now) for number in range(10)))
        await asyncio.to_thread(postgres.terminate_connections, postgres_url)
        await asyncio.gather(*(database.write(put, f"b{number}", now) for number in range(10)))
        assert len(await database.read(names)) == 20
    finally:
        await database.close()


async def test_a_restarted_server_is_found_again(postgres_url: str, postgres: PostgresServer) -> None:
    database = await opened(postgres_url)
    try:
        now = await database.now()
        await database.write(put, "before", now)
        await asyncio.to_thread(postgres.restart, "immediate")
        deadline = time.monotonic() + 240
        while True:
            try:
                await database.write(put, "after", now)
                break
            except Busy:
                assert time.monotonic() < deadline
        assert await database.read(names) == {"before", "after"}
    finally:
        await database.close()


async def test_a_full_disk_is_busy_until_there_is_room(sqlite_url: str) -> None:
    """The database may not grow any more; what was written together fails together, and none of it is there."""
    database = await opened(sqlite_url)

    def most_pages(tx: sa.Connection, more: int) -> None:
        pages = tx.exec_driver_sql("PRAGMA page_count").scalar_one()
        tx.exec_driver_sql(f"PRAGMA max_page_count = {pages + more}")

    def put_much(tx: sa.Connection, name: str, moment: object) -> None:
        put(tx, name, moment)
        tx.exec_driver_sql("UPDATE facts SET value = zeroblob(200000) WHERE name = ?", (name,))

    def put_much_inside(tx: sa.Connection, name: str, moment: object) -> None:
        with tx.begin_nested():
            put_much(tx, name, moment)

    try:
        now = await database.now()
        await database.write(put, "before", now)
        await database.write(most_pages, 4)
        for way in (put_much, put_much_inside):
            results = await asyncio.gather(
                *(database.write(way, f"n{number}", now) for number in range(5)), return_exceptions=True
            )
            assert [type(result) for result in results] == [Busy] * 5
        assert await database.read(names) == {"before"}
        await database.write(most_pages, 10_000)
        await database.write(put_much, "after", now)
        assert await database.read(names) == {"before", "after"}
    finally:
        await database.close()


async def test_how_a_unit_ends_whose_caller_has_gone_is_heard(postgres_url: str, caplog: pytest.LogCaptureFixture):
    """It ends nonetheless, and its failure is nobody's: the event loop has nothing to complain of."""
    database = Database(postgres_url)
    try:
        began = asyncio.Event()

        def fails(tx: sa.Connection) -> None:
            began.set()
            tx.execute(sa.text("SELECT pg_sleep(0.1)"))
            raise LookupError

        caller = asyncio.ensure_future(database.write(fails))
        await began.wait()
        caller.cancel()
        with pytest.raises(asyncio.CancelledError):
            await caller
        del caller
        for _ in range(3000):
            if not database.connections()["used"]:
                break
            await asyncio.sleep(0.02)
        gc.collect()
    finally:
        await database.close()
    assert "never retrieved" not in caplog.text
