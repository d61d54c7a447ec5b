"""Subaccounts that no process works on: settled, asked for again, or revoked until their parent confirms it."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

import structlog

from core.rounds import Round
from core.sources import subaccounts
from core.sources.subaccounts import SubaccountClaim, SubaccountLost

if TYPE_CHECKING:
    from core.service import Core

log = structlog.get_logger(__name__)

NOT_CONFIRMED = frozenset({"unclear", "ending"})
TOGETHER = 20
"""How many are handled side by side; each waits for a parent that may be in trouble."""


async def recover(core: Core) -> Round:
    """Handle every due subaccount once. One bad row never stops the rest."""
    counted: Counter[str] = Counter()
    await core.write(subaccounts.end_of_the_suspended, core.now())
    while claims := await core.write(subaccounts.take_over, core, core.now(), most=TOGETHER):
        async with asyncio.TaskGroup() as group:
            for claim in claims:
                group.create_task(_conclude(core, claim, counted))
        if len(claims) < TOGETHER:
            break
    return Round(dict(counted))


async def _conclude(core: Core, claim: SubaccountClaim, counted: Counter[str]) -> None:
    try:
        state = await subaccounts.conclude(core, claim)
        counted["subaccounts_open" if state in NOT_CONFIRMED else "subaccounts_settled"] += 1
    except SubaccountLost:
        counted["taken_over"] += 1
    except Exception:
        # The claim runs out and the row is tried again; whatever is wrong with it is this row's alone.
        log.exception("subaccount_failed", subaccount=claim.id)
        counted["failed"] += 1
