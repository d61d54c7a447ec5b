"""What works by itself: how often some of it does, what is kept, and the backups of every day."""

from __future__ import annotations

from pydantic import Field

from core.setting_kinds import BackupTarget, Seconds, Secret, Section


class BackupSettings(Section):
    enabled: bool = True
    directory: str | None = None
    target: BackupTarget | None = None
    options: dict[str, Secret] = Field(default_factory=dict)
    daily: int = Field(14, ge=1, le=1_000)
    weekly: int = Field(8, ge=0, le=1_000)
    late_hours: float = Field(50.0, gt=0)


class SweepSettings(Section):
    recovery: Seconds = 5.0
    outbox: Seconds = 0.5
    retention_days: int = 90
    inbox_hours: float = 48.0
