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
        self._trusted = self._base, self._since
        self._jumped: datetime | None = None

    def now(self) -> datetime:
        return self._base + timedelta(seconds=time.monotonic() - self._since)

    def set(self, moment: datetime) -> None:
        """Take over the database's time."""
        self._base, self._since = moment, time.monotonic()

    def set_ago(self) -> timedelta:
        """How long ago `set` was called last, by the monotonic clock."""
        return timedelta(seconds=time.monotonic() - self._since)

    def seen(self, moment: datetime) -> datetime:
        """What `set` would make of the database's time."""
        return moment

    def jumped(self, at: datetime | None) -> None:
        """The time jumped, last of all at `at`."""
        self._jumped = at

    def at_latest(self, moment: datetime) -> datetime:
        """The latest that `moment` can have been. How long ago something was before the time jumped nobody knows."""
        return moment if self._jumped is None else max(moment, self._jumped)

    def skew(self, moment: datetime) -> timedelta:
        """How far this machine's wall clock is ahead of `moment`; an alert's business, nobody else's."""
        return datetime.fromtimestamp(time.time(), UTC) - moment

    def trust(self) -> None:
        """The present time is believed: `drift` counts from here."""
        self._trusted = self.now(), time.monotonic()

    def trusted_for(self) -> timedelta:
        """How long ago that was, by the monotonic clock."""
        return timedelta(seconds=time.monotonic() - self._trusted[1])

    def drift(self) -> timedelta:
        """How far this clock has moved against the monotonic one since it was last trusted: the sum of its steps.

        Where the database's clock is this machine's own, comparing the two says nothing, and this is all there is.
        """
        base, since = self._trusted
        return self.now() - base - timedelta(seconds=time.monotonic() - since)


class SteppedClock(Clock):
    """A clock whose source can be set wrong by hand, as an operator or a time server sets a machine's."""

    def __init__(self) -> None:
        super().__init__()
        self._off = timedelta(0)

    def step(self, **by: float) -> None:
        """From now on the source is wrong by a `timedelta(**by)` more; this clock notices when it is next set."""
        self._off += timedelta(**by)

    def seen(self, moment: datetime) -> datetime:
        return moment + self._off

    def set(self, moment: datetime) -> None:
        super().set(moment + self._off)


class MovedClock(Clock):
    """A clock that stands still until it is moved by hand: a year passes in a test's second."""

    def __init__(self, start: datetime) -> None:
        super().__init__()
        self._now = start

    def now(self) -> datetime:
        return self._now

    def set(self, moment: datetime) -> None:
        """The hand is the only authority; the database's time is ignored."""

    def jumped(self, at: datetime | None) -> None:
        """Moved by hand, a jump is time that has passed."""

    def seen(self, moment: datetime) -> datetime:  # noqa: ARG002 - the hand alone moves it
        return self._now

    def drift(self) -> timedelta:
        """A clock that is moved by hand is always right."""
        return timedelta(0)

    def move(self, **by: float) -> datetime:
        """Move by a `timedelta(**by)`."""
        self._now += timedelta(**by)
        return self._now
