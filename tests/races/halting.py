"""One process is halted before a statement of its own while another one goes on; nothing here waits for a time to pass.

The storage layer calls `before` with every statement. On PostgreSQL that is inside a greenlet of the loop, which waits
without stopping anybody; on SQLite it is the thread that writes or one that reads.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.util import await_only

from core.storage.database import Database


class Gate:
    """Counts the statements of one process, and closes before the one numbered `at`, or the first that holds `words`.

    Whoever comes waits until `open`.
    """

    def __init__(self, database: Database, at: int | None = None, words: str | None = None) -> None:
        self.statements: list[str] = []
        self.at = at
        self.words = words
        self.reached = asyncio.Event()
        self._database = database
        self._loop = asyncio.get_running_loop()
        self._opened = asyncio.Event()
        self._opened_in_thread = threading.Event()
        self._closed = False
        self._inside = False
        database.slow_statements.before = self._before

    def open(self) -> None:
        """Let everybody through, from now on."""
        self._closed = False
        self.at = self.words = None
        self._opened.set()
        self._opened_in_thread.set()

    def leave(self) -> None:
        """Watch no longer."""
        self.open()
        self._database.slow_statements.before = None

    @property
    def inside(self) -> bool:
        """Whether it halts in a transaction of SQLite that writes, so that nobody else may begin one."""
        return self._inside

    def _before(self, text: str) -> None:
        self.statements.append(text)
        numbered = self.at is not None and len(self.statements) > self.at
        if numbered or (self.words is not None and self.words in text):
            self._closed = True
        if not self._closed:
            if text == "COMMIT" or text.startswith("BEGIN IMMEDIATE"):
                self._inside = text != "COMMIT"
            return
        if self._database.is_sqlite:
            self._loop.call_soon_threadsafe(self.reached.set)
            self._opened_in_thread.wait()
        else:
            self.reached.set()
            await_only(self._opened.wait())


def is_beginning(statements: Sequence[str]) -> bool:
    """Whether the last one asks SQLite for the right to write."""
    return bool(statements) and statements[-1].startswith("BEGIN IMMEDIATE")


async def first_of(*waiting: asyncio.Task[Any]) -> None:
    """Return when one of them has ended."""
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)


async def until_done_or_blocked(doing: asyncio.Task[Any], is_blocked: Callable[[], Awaitable[bool]]) -> bool:
    """True if the task has come to its end, False if it waits for what the halted one holds."""
    while True:
        await asyncio.wait([doing], timeout=0.005)
        if doing.done():
            return True
        if await is_blocked():
            return False


async def waits_for_a_lock(monitor: AsyncConnection) -> bool:
    """Whether anybody in this PostgreSQL database waits for a transaction that is idle, which only a halted one is."""
    waiting = await monitor.execute(
        sa.text(
            "SELECT count(*) FROM pg_stat_activity AS w WHERE w.datname = current_database()"
            " AND w.wait_event_type = 'Lock' AND EXISTS (SELECT 1 FROM pg_stat_activity AS h"
            " WHERE h.pid = ANY (pg_blocking_pids(w.pid)) AND h.state LIKE 'idle in transaction%')"
        )
    )
    return bool(waiting.scalar_one())
