"""What ends by itself: credit whose term is over, and memberships. Both are over at their moment; this writes it down."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core.credit import plans, wallets
from core.rounds import Round
from core.storage.talk_tables import memberships
from core.storage.talk_tables import wallets as wallet_rows

if TYPE_CHECKING:
    from core.service import Core

INTERVAL = 60.0
BITE = 200


async def end_terms(core: Core) -> Round:
    """Write down what has ended, each in a transaction of its own."""
    now = core.now()
    expired = 0
    for wallet_id in await core.read(_ended_credit, now):
        expired += 1 if await core.write(wallets.expire, wallet_id, now) else 0
    ended = 0
    for membership_id in await core.read(_ended_memberships, now):
        ended += 1 if await core.write(plans.end, membership_id, now) else 0
    return Round({"wallets_ended": expired, "memberships_ended": ended})


def _ended_credit(tx: sa.Connection, now: datetime) -> list[int]:
    ended = sa.and_(wallet_rows.c.expires_at <= now, wallet_rows.c.left > 0)
    return list(tx.execute(sa.select(wallet_rows.c.id).where(ended).limit(BITE)).scalars())


def _ended_memberships(tx: sa.Connection, now: datetime) -> list[int]:
    ended = sa.and_(memberships.c.ended_at.is_(None), memberships.c.until_at <= now)
    return list(tx.execute(sa.select(memberships.c.id).where(ended).limit(BITE)).scalars())
