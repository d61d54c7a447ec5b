"""Settings about teams: when one counts as ill, how it is read, and who in it was invited by nobody."""

from __future__ import annotations

from pydantic import Field

from core.setting_kinds import Count, Days, Hours, Number, Patience, Seconds, Section


class HealthSettings(Section):
    failures: Count = 5
    members_failures: Count = 3
    members_window: Seconds = 600.0
    breaker_pause: Seconds = 30.0
    longest_breaker_pause: Seconds = 900.0
    credential_warning_days: Days = 7
    dead_after_hours: Hours = 24.0


class SyncSettings(Section):
    interval: Seconds = 300.0
    concurrency: Count = 3
    complete_misses: int = Field(3, ge=2, le=1_000)
    guess_joined_at: bool = False


class UnauthorisedSettings(Section):
    enabled: bool = False
    interval_low: Seconds = 90.0
    interval_high: Seconds = 120.0
    workers: Count = 3
    spacing_low: Patience = 0.3
    spacing_high: Patience = 0.5
    most_per_round: Number = 5
    active_from: str = "09:00"
    active_to: str = "22:00"
