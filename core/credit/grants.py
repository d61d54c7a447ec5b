"""Credit and plans that staff give to somebody by hand, each with its reason."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core import audit
from core.actors import Actor, Role
from core.command_errors import BadValue, MissingArgument
from core.credit import plans, wallets
from core.credit.ledger import LedgerCause
from core.people.people import NOBODY, person_of
from core.rules.money import MOST, amount_text, read_amount
from core.rules.terms import UNLIMITED, Term, ends_at
from core.storage import tables as t
from core.storage.names import name_key
from core.storage.talk_tables import wallets as wallet_rows
from core.talk_errors import BadAmount

if TYPE_CHECKING:
    from core.service import Core

PLATFORMS = ("telegram", "discord", "terminal", "cli")
NUMBERED = frozenset({"telegram", "discord"})
"""Where somebody is known by a number: anything else names nobody who could ever come."""


@dataclass(frozen=True, slots=True)
class Granted:
    """What somebody was given: micro-credits or a plan, until when (None: without end)."""

    person_id: int
    amount: int
    plan: str | None
    until: datetime | None


def read_identity(text: str) -> Actor:
    """A person as staff write them, `telegram:123456789`. Raises: BadValue."""
    platform, _, identity = unicodedata.normalize("NFKC", text).strip().partition(":")
    platform, identity = platform.strip().lower(), identity.strip()
    known = platform in PLATFORMS and 1 <= len(identity) <= 100 and identity.isprintable()
    if (platform in NUMBERED and not (identity.isascii() and identity.isdigit())) or identity in NOBODY:
        known = False
    if not known:
        raise BadValue(name="person", value=text[:80], examples=[f"{one}:42" for one in PLATFORMS])
    return Actor(platform, identity)


async def give(core: Core, actor: Actor, to: Actor, what: str, *, reason: str, term: Term = UNLIMITED) -> Granted:
    """Give a person an amount of credit (with a minus: take it), or a plan, for a term.

    Taking takes what is there and nothing that is claimed. Raises: NotAllowed, MissingArgument (reason), BadAmount,
    NotFound (kind plan).
    """
    actor.require(Role.OPERATOR)
    why = _why(reason)
    text = what.strip()
    if text[:1].isalpha():
        return await core.write(_give_plan, actor, to, text, term, why, core.now())
    amount = read_amount(text, least=-MOST)
    if not amount:
        raise BadAmount(name="amount", text=text)
    if amount < 0:
        return await core.write(_take, actor, to, -amount, why, core.now())
    return await core.write(_give_credit, actor, to, amount, term, why, core.now())


async def set_spend_limit(core: Core, actor: Actor, limit: int | None) -> None:
    """The most micro-credits that a person's questions may cost within a day (UTC), set by themselves; None: no limit."""
    await core.write(_set_spend_limit, actor, limit, core.now())


async def set_standing(core: Core, actor: Actor, to: Actor, standing: str, *, reason: str) -> None:
    """Suspend a person, or let them in again. A running answer of theirs ends within seconds.

    Raises: NotAllowed, MissingArgument (reason).
    """
    actor.require(Role.OPERATOR)
    await core.write(_set_standing, actor, to, standing, _why(reason), core.now())


def _why(reason: str) -> str:
    """The reason as the audit log keeps it. Raises: MissingArgument."""
    why = " ".join(reason.split())[:200]
    if not why:
        raise MissingArgument(name="reason")
    return why


def _give_credit(
    tx: sa.Connection, actor: Actor, to: Actor, amount: int, term: Term, why: str, now: datetime
) -> Granted:
    person_id = person_of(tx, to.platform, to.identity, now)
    until = ends_at(term, now)
    credit = wallets.GivenCredit(amount, "grant", expires_at=until)
    wallet_id = wallets.grant(tx, person_id, credit, now, cause=LedgerCause(actor=actor.key, reason=why))
    after = {"amount": amount_text(amount), "wallet": wallet_id, "reason": why}
    audit.record(tx, actor, "credit.granted", "person", person_id, now, after=after)
    return Granted(person_id, amount, None, until)


def _take(tx: sa.Connection, actor: Actor, to: Actor, amount: int, why: str, now: datetime) -> Granted:
    person_id = person_of(tx, to.platform, to.identity, now)
    mine = sa.and_(wallet_rows.c.person_id == person_id, wallet_rows.c.kind == "credit", wallet_rows.c.left > 0)
    taken = 0
    for wallet_id in tx.execute(sa.select(wallet_rows.c.id).where(mine).order_by(wallet_rows.c.id)).scalars().all():
        taken -= wallets.adjust(tx, wallet_id, taken - amount, now, actor=actor.key, reason=why)
        if taken >= amount:
            break
    after = {"amount": amount_text(-taken), "reason": why}
    audit.record(tx, actor, "credit.taken", "person", person_id, now, after=after)
    return Granted(person_id, -taken, None, None)


def _give_plan(tx: sa.Connection, actor: Actor, to: Actor, plan: str, term: Term, why: str, now: datetime) -> Granted:
    person_id = person_of(tx, to.platform, to.identity, now)
    _, until = plans.join(tx, actor, person_id, plan, term, now, origin=f"grant: {why}"[:120])
    return Granted(person_id, 0, name_key(plan), until)


def _set_spend_limit(tx: sa.Connection, actor: Actor, limit: int | None, now: datetime) -> None:
    person_id = person_of(tx, actor.platform, actor.identity, now)
    tx.execute(sa.update(t.people).where(t.people.c.id == person_id).values(spend_limit=limit))
    after = {"limit": None if limit is None else amount_text(limit)}
    audit.record(tx, actor, "person.spend_limit", "person", person_id, now, after=after)


def _set_standing(tx: sa.Connection, actor: Actor, to: Actor, standing: str, why: str, now: datetime) -> None:
    note_standing(tx, actor, person_of(tx, to.platform, to.identity, now), standing, why, now)


def note_standing(tx: sa.Connection, actor: Actor, person_id: int, standing: str, why: str, now: datetime) -> None:
    """A person is suspended, or active again; takes effect with their next call, and on running ones."""
    changed = tx.execute(
        sa.update(t.people).where(t.people.c.id == person_id, t.people.c.standing != standing).values(standing=standing)
    )
    if changed.rowcount:
        after = {"standing": standing, "reason": why}
        audit.record(tx, actor, "person.standing", "person", person_id, now, after=after)
