"""The circuit breaker, and pauses that the upstream asks for.

Three columns, of a team, of one of its endpoints or of a source, hold it, so that all processes share it. Closed:
`opened` is 0. Open: no call until `paused_until`. After that one caller at a time has a trial call, which closes the
breaker or opens it for twice as long.

Whose pause it is that runs is told by `opened`: while it is 0, the upstream has asked for it, and only time ends it;
else it is the breaker's, and a success ends it. So a rate limit closes the breaker (the upstream answers again), and no
breaker opens while a rest runs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import isnan
from typing import Final

from core.team_settings import HealthSettings

FAILURES_TO_OPEN: Final = 3
TRIAL: Final = timedelta(seconds=60)
"""How long a trial call may take before another caller may try: longer than any call's time-out."""
DEFAULT_PAUSE: Final = 60.0
"""Seconds to wait after a rate limit that names no time."""
LONGEST_PAUSE: Final = 86_400.0
"""Seconds; a longer pause than a day is taken for a mistake."""


@dataclass(frozen=True, slots=True)
class Breaker:
    """`failures` in a row, `opened` so many times since the last success."""

    failures: int = 0
    opened: int = 0
    paused_until: datetime | None = None


def ask(breaker: Breaker, now: datetime) -> tuple[Breaker, datetime | None]:
    """May a call go out at `now`? The second part is None for yes, else the moment to ask again.

    A yes may come with a changed breaker: then the caller has the trial call, and stores the change by an update
    that matches the old values before it calls. Who fails to store it has been overtaken and asks again.
    """
    if breaker.paused_until is not None and breaker.paused_until > now:
        return breaker, breaker.paused_until
    if breaker.opened == 0:
        return breaker, None
    return replace(breaker, paused_until=now + TRIAL), None


def after_success(breaker: Breaker) -> Breaker:
    """A call worked. A pause that the upstream asked for stays."""
    return Breaker(paused_until=breaker.paused_until if breaker.opened == 0 else None)


def after_failure(breaker: Breaker, opened_when_asked: int, now: datetime, limits: HealthSettings) -> Breaker:
    """A call failed: the breaker opens when too many have failed in a row, and again with each failed trial.

    `opened_when_asked` is what the caller saw before its call. If the breaker has opened since, this failure is a late
    one of the same trouble: twenty calls that fail at once must not double the pause twenty times. During a rest that
    the upstream asked for it is counted and opens nothing: the next failure after the rest does.
    """
    if breaker.opened != opened_when_asked:
        return breaker
    failures = breaker.failures + 1
    resting = breaker.opened == 0 and breaker.paused_until is not None and breaker.paused_until > now
    if resting or (breaker.opened == 0 and failures < FAILURES_TO_OPEN):
        return replace(breaker, failures=failures)
    seconds = min(limits.longest_breaker_pause, limits.breaker_pause * (1 << min(breaker.opened, 20)))
    return Breaker(failures, breaker.opened + 1, _later(breaker.paused_until, now + timedelta(seconds=seconds), now))


def after_rate_limit(breaker: Breaker, now: datetime, retry_after: float | None) -> Breaker:
    """The upstream asked for a pause: nothing goes out until it ends; a longer one that it asked for before stays.

    The breaker is closed, and opens with the next failure if enough have come before.
    """
    running = breaker.paused_until if breaker.opened == 0 else None
    return Breaker(breaker.failures, 0, _later(running, pause_until(now, retry_after), now))


def pause_until(now: datetime, retry_after: float | None) -> datetime:
    """When calls may go out again; `retry_after` in seconds as the upstream stated it, None when it did not."""
    if retry_after is None or isnan(retry_after):
        retry_after = DEFAULT_PAUSE
    return now + timedelta(seconds=min(max(retry_after, 0.0), LONGEST_PAUSE))


def _later(running: datetime | None, wanted: datetime, now: datetime) -> datetime:
    # The trial's own time-out is no pause that anybody asked for, but it never outlasts the pause after it by much.
    return wanted if running is None or running <= now else max(running, wanted)
