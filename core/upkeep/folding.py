"""Keeping the figures short: what redemptions and readings counted is added up every few seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from core.rounds import Round
from core.upkeep import figures

if TYPE_CHECKING:
    from core.service import Core

INTERVAL = 5.0
"""Seconds between two rounds; what was counted since the last one is added up by whoever asks for figures."""


async def fold(core: Core) -> Round:
    """Fold everything that was counted, in short transactions."""
    folded = 0
    zone = ZoneInfo(core.settings.timezone)
    while (count := await core.write(figures.fold_figures, zone)) == figures.MOST:
        folded += count
    folded += count
    batches = 0
    while (count := await core.write(figures.fold_batches)) == figures.MOST:
        batches += count
    batches += count
    if batches:
        await core.write(figures.note_used_up, core.now())
    folded += batches
    return Round({"changes_folded": folded})
