"""Limits on attempts and on guessing.

One row per identity and purpose. Its lists hold the moments inside the window and no more than the limit, so
the limits are exact, not per clock hour, and the row stays small. The functions decide; the caller locks the
row, stores what they return and commits *before* looking the code up, so that neither parallel requests nor a
crash give free guesses. A guess that proves right is taken back by `forgive_guess`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from core.errors import LockedOut, TooManyAttempts

_MOST_KEPT: Final = 64  # far above any limit, and a row stays a row


@dataclass(frozen=True, slots=True)
class GuessLimits:
    """The numbers of SPEC §3, each a setting.

    `ceiling_per_minute` is for wrong codes from everybody together. A lock-out doubles with each repetition
    up to `longest_lock`; a quiet `decay` after its end takes one doubling back.
    """

    attempts: int = 10
    attempts_window: timedelta = timedelta(hours=1)
    wrong: int = 5
    wrong_window: timedelta = timedelta(seconds=300)
    first_lock: timedelta = timedelta(minutes=15)
    longest_lock: timedelta = timedelta(hours=24)
    decay: timedelta = timedelta(hours=24)
    ceiling_per_minute: int = 60


CLAIM_LIMITS: Final = GuessLimits(
    attempts=30,
    wrong_window=timedelta(minutes=30),
    first_lock=timedelta(minutes=30),
    longest_lock=timedelta(minutes=30),
)
"""Staff sign-in: 5 failed claims lock for 30 minutes."""


@dataclass(frozen=True, slots=True)
class GuessRow:
    """What is kept of one identity. All moments are UTC, oldest first."""

    attempted_at: tuple[datetime, ...] = ()
    wrong_at: tuple[datetime, ...] = ()
    lockouts: int = 0
    locked_at: datetime | None = None
    locked_until: datetime | None = None


def refusal_until(row: GuessRow, now: datetime, limits: GuessLimits) -> datetime | None:
    """Until when this identity may not try; None when it may try now."""
    lock = row.locked_until if row.locked_until is not None and row.locked_until > now else None
    recent = _within(row.attempted_at, now, limits.attempts_window)
    full = recent[-limits.attempts] + limits.attempts_window if len(recent) >= limits.attempts else None
    ends = [moment for moment in (lock, full) if moment is not None]
    return max(ends) if ends else None


def refuse_attempt(row: GuessRow, now: datetime, limits: GuessLimits) -> None:
    """Return if this identity may try at `now`, else raise why not.

    Raises: LockedOut, TooManyAttempts (facts: until).
    """
    until = refusal_until(row, now, limits)
    if until is None:
        return
    if row.locked_until is not None and row.locked_until > now:
        raise LockedOut(until=until)
    raise TooManyAttempts(until=until)


def after_attempt(row: GuessRow, now: datetime, limits: GuessLimits) -> GuessRow:
    """The row with one more attempt. A message is one attempt, however many codes it holds."""
    recent = (*_within(row.attempted_at, now, limits.attempts_window), now)
    return replace(row, attempted_at=recent[-limits.attempts :])


def after_guess(row: GuessRow, now: datetime, limits: GuessLimits, count: int = 1) -> GuessRow:
    """The row with `count` more wrong codes, locked when that is too many.

    Mistyped codes are no guesses: their check symbol refuses them without any look-up.
    """
    recent = (*_within(row.wrong_at, now, limits.wrong_window), *((now,) * count))
    if row.locked_at is not None:
        # What led to the previous lock-out is paid for by it.
        recent = tuple(moment for moment in recent if moment > row.locked_at)
    recent = recent[-_MOST_KEPT:]
    locked = row.locked_until is not None and row.locked_until > now
    if locked or len(recent) < limits.wrong:
        return replace(row, wrong_at=recent)
    earlier = _lockouts_left(row, now, limits)
    return replace(
        row,
        wrong_at=recent,
        lockouts=earlier + 1,
        locked_at=now,
        locked_until=now + lock_length(earlier, limits),
    )


def forgive_guess(row: GuessRow, guessed_at: datetime, limits: GuessLimits, count: int = 1) -> GuessRow:
    """The row without `count` guesses counted at `guessed_at` that proved right, nor a lock-out only they caused."""
    kept = list(row.wrong_at)
    for _ in range(count):
        if guessed_at in kept:
            kept.remove(guessed_at)
    row = replace(row, wrong_at=tuple(kept))
    if row.locked_at == guessed_at and len(kept) < limits.wrong:
        # As if the lock-out had ended when it began: the decay of earlier ones counts on from here.
        return replace(row, lockouts=max(0, row.lockouts - 1), locked_at=None, locked_until=guessed_at)
    return row


def lock_length(earlier_lockouts: int, limits: GuessLimits) -> timedelta:
    """How long the next lock-out lasts after so many earlier ones: the first length, doubled for each."""
    # Twenty doublings of a second are twelve days; unlimited powers would overflow a timedelta.
    return min(limits.longest_lock, limits.first_lock * (1 << min(earlier_lockouts, 20)))


def over_ceiling(wrong_in_last_minute: int, limits: GuessLimits) -> bool:
    """Is somebody guessing on a broad front? Then a `security` alert is due."""
    return wrong_in_last_minute > limits.ceiling_per_minute


def _lockouts_left(row: GuessRow, now: datetime, limits: GuessLimits) -> int:
    if row.locked_until is None or limits.decay <= timedelta(0):
        return row.lockouts
    quiet = max(timedelta(0), now - row.locked_until)
    return max(0, row.lockouts - quiet // limits.decay)


def _within(moments: tuple[datetime, ...], now: datetime, window: timedelta) -> tuple[datetime, ...]:
    return tuple(moment for moment in moments if moment > now - window)
