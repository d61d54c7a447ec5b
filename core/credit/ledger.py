"""The ledger: one line per movement of a wallet. Nothing else changes a balance, and nothing changes a line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias

import sqlalchemy as sa

from core.storage.prepared import Prepared
from core.storage.talk_tables import ledger

LineKind: TypeAlias = Literal["grant", "refill", "claim", "release", "charge", "expiry", "adjust", "absorb"]

_INSERT = Prepared(sa.insert(ledger))
_TWO = Prepared(
    sa.insert(ledger).values(
        [
            {
                "wallet_id": sa.bindparam("wallet", type_=ledger.c.wallet_id.type),
                "call_id": sa.bindparam("call", type_=ledger.c.call_id.type),
                "kind": sa.bindparam(f"kind_{number}", type_=ledger.c.kind.type),
                "amount": sa.bindparam(f"amount_{number}", type_=ledger.c.amount.type),
                "at": sa.bindparam("now", type_=ledger.c.at.type),
            }
            for number in (1, 2)
        ]
    )
)


@dataclass(frozen=True, slots=True)
class LedgerCause:
    """What a line is about where it is no call: a code, or whoever did it by hand; and why, in words."""

    code_id: int | None = None
    actor: str | None = None
    reason: str | None = None


UNCAUSED: Final = LedgerCause()


def write_line(
    tx: sa.Connection,
    wallet_id: int | None,
    kind: LineKind,
    amount: int,
    now: datetime,
    *,
    call_id: int | None = None,
    cause: LedgerCause = UNCAUSED,
) -> None:
    """One line, beside the change that it tells of. `wallet_id` is None for what the house absorbs."""
    _INSERT.run(
        tx,
        {
            "wallet_id": wallet_id,
            "call_id": call_id,
            "code_id": cause.code_id,
            "kind": kind,
            "amount": amount,
            "actor": cause.actor,
            "reason": cause.reason,
            "at": now,
        },
    )


def write_two(
    tx: sa.Connection,
    wallet_id: int,
    first: tuple[LineKind, int],
    second: tuple[LineKind, int],
    now: datetime,
    *,
    call_id: int,
) -> None:
    """Two lines of one wallet and one call, as (kind, amount), in one statement."""
    values = {"wallet": wallet_id, "call": call_id, "now": now}
    _TWO.run(tx, {**values, "kind_1": first[0], "amount_1": first[1], "kind_2": second[0], "amount_2": second[1]})
