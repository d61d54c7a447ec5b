"""A PostgreSQL database: every unit is one transaction on a pooled asyncpg connection.

Units are synchronous and asyncpg is not; SQLAlchemy joins the two with greenlets. They are used here as its own
asynchronous engine uses them, but one for a whole unit instead of one for each step: that takes a sixth less CPU for a
short unit, and the object mapper, which that engine imports, is not loaded.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

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
"""Beginnings of the states with which a COMMIT was certainly refused."""

_IN_THE_FUTURE = "22023"
"""The state that answers a question about a number that no transaction has had yet."""

FAREWELL = 5.0
"""Seconds: a unit whose caller has gone takes some hundredths, and a stop takes ten at most."""


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
        self._under_way: set[asyncio.Future[Any]] = set()
        # A pooler takes no time limits: there the user has them (`migrate.give_time_limits`).
        limits = {} if is_pooled(url) else time_limits(lock_timeout)
        url, arguments = for_driver(url)
        self._engine = sa.create_engine(
            url,
            pool_size=connections,
            max_overflow=0,
            pool_timeout=lock_timeout,
            pool_pre_ping=False,
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
        """Run one unit and commit it. A unit that has started ends even if its caller is cancelled."""
        run = self._autocommit if is_autocommit(work) else self._write
        unit = asyncio.ensure_future(greenlet_spawn(run, work, args, kwargs))
        # Where its caller has gone, nobody is left to hear how it ended.
        unit.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._under_way.add(unit)
        unit.add_done_callback(self._under_way.discard)
        return await asyncio.shield(unit)

    async def read(self, work: Callable[..., T], args: Any, kwargs: Any) -> T:
        """Run one unit that changes nothing. Each statement is a transaction of its own, and one round trip."""
        return await greenlet_spawn(self._read, work, args, kwargs)

    async def committed(self, mark: Mark) -> bool | None:
        """Whether the transaction of an `Unanswered` is committed; None while it is undecided, or if it is forgotten.

        Raises: Crashed where the number may belong to another transaction.
        """
        return await greenlet_spawn(self._committed, mark)

    def connections(self) -> dict[str, int]:
        """How many are in use, and how many lie idle."""
        pool = cast("sa.QueuePool", self._engine.pool)
        return {"used": pool.checkedout(), "idle": pool.checkedin()}

    async def close(self) -> None:
        """Wait a little for the units under way, and close the idle connections; the others close when given back."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=FAREWELL)
        await greenlet_spawn(self._engine.dispose)

    def _write(self, work: Callable[..., T], args: Any, kwargs: Any) -> T:
        with self._engine.connect() as connection, connection.begin() as transaction:
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

    def _autocommit(self, work: Callable[..., T], args: Any, kwargs: Any) -> T:
        # Its begin and commit are told to whoever watches, and are no statements.
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection, connection.begin():
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

    def _committed(self, mark: Mark) -> bool | None:
        with self._engine.connect() as connection:
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

    def _read(self, work: Callable[..., T], args: Any, kwargs: Any) -> T:
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            return work(connection, *args, **kwargs)


_COUNTING_SINCE: Final = sa.select(sa.column("stats_reset", sa.DateTime(timezone=True))).select_from(
    sa.table("pg_stat_bgwriter")
)
"""Since when the server has kept its statistics: it loses them in each crash, also one that only its postmaster
survives, and keeps them when it is stopped in order. Everybody may read this; somebody who resets the statistics makes
us doubt for nothing.
"""


_TRANSACTION: Final = Prepared(sa.select(sa.func.txid_current_if_assigned(), _COUNTING_SINCE.scalar_subquery()))


def _mark(connection: sa.Connection) -> Mark | None:
    """What to ask about the transaction later; None if it has written nothing."""
    number, since = _TRANSACTION.one(connection, {})
    return None if number is None else Mark(number, since)
