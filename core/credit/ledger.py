"""The ledger: one line per movement of a wallet. Nothing else changes a balance, and nothing changes a line."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

import sqlalchemy as sa

from core.storage.prepared import Prepared
from core.storage.talk_tables import ledger

LineKind: TypeAlias = Literal["grant", "refill", "claim", "release", "charge", "expiry", "adjust", "absorb"]

_INSERT = Prepared(sa.insert(ledger))


def write_line(
    tx: sa.Connection,
    wallet_id: int | None,
    kind: LineKind,
    amount: int,
    now: datetime,
    *,
    call_id: int | None = None,
    code_id: int | None = None,
    actor: str | None = None,
    reason: str | None = None,
) -> None:
    """One line, beside the change that it tells of. `wallet_id` is None for what the house absorbs."""
    _INSERT.run(
        tx,
        {
            "wallet_id": wallet_id,
            "call_id": call_id,
            "code_id": code_id,
            "kind": kind,
            "amount": amount,
            "actor": actor,
            "reason": reason,
            "at": now,
        },
    )
