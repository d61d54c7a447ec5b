"""The one place that reads a clock.

Decisions compare against the *database's* time, so that a worker whose wall clock jumps decides nothing
differently: a `Clock` is set once by the database (and again every few minutes) and advanced by the
monotonic clock in between.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


class Clock:
    """UTC now, in steps of a microsecond."""

    def __init__(self) -> None:
        self._base = datetime.fromtimestamp(time.time(), UTC)
        self._since = time.monotonic()

    def now(self) -> datetime:
        return self._base + timedelta(seconds=time.monotonic() - self._since)

    def set(self, moment: datetime) -> None:
        """Take over the database's time."""
        self._base, self._since = moment, time.monotonic()

    def skew(self, moment: datetime) -> timedelta:
        """How far this machine's wall clock is ahead of `moment`; an alert's business, nobody else's."""
        return datetime.fromtimestamp(time.time(), UTC) - moment


class MovedClock(Clock):
    """A clock that stands still until it is moved by hand: a year passes in a test's second."""

    def __init__(self, start: datetime) -> None:
        super().__init__()
        self._now = start

    def now(self) -> datetime:
        return self._now

    def set(self, moment: datetime) -> None:
        """The hand is the only authority; the database's time is ignored."""

    def move(self, **by: float) -> datetime:
        """Move by a `timedelta(**by)`."""
        self._now += timedelta(**by)
        return self._now
