"""Which statements of this process took too long, for the check that tells staff."""

from __future__ import annotations

import time
from collections import deque
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy import event

log = structlog.get_logger(__name__)


class SlowStatements:
    """Remembers how long the last hundred slow ones took. `limit` is in seconds; bulk inserts do not count."""

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self._seconds: deque[float] = deque(maxlen=100)

    def watch(self, engine: sa.Engine) -> None:
        """Time every statement of an engine from now on."""

        @event.listens_for(engine, "before_cursor_execute")
        def begin(connection: sa.Connection, *_: Any) -> None:
            connection.info["statement_began"] = time.monotonic()

        @event.listens_for(engine, "after_cursor_execute")
        def end(connection: sa.Connection, _: Any, statement: str, __: Any, ___: Any, many: bool) -> None:
            seconds = time.monotonic() - connection.info["statement_began"]
            if seconds > self.limit and not many:
                self._seconds.append(seconds)
                log.warning("slow_statement", seconds=round(seconds, 2), statement=statement[:200])

    def take(self) -> list[float]:
        """The seconds of those since the last call."""
        taken = list(self._seconds)
        self._seconds.clear()
        return taken
