"""The connections to PostgreSQL: how many there are, when one is lent again, and what is left of the last unit on it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from core.errors import Busy
from core.storage.database import Database
from tests.support.postgres import PostgresServer

WHO = sa.select(sa.func.pg_backend_pid())


def who(tx: sa.Connection) -> int:
    return int(tx.execute(WHO).scalar_one())


def linger(tx: sa.Connection) -> int:
    tx.execute(sa.select(sa.func.pg_sleep(0.2)))
    return who(tx)


def divide(tx: sa.Connection) -> None:
    tx.execute(sa.text("SELECT 1 / 0"))


def number(tx: sa.Connection) -> Any:
    """The transaction's number; outside of one, each statement would have another."""
    return [tx.execute(sa.select(sa.func.txid_current())).scalar_one() for _ in range(2)]


async def test_no_more_than_the_most_are_in_use(postgres_url: str):
    database = Database(postgres_url, connections=2)
    try:
        seen = await asyncio.gather(
            *(database.read(linger) for _ in range(6)), *(database.write(who) for _ in range(6))
        )
        assert len(set(seen)) == 2
        assert database.connections() == {"used": 0, "idle": 2}
    finally:
        await database.close()
    assert database.connections() == {"used": 0, "idle": 0}


async def test_who_waits_too_long_for_one_is_told_so(postgres_url: str):
    database, begun = Database(postgres_url, connections=1, lock_timeout=0.05), asyncio.Event()

    def hold(tx: sa.Connection) -> None:
        begun.set()
        tx.execute(sa.text("SET statement_timeout = 0"))
        tx.execute(sa.select(sa.func.pg_sleep(3)))

    try:
        holding = asyncio.create_task(database.read(hold))
        await begun.wait()
        with pytest.raises(Busy):
            await database.read(who)
        await holding
        assert await database.read(who)
    finally:
        await database.close()


async def test_all_go_when_one_was_lost(postgres_url: str, postgres: PostgresServer):
    database = Database(postgres_url, connections=3)
    try:
        before = set(await asyncio.gather(*(database.read(linger) for _ in range(3))))
        assert len(before) == 3
        postgres.stop("immediate")
        postgres.start()
        assert await database.read(who) not in before
        assert database.connections() == {"used": 0, "idle": 1}
    finally:
        await database.close()


async def test_one_that_was_in_use_when_another_was_lost_is_not_lent_again(postgres_url: str):
    database, begun = Database(postgres_url, connections=2), asyncio.Event()

    def stay(tx: sa.Connection) -> int:
        begun.set()
        return linger(tx)

    def end_myself(tx: sa.Connection) -> None:
        tx.execute(sa.text("SELECT pg_terminate_backend(pg_backend_pid())"))

    try:
        lingering = asyncio.create_task(database.read(stay))
        await begun.wait()
        with pytest.raises(Busy):
            await database.write(end_myself)
        old = await lingering
        assert await database.read(who) != old
    finally:
        await database.close()


@pytest.mark.parametrize("unit", [divide, who])
async def test_nothing_of_a_read_is_left_for_a_write(postgres_url: str, unit: Any):
    """On the one connection that there is: no statement is by itself in a transaction, and none fails for another's fault."""
    database = Database(postgres_url, connections=1)
    try:
        await asyncio.gather(database.read(unit), return_exceptions=True)
        first, second = await database.write(number)
        assert first == second
        first, second = await database.read(number)
        assert first != second
        with pytest.raises(DBAPIError):
            await database.write(divide)
        assert await database.read(who)
    finally:
        await database.close()
