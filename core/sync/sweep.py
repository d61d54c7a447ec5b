"""Reading every healthy team in turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.sync import sync

if TYPE_CHECKING:
    from core.service import Core


async def read_teams(core: Core) -> str:
    """Read the teams whose turn it is."""
    readings = await sync.read_due(core)
    failed = sum(not reading.complete for reading in readings)
    moved = f", {sum(r.joined for r in readings)} joined, {sum(r.gone for r in readings)} gone" if readings else ""
    return f"{len(readings)} teams read, {failed} not complete{moved}" if readings else "no team due"
