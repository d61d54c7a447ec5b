"""What codes that give credit or a plan need: how much credit a pool has promised, and that the plan exists.

outstanding = unused uses of active, unexpired codes x what each gives + what is left and claimed in the wallets they filled
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.errors import NotFound
from core.rules.money import amount_text
from core.rules.plans import STANDARD
from core.storage import tables as t
from core.storage.names import name_key
from core.storage.talk_tables import plans, wallets
from core.talk_errors import CreditLimitExceeded


def outstanding(tx: sa.Connection, pool_id: int, now: datetime) -> int:
    """Micro-credits that the pool's codes promise, redeemed and not spent, or not redeemed."""
    counted = sa.and_(
        t.batches.c.pool_id == pool_id,
        t.batches.c.gives == "credit",
        sa.or_(t.batches.c.expires_at.is_(None), t.batches.c.expires_at > now),
    )
    changed = (
        sa.select(
            sa.func.coalesce(sa.func.sum(t.batch_changes.c.uses - t.batch_changes.c.used - t.batch_changes.c.voided), 0)
        )
        .where(t.batch_changes.c.batch_id == t.batches.c.id)
        .scalar_subquery()
    )
    unused = t.batches.c.uses - t.batches.c.used - t.batches.c.voided + changed
    promised = sum(
        int(row.unused) * int(row.gift["amount"])
        for row in tx.execute(sa.select(t.batches.c.gift, unused.label("unused")).where(counted))
    )
    living = sa.or_(wallets.c.expires_at.is_(None), wallets.c.expires_at > now)
    held = sa.select(sa.func.coalesce(sa.func.sum(wallets.c.left + wallets.c.claimed), 0)).where(
        wallets.c.pool_id == pool_id, living
    )
    return promised + int(tx.execute(held).scalar_one())


def refuse_beyond_limit(tx: sa.Connection, pool_id: int, wanted: int, now: datetime, *, override: bool) -> None:
    """Return if the pool may promise so much more, or an owner overrides. Raises: CreditLimitExceeded.

    The caller has locked the pool's row, so that two batches never promise the same credit.
    """
    limit = tx.execute(sa.select(t.pools.c.credit_limit).where(t.pools.c.id == pool_id)).scalar_one()
    if limit is None or override:
        return
    available = max(0, limit - outstanding(tx, pool_id, now))
    if wanted > available:
        raise CreditLimitExceeded(wanted=amount_text(wanted), available=amount_text(available))


def limited_pools(tx: sa.Connection) -> list[Any]:
    """Pools with a limit for credit: id, name and credit_limit."""
    limited = sa.select(t.pools.c.id, t.pools.c.name, t.pools.c.credit_limit).where(t.pools.c.credit_limit.is_not(None))
    return list(tx.execute(limited.order_by(t.pools.c.id)))


def refuse_unknown_plan(tx: sa.Connection, name: str | None) -> None:
    """Codes are not made for a plan that there is not; None is none. Raises: NotFound."""
    if name is None:
        return
    wanted = name_key(name)
    if wanted in STANDARD or tx.execute(sa.select(plans.c.id).where(plans.c.name == wanted)).first() is not None:
        return
    raise NotFound(kind="plan", name=name[:64])
