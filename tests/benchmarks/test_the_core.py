"""A redemption through the core with an upstream that answers at once, held against the same rows by bare drivers."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from itertools import count, islice
from pathlib import Path
from typing import Any, TypeAlias

import asyncpg
import pytest
import sqlalchemy as sa

from core.actors import SYSTEM
from core.codes import codes
from core.providers import chatgpt
from core.providers.protocol import Done, ProviderAnswer
from core.redemptions import redemptions
from core.redemptions.orders import Order
from core.rules.addresses import read_address
from core.rules.codes import read_code
from core.service import open_core
from core.storage import migrate
from core.teams import teams
from tests.benchmarks.figures import report
from tests.support.house import KEY, settings_for
from tests.support.postgres import PostgresServer
from tests.support.processes import REPOSITORY

pytestmark = pytest.mark.bench

PEOPLE, AT_ONCE, ROUNDS = 300, 16, 5
WARM = 160
"""Redemptions before the clock starts: PostgreSQL plans a statement anew at its first five runs on each connection."""
_numbers = count()


class Instant:
    """An upstream without a way to it."""

    properties = chatgpt.PROPERTIES

    async def invite(self, address: str, *, resend: bool = False) -> ProviderAnswer:
        return Done("x")


Around: TypeAlias = Callable[[], AbstractContextManager[None]]
"""Entered when the clock starts, and left when it stops."""


async def through_the_core(
    url: str,
    key: str = KEY,
    *,
    people: int = PEOPLE,
    at_once: int = AT_ONCE,
    around: Around = nullcontext,
    **sections: Any,
) -> float:
    """Redemptions per second. The house is furnished, and the server knows the statements, before the clock starts."""
    settings = settings_for(url, vault={"active": "k1", "keys": {"k1": key}}, **sections)
    async with open_core(settings, open_upstream=lambda *_: Instant()) as core:  # type: ignore[arg-type]
        mark = f"{next(_numbers)}-{time.monotonic_ns()}"
        lines = [
            {"accessToken": "x", "account": {"id": f"ws-{mark}-{n}", "name": f"W{mark}-{n}"}, "seats": 5}
            for n in range((people + WARM) // 5)
        ]
        text = "\n".join(json.dumps(line) for line in lines)
        await teams.import_teams(core, SYSTEM, await teams.preview_teams(core, SYSTEM, text))
        _, made = await codes.generate_list(core, SYSTEM, codes.BatchPlan(count=people + WARM, override=True))
        shapes = await core.shapes()
        orders = iter(
            [
                Order(read_address(f"p{n}.{mark}@example.com"), read_code(code, shapes), f"{mark}:{n}")
                for n, code in enumerate(made)
            ]
        )

        async def worker(some: Iterator[Order]) -> None:
            for order in some:
                receipt = await redemptions.redeem(core, SYSTEM, order)
                assert receipt.state == "invited", receipt

        first = islice(orders, WARM)
        await asyncio.gather(*(worker(first) for _ in range(at_once)))
        with around():
            began = time.perf_counter()
            await asyncio.gather(*(worker(orders) for _ in range(at_once)))
            return people / (time.perf_counter() - began)


RESERVE = (
    "UPDATE codes SET reserved = reserved + 1 WHERE id = {0} AND used + reserved < max_uses",
    "UPDATE seats SET state = 'held', held_until = {1} WHERE id = {0} AND state = 'free'",
    (
        "INSERT INTO redemptions (request_key, content, code_id, code_last4, pool_id, address, address_key, state,"
        " platform, identity, created_at) VALUES ({2}, {3}, {0}, 'ABCD', 1, {2}, {2}, 'sending', 'cli', 'me', {1})"
    ),
    (
        "INSERT INTO leases (address, address_key, pool_id, team_id, seat_id, status, redemption_id, term, created_at, claim,"
        " due_at, sends) SELECT {2}, {2}, 1, team_id, id, 'held', {0}, '1mo', {1}, 'token', {1}, 1 FROM seats WHERE id = {0}"
    ),
    "INSERT INTO audit_log (at, actor, action, subject, subject_id) VALUES ({1}, 'me', 'redemption.reserved', 'r', {0})",
)
SETTLE = (
    (
        "UPDATE leases SET status = 'invited', invited_at = {1}, claim = NULL, due_at = NULL"
        " WHERE redemption_id = {0} AND claim = 'token'"
    ),
    "UPDATE seats SET state = 'taken', held_until = NULL WHERE id = {0} AND state = 'held'",
    "UPDATE redemptions SET state = 'invited', settled_at = {1}, lease_id = {0} WHERE id = {0} AND state = 'sending'",
    "UPDATE codes SET used = used + 1, reserved = reserved - 1 WHERE id = {0}",
    "INSERT INTO batch_changes (batch_id, used) VALUES (1, 1)",
    "INSERT INTO audit_log (at, actor, action, subject, subject_id) VALUES ({1}, 'me', 'lease.invited', 'l', {0})",
    "INSERT INTO audit_log (at, actor, action, subject, subject_id) VALUES ({1}, 'me', 'redemption.invited', 'r', {0})",
)


async def furnished(url: str) -> None:
    async with open_core(settings_for(url)) as core:
        lines = [
            {"accessToken": "x", "account": {"id": f"ws-{n}", "name": f"W{n}"}, "seats": 5}
            for n in range((PEOPLE + WARM) // 5)
        ]
        text = "\n".join(json.dumps(line) for line in lines)
        await teams.import_teams(core, SYSTEM, await teams.preview_teams(core, SYSTEM, text))
        await codes.generate_list(core, SYSTEM, codes.BatchPlan(count=PEOPLE + WARM))


def bare_sqlite(path: Path) -> float:
    """The same rows, two commits for each, one thread and nothing else to do."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous=FULL")
    now = 1_770_000_000_000_000
    reserve = [statement.format("?1", "?2", "?3", "?4") for statement in RESERVE]
    settle = [statement.format("?1", "?2", "?3", "?4") for statement in SETTLE]

    def run(statements: list[str], given: tuple[Any, ...]) -> None:
        connection.execute("BEGIN IMMEDIATE")
        for statement in statements:
            marks = max(number for number in range(1, 5) if f"?{number}" in statement) if "?" in statement else 0
            connection.execute(statement, given[:marks])
        connection.execute("COMMIT")

    began = time.perf_counter()
    for number in range(1, PEOPLE + 1):
        given = (number, now, f"p{number}@example.com", b"x" * 32)
        run(reserve, given)
        run(settle, given)
    seconds = time.perf_counter() - began
    connection.close()
    return PEOPLE / seconds


RESERVE_AT_ONCE = """
WITH c AS (UPDATE codes SET reserved = reserved + 1 WHERE id = $1 AND used + reserved < max_uses RETURNING id),
s AS (UPDATE seats SET state = 'held', held_until = $2 WHERE id = $1 AND state = 'free' RETURNING id, team_id),
r AS (INSERT INTO redemptions (request_key, content, code_id, code_last4, pool_id, address, address_key, state,
      platform, identity, created_at)
      SELECT $3, $4, c.id, 'ABCD', 1, $3, $3, 'sending', 'cli', 'me', $2 FROM c RETURNING id),
l AS (INSERT INTO leases (address, address_key, pool_id, team_id, seat_id, status, redemption_id, term, created_at,
      claim, due_at, sends)
      SELECT $3, $3, 1, s.team_id, s.id, 'held', r.id, '1mo', $2, 'token', $2, 1 FROM r, s RETURNING id),
a AS (INSERT INTO audit_log (at, actor, action, subject, subject_id)
      SELECT $2, 'me', 'redemption.reserved', 'r', r.id FROM r)
SELECT r.id AS redemption, l.id AS lease FROM r, l"""
SETTLE_AT_ONCE = """
WITH l AS (UPDATE leases SET status = 'invited', invited_at = $2, claim = NULL, due_at = NULL
           WHERE id = $4 AND claim = 'token' RETURNING id),
s AS (UPDATE seats SET state = 'taken', held_until = NULL WHERE id = $1 AND state = 'held'),
r AS (UPDATE redemptions SET state = 'invited', settled_at = $2, lease_id = $4 WHERE id = $3 AND state = 'sending'),
c AS (UPDATE codes SET used = used + 1, reserved = reserved - 1 WHERE id = $1),
b AS (INSERT INTO batch_changes (batch_id, used) VALUES (1, 1)),
a AS (INSERT INTO audit_log (at, actor, action, subject, subject_id)
      VALUES ($2, 'me', 'lease.invited', 'l', $4), ($2, 'me', 'redemption.invited', 'r', $3))
SELECT id FROM l"""


async def bare_postgres(url: str) -> float:
    """The same rows on asyncpg, each transaction one statement."""
    dsn = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    now = datetime.now(UTC)
    numbers = iter(range(1, PEOPLE + WARM + 1))
    async with asyncpg.create_pool(dsn, min_size=8, max_size=8) as pool:

        async def worker(some: Iterator[int]) -> None:
            for number in some:
                async with pool.acquire() as connection:
                    row = await connection.fetchrow(RESERVE_AT_ONCE, number, now, f"p{number}@example.com", b"x" * 32)
                    await connection.fetchrow(SETTLE_AT_ONCE, number, now, row["redemption"], row["lease"])

        first = islice(numbers, WARM)
        await asyncio.gather(*(worker(first) for _ in range(8)))
        began = time.perf_counter()
        await asyncio.gather(*(worker(numbers) for _ in range(8)))
        return PEOPLE / (time.perf_counter() - began)


async def test_on_sqlite(tmp_path: Path) -> None:
    rates, floors = [], []
    for number in range(ROUNDS):
        mine, bare = tmp_path / f"{number}.db", tmp_path / f"{number}.bare.db"
        for path in (mine, bare):
            await migrate.upgrade_database(f"sqlite+aiosqlite:///{path}")
        await furnished(f"sqlite+aiosqlite:///{bare}")
        floors.append(await asyncio.to_thread(bare_sqlite, bare))
        rates.append(await through_the_core(f"sqlite+aiosqlite:///{mine}"))
    report("redeem_core_sqlite", rates, "redemptions/s", floors, floor_name="stdlib sqlite3, the same rows")


async def test_on_postgresql() -> None:
    with PostgresServer(durable=True) as server:
        rates, pairs, floors = [], [], []
        for _ in range(ROUNDS):
            mine, bare, both = (server.create_database() for _ in range(3))
            await furnished(bare)
            floors.append(await bare_postgres(bare))
            rates.append(await through_the_core(mine))
            pairs.append(await asyncio.to_thread(two_processes, both))
            for url in (mine, bare, both):
                server.drop_database(url)
        report("redeem_core_postgresql", rates, "redemptions/s", floors, floor_name="asyncpg, one CTE a transaction")
        report("redeem_core_postgresql_2_processes", pairs, "redemptions/s", rates, floor_name="one process")


def two_processes(url: str) -> float:
    """What two processes on one database redeem together, each measured while both are at it."""
    command = (sys.executable, "-m", "tests.benchmarks.test_the_core", url, KEY)
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY) for _ in range(2)]
    said = [process.communicate()[0] for process in started]
    return sum(float(text) for text in said)


if __name__ == "__main__":
    sys.stdout.write(str(asyncio.run(through_the_core(sys.argv[1], sys.argv[2]))))
