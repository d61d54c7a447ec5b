"""Is a team well? Counters of failed calls, the circuit breaker, and pauses that the upstream asks for.

Being told to wait (`rate_limited`) and holding a call back ourselves (`paused`) are not failures and are never
counted here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum


class FailureKind(StrEnum):
    """What failed."""

    CALL = "call"
    """Any call but the one for the members: no answer, 5xx, an answer that cannot be read."""
    MEMBERS = "members"
    """The members call, which has a counter of its own."""
    CREDENTIAL = "credential"
    """401 or 403 for the whole team, from any call."""


class Verdict(StrEnum):
    """What follows for the team."""

    KEEP = "keep"
    CONFIRM = "confirm"
    """The credential was rejected once: make one confirming call now, and report its outcome here."""
    EXPIRE = "expire"
    """No new people until a call succeeds or a new credential comes."""
    RESTORE = "restore"
    """An expired team is well again."""


@dataclass(frozen=True, slots=True)
class HealthLimits:
    """The numbers of SPEC §4, each a setting."""

    failed_calls: int = 5
    members_failures: int = 3  # more than these within the window
    members_window: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class HealthCounters:
    """What is kept on the team's row. `members_failed_at` is UTC, oldest first, inside the window only."""

    failed_calls: int = 0
    members_failed_at: tuple[datetime, ...] = ()
    credential_rejected_at: datetime | None = None


def after_failure(
    counters: HealthCounters, kind: FailureKind, now: datetime, limits: HealthLimits
) -> tuple[HealthCounters, Verdict]:
    """The counters with one more failure, and what follows.

    A rejected credential expires the team with the second rejection in a row, which the confirming call gives
    at once: one stray 401 of an upstream must not close a team.
    """
    if kind is FailureKind.CREDENTIAL:
        confirmed = counters.credential_rejected_at is not None
        rejected_at = counters.credential_rejected_at or now
        return replace(counters, credential_rejected_at=rejected_at), Verdict.EXPIRE if confirmed else Verdict.CONFIRM
    if kind is FailureKind.MEMBERS:
        recent = (*_within(counters.members_failed_at, now, limits), now)[-(limits.members_failures + 1) :]
        counters = replace(counters, members_failed_at=recent)
    else:
        counters = replace(counters, failed_calls=counters.failed_calls + 1)
    return counters, Verdict.EXPIRE if _ill(counters, now, limits) else Verdict.KEEP


def after_success(
    counters: HealthCounters, kind: FailureKind, now: datetime, limits: HealthLimits, *, expired: bool
) -> tuple[HealthCounters, Verdict]:
    """The counters after a call that worked; `kind` is MEMBERS for the members call, else CALL.

    Any success proves the credential and ends the row of failed calls. The members counter is ended by the
    members call or by its window, so that a team whose members cannot be read stays closed although its
    other calls work.
    """
    members = () if kind is FailureKind.MEMBERS else _within(counters.members_failed_at, now, limits)
    counters = HealthCounters(members_failed_at=members)
    return counters, Verdict.RESTORE if expired and not _ill(counters, now, limits) else Verdict.KEEP


def after_new_credential(*, expired: bool) -> tuple[HealthCounters, Verdict]:
    """A new credential is a new start."""
    return HealthCounters(), Verdict.RESTORE if expired else Verdict.KEEP


def _ill(counters: HealthCounters, now: datetime, limits: HealthLimits) -> bool:
    return (
        counters.failed_calls >= limits.failed_calls
        or len(_within(counters.members_failed_at, now, limits)) > limits.members_failures
    )


def _within(moments: tuple[datetime, ...], now: datetime, limits: HealthLimits) -> tuple[datetime, ...]:
    return tuple(moment for moment in moments if moment > now - limits.members_window)
