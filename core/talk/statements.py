"""What somebody's credit came from and went to, line by line, so that it adds up to what they have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import sqlalchemy as sa

from core.credit.report import person_id_of, read_wallet
from core.storage import tables as t
from core.storage.chat_tables import conversations, turns
from core.storage.talk_tables import calls, keys, ledger, wallets
from core.talk.contents import unseal_word

if TYPE_CHECKING:
    from core.actors import Actor
    from core.service import Core

StatementKind: TypeAlias = Literal[
    "code", "staff", "plan", "lending", "joined", "refill", "expiry", "chat", "group", "key", "deleted", "call"
]
_NO_MOVEMENT = ("claim", "release")
"""What is set aside for a question, and comes back: only what it costs in the end counts."""
_COMES = ("grant", "refill", "adjust")


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One movement in micro-credits, with its sign. `about` is the end of a code or key, or a conversation's title."""

    id: int
    at: datetime
    amount: int
    kind: StatementKind
    about: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Statement:
    """A page of movements, the newest first: `before` and all the amounts add up to `after`.

    On the first page `after` is what there is to spend now, `claimed` is set aside for questions under way, and
    `unwritten` has come by refilling (or ended, below zero) since the last movement.
    """

    after: int
    claimed: int
    unwritten: int
    lines: Sequence[StatementLine]
    before: int
    more: bool


async def statement(core: Core, actor: Actor, *, before: int | None = None, most: int) -> Statement:
    """The last movements of one's own credit, allowances included; those older than the line `before` on later pages."""
    return await core.read(_statement, core, actor, before, most, core.now())


def _statement(tx: sa.Connection, core: Core, actor: Actor, before: int | None, most: int, now: datetime) -> Statement:
    person_id = person_id_of(tx, actor)
    mine = sa.and_(
        ledger.c.wallet_id.in_(sa.select(wallets.c.id).where(wallets.c.person_id == (person_id or 0))),
        ledger.c.kind.not_in(_NO_MOVEMENT),
    )
    older = mine if before is None else sa.and_(mine, ledger.c.id < before)
    rows = tx.execute(sa.select(ledger).where(older).order_by(ledger.c.id.desc()).limit(most + 1)).all()
    shown = rows[:most]
    total = _sum(tx, older)
    rest = total - sum(_signed(row) for row in shown)
    lines = _lines(tx, core, shown)
    if before is not None:
        return Statement(total, 0, 0, lines, rest, len(rows) > most)
    found = read_wallet(tx, actor, 0, now, True)
    there = sum(purse.left for purse in found.purses if purse.expires_at is None or purse.expires_at > now)
    return Statement(there, found.claimed, there + found.claimed - total, lines, rest, len(rows) > most)


def _sum(tx: sa.Connection, which: sa.ColumnElement[bool]) -> int:
    signed = sa.case((ledger.c.kind.in_(_COMES), ledger.c.amount), else_=-ledger.c.amount)
    return int(tx.execute(sa.select(sa.func.coalesce(sa.func.sum(signed), 0)).where(which)).scalar_one())


def _signed(row: Any) -> int:
    return int(row.amount if row.kind in _COMES else -row.amount)


def _lines(tx: sa.Connection, core: Core, rows: Sequence[Any]) -> list[StatementLine]:
    """What one question took out of several purses is one line."""
    asked = _asked(tx, core, {row.call_id for row in rows if row.kind == "charge"})
    codes = {row.code_id for row in rows if row.code_id is not None}
    ends = {row.id: row.last4 for row in tx.execute(sa.select(t.codes).where(t.codes.c.id.in_(codes)))}

    def told(row: Any) -> tuple[StatementKind, str]:
        if row.kind == "charge":
            return asked[row.call_id]
        if row.kind == "refill":
            return "refill", ""
        if row.kind == "expiry":
            return "expiry", ""
        if row.code_id is not None:
            return "code", ends.get(row.code_id, "")
        if row.actor is not None:
            return "staff", ""
        return _BY_REASON.get(str(row.reason).partition(":")[0], "staff"), ""

    lines = []
    for _, group in groupby(rows, key=lambda row: (row.kind, row.call_id or -row.id)):
        same = list(group)
        lines.append(StatementLine(same[-1].id, same[0].at, sum(map(_signed, same)), *told(same[0])))
    return lines


_BY_REASON: dict[str, StatementKind] = {"joined": "joined", "plan": "plan", "lending": "lending"}


def _asked(tx: sa.Connection, core: Core, numbers: set[int]) -> dict[int, tuple[StatementKind, str]]:
    """What each of these questions belonged to: a conversation, a group, a key; or what was deleted meanwhile."""
    of = (
        sa.select(
            calls.c.id,
            calls.c.turn_id,
            keys.c.last4,
            conversations.c.person_id,
            conversations.c.reference,
            conversations.c.title,
        )
        .select_from(calls)
        .outerjoin(keys, keys.c.id == calls.c.key_id)
        .outerjoin(turns, turns.c.id == calls.c.turn_id)
        .outerjoin(conversations, conversations.c.id == turns.c.conversation_id)
    )
    found: dict[int, tuple[StatementKind, str]] = {}
    for row in tx.execute(of.where(calls.c.id.in_(numbers))):
        if row.last4 is not None:
            found[row.id] = "key", row.last4
        elif row.turn_id is None:
            found[row.id] = "call", ""
        elif row.reference is None:
            found[row.id] = "deleted", ""
        elif not row.person_id:
            found[row.id] = "group", ""
        else:
            found[row.id] = "chat", unseal_word(core.vault, "conversations", row.reference, "title", row.title)
    return found
