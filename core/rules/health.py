"""Is a team well? What failed and successful calls do to its health.

Being told to wait (`rate_limited`) and calls that we hold back ourselves (`paused`) are not failures and never count
here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from core.team_settings import HealthSettings, SyncSettings


class FailureKind(StrEnum):
    """What failed."""

    CALL = "call"
    """Any call but the one for the members: no answer, 5xx, an answer that cannot be read."""
    MEMBERS = "members"
    """The members call, which has a counter of its own."""
    CREDENTIAL = "credential"
    """401 or 403 for the whole team, from any call."""


class TeamVerdict(StrEnum):
    """What follows for the team."""

    KEEP = "keep"
    CONFIRM = "confirm"
    """The credential was rejected once: make one confirming call now, and report its outcome as confirmed."""
    EXPIRE = "expire"
    """No new people until a call succeeds or a new credential comes."""
    RESTORE = "restore"
    """An expired team is well again."""


@dataclass(frozen=True, slots=True)
class HealthCounters:
    """What is kept on the team's row."""

    failures: int = 0
    members_failures: int = 0
    members_failures_since: datetime | None = None


def limits_for(health: HealthSettings, sync: SyncSettings) -> HealthSettings:
    """`health`, with a window for the members call that is wide enough for its failures at any reading interval.

    The members are asked for once per reading. The next failure comes an interval later or, where the call's breaker
    has opened, after its pause: in a shorter window the failures could never add up.
    """
    apart = sync.interval + health.longest_breaker_pause
    window = max(health.members_window, (health.members_failures + 1) * apart)
    return health.model_copy(update={"members_window": window})


def after_failure(
    counters: HealthCounters, kind: FailureKind, now: datetime, limits: HealthSettings, *, confirmed: bool = False
) -> tuple[HealthCounters, TeamVerdict]:
    """The counters with one more failure, and what follows.

    `confirmed`: a second call has just rejected the credential too. One stray 401 of an upstream does not close a team;
    the confirming call, made at once, decides.
    """
    if kind is FailureKind.MEMBERS:
        if _window_over(counters, now, limits):
            counters = replace(counters, members_failures=0, members_failures_since=now)
        counters = replace(counters, members_failures=counters.members_failures + 1)
    else:
        counters = replace(counters, failures=counters.failures + 1)
    if _ill(counters, limits):
        return counters, TeamVerdict.EXPIRE
    if kind is FailureKind.CREDENTIAL:
        return counters, TeamVerdict.EXPIRE if confirmed else TeamVerdict.CONFIRM
    return counters, TeamVerdict.KEEP


def after_success(
    counters: HealthCounters, limits: HealthSettings, *, members_call: bool, expired: bool
) -> tuple[HealthCounters, TeamVerdict]:
    """The counters after a call that worked.

    Any success proves the credential and ends the row of failures. The members counter is ended by the members call
    alone, or by a failure after its window, so that a team whose members cannot be read stays closed although its
    other calls work.
    """
    counters = replace(counters, failures=0)
    if members_call:
        counters = HealthCounters()
    return counters, TeamVerdict.RESTORE if expired and not _ill(counters, limits) else TeamVerdict.KEEP


def after_new_credential(*, expired: bool) -> tuple[HealthCounters, TeamVerdict]:
    """A new credential starts the counters anew."""
    return HealthCounters(), TeamVerdict.RESTORE if expired else TeamVerdict.KEEP


def _ill(counters: HealthCounters, limits: HealthSettings) -> bool:
    return counters.failures >= limits.failures or counters.members_failures > limits.members_failures


def _window_over(counters: HealthCounters, now: datetime, limits: HealthSettings) -> bool:
    since = counters.members_failures_since
    return since is None or now - since > timedelta(seconds=limits.members_window)
