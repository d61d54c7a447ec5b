"""Hours of the day in a place: when removals may run, when a chat wants quiet."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


@dataclass(frozen=True, slots=True)
class DailyHours:
    """From `start` up to, not including, `end`, by the local time of `zone`.

    `end` before `start` is a window over midnight; if both are equal, it is the whole day. Raises: ValueError: the zone
    is unknown.
    """

    start: time
    end: time
    zone: str = "UTC"

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as fault:
            raise ValueError(f"unknown time zone {self.zone!r}") from fault

    @classmethod
    def parse(cls, text: str, zone: str = "UTC") -> DailyHours:
        """Read `09:00-22:00`; `24:00` is midnight.

        Raises:
            ValueError: not two times of day, or the zone is unknown.
        """
        match = re.fullmatch(r"\s*([0-9]{1,2}):([0-9]{2})\s*[-–—]\s*([0-9]{1,2}):([0-9]{2})\s*", text)
        if match is None:
            raise ValueError("hours look like 09:00-22:00")
        h1, m1, h2, m2 = (int(part) for part in match.groups())
        return cls(time(h1, m1), time(0, 0) if (h2, m2) == (24, 0) else time(h2, m2), zone)

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"

    def contain(self, now: datetime) -> bool:
        """Is `now` (aware) within the hours?"""
        here = now.astimezone(ZoneInfo(self.zone)).time().replace(tzinfo=None)
        if self.start == self.end:
            return True
        if self.start < self.end:
            return self.start <= here < self.end
        return here >= self.start or here < self.end

    def next_start(self, now: datetime) -> datetime:
        """The first moment from `now` on that is within the hours, in UTC."""
        return now.astimezone(UTC) if self.contain(now) else self._next(now, self.start)

    def next_end(self, now: datetime) -> datetime | None:
        """When the hours that hold at `now` end, in UTC; None when they never do. `now` must be within them."""
        return None if self.start == self.end else self._next(now, self.end)

    def _next(self, now: datetime, at: time) -> datetime:
        zone = ZoneInfo(self.zone)
        today = now.astimezone(zone).date()
        days = (datetime.combine(today + timedelta(days=ahead), at, zone).astimezone(UTC) for ahead in (0, 1, 2))
        return next(moment for moment in days if moment > now)
