"""The leader of a cluster goes, under load: nothing that was acknowledged is lost, and no process ends with it.

Only by `make failover`: a leader counts as dead after twenty seconds, and a cluster needs half as long to begin.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
import sqlalchemy as sa

from core.actors import SYSTEM
from core.database_urls import database_url
from core.errors import Busy, OutcomeUnknown
from core.reports.doctor import Finding, examine
from core.reports.server_checks import KEEPS
from core.storage.migrate import upgrade_database
from tests.support.chats import until
from tests.support.house import KEY, House, open_house
from tests.support.patroni import Cluster
from tests.support.postgres import PostgresServer
from tests.support.processes import Processes

pytestmark = pytest.mark.failover

AT_ONCE = 6
SEATS = 3_000
PATIENCE = 600.0


@dataclass
class Load:
    """People redeem at `AT_ONCE` places, one after the other, and ask again until they are answered."""

    house: House
    codes: list[str]
    acknowledged: list[str] = field(default_factory=list)
    gap: float = 0.0
    """The longest time, in seconds, in which nobody was acknowledged, since it was last put to 0."""
    stop: bool = False
    _last: float = field(default_factory=time.monotonic)

    async def work(self, place: int) -> None:
        while not self.stop and self.codes:
            code = self.codes.pop()
            await self._redeem(f"person{place}-{len(self.codes)}@example.com", code)

    async def _redeem(self, address: str, code: str) -> None:
        while not self.stop:
            try:
                receipt = await self.house.redeem(address, code, key=address, wait=0)
            except (Busy, OutcomeUnknown):
                await asyncio.sleep(0.2)
                continue
            if receipt.state == "invited":
                now = time.monotonic()
                self.gap, self._last = max(self.gap, now - self._last), now
                self.acknowledged.append(address)
                return
            await asyncio.sleep(0.2)

    async def go_on(self, number: int) -> None:
        """Until so many more are acknowledged."""
        wanted = len(self.acknowledged) + number

        async def reached() -> bool:
            return len(self.acknowledged) >= wanted

        await until(reached, PATIENCE, f"{len(self.acknowledged)} of {wanted} were acknowledged")

    async def lost(self) -> list[str]:
        """Who was told that they are in, and is not."""
        found: set[str] = set()

        async def asked() -> bool:
            try:
                found.update(await self.house.core.read(_seated))
            except Busy:
                return False
            return True

        await until(asked, PATIENCE, "the database stays away")
        return sorted(set(self.acknowledged) - found)


def _seated(tx: sa.Connection) -> list[str]:
    return list(tx.execute(sa.text("SELECT address FROM leases WHERE status = 'invited'")).scalars())


def _under_way(tx: sa.Connection) -> int:
    return int(tx.execute(sa.text("SELECT count(*) FROM leases WHERE status = 'held'")).scalar_one())


@asynccontextmanager
async def loaded(cluster: Cluster) -> AsyncIterator[Load]:
    await asyncio.to_thread(cluster.psql, "CREATE DATABASE usher")
    url = database_url(address_of(cluster))
    await until(lambda: upgraded(url), PATIENCE, "the database reaches the nodes")
    async with open_house(url, workspaces=3, seats=SEATS // 3) as house:
        load = Load(house, await house.make_codes(SEATS))
        working = [asyncio.create_task(load.work(place)) for place in range(AT_ONCE)]
        try:
            await load.go_on(50)
            yield load
        finally:
            load.stop = True
            await asyncio.gather(*working)


async def upgraded(url: str) -> bool:
    """A standby that nobody waits for says for a moment that there is no such database."""
    try:
        await upgrade_database(url)
    except sa.exc.DBAPIError:
        return False
    return True


def address_of(cluster: Cluster) -> str:
    return f"postgresql://postgres@{cluster.hosts}/usher?connect_timeout=5"


async def looked_at(load: Load) -> dict[str, Finding]:
    return {one.name: one for one in await examine(load.house.core, SYSTEM)}


async def test_nothing_acknowledged_is_lost(postgres: PostgresServer, processes: Processes) -> None:
    with Cluster(postgres, synchronous=True) as cluster:
        async with loaded(cluster) as load:
            settings = {
                "USHER_DATABASE__URL": address_of(cluster),
                "USHER_VAULT__KEYS__K1": KEY,
                "USHER_SWEEPS__RECOVERY": "1",
            }
            worker = processes.start("run", "--only", "worker", **settings)
            load.gap = 0.0
            await asyncio.to_thread(cluster.switch_over)
            await load.go_on(50)
            switched, load.gap = load.gap, 0.0
            await asyncio.to_thread(cluster.wait_until_whole)
            leader = cluster.leader()
            assert leader is not None
            await asyncio.to_thread(cluster.kill, leader)
            await load.go_on(50)
            killed = load.gap
        assert await load.lost() == []
        print(f"{len(load.acknowledged)} acknowledged, none lost; gaps {switched:.1f} s and {killed:.1f} s")
        await until(lambda: nothing_under_way(load), PATIENCE, "the worker settles what was under way")
        assert worker.alive, worker.so_far()
        assert [one.name for one in (await looked_at(load)).values() if one.breaches] == []
        await asyncio.to_thread(lambda: worker.terminate().expect(0))


async def nothing_under_way(load: Load) -> bool:
    try:
        return await load.house.core.read(_under_way) == 0
    except Busy:
        return False


async def test_a_cluster_that_waits_for_no_replica_loses_and_is_warned_of(postgres: PostgresServer) -> None:
    """The negative control. What the doctor says before is all that anybody will ever be told."""
    with Cluster(postgres, synchronous=False) as cluster:
        async with loaded(cluster) as load:
            assert (await looked_at(load))[KEEPS[0]].warnings == 1
            receiver = await asyncio.to_thread(cluster.cut_off)
            await load.go_on(50)
            leader = cluster.leader()
            assert leader is not None
            await asyncio.to_thread(cluster.kill, leader)
            receiver.resume()
            await asyncio.to_thread(cluster.wait_for, lambda roles: "leader" in roles.values(), "nobody leads")
        lost = await load.lost()
        print(f"{len(lost)} of {len(load.acknowledged)} acknowledged were lost")
        assert len(lost) >= 50
