"""A seat that was offered from the waiting list and not accepted in time: what the end of its lease gives back."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core import audit
from core.actors import SYSTEM
from core.codes import uses as code_uses
from core.leases.notices import tell_holder
from core.storage import tables as t
from core.storage.row_claims import change
from core.storage.rows import LeaseRow

if TYPE_CHECKING:
    from core.service import Core


def offer_ended(tx: sa.Connection, core: Core, lease: LeaseRow, now: datetime) -> None:
    """The invite of an offer is proved withdrawn: the use goes back to the code, in the transaction that ends it."""
    mine = t.redemptions.c.id == lease.redemption_id
    settled = change(tx, t.redemptions, mine, expected="invited", state="refused", reason="offer_expired").one_or_none()
    if settled is None:
        return
    code_uses.take_back(tx, settled.code_id)
    audit.record(
        tx,
        SYSTEM,
        "redemption.offer_expired",
        "redemption",
        settled.id,
        now,
        before={"state": "invited"},
        after={"state": "refused", "reason": "offer_expired", "lease": lease.id},
    )
    tell_holder(tx, core, lease, "waitlist_offer_expired", now, key=str(lease.id))
