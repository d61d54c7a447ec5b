"""What a cluster does to those who are connected: nothing that ends a process, and everything works again afterwards."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from core.errors import Busy, Misconfigured
from core.service import open_core
from core.storage import tables as t
from core.storage.database import Database
from core.sweeps.runner import run
from tests.storage.test_database import names, put
from tests.support.chats import until
from tests.support.house import open_house, settings_for
from tests.support.postgres import PostgresError, PostgresServer


def became_a_standby(database: str) -> tuple[str, str]:
    """What reads and refuses to write (25006)."""
    return (
        f"ALTER DATABASE {database} SET default_transaction_read_only = on",
        f"ALTER DATABASE {database} RESET default_transaction_read_only",
    )


def is_being_restored(database: str) -> tuple[str, str]:
    """There is no such database for the moment (3D000)."""
    return (
        f"ALTER DATABASE {database} RENAME TO {database}_away",
        f"ALTER DATABASE {database}_away RENAME TO {database}",
    )


def takes_no_connections(database: str) -> tuple[str, str]:
    """It is there and lets nobody in (55000)."""
    return f"ALTER DATABASE {database} ALLOW_CONNECTIONS false", f"ALTER DATABASE {database} ALLOW_CONNECTIONS true"


TROUBLES = [became_a_standby, is_being_restored, takes_no_connections]


def strike(postgres: PostgresServer, url: str, statement: str) -> None:
    """Cut the connections and do it, again where one came back in between."""
    for _ in range(50):
        postgres.terminate_connections(url)
        with contextlib.suppress(PostgresError):
            postgres.psql(statement)
            break
    else:
        raise AssertionError(statement)
    postgres.terminate_connections(url)


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_a_failover_is_busy_and_passes(
    postgres_url: str, postgres: PostgresServer, trouble: Callable[[str], tuple[str, str]]
) -> None:
    begin, end = trouble(str(sa.make_url(postgres_url).database))
    database = Database(postgres_url)
    try:
        await database.write(put, "before", await database.now())
        strike(postgres, postgres_url, begin)
        with pytest.raises(Busy):
            await database.write(put, "meanwhile", datetime.now(UTC))
        strike(postgres, postgres_url, end)
        await database.write(put, "after", await database.now())
        assert await database.read(names) == {"before", "after"}
    finally:
        await database.close()


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_the_sweeps_outlive_a_failover(
    postgres_url: str, postgres: PostgresServer, trouble: Callable[[str], tuple[str, str]]
) -> None:
    begin, end = trouble(str(sa.make_url(postgres_url).database))
    async with open_house(postgres_url, workspaces=1) as house:
        stop = asyncio.Event()
        running = asyncio.create_task(run(house.core, stop=stop, only=["recovery", "transfers"]))
        try:
            await until(lambda: _finished(house.core.database), 120, "no round was finished")
            strike(postgres, postgres_url, begin)
            with pytest.raises(Busy):
                await house.core.database.write(put, "meanwhile", house.core.now())
            assert not running.done()
            strike(postgres, postgres_url, end)
            await house.core.database.write(_forget_rounds)
            await until(lambda: _finished(house.core.database), 120, "no round was finished")
            assert not running.done()
        finally:
            stop.set()
            await running


async def test_who_begins_in_a_failover_waits_for_another_leader(postgres_url: str, postgres: PostgresServer) -> None:
    """Where the configuration names several hosts; one that is alone is there or is not."""
    alone = sa.make_url(postgres_url)
    several = alone.set(host=None, port=None, query={"host": [f"{alone.host}:{alone.port}"] * 2})
    begin, end = takes_no_connections(str(alone.database))

    async def opened(url: sa.URL) -> str:
        async with open_core(settings_for(url.render_as_string(hide_password=False))):
            return "open"

    async def waiting() -> bool:
        return any(line["event"] == "database_awaited" for line in heard)

    strike(postgres, postgres_url, begin)
    with pytest.raises(Misconfigured):
        await opened(alone)
    with capture_logs() as heard:
        beginning = asyncio.create_task(opened(several))
        await until(waiting, 120, "nobody waits")
        strike(postgres, postgres_url, end)
        assert await beginning == "open"


async def test_who_wants_a_standby_waits_for_one(postgres_url: str) -> None:
    """asyncpg tells of it behind an error that names no state."""
    database = Database(f"{postgres_url}?target_session_attrs=standby")
    try:
        with pytest.raises(Busy):
            await database.read(names)
    finally:
        await database.close()


def _rounds(tx: sa.Connection) -> int:
    return int(tx.execute(sa.text("SELECT count(*) FROM sweeps WHERE finished_at IS NOT NULL")).scalar_one())


def _forget_rounds(tx: sa.Connection) -> None:
    tx.execute(sa.update(t.sweeps).values(finished_at=None))


async def _finished(database: Database) -> bool:
    try:
        return await database.read(_rounds) == 2
    except Busy:
        return False
