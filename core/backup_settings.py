"""Backups that are made by themselves: where, and how many are kept."""

from __future__ import annotations

from pydantic import Field

from core.setting_kinds import Section


class BackupSettings(Section):
    enabled: bool = True
    directory: str | None = None
    daily: int = Field(14, ge=1, le=1_000)
    weekly: int = Field(8, ge=0, le=1_000)
    late_hours: float = Field(50.0, gt=0)
