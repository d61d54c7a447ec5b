"""The waiting lists: offers that nobody accepted come back, free seats go to the next in line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.rounds import Round
from core.waitlist import serving as waitlist_serving

if TYPE_CHECKING:
    from core.service import Core


async def serve(core: Core) -> Round:
    """One round over every pool."""
    withdrawn = await waitlist_serving.withdraw_offers(core)
    invited, closed = await waitlist_serving.serve(core)
    return Round({"invited": invited, "closed": closed, "offers_withdrawn": withdrawn})
