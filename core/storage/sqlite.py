"""One SQLite file: one thread writes, a few read.

A unit runs whole in its thread. An asynchronous driver changes threads at every statement instead, and reaching
SQLAlchemy's asynchronous engine imports its object mapper, a tenth of what starting a command costs.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy import event

from core.errors import DatabaseGone
from core.storage.journal import LINES, Journal
from core.storage.row_claims import forget_unseen, refuse_unseen
from core.storage.slow_statements import SlowStatements

T = TypeVar("T")

TOGETHER = 64
"""Most units committed as one on SQLite; measured, more gained nothing, and each unit waits for all."""

READERS = 4
"""Units that read at the same time, each on its own connection."""

WRITER = "sqlite-writer"
"""The name of the one thread that writes."""


class TransactionGone(OSError):
    """SQLite ended the whole transaction, as on a full disk: nothing of it was kept, and each unit may run again."""


class SqliteFile:
    """Runs units on the file that `url` names."""

    def __init__(self, url: sa.URL, lock_timeout: float, slow: SlowStatements, journal: Journal | None = None) -> None:
        url = url.set(drivername="sqlite+pysqlite")
        self._place = _Place(url)
        self._writer = _Writer(url, lock_timeout, slow, self._place, journal)
        self._engine = sa.create_engine(
            url,
            poolclass=sa.QueuePool,
            pool_size=READERS,
            max_overflow=0,
            hide_parameters=True,
            connect_args={"check_same_thread": False},
        )
        _set_up(self._engine, "BEGIN", lock_timeout)
        slow.watch(self._engine)
        self._readers = ThreadPoolExecutor(READERS, "sqlite-reader")

    async def write(self, work: Callable[..., T], args: Any, kwargs: Any) -> T:
        """Run one unit and commit it. A unit that has started ends even if its caller is cancelled."""
        answer: T = await asyncio.wrap_future(self._writer.submit(_as_here(work), args, kwargs))
        return answer

    async def read(self, work: Callable[..., T], args: Any, kwargs: Any) -> T:
        """Run one unit that writes nothing."""
        return await asyncio.wrap_future(self._readers.submit(self._read, _as_here(work), args, kwargs))

    def connections(self) -> dict[str, int]:
        """How many of the readers' connections are in use, and how many lie idle. The writer's own is not counted."""
        pool = cast("sa.QueuePool", self._engine.pool)
        return {"used": pool.checkedout(), "idle": pool.checkedin()}

    async def close(self) -> None:
        """Wait for the units under way and close the file."""
        await asyncio.to_thread(self._close)

    def _read(self, work: Callable[..., T], args: Any, kwargs: Any) -> T:
        with self._engine.connect() as connection:
            self._place.refuse_if_gone()
            return work(connection, *args, **kwargs)

    def _close(self) -> None:
        self._writer.close()
        self._readers.shutdown()
        self._engine.dispose()


class _Place:
    """Whether the open file is still the one at the place where it was opened.

    A file that was deleted or replaced goes on working for whoever has it open, and everything written to it is lost
    with the process. A look costs two microseconds.
    """

    def __init__(self, url: sa.URL) -> None:
        name = (url.database or "").split("?")[0]
        self._file = None if name in {"", ":memory:"} or name.startswith("file:") else Path(name)
        self._log = Path(f"{name}-wal")
        self._known: tuple[int, int] | None = None

    def refuse_if_gone(self, *, written: bool = False) -> None:
        """Raises: DatabaseGone. The first look remembers the file; `written` also looks at the log of writes."""
        if self._file is None:
            return
        try:
            found = self._file.stat()
            if written:
                self._log.stat()
        except FileNotFoundError:
            raise DatabaseGone(file=str(self._file)) from None
        if self._known is None:
            self._known = (found.st_dev, found.st_ino)
        elif self._known != (found.st_dev, found.st_ino):
            raise DatabaseGone(file=str(self._file))


class _Writer:
    """The one thread that writes."""

    def __init__(
        self, url: sa.URL, lock_timeout: float, slow: SlowStatements, place: _Place, journal: Journal | None
    ) -> None:
        self._place = place
        self._journal = journal
        self._engine = sa.create_engine(
            url,
            poolclass=sa.StaticPool,
            hide_parameters=True,
            connect_args={"check_same_thread": False},
        )
        _set_up(self._engine, "BEGIN IMMEDIATE", lock_timeout)
        slow.watch(self._engine)
        self._waiting: deque[tuple[Any, Any, Any, Future[Any]]] = deque()
        self._wake = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._serve, name=WRITER, daemon=True)
        self._thread.start()

    def submit(self, work: Any, args: Any, kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        with self._wake:
            if self._closing:
                raise RuntimeError("the database is closed")
            self._waiting.append((work, args, kwargs, future))
            self._wake.notify()
        return future

    def close(self) -> None:
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join()
        self._engine.dispose()

    def _serve(self) -> None:
        while True:
            with self._wake:
                while not self._waiting and not self._closing:
                    self._wake.wait()
                if not self._waiting:
                    return
                taken = [self._waiting.popleft() for _ in range(min(TOGETHER, len(self._waiting)))]
            # Whose caller is gone by now is not begun. From here on none can be cancelled: no unit is cut in half.
            for _, _, _, future in taken:
                future.set_running_or_notify_cancel()
            self._commit_together([unit for unit in taken if not unit[3].cancelled()])

    def _commit_together(self, units: list[tuple[Any, Any, Any, Future[Any]]]) -> None:
        results: list[tuple[Future[Any], Any, BaseException | None]] = []
        try:
            with self._engine.begin() as connection:
                self._place.refuse_if_gone()
                driver: Any = connection.connection.driver_connection
                lines: list[Any] = []
                if self._journal is not None:
                    connection.info[LINES] = lines
                for work, args, kwargs, future in units:
                    noted = len(lines)
                    driver.execute("SAVEPOINT unit")
                    try:
                        answer = work(connection, *args, **kwargs)
                        refuse_unseen(connection)
                        results.append((future, answer, None))
                    except BaseException as error:
                        forget_unseen(connection)
                        if not driver.in_transaction:
                            raise TransactionGone from error
                        driver.execute("ROLLBACK TO unit")
                        del lines[noted:]
                        results.append((future, None, error))
                    driver.execute("RELEASE unit")
                if self._journal is not None:
                    self._journal.append(lines)
            self._place.refuse_if_gone(written=True)
        except BaseException as error:  # noqa: BLE001 - the commit failed: every caller has to know
            # A savepoint that the driver refused says the same as a transaction that is over.
            gone = TransactionGone(str(error)) if isinstance(error, sqlite3.Error) else error
            for *_, future in units:
                future.set_exception(gone)
            return
        for future, result, failure in results:
            if failure is not None:
                future.set_exception(failure)
            else:
                future.set_result(result)


def _as_here(work: Callable[..., T]) -> Callable[..., T]:
    """`work` for another thread, so that its log lines carry the ids of whoever asked for it."""
    return partial(copy_context().run, work)


def _set_up(engine: sa.Engine, begin: str, lock_timeout: float) -> None:
    @event.listens_for(engine, "connect")
    def connect(dbapi: Any, _: Any) -> None:
        dbapi.isolation_level = None  # SQLAlchemy, not the driver, says BEGIN
        cursor = dbapi.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",  # an answered redemption survives a power cut
            f"busy_timeout={int(lock_timeout * 1000)}",
            "foreign_keys=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)
