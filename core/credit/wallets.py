"""Wallets: putting credit in, claiming it for a call, settling the claim. Each change writes its ledger line.

Whoever takes locks the rows first, in the order of their numbers, and takes by an UPDATE that names what must be
there; the constraints of the table are the last word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.credit import purses_low
from core.credit.ledger import UNCAUSED, LedgerCause, write_line, write_two
from core.rules.money import shown_amount, shown_balance
from core.rules.plans import Plan
from core.rules.refills import above_cap, refilled
from core.storage import tables as t
from core.storage.column_types import Moment
from core.storage.database import dialect_insert
from core.storage.guards import guard
from core.storage.prepared import Prepared
from core.storage.talk_rows import WalletRow
from core.storage.talk_tables import call_parts, calls, ledger, wallets
from core.talk_errors import NotEnoughCredit

_ENDLESS = sa.text("kind = 'credit' AND expires_at IS NULL AND person_id IS NOT NULL")
"""What a person has one wallet of for each pool, as its unique index has it."""
_RANK = {"allowance": 0, "shared": 1, "credit": 2}


@dataclass(frozen=True, slots=True)
class Purse:
    """A wallet as it may be spent from now: `refill` has come in and is not written yet, `at` is until when."""

    id: int
    kind: str
    left: int
    refill: int
    at: datetime | None
    expires_at: datetime | None

    @property
    def there(self) -> int:
        """Micro-credits that can be taken."""
        return self.left + self.refill


_OF_PERSON = sa.select(wallets).where(wallets.c.person_id == sa.bindparam("person_id")).order_by(wallets.c.id)
_LOCKING = Prepared(_OF_PERSON.with_for_update())
_READING = Prepared(_OF_PERSON)


def purses(
    tx: sa.Connection, person_id: int, group: str, now: datetime, *, lock: bool = True, allowance: bool = True
) -> list[Purse]:
    """What a person can spend on a model of `group`, in the order of spending.

    The allowance of the plan, then what lending brought for the group, then the credit that ends first, then the
    credit that does not end. `lock` keeps the rows as they are until the commit. Without `allowance`, the plan that
    runs now gives none, and what an earlier one has left behind is not spent.
    """
    locking = lock and bool(guard("wallet_claim", lock))
    rows = (_LOCKING if locking else _READING).all(tx, {"person_id": person_id})
    usable = [row for row in rows if _usable(row, group, now) and (allowance or row.kind != "allowance")]
    return [_purse(row, now) for row in sorted(usable, key=order_of_spending)]


def order_of_spending(row: WalletRow) -> tuple[int, bool, float, int]:
    """How wallets are sorted before something is taken."""
    ends = row.expires_at
    return (_RANK[row.kind], ends is None, ends.timestamp() if ends is not None else 0.0, row.id)


def _usable(row: WalletRow, group: str, now: datetime) -> bool:
    if row.kind == "shared":
        return bool(row.quota_group == group)
    return row.expires_at is None or row.expires_at > now


def _purse(row: WalletRow, now: datetime) -> Purse:
    if row.cap is None or row.per_hour is None or row.refilled_at is None:
        return Purse(row.id, row.kind, row.left, 0, None, row.expires_at)
    come = refilled(row.left, row.cap, row.per_hour, row.refilled_at, now)
    return Purse(row.id, row.kind, row.left, come.amount, come.at, row.expires_at)


_TAKE = {
    guarded: Prepared(
        sa.update(wallets)
        .where(
            wallets.c.id == sa.bindparam("wallet"),
            *((wallets.c.left + sa.bindparam("refill") >= sa.bindparam("take"),) if guarded else ()),
        )
        .values(
            left=wallets.c.left + sa.bindparam("refill") - sa.bindparam("take"),
            claimed=wallets.c.claimed + sa.bindparam("take"),
            refilled_at=sa.func.coalesce(sa.bindparam("refilled_to", type_=Moment()), wallets.c.refilled_at),
        )
    )
    for guarded in (True, False)
}
_PART = Prepared(sa.insert(call_parts))


@dataclass(frozen=True, slots=True)
class ClaimedPart:
    """What a call has claimed of one wallet that does not refill."""

    wallet_id: int
    claimed: int


def claim(
    tx: sa.Connection, call_id: int, spendable: Sequence[Purse], amount: int, now: datetime
) -> ClaimedPart | None:
    """Take `amount` out of the purses in their order, for one call. Raises: NotEnoughCredit.

    Returns the part where it is the only one and its wallet does not refill: whoever settles need not look it up.
    """
    wanted = amount
    for purse in spendable:
        take = min(wanted, purse.there)
        if take <= 0:
            continue
        values = {"wallet": purse.id, "refill": purse.refill, "take": take, "refilled_to": purse.at}
        if _TAKE[bool(guard("wallet_claim", take))].run(tx, values) != 1:
            raise NotEnoughCredit(needed=shown_amount(amount), left=shown_balance(amount - wanted))
        if purse.refill:
            write_line(tx, purse.id, "refill", purse.refill, now, call_id=call_id)
        write_line(tx, purse.id, "claim", take, now, call_id=call_id)
        _PART.run(tx, {"call_id": call_id, "wallet_id": purse.id, "claimed": take, "charged": 0})
        wanted -= take
        if not wanted:
            return ClaimedPart(purse.id, take) if take == amount and purse.at is None else None
    if wanted:
        raise NotEnoughCredit(needed=shown_amount(amount), left=shown_balance(amount - wanted))
    return None


_PARTS = Prepared(
    sa.select(
        call_parts.c.wallet_id,
        call_parts.c.claimed,
        wallets.c.id,
        wallets.c.kind,
        wallets.c.left,
        wallets.c.cap,
        wallets.c.expires_at,
    )
    .join(wallets, wallets.c.id == call_parts.c.wallet_id)
    .where(call_parts.c.call_id == sa.bindparam("call"))
    .order_by(wallets.c.id)
    .with_for_update(of=wallets)
)
_GIVE = Prepared(
    sa.update(wallets)
    .where(wallets.c.id == sa.bindparam("wallet"), wallets.c.claimed >= sa.bindparam("claim"))
    .values(
        left=wallets.c.left + sa.bindparam("back"),
        claimed=wallets.c.claimed - sa.bindparam("claim"),
    )
    .returning(wallets.c.id, wallets.c.person_id, wallets.c.kind, wallets.c.pool_id, wallets.c.left, wallets.c.claimed)
)
_CHARGE = Prepared(
    sa.update(call_parts)
    .where(call_parts.c.call_id == sa.bindparam("call"), call_parts.c.wallet_id == sa.bindparam("wallet"))
    .values(charged=sa.bindparam("charge"))
)


def settle(
    tx: sa.Connection, call_id: int, charged: int, now: datetime, only: ClaimedPart | None = None, *, low: int = 0
) -> None:
    """End a call's claim: `charged` is paid in the order of spending, the rest goes back to where it came from.

    `only` is what `claim` returned. Other systems are told when this brings the person's credit below `low`.
    """
    if only is not None:
        wallet = _give_back(tx, call_id, only.wallet_id, only.claimed, charged, 0, now)
        purses_low.tell(tx, wallet, charged, low, now)
        return
    to_pay = charged
    pays: dict[int, int] = {}
    parts = _PARTS.all(tx, {"call": call_id})
    for part in sorted(parts, key=order_of_spending):
        pays[part.wallet_id] = min(to_pay, part.claimed)
        to_pay -= pays[part.wallet_id]
    if to_pay:
        raise AssertionError(f"call {call_id} is charged {to_pay} beyond its claim")
    for part in parts:
        pay = pays[part.wallet_id]
        lost = above_cap(part.left, part.claimed - pay, part.cap)
        wallet = _give_back(tx, call_id, part.wallet_id, part.claimed, pay, lost, now)
        purses_low.tell(tx, wallet, pay, low, now)


def _give_back(
    tx: sa.Connection, call_id: int, wallet_id: int, claimed: int, pay: int, lost: int, now: datetime
) -> Any:
    """One part: `pay` is charged, the rest released, and of that `lost` is above what its wallet may hold.

    Returns the wallet as it is then.
    """
    release = claimed - pay
    if release < 0:
        raise AssertionError(f"call {call_id} is charged {-release} beyond its claim")
    wallet = _GIVE.one_or_none(tx, {"wallet": wallet_id, "back": release - lost, "claim": claimed})
    if wallet is None:
        raise AssertionError(f"the claim of call {call_id} on wallet {wallet_id} is gone")
    if pay:
        _CHARGE.run(tx, {"call": call_id, "wallet": wallet_id, "charge": pay})
    if pay and release:
        write_two(tx, wallet_id, ("charge", pay), ("release", release), now, call_id=call_id)
    elif pay:
        write_line(tx, wallet_id, "charge", pay, now, call_id=call_id)
    elif release:
        write_line(tx, wallet_id, "release", release, now, call_id=call_id)
    if lost:
        write_line(tx, wallet_id, "expiry", lost, now, call_id=call_id)
    if wallet.person_id is None and wallet.kind == "credit" and release:
        _pass_on(tx, call_id, wallet_id, wallet.pool_id, release, now)
    return wallet


def _pass_on(tx: sa.Connection, call_id: int, wallet_id: int, pool_id: int, amount: int, now: datetime) -> None:
    """The asker was joined with somebody else meanwhile: what comes back is theirs. After an erasure it is nobody's."""
    person_id = tx.execute(sa.select(calls.c.person_id).where(calls.c.id == call_id)).scalar_one()
    if person_id is None:
        return
    tx.execute(sa.update(wallets).where(wallets.c.id == wallet_id).values(left=wallets.c.left - amount))
    write_line(tx, wallet_id, "adjust", -amount, now, cause=LedgerCause(reason="joined"))
    into = _put_in(tx, person_id, GivenCredit(amount, "joined", pool_id), now)
    write_line(tx, into, "adjust", amount, now, cause=LedgerCause(reason="joined"))


@dataclass(frozen=True, slots=True)
class GivenCredit:
    """Credit that somebody gets: micro-credits for the models of a pool (0: of any), until it ends, if it does.

    `origin` says where it came from: `batch:7`, `grant`, `joined`.
    """

    amount: int
    origin: str
    pool_id: int = 0
    expires_at: datetime | None = None


def grant(
    tx: sa.Connection, person_id: int, credit: GivenCredit, now: datetime, *, cause: LedgerCause = UNCAUSED
) -> int:
    """Put credit into a person's wallet and return its id.

    Credit that never ends gathers in one wallet per person and pool; what ends has a wallet of its own.
    """
    wallet_id = _put_in(tx, person_id, credit, now)
    write_line(tx, wallet_id, "grant", credit.amount, now, cause=cause)
    return wallet_id


def _put_in(tx: sa.Connection, person_id: int, credit: GivenCredit, now: datetime) -> int:
    """One statement finds the wallet or makes it: two at once for a new person put into one, and neither is refused."""
    values = {"person_id": person_id, "kind": "credit", "pool_id": credit.pool_id, "left": credit.amount}
    values |= {"expires_at": credit.expires_at, "origin": credit.origin, "created_at": now}
    made = dialect_insert(wallets, tx).values(**values)
    one = made.on_conflict_do_update(
        index_elements=["person_id", "pool_id"], index_where=_ENDLESS, set_={"left": wallets.c.left + credit.amount}
    )
    return int(tx.execute(one.returning(wallets.c.id)).scalar_one())


def adjust(tx: sa.Connection, wallet_id: int, amount: int, now: datetime, *, actor: str | None, reason: str) -> int:
    """Add (or, with a minus, take) what is there to take, by hand. Returns what was changed."""
    left = tx.execute(sa.select(wallets.c.left).where(wallets.c.id == wallet_id).with_for_update()).scalar_one()
    change = max(amount, -left)
    if change:
        tx.execute(sa.update(wallets).where(wallets.c.id == wallet_id).values(left=wallets.c.left + change))
        write_line(tx, wallet_id, "adjust", change, now, cause=LedgerCause(actor=actor, reason=reason))
    return int(change)


def expire(tx: sa.Connection, wallet_id: int, now: datetime) -> int:
    """Take what is left of credit whose end has come. Returns how much; it may be run again."""
    which = sa.and_(wallets.c.id == wallet_id, wallets.c.expires_at <= now, wallets.c.left > 0)
    row = tx.execute(sa.select(wallets.c.left).where(which).with_for_update()).one_or_none()
    if row is None:
        return 0
    tx.execute(sa.update(wallets).where(wallets.c.id == wallet_id).values(left=0))
    write_line(tx, wallet_id, "expiry", row.left, now)
    return int(row.left)


_PERSON = Prepared(
    sa.select(t.people.c.id).where(t.people.c.id == sa.bindparam("person_id")).with_for_update(key_share=True)
)


def keep_to_oneself(tx: sa.Connection, person_id: int) -> None:
    """Until the commit nobody else decides what the person's allowances may hold, nor claims credit for them.

    What that is decided from, a plan or the accounts lent, is read after this. Else two who each take back one of two
    accounts see the other one still lent, and a call that began under a plan brings its allowance back after its end.
    """
    if guard("purses_kept", person_id):
        _PERSON.one_or_none(tx, {"person_id": person_id})


def keep_allowance(tx: sa.Connection, person_id: int, plan: Plan, now: datetime, *, anew: bool = True) -> None:
    """Give the wallet of a person's plan the plan's cap and refill; a new one starts full.

    Without `anew` a plan that comes back brings what was left of it and what has refilled since, and no more.
    """
    wanted = Refilling("allowance", "", plan.allowance, plan.per_hour, origin=f"plan:{plan.name}")
    keep_refilling(tx, person_id, wanted, now, again=anew, catches_up=not anew)


@dataclass(frozen=True, slots=True)
class Refilling:
    """A wallet that refills, as it shall be: its kind, the group of models that it is for, micro-credits at most and
    an hour. `origin` says where that comes from: `plan:free`, `lending`.
    """

    kind: str
    group: str
    cap: int
    per_hour: int
    origin: str


def keep_refilling(
    tx: sa.Connection,
    person_id: int,
    wanted: Refilling,
    now: datetime,
    *,
    again: bool = True,
    catches_up: bool = False,
) -> None:
    """Bring a refilling wallet to its cap and refill. A cap that falls cuts what is left, never below zero.

    A new wallet starts full, and a cap that rises adds what it rises by. Without `again` that is given once: a cap
    that has fallen and rises gives back what was cut, and not what was spent. One that `catches_up` refills at its new
    pace from when it was last looked at or fell.
    """
    kind, group, cap, per_hour = wanted.kind, wanted.group, wanted.cap, wanted.per_hour
    because = LedgerCause(reason=wanted.origin)
    which = sa.and_(wallets.c.person_id == person_id, wallets.c.kind == kind, wallets.c.quota_group == group)
    row = tx.execute(sa.select(wallets).where(which).with_for_update()).one_or_none()
    if row is None:
        if cap <= 0:
            return
        values = {"person_id": person_id, "kind": kind, "quota_group": group, "left": cap, "origin": wanted.origin}
        made = sa.insert(wallets).values(cap=cap, per_hour=per_hour, refilled_at=now, created_at=now, **values)
        wallet_id = tx.execute(made.returning(wallets.c.id)).scalar_one()
        write_line(tx, wallet_id, "grant", cap, now, cause=because)
        return
    if (row.cap, row.per_hour, row.origin) == (cap, per_hour, wanted.origin):
        return
    come = refilled(row.left, row.cap, row.per_hour, row.refilled_at, now)
    rise = max(0, cap - row.cap)
    if rise and not again:
        rise = max(0, min(rise, cap - _given(tx, row.id)))
    if catches_up and cap > row.cap:
        come = refilled(row.left + rise, cap, max(per_hour, row.per_hour), row.refilled_at, now)
    left = row.left + come.amount + rise
    cut = max(0, left - cap)
    changed = {"cap": cap, "per_hour": per_hour, "refilled_at": come.at, "left": left - cut, "origin": wanted.origin}
    tx.execute(sa.update(wallets).where(wallets.c.id == row.id).values(**changed))
    if come.amount:
        write_line(tx, row.id, "refill", come.amount, now)
    if rise:
        write_line(tx, row.id, "grant", rise, now, cause=because)
    if cut:
        write_line(tx, row.id, "adjust", -cut, now, cause=because)


def _given(tx: sa.Connection, wallet_id: int) -> int:
    """What a wallet was ever given beside its refill, without what was cut again."""
    lines = sa.and_(ledger.c.wallet_id == wallet_id, ledger.c.kind.in_(("grant", "adjust")))
    return int(tx.execute(sa.select(sa.func.coalesce(sa.func.sum(ledger.c.amount), 0)).where(lines)).scalar_one())
