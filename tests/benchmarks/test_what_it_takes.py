"""What a redemption costs PostgreSQL and its client together, and how long it takes where the network is slow.

Both beside the same look-ups and the same rows in SQL that is written by hand, one statement for each transaction: the
code is found by its digest, a free seat by what the product asks of it, and its team is read. Nothing there is right
about what others do meanwhile, nothing is refused, and nobody hears of it.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from functools import partial
from itertools import islice

import asyncpg
import psutil
import pytest
import sqlalchemy as sa

from core.storage.postgres_urls import for_driver
from tests.benchmarks.figures import report
from tests.benchmarks.test_the_core import PEOPLE, WARM, Around, furnished, through_the_core
from tests.support.house import KEY
from tests.support.postgres import PostgresServer
from tests.support.processes import REPOSITORY
from tests.support.round_trips import CountingProxy

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]

ROUNDS = 5
FAR = 0.001
"""Seconds to the server, and as many back."""
ONE_BY_ONE = 60

RESERVE = """
WITH c AS (UPDATE codes SET reserved = reserved + 1
    WHERE digest = $1 AND status = 'active' AND used + reserved < max_uses AND EXISTS (
        SELECT 1 FROM batches JOIN pools ON pools.id = batches.pool_id WHERE batches.id = codes.batch_id
        AND batches.gives = 'seat' AND (batches.expires_at IS NULL OR batches.expires_at > $2) AND pools.enabled)
    RETURNING id, batch_id, max_uses - used - reserved AS left_over),
b AS (SELECT c.id, batches.pool_id, batches.term, batches.auto_transfer, pools.policy,
        (SELECT min(leases.id) FROM leases WHERE leases.address_key = $3 AND leases.pool_id = batches.pool_id
         AND leases.status IN ('held', 'invited', 'active', 'transferring')) AS live,
        (SELECT redemptions.id FROM redemptions WHERE redemptions.request_key = $3) AS asked_before
      FROM c JOIN batches ON batches.id = c.batch_id JOIN pools ON pools.id = batches.pool_id),
f AS (SELECT seats.id FROM seats, b WHERE seats.pool_id = b.pool_id AND seats.state = 'free' AND seats.open
        AND seats.team_id NOT IN (SELECT teams.id FROM teams WHERE teams.pool_id = b.pool_id AND teams.paused_until > $2)
        AND seats.team_id NOT IN (SELECT leases.team_id FROM leases WHERE leases.address_key = $3
                                  AND leases.status IN ('held', 'invited', 'active', 'transferring'))
      ORDER BY seats.team_created_at, seats.team_id, seats.number LIMIT 1 FOR UPDATE OF seats SKIP LOCKED),
s AS (UPDATE seats SET state = 'held', held_until = $2 FROM f WHERE seats.id = f.id RETURNING seats.id, seats.team_id),
r AS (INSERT INTO redemptions (request_key, content, code_id, code_last4, pool_id, address, address_key, state,
      platform, identity, created_at)
      SELECT $3, $4, b.id, 'ABCD', b.pool_id, $3, $3, 'sending', 'cli', 'me', $2 FROM b RETURNING id),
l AS (INSERT INTO leases (address, address_key, pool_id, team_id, seat_id, status, redemption_id, term, created_at,
      claim, due_at, sends)
      SELECT $3, $3, b.pool_id, s.team_id, s.id, 'held', r.id, b.term, $2, $5, $2, 1 FROM b, r, s RETURNING id),
a AS (INSERT INTO audit_log (at, actor, action, subject, subject_id, after)
      SELECT $2, 'me', 'redemption.reserved', 'r', r.id, jsonb_build_object('lease', l.id) FROM r, l)
SELECT r.id AS redemption, l.id AS lease, s.id AS seat, b.id AS code, teams.*, pools.name AS pool
FROM b, r, l, s JOIN teams ON teams.id = s.team_id JOIN pools ON pools.id = teams.pool_id"""
SETTLE = """
WITH l AS (UPDATE leases SET status = 'invited', invited_at = $1, claim = NULL, due_at = NULL
           WHERE id = $2 AND claim = $3 AND status = 'held' RETURNING *),
s AS (UPDATE seats SET state = 'taken', held_until = NULL WHERE id = $4 AND state = 'held'),
t AS (UPDATE teams SET failures = 0, breaker_opened = 0, last_error = NULL, last_invited_at = $1
      WHERE id = $5 AND health = 'healthy' AND members_failures = 0),
r AS (UPDATE redemptions SET state = 'invited', settled_at = $1, lease_id = $2 WHERE id = $6 AND state = 'sending'
      RETURNING *),
c AS (UPDATE codes SET used = used + 1, reserved = reserved - 1 WHERE id = $7 AND reserved > 0
      RETURNING batch_id, digest),
b AS (INSERT INTO batch_changes (batch_id, used) SELECT batch_id, 1 FROM c),
a AS (INSERT INTO audit_log (at, actor, action, subject, subject_id, after)
      VALUES ($1, 'me', 'lease.invited', 'l', $2, '{"status": "invited"}'),
             ($1, 'me', 'redemption.invited', 'r', $6, '{"state": "invited"}')),
n AS (INSERT INTO notices (channel, recipient, template, facts, state, tries, due_at, created_at)
      SELECT 'hook', id::text, 'seat.redeemed', '{}', 'ready', 0, $1, $1 FROM hooks WHERE state = 'active')
SELECT l.*, r.request_key, r.content, c.digest FROM l, r, c"""


async def by_hand(
    url: str, *, people: int = PEOPLE, at_once: int = 8, around: Around = nullcontext, in_transactions: bool = False
) -> float:
    """Redemptions per second. `in_transactions`: as every program does that may have two statements to make."""
    plain, _ = for_driver(url)
    dsn = plain.set(drivername="postgresql").render_as_string(hide_password=False)
    async with asyncpg.create_pool(dsn, min_size=at_once, max_size=at_once) as pool:
        rows = await pool.fetch("SELECT digest FROM codes ORDER BY id")
        digests = iter([row["digest"] for row in rows][: people + WARM])

        async def worker(some: Iterator[bytes]) -> None:
            for digest in some:
                now, address = datetime.now(UTC), f"{digest.hex()[:12]}@example.com"
                async with pool.acquire() as connection:
                    async with connection.transaction() if in_transactions else nullcontext():
                        row = await connection.fetchrow(RESERVE, digest, now, address, b"x" * 32, "token")
                    given = (row["lease"], "token", row["seat"], row["id"], row["redemption"], row["code"])
                    async with connection.transaction() if in_transactions else nullcontext():
                        assert await connection.fetchrow(SETTLE, now, *given)

        first = islice(digests, WARM)
        await asyncio.gather(*(worker(first) for _ in range(at_once)))
        with around():
            began = time.perf_counter()
            await asyncio.gather(*(worker(digests) for _ in range(at_once)))
            return people / (time.perf_counter() - began)


class Meter:
    """Processor time in milliseconds: of this process, and of the server with all that it has started."""

    def __init__(self, server: PostgresServer) -> None:
        self._postmaster = psutil.Process(int((server.data / "postmaster.pid").read_text().split()[0]))
        self.mine = self.servers = 0.0

    @contextmanager
    def around(self) -> Iterator[None]:
        """What is spent in between. The server's processes have to live until the end."""
        mine, servers = time.process_time(), self._of_server()
        yield
        self.mine = (time.process_time() - mine) * 1000
        self.servers = (self._of_server() - servers) * 1000

    def _of_server(self) -> float:
        total = 0.0
        for one in (self._postmaster, *self._postmaster.children(recursive=True)):
            times = one.cpu_times()
            total += times.user + times.system
        return total


async def test_core_milliseconds() -> None:
    with PostgresServer(durable=True) as server:
        ours: dict[str, list[float]] = {"": [], "_client": [], "_server": [], "_2_processes": []}
        floors: dict[str, list[float]] = {"": [], "_client": [], "_server": []}
        for _ in range(ROUNDS):
            mine, bare, both = (server.create_database() for _ in range(3))
            await furnished(bare)
            for url, run, costs in ((bare, by_hand, floors), (mine, through_the_core, ours)):
                meter = Meter(server)
                await run(url, around=meter.around)
                spent = {"_client": meter.mine, "_server": meter.servers, "": meter.mine + meter.servers}
                for name, value in spent.items():
                    costs[name].append(value / PEOPLE)
            ours["_2_processes"].append(await asyncio.to_thread(two_processes, server, both))
            for url in (mine, bare, both):
                server.drop_database(url)
    for name, values in ours.items():
        floor = floors.get(name, ours[""])
        beside = "the same look-ups and rows by hand" if name in floors else "one process"
        report(f"redeem_core_ms_postgresql{name}", values, "core-ms", floor, floor_name=beside)


def two_processes(server: PostgresServer, url: str) -> float:
    """Milliseconds of all cores for a redemption of two processes that are at it together."""
    command = (sys.executable, "-m", "tests.benchmarks.test_what_it_takes", url, KEY)
    started = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY)
        for _ in range(2)
    ]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    meter = Meter(server)
    with meter.around():
        for process in started:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        spent = [float(process.stdout.readline()) for process in started if process.stdout is not None]
    for process in started:
        process.communicate("end\n")
    return (sum(spent) + meter.servers) / (2 * PEOPLE)


async def test_across_a_network() -> None:
    """One after the other, so that what is measured is waiting."""
    begun = partial(by_hand, in_transactions=True)
    runs = {"bare": by_hand, "bare, in transactions": begun, "ours": through_the_core}
    took: dict[str, list[float]] = {name: [] for name in runs}
    with PostgresServer(durable=True) as server:
        for _ in range(ROUNDS):
            for name, run in runs.items():
                url = server.create_database()
                if name != "ours":
                    await furnished(url)
                there = sa.make_url(url)
                async with CountingProxy(str(there.host), there.port or 5432, way=FAR) as proxy:
                    far = there.set(host="127.0.0.1", port=proxy.port).render_as_string(hide_password=False)
                    rate = await run(far, people=ONE_BY_ONE, at_once=1)  # type: ignore[operator]
                    took[name].append(1000 / rate)
                server.drop_database(url)
    for name, floor_name in (
        ("bare", "by hand, one statement each"),
        ("bare, in transactions", "with BEGIN and COMMIT"),
    ):
        report(f"redeem_across_a_network, {name}", took["ours"], "ms", took[name], floor_name=floor_name)


async def alone(url: str, key: str) -> None:
    """One of two processes: it says when it is ready and what it has spent, and waits both times for the other one."""

    @contextmanager
    def around() -> Iterator[None]:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        began = time.process_time()
        yield
        sys.stdout.write(f"{(time.process_time() - began) * 1000}\n")
        sys.stdout.flush()
        sys.stdin.readline()

    await through_the_core(url, key, around=around)


if __name__ == "__main__":
    asyncio.run(alone(sys.argv[1], sys.argv[2]))
