"""Which statements of this process took too long, for the check that tells staff; and who else watches statements."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy import event

log = structlog.get_logger(__name__)


class SlowStatements:
    """Remembers how long the last hundred slow ones took. `limit` is in seconds; bulk inserts do not count."""

    KEY = "slow_statements"
    """The key under which a connection's `info` holds its watcher."""

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self.before: Callable[[str], None] | None = None
        """Called with every statement before it is made, and with COMMIT before that: a race is made by halting here."""
        self._seconds: deque[float] = deque(maxlen=100)

    def watch(self, engine: sa.Engine) -> None:
        """Time every statement of an engine from now on. Code that bypasses its execution calls `note`."""

        @event.listens_for(engine, "connect")
        def connect(_: Any, record: Any) -> None:
            record.info[self.KEY] = self

        @event.listens_for(engine, "before_cursor_execute")
        def begin(connection: sa.Connection, _: Any, statement: str, *__: Any) -> None:
            if self.before is not None:
                self.before(statement)
            connection.info["statement_began"] = time.monotonic()

        @event.listens_for(engine, "after_cursor_execute")
        def end(connection: sa.Connection, _: Any, statement: str, __: Any, ___: Any, many: bool) -> None:
            if not many:
                self.note(statement, time.monotonic() - connection.info["statement_began"])

        @event.listens_for(engine, "commit")
        def commit(_: sa.Connection) -> None:
            if self.before is not None:
                self.before("COMMIT")

    def note(self, statement: str, seconds: float) -> None:
        """A statement has taken this many seconds."""
        if seconds > self.limit:
            self._seconds.append(seconds)
            log.warning("slow_statement", seconds=round(seconds, 2), statement=statement[:200])

    def take(self) -> list[float]:
        """The seconds of those since the last call."""
        taken = list(self._seconds)
        self._seconds.clear()
        return taken
