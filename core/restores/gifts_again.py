"""Giving again, from the journal, what codes have given since the backup: their uses are used, and people have it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core import audit
from core.actors import SYSTEM
from core.credit import plans, wallets
from core.credit.ledger import LedgerCause
from core.people.people import person_of
from core.restores.outcome import Reconciled
from core.restores.replay import code_of
from core.storage import tables as t
from core.storage.talk_tables import gifts

FROM = "journal"


def give_again(tx: sa.Connection, lines: Iterable[Mapping[str, Any]], outcome: Reconciled, now: datetime) -> None:
    """Bring every gift that the journal tells of into the database, once.

    What was spent of it since is not known: a wallet holds what it held at the backup, and what was given after.
    """
    for line in lines:
        if line["kind"] == "gift":
            _give(tx, line, outcome, now)


def _give(tx: sa.Connection, line: Mapping[str, Any], outcome: Reconciled, now: datetime) -> None:
    row = line["row"]
    code = code_of(tx, line["digest"], line["code"], line["last4"])
    if code is None:
        outcome.note("gift_noted", detail="unknown code")
        return
    person_id = person_of(tx, row["platform"], row["identity"], now)
    theirs = sa.and_(gifts.c.code_id == code.id, gifts.c.person_id == person_id)
    known = sa.select(gifts.c.id).where(sa.or_(gifts.c.request_key == row["request_key"], theirs))
    if tx.execute(known).first() is not None:
        return
    left = sa.and_(t.codes.c.id == code.id, t.codes.c.used + t.codes.c.reserved < t.codes.c.max_uses)
    if tx.execute(sa.update(t.codes).where(left).values(used=t.codes.c.used + 1)).rowcount != 1:
        return
    tx.execute(sa.insert(t.batch_changes).values(batch_id=code.batch_id, used=1, voided=-int(code.status != "active")))
    until = None if row["until_at"] is None else datetime.fromisoformat(row["until_at"])
    origin = f"batch:{code.batch_id}"
    wallet_id = membership_id = None
    if row["gives"] == "credit":
        pool = tx.execute(sa.select(t.batches.c.pool_id).where(t.batches.c.id == code.batch_id)).scalar_one()
        credit = wallets.GivenCredit(row["amount"], origin, pool, until)
        wallet_id = wallets.grant(tx, person_id, credit, now, cause=LedgerCause(code_id=code.id))
    elif until is None or until > now:
        membership_id, _ = plans.join_until(tx, SYSTEM, person_id, row["plan"], until, now, origin=origin)
    values = {**row, "code_id": code.id, "person_id": person_id, "wallet_id": wallet_id, "until_at": until}
    values |= {"membership_id": membership_id, "created_at": datetime.fromisoformat(row["created_at"])}
    gift_id = tx.execute(sa.insert(gifts).values(**values).returning(gifts.c.id)).scalar_one()
    after = {"code": code.id, "gives": row["gives"], "wallet": wallet_id, "membership": membership_id, "from": FROM}
    audit.record(tx, SYSTEM, "gift.given", "gift", gift_id, now, after=after)
    outcome.note("gift_noted", detail=line["last4"])
