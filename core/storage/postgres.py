"""A PostgreSQL database: every unit is one transaction on one of a few asyncpg connections.

Units are synchronous and asyncpg is not; SQLAlchemy joins the two with greenlets. They are used here as its own
asynchronous engine uses them, but one for a unit instead of one for each step: a sixth less CPU for a short unit, and
the object mapper, which that engine imports, stays away. SQLAlchemy's pool stays away as well: what it does when a
connection is lent and given back costs as much as a short statement, and of that nothing is needed here.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.util import await_only, greenlet_spawn

from core.errors import Busy
from core.storage import later
from core.storage.commits import Crashed, Mark, Unanswered, is_autocommit, is_repeatable
from core.storage.journal import LINES, Journal
from core.storage.postgres_urls import for_driver, is_pooled, time_limits
from core.storage.prepared import Prepared
from core.storage.row_claims import forget_unseen, refuse_unseen
from core.storage.slow_statements import SlowStatements

T = TypeVar("T")

_NO = ("23", "40001", "40002", "40P01")
"""How the states begin in which a COMMIT was certainly refused."""

_IN_THE_FUTURE = "22023"
"""The state of an answer about a number that no transaction has had yet."""


class PostgresPool:
    """Runs units on the database that `url` names, at most `connections` at a time."""

    def __init__(
        self,
        url: sa.URL,
        connections: int,
        lock_timeout: float,
        slow: SlowStatements,
        journal: Journal | None = None,
    ) -> None:
        self._journal = journal
        # A pooler takes no time limits: there the user has them (`migrate.give_time_limits`).
        limits = {} if is_pooled(url) else time_limits(lock_timeout)
        url, arguments = for_driver(url)
        self._patience = lock_timeout
        self._most = connections
        self._room = asyncio.Semaphore(connections)
        self._idle: list[sa.Connection] = []
        self._used: set[sa.Connection] = set()
        self._closed = False
        self._engine = sa.create_engine(
            url,
            poolclass=sa.NullPool,
            hide_parameters=True,  # addresses have no business in the text of an error
            connect_args={
                "timeout": 10,
                **arguments,
                "server_settings": {**limits, **arguments["server_settings"]},
            },
        )
        later.watch(self._engine)
        slow.watch(self._engine)

    async def write(self, work: Callable[..., T], args: Any, kwargs: Any) -> T:
        """One unit, after its commit. A started one ends even if its caller is cancelled."""
        run = self._autocommit if is_autocommit(work) else self._write
        unit = asyncio.ensure_future(self._with_room(run, work, args, kwargs))
        # Where its caller has gone, nobody is left to hear how it ended.
        unit.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.shield(unit)

    async def read(self, work: Callable[..., T], args: Any, kwargs: Any) -> T:
        """One unit that changes nothing, each of its statements in a transaction of its own: one round trip each."""
        return await self._with_room(self._read, work, args, kwargs)

    async def committed(self, mark: Mark) -> bool | None:
        """Whether the transaction of an `Unanswered` is committed; None while it is not decided, or forgotten.

        Raises: Crashed where the number may be another transaction's.
        """
        return await self._with_room(self._read, _committed, (mark,), {})

    def connections(self) -> dict[str, int]:
        """Those in use and those that lie idle."""
        return {"used": len(self._used), "idle": len(self._idle)}

    async def close(self) -> None:
        """Close the connections that are idle; the others close when they are given back."""
        self._closed = True
        await greenlet_spawn(self._close_idle)

    async def _with_room(self, run: Callable[..., T], *unit: Any) -> T:
        """Run a unit when fewer than the most connections are in use. Raises: TimeoutError where that takes too long."""
        async with asyncio.timeout(self._patience) if self._room.locked() else contextlib.nullcontext():
            await self._room.acquire()
        try:
            return await greenlet_spawn(self._lend, run, *unit)
        finally:
            self._room.release()

    def _lend(self, run: Callable[..., T], *unit: Any) -> T:
        # The last one given back: its processor and its server know the statements best.
        connection = self._idle.pop() if self._idle else self._engine.connect()
        self._used.add(connection)
        try:
            return run(connection, *unit)
        finally:
            self._take_back(connection)

    def _take_back(self, connection: sa.Connection) -> None:
        lent_again = connection in self._used and not self._closed
        self._used.discard(connection)
        if connection.invalidated:
            connection.close()
            # What ended it has probably ended the others: the idle ones go, and those in use when they come back.
            self._used.clear()
            while self._idle:
                _drop(self._idle.pop())
        elif not lent_again:
            _drop(connection)
        else:
            if connection.in_transaction():
                connection.rollback()  # of a read: SQLAlchemy's own idea of one
            self._idle.append(connection)

    def _close_idle(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def _write(self, connection: sa.Connection, work: Callable[..., T], args: Any, kwargs: Any) -> T:
        with connection.begin() as transaction:
            lines: list[Any] = []
            about = connection.info
            if self._journal is not None:
                about[LINES] = lines
            about[later.WAITING] = later.Unsent()
            try:
                answer = work(connection, *args, **kwargs)
                later.send(connection)
                refuse_unseen(connection)
            finally:
                forget_unseen(connection)
                about.pop(later.WAITING, None)  # a connection that was lost has forgotten it
            if self._journal is not None and lines:
                await_only(asyncio.to_thread(self._journal.append, lines))
            # Asked before the commit, by those who may not run again: afterwards nobody can tell which one it was.
            mark = None if is_repeatable(work) else _mark(connection)
            try:
                transaction.commit()
            except Exception as error:
                if str(getattr(getattr(error, "orig", None), "sqlstate", None) or "").startswith(_NO):
                    raise
                raise Unanswered(answer, mark, nothing_written=mark is None and not is_repeatable(work)) from error
            return answer

    def _autocommit(self, connection: sa.Connection, work: Callable[..., T], args: Any, kwargs: Any) -> T:
        # Its begin and commit are told to whoever watches, and are no statements.
        with _each_by_itself(connection), connection.begin():
            try:
                answer = work(connection, *args, **kwargs)
                refuse_unseen(connection)
            except DBAPIError as error:
                # One that was closed before was not asked at all.
                if error.connection_invalidated and not isinstance(error, InterfaceError) and not is_repeatable(work):
                    raise Busy from error
                raise
            finally:
                forget_unseen(connection)
            return answer

    def _read(self, connection: sa.Connection, work: Callable[..., T], args: Any, kwargs: Any) -> T:
        with _each_by_itself(connection):
            return work(connection, *args, **kwargs)


@contextlib.contextmanager
def _each_by_itself(connection: sa.Connection) -> Iterator[None]:
    """Let each statement be a transaction of its own, without the rounds that SQLAlchemy makes to change that."""
    driver: Any = connection.connection.dbapi_connection
    driver.autocommit = True
    try:
        yield
    finally:
        driver.autocommit = False


def _drop(connection: sa.Connection) -> None:
    """Close a connection at once: nobody waits for a server that may be gone."""
    driver: Any = connection.connection.driver_connection
    driver.terminate()
    connection.close()


def _committed(connection: sa.Connection, mark: Mark) -> bool | None:
    crashed = connection.scalar(_COUNTING_SINCE) != mark.counting_since
    try:
        asked = sa.select(sa.func.txid_status(sa.cast(mark.number, sa.BigInteger)))
        status = connection.scalar(asked)
    except DBAPIError as error:
        if crashed and getattr(error.orig, "sqlstate", None) == _IN_THE_FUTURE:
            return False
        raise
    if crashed and status == "committed":
        raise Crashed
    return {"committed": True, "aborted": False}.get(status or "")


_COUNTING_SINCE: Final = sa.select(sa.column("stats_reset", sa.DateTime(timezone=True))).select_from(
    sa.table("pg_stat_bgwriter")
)
"""When the server last began to count: it forgets its figures in each crash, also one that only its postmaster survives,
and keeps them when it is stopped in order. Everybody may read it; whoever resets the figures makes us doubt for nothing.
"""


_TRANSACTION: Final = Prepared(sa.select(sa.func.txid_current_if_assigned(), _COUNTING_SINCE.scalar_subquery()))


def _mark(connection: sa.Connection) -> Mark | None:
    """What the transaction can be asked about by; None if it has written nothing."""
    number, since = _TRANSACTION.one(connection, {})
    return None if number is None else Mark(number, since)
