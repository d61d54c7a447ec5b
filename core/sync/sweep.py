"""Reading every healthy team in turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.rounds import Round
from core.sync import sync

if TYPE_CHECKING:
    from core.service import Core


async def read_teams(core: Core) -> Round:
    """Read the teams whose turn it is."""
    readings = await sync.read_due(core)
    return Round(
        {
            "teams_read": len(readings),
            "not_complete": sum(not reading.complete for reading in readings),
            "joined": sum(reading.joined for reading in readings),
            "gone": sum(reading.gone for reading in readings),
        }
    )
