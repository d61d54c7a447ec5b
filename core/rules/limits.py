"""Limits on attempts and on guessing, over the columns of one row per identity and purpose.

Each count is claimed *before* what it guards, so that neither parallel requests nor a crash give free guesses; a guess
that proves right is given back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Limit:
    """`most` within `window`; reaching it by guesses locks for `lock`, doubled each time up to `longest_lock`."""

    most: int = 5
    window: timedelta = timedelta(seconds=300)
    lock: timedelta = timedelta(minutes=15)
    longest_lock: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Tries:
    """What is kept of one identity. `locks` counts the lock-outs that still count."""

    window_started_at: datetime | None = None
    count: int = 0
    locked_until: datetime | None = None
    locks: int = 0


def refusal_until(row: Tries, now: datetime, limit: Limit) -> datetime | None:
    """Until when this identity may not try; None when it may try now."""
    if row.locked_until is not None and row.locked_until > now:
        return row.locked_until
    if row.window_started_at is None or row.count < limit.most:
        return None
    ends = row.window_started_at + limit.window
    return ends if ends > now else None


def after_attempt(row: Tries, now: datetime, limit: Limit) -> Tries:
    """The row with one more attempt. A message is one attempt, however many codes it holds."""
    if row.window_started_at is None or row.window_started_at + limit.window <= now:
        return replace(row, window_started_at=now, count=1)
    return replace(row, count=row.count + 1)


def after_guess(row: Tries, now: datetime, limit: Limit) -> Tries:
    """The row, which already counts this guess, after the guess proved wrong: locked if it was the last one allowed.

    Mistyped codes are no guesses: their check symbol refuses them without any look-up.
    """
    if row.count < limit.most or (row.locked_until is not None and row.locked_until > now):
        return row
    locks = locks_remembered(row.locks, row.locked_until, now, limit)
    return Tries(now, 0, now + lock_length(locks, limit), locks + 1)


def lock_length(earlier: int, limit: Limit) -> timedelta:
    """How long the next lock-out lasts after so many earlier ones: the first length, doubled for each."""
    # An unbounded power would overflow a timedelta; twenty doublings of a second are twelve days.
    return min(limit.longest_lock, limit.lock * (1 << min(earlier, 20)))


def locks_remembered(locks: int, locked_until: datetime | None, now: datetime, limit: Limit) -> int:
    """Lock-outs that still count: each quiet `longest_lock` since the last one ended forgets one of them."""
    if locked_until is None or limit.longest_lock <= timedelta(0):
        return locks
    return max(0, locks - max(timedelta(0), now - locked_until) // limit.longest_lock)
