"""Claiming and settling a question, without the stream in between, held against the same rows by the bare driver."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from itertools import count
from pathlib import Path

import pytest

from core.actors import SYSTEM, Actor
from core.calls import calls, claims, settling
from core.calls.orders import Claim, Order
from core.rules.endings import Delivered, Used
from core.storage.row_claims import new_token
from tests.benchmarks.figures import report
from tests.support.credit import HELLO, open_bank

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
                order = Order(f"bench:{next(_numbers)}", HELLO, "test", model="small")
                size = claims.size_of(order)
                claim = await core.write(claims.claim_call, core, SYSTEM, payer, order, size, new_token(), core.now())
                assert isinstance(claim, Claim)
                delivered = Delivered(
                    "whole", True, claim.input_bound, claim.output_bound, claim.bytes_in, 30, usage=Used(10, 10)
                )
                await core.write(
                    settling.settle_call, calls.as_row(claim), claim.token, delivered, core.now(), ratio=claim.ratio
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
    tx.execute("PRAGMA synchronous=NORMAL")
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


async def test_claiming_and_settling(sqlite_url: str, tmp_path: Path) -> None:
    floors = [bare_sqlite(tmp_path / f"bare-{number}.db") for number in range(ROUNDS)]
    rates = [await through_the_core(sqlite_url, 16)]
    report("claim + settle, SQLite", rates, "/s", floors, floor_name="bare sqlite3")
