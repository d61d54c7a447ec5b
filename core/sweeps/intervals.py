"""How often each sweep runs, and when one is late by that: one rule for whoever looks and for the alert."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from core.credit import sweep as credit
from core.jobs import sweep as bulk
from core.sweeps import daily
from core.sync import strangers_sweep as unauthorised
from core.upkeep import backups, folding, retention

if TYPE_CHECKING:
    from core.settings import Settings

Interval: TypeAlias = "Callable[[Settings], float]"
"""Seconds from one start to the next."""

FORGETTING: Final = 60.0
"""Seconds from the end of a seat to the erasing of what was kept for it."""

EVERY: Final[Mapping[str, Interval]] = {
    "recovery": lambda settings: settings.sweeps.recovery,
    "sync": lambda settings: min(5.0, settings.sync.interval / 10),
    "expiry": lambda settings: settings.leases.expiry_interval,
    "transfers": lambda settings: settings.transfers.interval,
    "abnormal": lambda settings: settings.transfers.abnormal_interval,
    "waitlist": lambda settings: settings.waitlist.interval,
    "health": lambda settings: settings.sync.interval,
    "alerts": lambda settings: settings.alerts.interval,
    "jobs": lambda _: bulk.INTERVAL,
    "unauthorised": unauthorised.interval,
    "retention": lambda _: retention.INTERVAL,
    "forgetting": lambda _: FORGETTING,
    "calls": lambda settings: settings.sweeps.recovery,
    "answers": lambda _: retention.INTERVAL,
    "conversations": lambda _: retention.INTERVAL,
    "credit": lambda _: credit.INTERVAL,
    "sources": lambda settings: settings.sources.check_interval / 4,
    "subaccounts": lambda settings: settings.sweeps.recovery,
    "backup": lambda _: backups.INTERVAL,
    "report": lambda _: daily.INTERVAL,
    "folding": lambda _: folding.INTERVAL,
}
LONGEST: Final[Mapping[str, Interval]] = {"unauthorised": unauthorised.longest}
"""The most that an interval gives, where chance has a part in it."""

LEAST_LATE = timedelta(seconds=60)
MOST_LATE = timedelta(hours=1)
WITHOUT_ROUNDS = timedelta(minutes=5)


def patience(name: str, settings: Settings) -> timedelta:
    """How long after its due time a sweep counts as late: as long again as lies between two of its rounds, and no less
    than a minute (a start or a busy database takes that) nor more than an hour.

    For what has no rounds, such as fetching messages, it is five minutes.
    """
    interval = LONGEST.get(name) or EVERY.get(name)
    if interval is None:
        return WITHOUT_ROUNDS
    return min(MOST_LATE, max(LEAST_LATE, timedelta(seconds=interval(settings))))


def is_late(row: Any, settings: Settings, now: datetime) -> bool:
    """Should the sweep of this row of `sweeps` have run by now?

    One that nobody runs is late after its `patience`; a round under way may be a long one, and is late after an hour.
    Whoever died in a round leaves it to the next process, which has the same time for it.
    """
    if row.paused:
        return False
    claimed_until = row.claimed_until if row.claim is not None else None
    if claimed_until is not None and claimed_until > now:
        return bool(row.due_at + MOST_LATE < now)
    waits_since = row.due_at if claimed_until is None else max(row.due_at, claimed_until)
    return bool(waits_since + patience(row.name, settings) < now)
