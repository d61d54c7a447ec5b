"""A database without threads: units of work run in the loop's own turn, on one SQLite in memory.

Everything above the connection is the product's own: the statements, the constraints, the triggers, the retries.
What is simulated is the way there and back: it takes time, and the answer of a commit may be lost on it.
"""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
from collections.abc import Callable
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from core.storage import migrate
from core.storage.commits import Mark, Unanswered
from core.storage.database import Database
from core.storage.journal import LINES, Journal
from core.storage.row_claims import forget_unseen, refuse_unseen
from tests.simulation.loop import SimulatedLoop


class Memory:
    """One database in memory, filled anew from a picture of an earlier one in microseconds."""

    def __init__(self) -> None:
        self.engine = sa.create_engine(
            "sqlite+pysqlite://", poolclass=sa.StaticPool, connect_args={"check_same_thread": False}
        )

        @event.listens_for(self.engine, "connect")
        def connect(dbapi: Any, _: Any) -> None:
            dbapi.isolation_level = None
            dbapi.execute("PRAGMA foreign_keys=ON")

        @event.listens_for(self.engine, "begin")
        def begin(connection: sa.Connection) -> None:
            connection.exec_driver_sql("BEGIN")

        self.fill(_empty())

    @property
    def driver(self) -> sqlite3.Connection:
        with self.engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            return driver

    def fill(self, picture: bytes) -> None:
        self.driver.deserialize(picture)
        self.driver.execute("PRAGMA foreign_keys=ON")

    def picture(self) -> bytes:
        return self.driver.serialize()


@cache
def _empty() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "usher.db"
        migrate.upgrade(f"sqlite+aiosqlite:///{path}")
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
            return connection.serialize()


class InlineDatabase(Database):
    """What one simulated process sees of `memory`.

    Once `dead`, nothing it asks is ever answered; while `frozen_until` lies ahead, nothing it was answered reaches
    it, though all of it is committed.
    """

    def __init__(
        self,
        memory: Memory,
        loop: SimulatedLoop,
        now: Callable[[], datetime],
        say: Callable[[str], None],
        journal: Journal | None = None,
    ) -> None:
        self.url = sa.make_url("sqlite+aiosqlite://")
        self.is_sqlite = True
        self.journal = journal
        self.calm = False
        self.dead = False
        self.frozen_until = 0.0
        self._store: Any = SimpleNamespace(
            write=partial(self._run_inline, may_lose=True),
            read=partial(self._run_inline, may_lose=False),
            committed=self._committed,
        )
        self._lock_timeout = 30.0
        self._memory = memory
        self._loop = loop
        self._now = now
        self._say = say

    async def now(self) -> datetime:
        return self._now()

    async def close(self) -> None:
        """The memory is another's."""

    async def _run_inline(self, work: Any, args: Any, kwargs: Any, *, may_lose: bool) -> Any:
        await self._travel()
        lost = may_lose and not self.calm and self._loop.random.random() < 0.02
        try:
            with self._memory.engine.begin() as connection:
                connection.info[LINES] = []
                answer = work(connection, *args, **kwargs)
                refuse_unseen(connection)
                if self.journal is not None:
                    self.journal.append(connection.info[LINES])
        except Exception as error:
            forget_unseen(connection)
            self._say(f"{work.__name__}: {type(error).__name__}")
            raise
        self._say(f"{work.__name__}{' lost' if lost else ''}")
        await self._travel()
        if lost:
            raise Unanswered(answer, Mark(1, self._now()))
        return answer

    async def _committed(self, mark: Mark) -> bool:
        await self._travel()
        return bool(mark.number)

    async def _travel(self) -> None:
        chance = self._loop.random
        await asyncio.sleep(chance.uniform(0.001, 0.005))
        if not self.calm and chance.random() < 0.1:
            await asyncio.sleep(chance.uniform(2, 20))
        if self._loop.time() < self.frozen_until:
            await asyncio.sleep(self.frozen_until - self._loop.time())
        if self.dead:
            await self._loop.create_future()
