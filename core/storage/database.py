"""One way to read and write on both databases: a unit of work is a plain function of a `Connection`.

SQLite: units run whole in a thread (`core.storage.sqlite`). Units that wait to write at the same time are committed
together, each in a savepoint of its own, so that one bad unit spoils no other. PostgreSQL: every unit runs on a pooled
asyncpg connection (`core.storage.postgres`). The measurements behind this are in `core/decisions/0002-units-of-
work.md`.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    NotSupportedError,
    ProgrammingError,
)

from core import telemetry
from core.errors import Busy, OutcomeUnknown, UsherError
from core.storage.commits import Crashed, Unanswered, is_repeatable
from core.storage.journal import Journal
from core.storage.postgres import PostgresPool
from core.storage.row_claims import Overtaken
from core.storage.slow_statements import SlowStatements
from core.storage.sqlite import SqliteFile

P = ParamSpec("P")
T = TypeVar("T")
Work = Callable[Concatenate[sa.Connection, P], T]

_PASSES = (
    "locked",
    "busy",
    "disk is full",
    "disk I/O error",
    "malformed",
    "not a database",
    "unable to open",
    "readonly",
)
"""SQLite's errors for a state that passes by itself, or once somebody makes room on the disk."""

log = structlog.get_logger(__name__)

TRIES = 4
"""How often a unit runs when the database itself asks to run it again (deadlock, serialization, lost connection)."""

_THE_DATABASES = ("08", "25006", "25P03", "28", "3D", "40", "53", "55000", "55P03", "57", "58", "F0", "XX")
"""Beginnings of the SQLSTATEs that are about the server and not about what the unit asked: connections, a standby that
was the leader a moment ago, a database being restored, a password being changed, deadlocks, shut-downs.
"""
_TOOK_TOO_LONG = "57014"


class Database:
    """Reads and writes of one process. `url` is an async SQLAlchemy URL (`sqlite+aiosqlite`, `postgresql+asyncpg`)."""

    def __init__(
        self,
        url: str,
        *,
        connections: int = 10,
        lock_timeout: float = 30.0,
        slow: float = 0.5,
        journal: Journal | None = None,
    ) -> None:
        self.url = sa.make_url(url)
        self.journal = journal
        self.slow_statements = SlowStatements(slow)
        self._lock_timeout = lock_timeout
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._store: SqliteFile | PostgresPool = (
            SqliteFile(self.url, lock_timeout, self.slow_statements, journal)
            if self.is_sqlite
            else PostgresPool(self.url, connections, lock_timeout, self.slow_statements, journal)
        )

    async def write(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run one transaction and return what `work` returned, after the commit.

        Cancelling the caller does not cut a started transaction in half. `work` runs again when it certainly was not
        committed: the database asked for it, or a row had changed since it was read. When the connection is lost around
        the commit, it runs again only if it is `repeatable`; otherwise the database is asked what happened. Raises:
        Busy when the database stays locked or away, OutcomeUnknown when it cannot say whether it was done, and whatever
        `work` raises.
        """
        with telemetry.timed("usher_database_seconds", kind="write"):
            return await self._run(self._store.write, work, args, kwargs)

    async def read(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work`, which writes nothing, and return its answer. Raises: Busy, and whatever `work` raises.

        Each statement sees one moment of the database; between two of them others may have committed.
        """
        with telemetry.timed("usher_database_seconds", kind="read"):
            return await self._run(self._store.read, work, args, kwargs)

    async def now(self) -> datetime:
        """The database's clock: on SQLite that is this machine's."""
        if self.is_sqlite:
            return datetime.fromtimestamp(float(await self.read(_sqlite_now)), UTC)
        return (await self.read(_postgres_now)).astimezone(UTC)

    def connections(self) -> dict[str, int]:
        """How many connections of this process are in use, and how many lie idle."""
        return self._store.connections()

    async def close(self) -> None:
        await self._store.close()
        if self.journal is not None:
            self.journal.close()

    async def _run(self, once: Any, work: Work[P, T], args: Any, kwargs: Any) -> T:
        for attempt in range(1, TRIES + 1):
            try:
                answer: T = await once(work, args, kwargs)
                return answer
            except UsherError:
                raise
            except Unanswered as lost:
                log.warning("commit_unanswered", unit=work.__name__, attempt=attempt)
                telemetry.count("usher_database_retries", reason="commit_unanswered")
                if lost.nothing_written or (not is_repeatable(work) and await self._was_committed(work, lost)):
                    return lost.answer  # type: ignore[no-any-return]  # it is what `work` returned
                if attempt == TRIES:
                    raise Busy from lost
            except Overtaken as overtaken:
                log.info("unit_overtaken", unit=work.__name__, attempt=attempt, row=str(overtaken))
                telemetry.count("usher_database_retries", reason="overtaken")
                if attempt == TRIES:
                    raise Busy from overtaken
            except (DBAPIError, TimeoutError, OSError, sa.exc.TimeoutError) as error:
                if not _asks_to_run_again(error):
                    raise
                if isinstance(error, DBAPIError) and _state(error) == _TOOK_TOO_LONG:
                    raise Busy from error
                log.warning("database_busy", unit=work.__name__, attempt=attempt, error=type(error).__name__)
                telemetry.count("usher_database_retries", reason="busy")
                if attempt == TRIES:
                    raise Busy from error
                await asyncio.sleep(random.uniform(0.02, 0.1) * 2**attempt)
        raise AssertionError("unreachable")

    async def _was_committed(self, work: Work[..., Any], lost: Unanswered) -> bool:
        """Ask the database what became of a transaction. Raises: OutcomeUnknown if it does not say in time."""
        if lost.mark is None or isinstance(self._store, SqliteFile):
            raise AssertionError("SQLite answers a commit")
        patience = self._lock_timeout
        while patience > 0:
            # The server may not have noticed yet that nobody listens.
            pause = random.uniform(0.02, 0.1)
            try:
                committed = await self._store.committed(lost.mark)
            except Crashed:
                break
            except (DBAPIError, TimeoutError, OSError, sa.exc.TimeoutError) as error:
                log.warning("database_away", unit=work.__name__, error=type(error).__name__)
                committed, pause = None, 1.0
            if committed is not None:
                return committed
            await asyncio.sleep(pause)
            patience -= pause
        raise OutcomeUnknown(about=work.__module__.split(".")[1]) from lost


def _asks_to_run_again(error: BaseException) -> bool:
    """True when the transaction was certainly, or possibly, not committed and may be run again by its key.

    Whatever is wrong with the server and not with the unit counts: a failover, a restart, a restore. Callers who wait
    for the database need not know how each of them is called.
    """
    if not isinstance(error, DBAPIError):
        return True
    if isinstance(error.orig, sqlite3.Error):
        return any(sign in str(error.orig) for sign in _PASSES)
    if error.connection_invalidated or isinstance(error, InterfaceError):
        return True
    state = _state(error)
    if state is None:
        return not isinstance(error, IntegrityError | DataError | ProgrammingError | NotSupportedError)
    return state.startswith(_THE_DATABASES)


def _state(error: DBAPIError) -> str | None:
    state: str | None = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)
    return state


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
