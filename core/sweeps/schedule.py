"""All sweeps, each with how often it runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias

from core import holds
from core.calls import sweep as calls
from core.credit import sweep as credit
from core.jobs import sweep as bulk
from core.leases import expiry, recovery
from core.people import privacy
from core.rounds import Round
from core.settings import Settings
from core.sources import subaccount_sweep as subaccounts
from core.sources import sweep as sources
from core.sweeps import alerts, daily
from core.sync import health_sweep as health
from core.sync import strangers_sweep as unauthorised
from core.sync import sweep as sync
from core.talk import retention as conversations
from core.transfers import sweep as transfers
from core.upkeep import backups, folding, retention
from core.waitlist import sweep as waitlist

if TYPE_CHECKING:
    from core.service import Core

Body: TypeAlias = Callable[["Core"], Awaitable[Round]]
"""Does one round and says what came of it. It may be broken off at any await, and is run again."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """`interval` gives the seconds from one start to the next; it is asked anew each time. `longest` is the most that it
    gives, where chance has a part in it.

    `waits_for` names what holds it back (`core.holds`): whatever ends, moves, removes or forgets waits for a
    clock that has jumped, and all that acts on who has which seat for a restored database.
    """

    name: str
    interval: Callable[[Settings], float]
    body: Body
    waits_for: frozenset[str] = frozenset()
    longest: Callable[[Settings], float] | None = None


_RESTORED = frozenset({holds.RESTORED})
_CLOCK = frozenset({holds.CLOCK})
_BOTH = _CLOCK | _RESTORED


FORGETTING = 60.0
"""Seconds from the end of a seat to the erasing of what was kept for it."""

SWEEPS: tuple[Sweep, ...] = (
    Sweep("recovery", lambda settings: settings.sweeps.recovery, recovery.recover, _RESTORED),
    # Which team is read when stands on the team; the sweep only looks whose turn it is.
    Sweep("sync", lambda settings: min(5.0, settings.sync.interval / 10), sync.read_teams, _RESTORED),
    Sweep("expiry", lambda settings: settings.leases.expiry_interval, expiry.expire, _BOTH),
    Sweep("transfers", lambda settings: settings.transfers.interval, transfers.advance_transfers, _BOTH),
    Sweep("abnormal", lambda settings: settings.transfers.abnormal_interval, transfers.move_out_of_dead_teams, _BOTH),
    Sweep("waitlist", lambda settings: settings.waitlist.interval, waitlist.serve, _BOTH),
    Sweep("health", lambda settings: settings.sync.interval, health.check_health),
    Sweep("alerts", lambda settings: settings.alerts.interval, alerts.check),
    Sweep("jobs", lambda _: bulk.INTERVAL, bulk.work_off, _RESTORED),
    Sweep("unauthorised", unauthorised.interval, unauthorised.remove_strangers, _BOTH, unauthorised.longest),
    Sweep("retention", lambda _: retention.INTERVAL, retention.forget, _BOTH),
    Sweep("forgetting", lambda _: FORGETTING, privacy.forget_ended),
    Sweep("calls", lambda settings: settings.sweeps.recovery, calls.recover),
    Sweep("answers", lambda _: retention.INTERVAL, calls.tidy, _CLOCK),
    Sweep("conversations", lambda _: retention.INTERVAL, conversations.forget_old, _CLOCK),
    Sweep("credit", lambda _: credit.INTERVAL, credit.end_terms, _CLOCK),
    Sweep("sources", lambda settings: settings.sources.check_interval / 4, sources.read_sources),
    Sweep("subaccounts", lambda settings: settings.sweeps.recovery, subaccounts.recover, _RESTORED),
    Sweep("backup", lambda _: backups.INTERVAL, backups.by_itself),
    Sweep("report", lambda _: daily.INTERVAL, daily.report, _CLOCK),
    Sweep("folding", lambda _: folding.INTERVAL, folding.fold),
)


def named(name: str) -> Sweep | None:
    """The sweep of that name."""
    return next((sweep for sweep in SWEEPS if sweep.name == name), None)


LEAST_LATE = timedelta(seconds=60)
MOST_LATE = timedelta(hours=1)
WITHOUT_ROUNDS = timedelta(minutes=5)


def patience(name: str, settings: Settings) -> timedelta:
    """How long after its due time a sweep counts as late: as long again as lies between two of its rounds, and no less
    than a minute (a start or a busy database takes that) nor more than an hour.

    For what has no rounds, such as fetching messages, it is five minutes.
    """
    sweep = named(name)
    if sweep is None:
        return WITHOUT_ROUNDS
    seconds = (sweep.longest or sweep.interval)(settings)
    return min(MOST_LATE, max(LEAST_LATE, timedelta(seconds=seconds)))
