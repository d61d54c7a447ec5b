"""Telling other systems that somebody's credit comes to its end: once, when a charge takes it below the line."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from core import audit
from core.actors import SYSTEM
from core.storage.talk_rows import WalletRow
from core.storage.talk_tables import wallets


def tell(tx: sa.Connection, wallet: WalletRow, pay: int, low: int, now: datetime) -> None:
    """Leave the event if `pay`, which `wallet` was charged just now, took its person's credit below `low`.

    What open calls have claimed counts as there: it may come back. What refills by itself is not counted at all.
    """
    if not pay or wallet.kind != "credit" or wallet.person_id is None or wallet.left + wallet.claimed >= low:
        return
    if tx.dialect.name == "postgresql":
        # Two charges to two wallets of one person: the second has to see what the first one took.
        tx.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"low:{wallet.person_id}"))))
    usable = sa.or_(wallets.c.expires_at.is_(None), wallets.c.expires_at > now)
    theirs = sa.and_(wallets.c.person_id == wallet.person_id, wallets.c.kind == "credit", usable)
    there = tx.execute(sa.select(sa.func.sum(wallets.c.left + wallets.c.claimed)).where(theirs)).scalar_one() or 0
    if there < low <= there + pay:
        audit.record(tx, SYSTEM, "wallet.low", "wallet", wallet.id, now)
