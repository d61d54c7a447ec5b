"""All sweeps: what each does, how often (`core.sweeps.intervals`), and what holds it back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
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
from core.sweeps.intervals import EVERY
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
    """`interval` gives the seconds from one start to the next; it is asked anew each time.

    `waits_for` names what holds it back (`core.holds`): whatever ends, moves, removes or forgets waits for a
    clock that has jumped, and all that acts on who has which seat for a restored database.
    """

    name: str
    interval: Callable[[Settings], float]
    body: Body
    waits_for: frozenset[str] = frozenset()


_RESTORED = frozenset({holds.RESTORED})
_CLOCK = frozenset({holds.CLOCK})
_BOTH = _CLOCK | _RESTORED

SWEEPS: tuple[Sweep, ...] = (
    Sweep("recovery", EVERY["recovery"], recovery.recover, _RESTORED),
    # Which team is read when stands on the team; the sweep only looks whose turn it is.
    Sweep("sync", EVERY["sync"], sync.read_teams, _RESTORED),
    Sweep("expiry", EVERY["expiry"], expiry.expire, _BOTH),
    Sweep("transfers", EVERY["transfers"], transfers.advance_transfers, _BOTH),
    Sweep("abnormal", EVERY["abnormal"], transfers.move_out_of_dead_teams, _BOTH),
    Sweep("waitlist", EVERY["waitlist"], waitlist.serve, _BOTH),
    Sweep("health", EVERY["health"], health.check_health),
    Sweep("alerts", EVERY["alerts"], alerts.check),
    Sweep("jobs", EVERY["jobs"], bulk.work_off, _RESTORED),
    Sweep("unauthorised", EVERY["unauthorised"], unauthorised.remove_strangers, _BOTH),
    Sweep("retention", EVERY["retention"], retention.forget, _BOTH),
    Sweep("forgetting", EVERY["forgetting"], privacy.forget_ended),
    Sweep("calls", EVERY["calls"], calls.recover),
    Sweep("answers", EVERY["answers"], calls.tidy, _CLOCK),
    Sweep("conversations", EVERY["conversations"], conversations.forget_old, _CLOCK),
    Sweep("credit", EVERY["credit"], credit.end_terms, _CLOCK),
    Sweep("sources", EVERY["sources"], sources.read_sources),
    Sweep("subaccounts", EVERY["subaccounts"], subaccounts.recover, _RESTORED),
    Sweep("backup", EVERY["backup"], backups.by_itself),
    Sweep("report", EVERY["report"], daily.report, _CLOCK),
    Sweep("folding", EVERY["folding"], folding.fold),
)


def named(name: str) -> Sweep | None:
    """The sweep of that name."""
    return next((sweep for sweep in SWEEPS if sweep.name == name), None)
