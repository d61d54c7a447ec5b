"""A wish to redeem one code for one address, and the row that remembers it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.actors import Actor
from core.leases.receipts import UNDER_WAY
from core.rules.addresses import Address
from core.rules.codes import CodeText
from core.storage import tables as t
from core.storage.prepared import Prepared
from core.storage.rows import CodeOfBatch


@dataclass(frozen=True, slots=True)
class RedeemWish:
    """What a person wants of their codes: seats for an address. `request_key` makes a repeat of it the same wish.

    `team` is where they want to be; with `chooses` they are asked, where the pool lets people choose.
    """

    address: str
    codes: Sequence[CodeText]
    request_key: str
    language: str | None = None
    team: str | None = None
    chooses: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """One wish: `request_key` makes a repeat of it the same wish.

    `answers`: whoever passes it on tells the person how it ended. Without that a notice does.
    `guesses`: a person typed the code just now, so that a wrong one counts as a guess. One from the waiting list was
    right when they joined.
    """

    address: Address
    code: CodeText
    request_key: str
    language: str | None = None
    answers: bool = True
    guesses: bool = True
    place: tuple[int, str] | None = None
    """The waiting place that is being served, and the claim on it: given up meanwhile, nothing is redeemed."""
    team: str | None = None
    """The team that the person chose, by its name: that one, or none."""
    chooses: bool = False
    """Whoever passes it on can ask for a team, where the pool lets people choose."""
    means: str | None = None
    """Staff seat somebody: what they asked for. The code is made for it, nobody knows it, and the seat is nobody's who asks."""


_INSERT = Prepared(sa.insert(t.redemptions).returning(t.redemptions.c.id))


def insert(
    tx: sa.Connection,
    actor: Actor,
    order: Order,
    content: bytes,
    now: datetime,
    code: CodeOfBatch | None,
    **values: Any,
) -> int:
    """Write down what became, or becomes, of a wish; `values` are columns of `redemptions`. Returns its number.

    With an `id` that was drawn for it nobody waits, and a clash with another wish shows later in the unit.
    """
    row = {
        "request_key": order.request_key,
        "content": content,
        "code_id": code.id if code is not None else None,
        "pool_id": code.pool_id if code is not None else None,
        "code_last4": order.code.last4,
        "address": order.address.original,
        "address_key": order.address.key,
        "platform": actor.platform,
        "identity": actor.identity,
        "language": order.language,
        "created_at": now,
        "settled_at": None if values["state"] in UNDER_WAY else now,
        **values,
    }
    return _INSERT.make(tx, row)
