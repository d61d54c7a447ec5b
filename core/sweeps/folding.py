"""Keeping the figures short: what redemptions and readings counted is added up every few seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.actions import figures

if TYPE_CHECKING:
    from core.service import Core

INTERVAL = 5.0
"""Seconds between two rounds: so much is left to be added up by whoever asks for figures."""


async def fold(core: Core) -> str:
    """Fold everything that was counted, in short transactions."""
    folded = 0
    for unit in (figures.fold_figures, figures.fold_batches):
        while True:
            count = await core.write(unit)
            folded += count
            if count < figures.MOST:
                break
    return f"{folded} changes folded" if folded else "nothing to fold"
