"""What is stored of a person's credit, calls and accounts: to be taken along, and to be erased.

The lines of the ledger stay, without the person: they are the house's books.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.storage.names import renamed
from core.storage.subaccount_tables import subaccounts
from core.storage.talk_tables import (
    OPEN,
    calls,
    gifts,
    keys,
    ledger,
    memberships,
    outside_links,
    outside_visits,
    plans,
    sources,
    wallets,
)

NAMELESS = "erased"
"""What a key is called whose person is forgotten."""


def export_credit(tx: sa.Connection, person_id: int) -> dict[str, Any]:
    """Wallets, calls, codes that gave something, plans, keys and own accounts, as JSON values."""

    def rows(table: sa.Table, owner: sa.Column[Any], *names: str) -> list[dict[str, Any]]:
        chosen = [table.c[name] for name in names]
        found = tx.execute(sa.select(*chosen).where(owner == person_id).order_by(table.c.id))
        return [{name: _plain(value) for name, value in row._mapping.items()} for row in found]  # noqa: SLF001 - public

    given = sa.select(plans.c.name, memberships.c.began_at, memberships.c.until_at).join(
        plans, plans.c.id == memberships.c.plan_id
    )
    lived = tx.execute(given.where(memberships.c.person_id == person_id).order_by(memberships.c.id))
    return {
        "wallets": rows(wallets, wallets.c.person_id, "kind", "left", "claimed", "expires_at", "created_at"),
        "calls": rows(
            calls, calls.c.person_id, "model", "state", "finish", "tokens_in", "tokens_out", "charged", "made_at"
        ),
        "gifts": rows(gifts, gifts.c.person_id, "gives", "amount", "plan", "until_at", "created_at"),
        "plans": [{"plan": row.name, "from": _plain(row.began_at), "until": _plain(row.until_at)} for row in lived],
        "keys": rows(keys, keys.c.person_id, "name", "last4", "scopes", "state", "created_at", "last_used_at"),
        "elsewhere": rows(outside_links, outside_links.c.person_id, "site", "subject", "facts", "linked_at", "seen_at"),
        "accounts": rows(sources, sources.c.owner_id, "name", "base_url", "last4", "shared", "created_at"),
        "subaccounts": rows(subaccounts, subaccounts.c.person_id, "name", "state", "created_at", "ended_at"),
    }


def join_credit(tx: sa.Connection, former: int, into: int, now: datetime) -> None:
    """Two people are one from now on: what the former one has is the other's, and every balance stays what it was.

    A wallet of a kind that the other has already is emptied into that one, with a line in the ledger on both sides.
    """
    theirs = {_sort(row): row for row in _wallets(tx, into)}
    for row in _wallets(tx, former):
        same = theirs.get(_sort(row))
        if same is None:
            tx.execute(sa.update(wallets).where(wallets.c.id == row.id).values(person_id=into))
            continue
        if row.left and row.kind == "credit":
            for wallet_id, amount in ((row.id, -row.left), (same.id, row.left)):
                left = {"left": wallets.c.left + amount}
                tx.execute(sa.update(wallets).where(wallets.c.id == wallet_id).values(**left))
                line = {"wallet_id": wallet_id, "kind": "adjust", "amount": amount, "reason": "joined", "at": now}
                tx.execute(sa.insert(ledger).values(**line))
        # What a call under way gives back to it ends with it; an allowance is had once.
        tx.execute(sa.update(wallets).where(wallets.c.id == row.id).values(person_id=None))
    live = sa.and_(memberships.c.person_id == into, memberships.c.ended_at.is_(None))
    if tx.execute(sa.select(memberships.c.id).where(live)).first() is not None:
        ended = sa.update(memberships).where(memberships.c.person_id == former, memberships.c.ended_at.is_(None))
        tx.execute(ended.values(ended_at=now))
    tx.execute(sa.update(memberships).where(memberships.c.person_id == former).values(person_id=into))
    twice = sa.select(gifts.c.code_id).where(gifts.c.person_id == into)
    mine = sa.and_(gifts.c.person_id == former, gifts.c.code_id.not_in(twice))
    tx.execute(sa.update(gifts).where(mine).values(person_id=into))
    known = sa.select(outside_links.c.site).where(outside_links.c.person_id == into)
    tx.execute(sa.delete(outside_links).where(outside_links.c.person_id == former, outside_links.c.site.in_(known)))
    # One of each parent is what a person has: the other one is revoked by the sweep, as nobody's.
    had = sa.select(subaccounts.c.parent_id).where(subaccounts.c.person_id == into, subaccounts.c.ended_at.is_(None))
    second = sa.and_(subaccounts.c.person_id == former, subaccounts.c.parent_id.in_(had))
    tx.execute(sa.update(subaccounts).where(second, subaccounts.c.ended_at.is_(None)).values(person_id=None))
    for owner in (
        outside_links.c.person_id,
        outside_visits.c.person_id,
        calls.c.person_id,
        keys.c.person_id,
        # In this order: one that is being settled has a source as soon as its row is free.
        subaccounts.c.person_id,
        sources.c.owner_id,
    ):
        tx.execute(sa.update(owner.table).where(owner == former).values({owner.name: into}))


def _wallets(tx: sa.Connection, person_id: int) -> list[Any]:
    return list(
        tx.execute(sa.select(wallets).where(wallets.c.person_id == person_id).order_by(wallets.c.id).with_for_update())
    )


def _sort(row: Any) -> tuple[Any, ...]:
    """What a person has one wallet of; credit that ends has as many as it comes to."""
    if row.expires_at is not None:
        return ("ending", row.id)
    return (row.kind, row.quota_group, row.pool_id)


def gift_keys(tx: sa.Connection, person_id: int | None) -> frozenset[str]:
    """The request keys of what codes gave to a person; with None, to people who are forgotten."""
    return frozenset(
        tx.execute(sa.select(gifts.c.request_key).where(gifts.c.person_id.is_not_distinct_from(person_id))).scalars()
    )


def whose_gifts(tx: sa.Connection, keys: Collection[str]) -> list[tuple[str, str]]:
    """To whom codes gave what was asked for under these keys."""
    found = tx.execute(sa.select(gifts.c.platform, gifts.c.identity).where(gifts.c.request_key.in_(keys)))
    return [(row.platform, row.identity) for row in found]


def forget_credit(tx: sa.Connection, person_id: int, now: datetime) -> int:
    """Let go of a person: their credit ends, their keys and accounts go, their calls stay without them.

    A call under way is settled as ever; what it gives back ends with its wallet. Returns how many rows were theirs.
    """
    mine = wallets.c.person_id == person_id
    rows = 0
    for wallet in tx.execute(sa.select(wallets).where(mine).order_by(wallets.c.id).with_for_update()).all():
        if wallet.left:
            line = {"wallet_id": wallet.id, "kind": "expiry", "amount": wallet.left, "reason": "erased", "at": now}
            tx.execute(sa.insert(ledger).values(**line))
        tx.execute(sa.update(wallets).where(wallets.c.id == wallet.id).values(person_id=None, left=0))
        rows += 1
    over = sa.and_(calls.c.person_id == person_id, calls.c.state.not_in(OPEN))
    rows += tx.execute(sa.update(calls).where(over).values(answer=None, beside=None)).rowcount
    tx.execute(sa.update(calls).where(calls.c.person_id == person_id).values(person_id=None))
    gone = {"person_id": None, "platform": "erased", "identity": "erased"}
    rows += tx.execute(sa.update(gifts).where(gifts.c.person_id == person_id).values(**gone)).rowcount
    live = memberships.c.person_id == person_id
    rows += tx.execute(
        sa.update(memberships)
        .where(live)
        .values(
            person_id=None,
            ended_at=sa.func.coalesce(memberships.c.ended_at, sa.literal(now, memberships.c.ended_at.type)),
        )
    ).rowcount
    for held in (outside_links, outside_visits):
        rows += tx.execute(sa.delete(held).where(held.c.person_id == person_id)).rowcount
    # What was made for them elsewhere is revoked by the sweep, which knows it by its name.
    made = sa.update(subaccounts).where(subaccounts.c.person_id == person_id).values(person_id=None)
    rows += tx.execute(made).rowcount
    rows += tx.execute(
        sa.update(keys).where(keys.c.person_id == person_id).values(person_id=None, state="revoked", name=NAMELESS)
    ).rowcount
    for source in tx.execute(sa.select(sources.c.id).where(sources.c.owner_id == person_id)).scalars().all():
        gone_source = {"enabled": False, "shared": False, "owner_id": None, "credential": b"", "last4": ""}
        named = {**renamed(f"erased #{source}"), "removed_at": now}
        fingerprint = source.to_bytes(32, "big")
        which = sources.c.id == source
        tx.execute(sa.update(sources).where(which).values(fingerprint=fingerprint, **gone_source, **named))
        rows += 1
    return rows


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
