"""Taking over the invites that nobody looks after: their process died, or their next look is due.

This is what settles a redemption whose process was killed. Everything it does is claimed row by row, so a
second process that does the same at the same time finds other rows.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from core import telemetry
from core.leases import invites
from core.leases.claims import Claim, ClaimLost
from core.rounds import Round, work_off
from core.upkeep import clock_watch

if TYPE_CHECKING:
    from core.service import Core

log = structlog.get_logger(__name__)

TOGETHER = 50
"""Invites looked at side by side; each waits for an upstream that may be in trouble."""


async def recover(core: Core) -> Round:
    """Look at every invite that is due. One bad row never stops the rest, and a hanging team delays no other."""
    await clock_watch.look(core)
    # Rows that fail every time come due again and again: they must not keep one round from ever ending.
    until = core.now() + timedelta(seconds=core.settings.redemption.recovery_interval)
    counted: Counter[str] = Counter()

    async def due(room: int) -> list[Claim]:
        return await core.write(invites.take_over, core, core.now(), most=room) if core.now() < until else []

    await work_off(due, lambda claim: _conclude(core, claim, counted), together=TOGETHER)
    return Round(dict(counted))


async def _conclude(core: Core, claim: Claim, counted: Counter[str]) -> None:
    telemetry.number(redemption=claim.redemption_id, transfer=claim.transfer_id)
    try:
        await invites.conclude(core, claim)
    except ClaimLost:
        counted["taken_over"] += 1
    except Exception:
        # The claim runs out and the row is tried again; whatever is wrong with it is this row's alone.
        log.exception("recovery_failed", lease=claim.lease_id, team=claim.team_id)
        counted["failed"] += 1
    else:
        counted["looked_at"] += 1
