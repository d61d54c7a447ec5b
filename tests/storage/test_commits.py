"""The connection is lost around a commit: what was done is done once, and whoever asked is told the truth."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import sqlalchemy as sa

from core.errors import OutcomeUnknown
from core.storage import tables as t
from core.storage.commits import repeatable
from core.storage.database import Database
from core.storage.row_claims import NobodyLooked, Overtaken, change
from tests.support.postgres import PostgresServer
from tests.torture.proxy import CuttingProxy


def add(tx: sa.Connection, moment: object) -> int:
    """No key: running it twice is not running it once."""
    return int(
        tx.execute(
            sa.insert(t.facts)
            .values(name=sa.select(sa.func.count()).select_from(t.facts).scalar_subquery(), value={}, changed_at=moment)
            .returning(t.facts.c.name)
        ).scalar_one()
    )


@repeatable
def add_again(tx: sa.Connection, moment: object) -> int:
    return add(tx, moment)


def count(tx: sa.Connection) -> int:
    return int(tx.execute(sa.select(sa.func.count()).select_from(t.facts)).scalar_one())


@asynccontextmanager
async def behind(url: str, *, lock_timeout: float = 30.0) -> AsyncIterator[tuple[Database, CuttingProxy]]:
    target = sa.make_url(url)
    async with CuttingProxy(target.port or 0, seed=1) as proxy:
        database = Database(str(target.set(port=proxy.port)), connections=2, lock_timeout=lock_timeout)
        try:
            yield database, proxy
        finally:
            await database.close()


async def until_carried_out(url: str) -> None:
    """Return when the server has committed what it was sent."""
    database = Database(url)
    try:
        while not await database.read(count):  # noqa: ASYNC110 - the server tells nobody
            await asyncio.sleep(0.01)
    finally:
        await database.close()


async def test_a_unit_whose_commit_was_not_answered_is_found_done(postgres_url: str):
    async with behind(postgres_url) as (database, proxy):
        now = await database.now()
        proxy.cut_next = 1
        assert await database.write(add, now) == 0
        assert proxy.cuts == 1
        assert await database.read(count) == 1


async def test_a_unit_whose_commit_was_lost_is_run_again(postgres_url: str):
    async with behind(postgres_url) as (database, proxy):
        now = await database.now()
        proxy.cut_next, proxy.lose_commits = 1, True
        assert await database.write(add, now) == 0
        assert proxy.cuts == 1
        assert await database.read(count) == 1


async def test_a_unit_that_says_so_runs_again(postgres_url: str):
    """The negative control: without finding out, what has no key of its own is done twice."""
    async with behind(postgres_url) as (database, proxy):
        now = await database.now()
        proxy.cut_next = 1
        assert await database.write(add_again, now) == 1
        assert await database.read(count) == 2


async def test_a_database_that_cannot_be_asked_leaves_the_outcome_unknown(postgres_url: str):
    async with behind(postgres_url, lock_timeout=2.0) as (database, proxy):
        now = await database.now()
        proxy.cut_next = 1
        commits = proxy.cuts

        def add_and_go(tx: sa.Connection) -> int:
            proxy.away = True
            return add(tx, now)

        with pytest.raises(OutcomeUnknown):
            await database.write(add_and_go)
        proxy.away = False
        assert proxy.cuts == commits + 1
        assert await database.read(count) == 1


@pytest.mark.parametrize("how", ["started again", "crashed"])
@pytest.mark.parametrize("lost", [False, True], ids=["carried out", "lost"])
async def test_a_server_that_has_crashed_is_not_believed_about_a_commit(postgres: PostgresServer, lost: bool, how: str):
    """A crash forgets numbers of transactions and gives them again: "committed" may be said of somebody else's."""
    url = postgres.create_database()
    async with behind(url) as (database, proxy):
        now = await database.now()
        proxy.cut_next, proxy.lose_commits = 1, lost

        def add_and_go(tx: sa.Connection) -> int:
            proxy.away = not proxy.cuts
            return add(tx, now)

        writing = asyncio.ensure_future(database.write(add_and_go))
        await proxy.cut.wait()
        if not lost:
            await until_carried_out(url)
        if how == "crashed":
            await asyncio.to_thread(postgres.crash)
        else:
            await asyncio.to_thread(postgres.restart, "immediate")
        proxy.away = False
        if lost:
            assert await writing == 0
        else:
            with pytest.raises(OutcomeUnknown):
                await writing
        proxy.away = False
        assert await database.read(count) == 1
    postgres.drop_database(url)


async def test_a_unit_that_was_overtaken_reads_anew(database_url: str):
    database = Database(database_url)
    runs = []

    def overtaken_twice(tx: sa.Connection) -> int:
        runs.append(add(tx, now))
        if len(runs) < 3:
            raise Overtaken("facts")
        return len(runs)

    try:
        now = await database.now()
        assert await database.write(overtaken_twice) == 3
        assert runs == [0, 0, 0]
        assert await database.read(count) == 1
    finally:
        await database.close()


async def test_a_change_of_state_that_nobody_looked_at_is_not_committed(database_url: str):
    database = Database(database_url)

    def blind(tx: sa.Connection) -> None:
        add(tx, now)
        change(tx, t.jobs, t.jobs.c.id == 7, expected="pending", state="done")

    def looking(tx: sa.Connection) -> int:
        add(tx, now)
        return change(tx, t.jobs, t.jobs.c.id == 7, expected="pending", state="done").count

    try:
        now = await database.now()
        with pytest.raises(NobodyLooked):
            await database.write(blind)
        assert await database.read(count) == 0
        assert await database.write(looking) == 0
        assert await database.read(count) == 1
    finally:
        await database.close()


async def test_a_change_that_has_to_happen_says_when_it_did_not(database_url: str):
    database = Database(database_url)

    def must(tx: sa.Connection) -> None:
        try:
            change(tx, t.jobs, t.jobs.c.id == 7, expected="pending", state="done").one()
        except Overtaken as overtaken:
            raise ValueError(str(overtaken)) from overtaken

    try:
        with pytest.raises(ValueError, match="jobs"):
            await database.write(must)
    finally:
        await database.close()
