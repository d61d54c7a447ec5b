"""What somebody has, what it was spent on, and what the house made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core.actors import Actor, Role
from core.credit import plans
from core.errors import NotFound
from core.rules.plans import Plan
from core.rules.refills import refilled
from core.rules.spans import days_before
from core.storage import tables as t
from core.storage.talk_tables import OPEN, calls, keys, ledger, memberships, sources, wallets

if TYPE_CHECKING:
    from core.service import Core

MOST_LINES = 1_000


@dataclass(frozen=True, slots=True)
class WalletLine:
    """A wallet as it is now. Micro-credits. A refilling one has `cap` and `per_hour`; credit may have an end."""

    id: int
    kind: str
    group: str
    left: int
    claimed: int
    cap: int | None
    per_hour: int | None
    expires_at: datetime | None
    origin: str


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One line of the ledger, with the call or the code that it is about."""

    id: int
    at: datetime
    kind: str
    amount: int
    wallet: int | None
    call: int | None
    code: int | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Wallet:
    """Everything a person has: `credit` and what `allowances` hold is free to spend, `claimed` belongs to open calls."""

    credit: int
    claimed: int
    purses: Sequence[WalletLine]
    plan: Plan
    plan_until: datetime | None
    lines: Sequence[LedgerLine]
    limit: int | None = None
    """What the person lets themselves spend within a day (UTC)."""
    spent: int = 0
    """What they have spent of it today, questions under way included."""

    @property
    def allowances(self) -> list[WalletLine]:
        """The wallets that refill."""
        return [purse for purse in self.purses if purse.cap is not None]


@dataclass(frozen=True, slots=True)
class UsageLine:
    """A person's (or everybody's) calls of one day, model and key; `key` is how it ends, none of what a chat asked."""

    day: str
    model: str
    key: str
    calls: int
    tokens_in: int
    tokens_out: int
    charged: int


@dataclass(frozen=True, slots=True)
class MoneyLine:
    """What one source's calls of one ending came to: charged to people, billed by the source as far as known."""

    source: str
    finish: str
    calls: int
    charged: int
    billed: int

    @property
    def loss(self) -> int:
        """Billed and paid by nobody; negative where estimates were above what was billed."""
        return self.billed - self.charged


@dataclass(frozen=True, slots=True)
class Money:
    """A period's sums in micro-credits, and where the house lost."""

    granted: int
    refilled: int
    expired: int
    adjusted: int
    charged: int
    absorbed: int
    claimed_now: int
    left_now: int
    lines: Sequence[MoneyLine]

    @property
    def loss(self) -> int:
        """All that was billed and not paid."""
        return sum(line.loss for line in self.lines)


async def wallet_of(core: Core, actor: Actor, of: Actor, *, lines: int = 20) -> Wallet:
    """What a person has. One's own, or with a viewer's role anybody's. Raises: NotAllowed, NotFound (kind person)."""
    if of.key != actor.key:
        actor.require(Role.VIEWER)
    return await core.read(read_wallet, of, lines, core.now(), of.key == actor.key)


async def usage_of(core: Core, actor: Actor, of: Actor | None, *, days: int) -> list[UsageLine]:
    """Calls by day, model and key, the latest day first; `of` None is everybody, for staff.

    Raises: NotAllowed, BadNumber.
    """
    if of is None or of.key != actor.key:
        actor.require(Role.VIEWER)
    return await core.read(_usage, of, days_before(core.now(), days))


async def money(core: Core, actor: Actor, *, days: int) -> Money:
    """The house's figures of the last days. Raises: NotAllowed, BadNumber."""
    actor.require(Role.VIEWER)
    return await core.read(_money, days_before(core.now(), days), core.now())


def person_id_of(tx: sa.Connection, of: Actor) -> int | None:
    """The person behind an identity, where there is one."""
    which = sa.and_(t.identities.c.platform == of.platform, t.identities.c.identity == of.identity)
    found: int | None = tx.execute(sa.select(t.identities.c.person_id).where(which)).scalar_one_or_none()
    return found


def spent_today(tx: sa.Connection, whose: sa.ColumnElement[bool], now: datetime) -> int:
    """Micro-credits that calls of today (UTC) have cost, or may cost while they are under way."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    used = sa.case((calls.c.state.in_(OPEN), calls.c.claimed), else_=calls.c.charged)
    total = sa.select(sa.func.coalesce(sa.func.sum(used), 0)).where(whose, calls.c.made_at >= today)
    return int(tx.execute(total).scalar_one())


def loss_since(tx: sa.Connection, since: datetime) -> int:
    """Micro-credits that accounts billed since then and nobody paid."""
    lost = sa.func.coalesce(sa.func.sum(calls.c.billed - calls.c.charged), 0)
    which = sa.and_(calls.c.ended_at >= since, calls.c.billed > calls.c.charged)
    return int(tx.execute(sa.select(lost).where(which)).scalar_one())


def read_wallet(tx: sa.Connection, of: Actor, most: int, now: datetime, own: bool) -> Wallet:
    """As `wallet_of`, inside a unit of the caller's. One's `own` is empty where nobody is known. Raises: NotFound."""
    person_id = person_id_of(tx, of)
    if person_id is None:
        if own:
            return Wallet(0, 0, (), plans.plan_named(tx, "free"), None, ())
        raise NotFound(kind="person", name=of.key)
    rows = tx.execute(sa.select(wallets).where(wallets.c.person_id == person_id).order_by(wallets.c.id)).all()
    plan = plans.plan_of(tx, person_id, now)
    purses = [_purse(row, now) for row in rows if row.left or row.claimed or row.cap]
    purses = _as_spent(purses, plan)
    until = tx.execute(
        sa.select(memberships.c.until_at).where(memberships.c.person_id == person_id, memberships.c.ended_at.is_(None))
    ).scalar_one_or_none()
    limit = tx.execute(sa.select(t.people.c.spend_limit).where(t.people.c.id == person_id)).scalar_one()
    return Wallet(
        limit=limit,
        spent=0 if limit is None else spent_today(tx, calls.c.person_id == person_id, now),
        credit=sum(purse.left for purse in purses if purse.kind == "credit" and _lives(purse, now)),
        claimed=sum(purse.claimed for purse in purses),
        purses=purses,
        plan=plan,
        plan_until=until if until is None or until > now else None,
        lines=_lines(tx, [row.id for row in rows], min(most, MOST_LINES)),
    )


def _as_spent(purses: list[WalletLine], plan: Plan) -> list[WalletLine]:
    """The allowance as the next question finds it: none where the plan gives none any more, a full one where it is new."""
    if not plan.allowance:
        return [purse for purse in purses if purse.kind != "allowance" or purse.claimed]
    if any(purse.kind == "allowance" for purse in purses):
        return purses
    cap, origin = plan.allowance, f"plan:{plan.name}"
    return [WalletLine(0, "allowance", "", cap, 0, cap, plan.per_hour, None, origin), *purses]


def _lives(purse: WalletLine, now: datetime) -> bool:
    return purse.expires_at is None or purse.expires_at > now


def _purse(row: Any, now: datetime) -> WalletLine:
    come = 0
    if row.cap is not None:
        come = refilled(row.left, row.cap, row.per_hour, row.refilled_at, now).amount
    return WalletLine(
        row.id, row.kind, row.quota_group, row.left + come, row.claimed, row.cap, row.per_hour, row.expires_at,
        row.origin,
    )  # fmt: skip


def _lines(tx: sa.Connection, ids: Sequence[int], most: int) -> list[LedgerLine]:
    found = sa.select(ledger).where(ledger.c.wallet_id.in_(ids)).order_by(ledger.c.id.desc()).limit(most)
    return [
        LedgerLine(row.id, row.at, row.kind, row.amount, row.wallet_id, row.call_id, row.code_id, row.reason)
        for row in tx.execute(found)
    ]


def _usage(tx: sa.Connection, of: Actor | None, since: datetime) -> list[UsageLine]:
    which = [calls.c.made_at >= since, calls.c.state == "settled"]
    if of is not None:
        person_id = person_id_of(tx, of)
        if person_id is None:
            return []
        which.append(calls.c.person_id == person_id)
    columns = (calls.c.made_at, calls.c.model, keys.c.last4, calls.c.tokens_in, calls.c.tokens_out, calls.c.charged)
    found: dict[tuple[str, str, str], list[int]] = {}
    asked = sa.select(*columns).select_from(calls).outerjoin(keys, keys.c.id == calls.c.key_id)
    for row in tx.execute(asked.where(*which)):
        figures = found.setdefault((row.made_at.date().isoformat(), row.model, row.last4 or ""), [0, 0, 0, 0])
        for place, value in enumerate((1, row.tokens_in, row.tokens_out, row.charged)):
            figures[place] += value
    return [UsageLine(*whose, *figures) for whose, figures in sorted(found.items(), reverse=True)]


def _money(tx: sa.Connection, since: datetime, now: datetime) -> Money:
    sums = {
        row.kind: int(row.total)
        for row in tx.execute(
            sa.select(ledger.c.kind, sa.func.sum(ledger.c.amount).label("total"))
            .where(ledger.c.at >= since)
            .group_by(ledger.c.kind)
        )
    }
    there = sa.func.coalesce(sa.func.sum(wallets.c.left), 0), sa.func.coalesce(sa.func.sum(wallets.c.claimed), 0)
    living = sa.or_(wallets.c.expires_at.is_(None), wallets.c.expires_at > now)
    left, claimed = tx.execute(sa.select(*there).where(living)).one()
    by = tx.execute(
        sa.select(
            sa.func.coalesce(sources.c.name, "").label("source"),
            calls.c.finish,
            sa.func.count().label("number"),
            sa.func.sum(calls.c.charged).label("charged"),
            sa.func.sum(calls.c.billed).label("billed"),
        )
        .select_from(calls)
        .outerjoin(sources, sources.c.id == calls.c.source_id)
        .where(calls.c.ended_at >= since, calls.c.state.not_in(OPEN), calls.c.finish.is_not(None))
        .group_by(sources.c.name, calls.c.finish)
        .order_by(sources.c.name, calls.c.finish)
    ).all()
    return Money(
        granted=sums.get("grant", 0),
        refilled=sums.get("refill", 0),
        expired=sums.get("expiry", 0),
        adjusted=sums.get("adjust", 0),
        charged=sums.get("charge", 0),
        absorbed=sums.get("absorb", 0),
        claimed_now=int(claimed),
        left_now=int(left),
        lines=[MoneyLine(row.source, row.finish, row.number, int(row.charged), int(row.billed)) for row in by],
    )
