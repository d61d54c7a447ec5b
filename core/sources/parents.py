"""Rows of sources that make subaccounts: how they are managed, and which of what they made has to end."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.errors import NotFound
from core.models.source_lines import ParentLine
from core.rules.money import MICRO
from core.service import parent_row
from core.storage.column_types import Moment
from core.storage.database import dialect_insert
from core.storage.names import is_called
from core.storage.subaccount_tables import SUBACCOUNT_LIVE, parents, subaccounts
from core.storage.talk_tables import sources
from core.vault import Vault


def put(tx: sa.Connection, vault: Vault, source_id: int, line: ParentLine, now: datetime) -> None:
    """Let a source make accounts for others, or change how; its address and key always come together."""
    values = {
        "adapter": line.adapter,
        "base_url": line.base_url,
        "credential": vault.encrypt(line.admin_key, row=parent_row(source_id)),
        "last4": line.admin_key[-4:],
        "for_all": line.for_all,
        "concurrency": line.concurrency,
        "rpm": line.rpm,
        "tpm": line.tpm,
        "daily_budget": None if line.daily_budget is None else int(line.daily_budget * MICRO),
    }
    made = dialect_insert(parents, tx).on_conflict_do_update(index_elements=["source_id"], set_=values)
    tx.execute(made, {"source_id": source_id, "created_at": now, **values})


def with_sources() -> sa.Select[Any]:
    """Every parent with the source that it is: name, address, models' tier, and whether it is still there."""
    kept = (sources.c.name, sources.c.base_url.label("asked_at"), sources.c.tier, sources.c.removed_at)
    return sa.select(parents, *kept).join(sources, sources.c.id == parents.c.source_id)


def parent_named(tx: sa.Connection, name: str, *, for_all: bool) -> Any:
    """The parent of that name; with `for_all` only one that everybody may ask. Raises: NotFound (kind parent)."""
    which = sa.and_(is_called(sources, name), sources.c.removed_at.is_(None))
    if for_all:
        which = sa.and_(which, parents.c.for_all)
    row = tx.execute(with_sources().where(which)).one_or_none()
    if row is None:
        raise NotFound(kind="parent", name=name[:100])
    return row


def is_subaccount(tx: sa.Connection, source_id: int) -> bool:
    """Was this source made by a parent?"""
    found = sa.select(subaccounts.c.id).where(subaccounts.c.source_id == source_id).limit(1)
    return tx.execute(found).first() is not None


def made_by_or_as(source_id: int) -> sa.ColumnElement[bool]:
    """The subaccounts that a source has made, and the one that it is."""
    children = sa.select(parents.c.id).where(parents.c.source_id == source_id)
    return sa.or_(subaccounts.c.parent_id.in_(children), subaccounts.c.source_id == source_id)


def end(tx: sa.Connection, which: sa.ColumnElement[bool], now: datetime) -> int:
    """These subaccounts are to be revoked: nobody is asked through them from now on. Returns how many.

    Whoever is at one just now has lost its claim, and settles nothing.
    """
    ended = tx.execute(
        sa.update(subaccounts)
        .where(which, subaccounts.c.state.in_(SUBACCOUNT_LIVE), subaccounts.c.state != "ending")
        .values(state="ending", claim=None, looks=0, due_at=sa.literal(now, Moment()))
        .returning(subaccounts.c.source_id)
    ).scalars()
    used = list(ended)
    here = [one for one in used if one is not None]
    if here:
        tx.execute(sa.update(sources).where(sources.c.id.in_(here)).values(enabled=False))
    return len(used)


def forget_credentials(tx: sa.Connection) -> None:
    """A parent that is gone and has nothing left to revoke is managed no more."""
    left = sa.select(subaccounts.c.parent_id).where(subaccounts.c.state.in_(SUBACCOUNT_LIVE))
    gone = sa.select(sources.c.id).where(sources.c.removed_at.is_not(None))
    which = sa.and_(parents.c.source_id.in_(gone), parents.c.id.not_in(left))
    tx.execute(sa.update(parents).where(which).values(credential=b"", last4=""))
