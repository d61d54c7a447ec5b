"""Wallets that refill over time, computed when somebody looks: no timer to miss, exact after an outage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

HOUR: Final = 3_600_000_000
"""Microseconds."""


@dataclass(frozen=True, slots=True)
class Refill:
    """`amount` has come in; `at` is the moment from which the next refill counts."""

    amount: int
    at: datetime


def refilled(left: int, cap: int, per_hour: int, since: datetime, now: datetime) -> Refill:
    """What has come into a wallet since then, never above its cap, and from which moment to count the next refill.

    The moment stays back by the fraction that is no whole micro-credit yet, so looking often costs nothing. A clock
    that was set back gives nothing and takes nothing.
    """
    elapsed = (now - since) // timedelta(microseconds=1)
    room = cap - left
    if elapsed <= 0:
        return Refill(0, since)
    if room <= 0 or per_hour <= 0:
        return Refill(0, now)
    come = per_hour * elapsed // HOUR
    if come >= room:
        return Refill(room, now)
    used = -(-come * HOUR // per_hour)
    return Refill(come, since + timedelta(microseconds=used))


def above_cap(left: int, released: int, cap: int | None) -> int:
    """How much of what a call gives back no longer fits under the cap."""
    return 0 if cap is None else max(0, min(released, left + released - cap))
