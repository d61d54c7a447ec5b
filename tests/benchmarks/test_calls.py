"""Claiming and settling a question, without the stream in between, held against the same rows by the bare driver."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from itertools import count
from pathlib import Path

import asyncpg
import pytest
import sqlalchemy as sa

from core.actors import SYSTEM, Actor
from core.calls import claims, settling
from core.calls.orders import CallClaim, CallOrder
from core.rules.endings import Delivered, Used
from core.storage import migrate
from core.storage.row_claims import new_token
from tests.benchmarks.figures import report
from tests.support.credit import HELLO, open_bank
from tests.support.postgres import PostgresServer

pytestmark = pytest.mark.bench

CALLS, AT_ONCE, ROUNDS = 300, 16, 3
_numbers = count()


async def through_the_core(url: str, people: int) -> float:
    """Claims and settlements per second. The wallets are filled before the clock starts."""
    async with open_bank(url) as bank:
        core = bank.core
        payers = [Actor("telegram", f"{next(_numbers)}") for _ in range(people)]
        for payer in payers:
            await bank.grant("100", payer.key)
        waiting = iter(range(CALLS))

        async def work() -> None:
            for number in waiting:
                payer = payers[number % people]
                order = CallOrder(f"bench:{next(_numbers)}", HELLO, "test", model="small")
                asked = await claims.weigh(core, order, payer)
                claim = await core.write(claims.claim_call, core, SYSTEM, asked, new_token(), core.now())
                assert isinstance(claim, CallClaim)
                delivered = Delivered(
                    "whole", True, claim.input_bound, claim.output_bound, claim.bytes_in, 30, usage=Used(10, 10)
                )
                await core.write(
                    settling.settle_call, settling.OpenCall.of(claim), delivered, settling.CallRecord(), core.now()
                )

        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(work())
        took = time.perf_counter() - began
        await bank.books_balance()
        return CALLS / took


def bare_sqlite(path: Path) -> float:
    """The same rows in two transactions each, by sqlite3 alone."""
    tx = sqlite3.connect(path, isolation_level=None)
    tx.execute("PRAGMA journal_mode=WAL")
    tx.execute("PRAGMA synchronous=FULL")
    tx.execute('CREATE TABLE wallets (id INTEGER PRIMARY KEY, "left" INTEGER CHECK ("left" >= 0), claimed INTEGER)')
    tx.execute(
        "CREATE TABLE calls (id INTEGER PRIMARY KEY, key TEXT UNIQUE, state TEXT, claimed INTEGER, charged INTEGER)"
    )
    tx.execute(
        "CREATE TABLE parts (call INTEGER, wallet INTEGER, claimed INTEGER, charged INTEGER, PRIMARY KEY (call, wallet))"
    )
    tx.execute("CREATE TABLE ledger (id INTEGER PRIMARY KEY, wallet INTEGER, call INTEGER, kind TEXT, amount INTEGER)")
    tx.execute("INSERT INTO wallets VALUES (1, 100000000000, 0)")
    began = time.perf_counter()
    for number in range(CALLS):
        tx.execute("BEGIN IMMEDIATE")
        tx.execute(
            'UPDATE wallets SET "left" = "left" - 2000, claimed = claimed + 2000 WHERE id = 1 AND "left" >= 2000'
        )
        call = tx.execute(
            "INSERT INTO calls (key, state, claimed, charged) VALUES (?, 'claimed', 2000, 0)", (f"k{number}",)
        ).lastrowid
        tx.execute("INSERT INTO parts VALUES (?, 1, 2000, 0)", (call,))
        tx.execute("INSERT INTO ledger (wallet, call, kind, amount) VALUES (1, ?, 'claim', 2000)", (call,))
        tx.execute("COMMIT")
        tx.execute("BEGIN IMMEDIATE")
        tx.execute("UPDATE calls SET state = 'settled', charged = 30 WHERE id = ? AND state = 'claimed'", (call,))
        tx.execute('UPDATE wallets SET "left" = "left" + 1970, claimed = claimed - 2000 WHERE id = 1')
        tx.execute("UPDATE parts SET charged = 30 WHERE call = ?", (call,))
        tx.execute("INSERT INTO ledger (wallet, call, kind, amount) VALUES (1, ?, 'charge', 30)", (call,))
        tx.execute("INSERT INTO ledger (wallet, call, kind, amount) VALUES (1, ?, 'release', 1970)", (call,))
        tx.execute("COMMIT")
    took = time.perf_counter() - began
    tx.close()
    return CALLS / took


CLAIM_AT_ONCE = """
WITH w AS (UPDATE wallets SET "left" = "left" - 2000, claimed = claimed + 2000 WHERE id = $1 AND "left" >= 2000
           RETURNING id),
     c AS (INSERT INTO calls (key, state, claimed, charged) SELECT $2, 'claimed', 2000, 0 FROM w RETURNING id),
     p AS (INSERT INTO parts SELECT c.id, w.id, 2000, 0 FROM c, w),
     l AS (INSERT INTO ledger (wallet, call, kind, amount) SELECT w.id, c.id, 'claim', 2000 FROM c, w)
SELECT id FROM c"""
SETTLE_AT_ONCE = """
WITH c AS (UPDATE calls SET state = 'settled', charged = 30 WHERE id = $2 AND state = 'claimed' RETURNING id),
     w AS (UPDATE wallets SET "left" = "left" + 1970, claimed = claimed - 2000 WHERE id = $1 RETURNING id),
     p AS (UPDATE parts SET charged = 30 WHERE call = $2),
     l AS (INSERT INTO ledger (wallet, call, kind, amount)
           SELECT w.id, c.id, k.kind, k.amount FROM c, w, (VALUES ('charge', 30), ('release', 1970)) AS k (kind, amount))
SELECT id FROM c"""
BARE_TABLES = """
CREATE SCHEMA bare; SET search_path = bare;
CREATE TABLE wallets (id bigint PRIMARY KEY, "left" bigint CHECK ("left" >= 0), claimed bigint);
CREATE TABLE calls (id bigserial PRIMARY KEY, key text UNIQUE, state text, claimed bigint, charged bigint);
CREATE TABLE parts (call bigint, wallet bigint, claimed bigint, charged bigint, PRIMARY KEY (call, wallet));
CREATE TABLE ledger (id bigserial PRIMARY KEY, wallet bigint, call bigint, kind text, amount bigint);
INSERT INTO wallets SELECT n, 100000000000, 0 FROM generate_series(0, 15) AS n"""


async def bare_postgres(url: str, people: int) -> float:
    """The same rows on asyncpg, each transaction one statement."""
    dsn = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    numbers = iter(range(CALLS))
    async with asyncpg.create_pool(dsn, min_size=8, max_size=8, server_settings={"search_path": "bare"}) as pool:
        await pool.execute(BARE_TABLES)

        async def work() -> None:
            for number in numbers:
                async with pool.acquire() as connection:
                    call = await connection.fetchval(CLAIM_AT_ONCE, number % people, f"k{number}")
                    await connection.fetchval(SETTLE_AT_ONCE, number % people, call)

        began = time.perf_counter()
        await asyncio.gather(*(work() for _ in range(8)))
        took = time.perf_counter() - began
        await pool.execute("DROP SCHEMA bare CASCADE")
        return CALLS / took


async def test_on_sqlite(tmp_path: Path) -> None:
    rates, floors = [], []
    for number in range(ROUNDS):
        mine = f"sqlite+aiosqlite:///{tmp_path}/{number}.db"
        await migrate.upgrade_database(mine)
        floors.append(await asyncio.to_thread(bare_sqlite, tmp_path / f"bare-{number}.db"))
        rates.append(await through_the_core(mine, 16))
    report("claim_and_settle_sqlite", rates, "calls/s", floors, floor_name="stdlib sqlite3, the same rows")


@pytest.mark.parametrize("people", [16, 1])
async def test_on_postgresql(people: int) -> None:
    with PostgresServer(durable=True) as server:
        rates, floors = [], []
        for _ in range(ROUNDS):
            mine = server.create_database()
            await migrate.upgrade_database(mine)
            floors.append(await bare_postgres(mine, people))
            rates.append(await through_the_core(mine, people))
            server.drop_database(mine)
        name = f"claim_and_settle_postgresql_{people}"
        report(name, rates, "calls/s", floors, floor_name="asyncpg, one CTE a transaction")
