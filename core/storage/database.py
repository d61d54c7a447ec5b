"""One way to read and write on both databases: a unit of work is a plain function of a `Connection`.

SQLite: units run whole in one writer thread, and the units that wait together are committed together, each in
a savepoint of its own, so that one bad unit spoils no other. PostgreSQL: every unit runs through `run_sync` on
a pooled asyncpg connection. The measurements behind this shape are in `core/decisions/0002-units-of-work.md`.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa
import structlog
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import create_async_engine

from core.errors import Busy, UsherError
from core.storage.slow_statements import SlowStatements

P = ParamSpec("P")
T = TypeVar("T")
Work = Callable[Concatenate[sa.Connection, P], T]

log = structlog.get_logger(__name__)

TOGETHER = 64
"""Most units committed as one on SQLite; more gave nothing in the measurement, and each waits for all."""

TRIES = 4
"""Runs of a unit that the database itself asked to run again (deadlock, serialization, lost connection)."""

_RUN_AGAIN = {"40001", "40P01", "55P03", "57P01", "57P02", "57P03", "53300", "08000", "08003", "08006"}


class Database:
    """Reads and writes of one process. `url` is an async SQLAlchemy URL (`sqlite+aiosqlite`, `postgresql+asyncpg`)."""

    def __init__(self, url: str, *, connections: int = 10, lock_timeout: float = 30.0, slow: float = 0.5) -> None:
        self.url = sa.make_url(url)
        self.slow_statements = SlowStatements(slow)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._lock_timeout = lock_timeout
        if self.is_sqlite:
            self.engine = create_async_engine(self.url, pool_size=4, max_overflow=0, hide_parameters=True)
            _sqlite_hooks(self.engine.sync_engine, "BEGIN", lock_timeout)
            self._writer: _SqliteWriter | None = _SqliteWriter(self.url, lock_timeout, self.slow_statements)
        else:
            milliseconds = str(int(lock_timeout * 1000))
            self.engine = create_async_engine(
                self.url,
                pool_size=connections,
                max_overflow=0,
                pool_timeout=lock_timeout,
                pool_pre_ping=False,
                hide_parameters=True,  # addresses have no business in the text of an error
                connect_args={
                    "timeout": 10,
                    "server_settings": {
                        "application_name": "usher",
                        "lock_timeout": milliseconds,
                        "statement_timeout": milliseconds,
                        "idle_in_transaction_session_timeout": milliseconds,
                        "timezone": "UTC",
                    },
                },
            )
            self._writer = None
        self.slow_statements.watch(self.engine.sync_engine)

    async def write(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run one transaction and return what `work` returned, after the commit.

        Cancelling the caller does not cut a started transaction in half. `work` may run again when the database
        asks for it or the connection is lost around the commit, so it must be idempotent by a key of its own.

        Raises: Busy when the database stays locked or away, and whatever `work` raises.
        """
        return await self._run(self._write_once, work, args, kwargs)

    async def read(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` on one snapshot and return its answer. Raises: Busy, and whatever `work` raises."""
        return await self._run(self._read_once, work, args, kwargs)

    async def now(self) -> datetime:
        """The database's clock: on SQLite that is this machine's."""
        if self.is_sqlite:
            return datetime.fromtimestamp(float(await self.read(_sqlite_now)), UTC)
        return (await self.read(_postgres_now)).astimezone(UTC)

    async def close(self) -> None:
        if self._writer is not None:
            await asyncio.to_thread(self._writer.close)
        await self.engine.dispose()

    async def _run(self, once: Any, work: Work[P, T], args: Any, kwargs: Any) -> T:
        for attempt in range(1, TRIES + 1):
            try:
                answer: T = await once(work, args, kwargs)
                return answer
            except UsherError:
                raise
            except (DBAPIError, TimeoutError, OSError, sa.exc.TimeoutError) as error:
                if not _asks_to_run_again(error):
                    raise
                log.warning("database_busy", unit=work.__name__, attempt=attempt, error=type(error).__name__)
                if attempt == TRIES:
                    raise Busy from error
                await asyncio.sleep(random.uniform(0.02, 0.1) * 2**attempt)
        raise AssertionError("unreachable")

    async def _write_once(self, work: Work[P, T], args: Any, kwargs: Any) -> T:
        if self._writer is not None:
            return await asyncio.wrap_future(self._writer.submit(work, args, kwargs))
        return await asyncio.shield(asyncio.ensure_future(self._postgres_write(work, args, kwargs)))

    async def _postgres_write(self, work: Work[P, T], args: Any, kwargs: Any) -> T:
        async with self.engine.begin() as connection:
            return await connection.run_sync(work, *args, **kwargs)

    async def _read_once(self, work: Work[P, T], args: Any, kwargs: Any) -> T:
        async with self.engine.connect() as connection:
            return await connection.run_sync(work, *args, **kwargs)


class _SqliteWriter:
    """The one thread that writes."""

    def __init__(self, url: sa.URL, lock_timeout: float, slow: SlowStatements) -> None:
        self._engine = sa.create_engine(
            url.set(drivername="sqlite+pysqlite"),
            poolclass=sa.StaticPool,
            hide_parameters=True,
            connect_args={"check_same_thread": False},
        )
        _sqlite_hooks(self._engine, "BEGIN IMMEDIATE", lock_timeout)
        slow.watch(self._engine)
        self._waiting: deque[tuple[Any, Any, Any, Future[Any]]] = deque()
        self._wake = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._serve, name="sqlite-writer", daemon=True)
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
            # A future whose caller is gone is still run: a started unit is never cut in half.
            for _, _, _, future in taken:
                future.set_running_or_notify_cancel()
            self._commit_together([unit for unit in taken if not unit[3].cancelled()])

    def _commit_together(self, units: list[tuple[Any, Any, Any, Future[Any]]]) -> None:
        results: list[tuple[Future[Any], Any, BaseException | None]] = []
        try:
            with self._engine.begin() as connection:
                driver: Any = connection.connection.driver_connection
                for work, args, kwargs, future in units:
                    driver.execute("SAVEPOINT unit")
                    try:
                        results.append((future, work(connection, *args, **kwargs), None))
                    except BaseException as error:  # noqa: BLE001 - it is the caller's, who gets it from the future
                        driver.execute("ROLLBACK TO unit")
                        results.append((future, None, error))
                    driver.execute("RELEASE unit")
        except BaseException as error:  # noqa: BLE001 - the commit failed: every caller has to know
            for *_, future in units:
                future.set_exception(error)
            return
        for future, result, failure in results:
            if failure is not None:
                future.set_exception(failure)
            else:
                future.set_result(result)


def _asks_to_run_again(error: BaseException) -> bool:
    """True when the transaction certainly or possibly did not commit and may be run again by its key."""
    if not isinstance(error, DBAPIError):
        return True
    if isinstance(error.orig, sqlite3.Error):
        return "locked" in str(error.orig) or "busy" in str(error.orig)
    if error.connection_invalidated or isinstance(error, InterfaceError):
        return True
    state = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)
    return state in _RUN_AGAIN or (isinstance(error, OperationalError) and state is None)


def _sqlite_hooks(engine: sa.Engine, begin: str, lock_timeout: float) -> None:
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


def _sqlite_now(tx: sa.Connection) -> float:
    return float(tx.exec_driver_sql("SELECT (julianday('now') - 2440587.5) * 86400.0").scalar_one())


def _postgres_now(tx: sa.Connection) -> datetime:
    moment: datetime = tx.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
    return moment


def dialect_insert(table: sa.Table, tx: sa.Connection) -> Any:
    """`INSERT` with `on_conflict_…`, in the dialect of `tx`."""
    if tx.dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as sqlite_insert

        return sqlite_insert(table)
    from sqlalchemy.dialects.postgresql import insert as postgres_insert

    return postgres_insert(table)
