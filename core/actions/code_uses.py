"""The uses of a code: unused → reserved → used, and back. The only place that changes a code's counters."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.errors import AddressUsedWithCode, CodeDisabled, CodeExpired, CodeRefused, CodeUnknown, CodeUsedUp
from core.storage.guards import guard
from core.storage.tables import LIVE, batch_changes, batches, codes, leases, pools, redemptions


def claim_use(tx: sa.Connection, digests: list[bytes], address_key: str, now: datetime) -> Any:
    """Reserve one use: the row of the code with its batch and pool, or the id of the earlier redemption.

    The same code with the same address is not a second use, whatever state the first one is in.
    """
    alive = sa.or_(batches.c.expires_at.is_(None), batches.c.expires_at > now)
    usable = (
        sa.select(batches.c.id)
        .join(pools, pools.c.id == batches.c.pool_id)
        .where(batches.c.id == codes.c.batch_id, alive, pools.c.enabled)
        .exists()
    )
    claimed = tx.execute(
        sa.update(codes)
        .where(
            codes.c.digest.in_(digests),
            codes.c.status == "active",
            *guard("code_uses", codes.c.used + codes.c.reserved < codes.c.max_uses),
            usable,
        )
        .values(reserved=codes.c.reserved + 1)
        .returning(codes.c.id)
    ).scalar_one_or_none()
    code = tx.execute(
        sa.select(
            codes.c.id,
            codes.c.status,
            codes.c.used,
            codes.c.reserved,
            codes.c.max_uses,
            batches.c.pool_id,
            batches.c.team_id,
            batches.c.term,
            batches.c.auto_transfer,
            batches.c.temporary,
            batches.c.expires_at,
            pools.c.policy,
        )
        .join(batches, batches.c.id == codes.c.batch_id)
        .join(pools, pools.c.id == batches.c.pool_id)
        .where(codes.c.digest.in_(digests))
    ).one_or_none()
    if code is None:
        raise CodeUnknown
    mine = tx.execute(
        sa.select(redemptions.c.id, redemptions.c.state, leases.c.status)
        .outerjoin(leases, leases.c.id == redemptions.c.lease_id)
        .where(
            redemptions.c.code_id == code.id,
            redemptions.c.address_key == address_key,
            redemptions.c.state.in_(("sending", "unclear", "invited")),
        )
    ).one_or_none()
    if mine is not None:
        if claimed is not None:
            return_use(tx, code.id)
        if mine.state == "invited" and mine.status not in LIVE:
            raise AddressUsedWithCode
        return mine.id
    if claimed is not None:
        return code
    raise _why_not(code, now)


def _why_not(code: Any, now: datetime) -> CodeRefused:
    if code.status != "active":
        return CodeDisabled()
    if code.expires_at is not None and code.expires_at <= now:
        return CodeExpired()
    return CodeUsedUp()


def confirm_use(tx: sa.Connection, code_id: int) -> None:
    """The reserved use is used."""
    tx.execute(
        sa.update(codes)
        .where(codes.c.id == code_id, codes.c.reserved > 0)
        .values(used=codes.c.used + 1, reserved=codes.c.reserved - 1)
    )
    batch_id = sa.select(codes.c.batch_id).where(codes.c.id == code_id).scalar_subquery()
    tx.execute(sa.insert(batch_changes).values(batch_id=batch_id, used=1))


def return_use(tx: sa.Connection, code_id: int) -> None:
    """The reserved use is unused again; of a code that was disabled meanwhile, it is void."""
    row = tx.execute(
        sa.update(codes)
        .where(codes.c.id == code_id, codes.c.reserved > 0)
        .values(reserved=codes.c.reserved - 1)
        .returning(codes.c.batch_id, codes.c.status)
    ).one()
    if row.status != "active":
        tx.execute(sa.insert(batch_changes).values(batch_id=row.batch_id, voided=1))
