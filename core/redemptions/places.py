"""The waiting place behind a redemption: as long as it is being served, it can be neither given up nor served twice."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from core.errors import PlaceLost
from core.storage import tables as t
from core.storage.row_claims import change

HOLD: Final = timedelta(seconds=60)
"""How long one place may be worked on before another process may."""


def keep(tx: sa.Connection, place_id: int, claim: str, now: datetime) -> None:
    """Keep the claim on a place from the reservation on. Raises: PlaceLost if it is given up, or another's."""
    mine = (t.waitlist.c.id == place_id, t.waitlist.c.claim == claim)
    if change(tx, t.waitlist, *mine, expected="waiting", due_at=now + HOLD).one_or_none() is None:
        raise PlaceLost
