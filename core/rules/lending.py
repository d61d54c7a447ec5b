"""What lending an account is worth: a wallet per model group, whose cap and refill follow the accounts lent.

The numbers are those of an existing system: a cap of 2 for each account, and 0.4 an hour for a paid one, 0.012 for a
free one, each times what a full account is worth.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Share:
    """`cap` and `per_hour` in micro-credits."""

    cap: int
    per_hour: int


def share_of(paid: int, free: int, *, full: int, cap: float, refill_paid: float, refill_free: float) -> Share:
    """The wallet of whoever lends so many paid and free accounts; `full` micro-credits is one full account."""
    return Share(
        cap=round(cap * (paid + free) * full),
        per_hour=round((refill_paid * paid + refill_free * free) * full),
    )
