"""The circuit breaker of one team's endpoint, and pauses that the upstream asks for.

Kept on a row, so that all processes share it. Closed: calls go out. Open: none until `until`. Half open: one
caller has the trial call, for as long as `until` says; the rest wait for its outcome.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import isnan
from typing import Literal, TypeAlias

BreakerState: TypeAlias = Literal["closed", "open", "half_open"]


@dataclass(frozen=True, slots=True)
class BreakerLimits:
    """Opens after `failures` in a row, for `first_open` doubled with each failed trial up to `longest_open`.

    `trial` is how long one trial call may take before another caller may try. `default_pause` serves a
    rate limit that names no time; `longest_pause` caps an absurd one.
    """

    failures: int = 3
    first_open: timedelta = timedelta(seconds=15)
    longest_open: timedelta = timedelta(minutes=15)
    trial: timedelta = timedelta(seconds=60)
    default_pause: timedelta = timedelta(seconds=60)
    longest_pause: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Breaker:
    """What is kept of one team and endpoint. `openings` counts the openings since the last success."""

    state: BreakerState = "closed"
    failures: int = 0
    openings: int = 0
    until: datetime | None = None
    paused_until: datetime | None = None


def ask(breaker: Breaker, now: datetime, limits: BreakerLimits) -> tuple[Breaker, datetime | None]:
    """May a call go out at `now`? The second part is None for yes, else the moment to ask again.

    A yes from an open breaker makes the caller the one who tries: the returned breaker must be stored, by an
    update that matches the old one, before the call is made.
    """
    if breaker.paused_until is not None and breaker.paused_until > now:
        return breaker, breaker.paused_until
    if breaker.state == "closed":
        return breaker, None
    if breaker.until is not None and breaker.until > now:
        return breaker, breaker.until
    return replace(breaker, state="half_open", until=now + limits.trial), None


def closed_after_success(breaker: Breaker) -> Breaker:
    """A call worked. A pause that the upstream asked for stays."""
    return Breaker(paused_until=breaker.paused_until)


def after_failed_call(breaker: Breaker, now: datetime, limits: BreakerLimits) -> Breaker:
    """A call failed: the breaker opens with the last of too many in a row, and again after each failed trial.

    A late failure of a call that went out before the breaker opened changes nothing.
    """
    failures = breaker.failures + 1
    if breaker.state == "open":
        return breaker
    if breaker.state == "closed" and failures < limits.failures:
        return replace(breaker, failures=failures)
    length = min(limits.longest_open, limits.first_open * (1 << min(breaker.openings, 20)))
    return replace(breaker, state="open", failures=failures, openings=breaker.openings + 1, until=now + length)


def after_rate_limit(breaker: Breaker, now: datetime, retry_after: float | None, limits: BreakerLimits) -> Breaker:
    """The upstream asked for a pause: nothing goes out until it ends, and a longer pause that runs already stays."""
    until = pause_until(now, retry_after, limits)
    if breaker.paused_until is not None:
        until = max(until, breaker.paused_until)
    return replace(breaker, paused_until=until)


def pause_until(now: datetime, retry_after: float | None, limits: BreakerLimits) -> datetime:
    """When calls may go out again; `retry_after` in seconds as the upstream stated it, None when it did not."""
    if retry_after is None or isnan(retry_after):
        return now + limits.default_pause
    seconds = min(max(retry_after, 0.0), limits.longest_pause.total_seconds())
    return now + timedelta(seconds=seconds)
