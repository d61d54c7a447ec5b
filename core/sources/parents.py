"""Rows of sources that make subaccounts: how they are managed, and which of their subaccounts have to end."""

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
    """The parent of that name; with `for_all` only one that everybody may ask. Raises: NotFound (kind parent).

    Its row is locked until the transaction ends, so that whoever removes it sees what was written down for it.
    """
    which = sa.and_(is_called(sources, name), sources.c.removed_at.is_(None))
    if for_all:
        which = sa.and_(which, parents.c.for_all)
    row = tx.execute(with_sources().where(which).with_for_update(read=True, of=sources)).one_or_none()
    if row is None:
        raise NotFound(kind="parent", name=name[:100])
    return row


def is_subaccount(tx: sa.Connection, source_id: int) -> bool:
    """Was this source made by a parent?"""
    found = sa.select(subaccounts.c.id).where(subaccounts.c.source_id == source_id).limit(1)
    return tx.execute(found).first() is not None


def is_ending(tx: sa.Connection, source_id: int) -> bool:
    """Is this source an account that is to be revoked?"""
    mine = sa.and_(subaccounts.c.source_id == source_id, subaccounts.c.state == "ending")
    return tx.execute(sa.select(subaccounts.c.id).where(mine).limit(1)).first() is not None


def is_somebodys(tx: sa.Connection, parent_id: int, reference: str) -> bool:
    """Does one of a parent's subaccounts have this reference?"""
    which = sa.and_(subaccounts.c.parent_id == parent_id, subaccounts.c.reference == reference)
    found = sa.select(subaccounts.c.id).where(which, subaccounts.c.state.in_(SUBACCOUNT_LIVE)).limit(1)
    return tx.execute(found).first() is not None


def keep_to_revoke(tx: sa.Connection, parent_id: int, name: str, reference: str, now: datetime) -> bool:
    """Write down a subaccount that its parent reported too late for its row, so that it is revoked.

    False where it is the subaccount that somebody has: the parent reported it twice.
    """
    if is_somebodys(tx, parent_id, reference):
        return False
    # Nothing has this name there: its reference is what it is known by.
    what = {"parent_id": parent_id, "name": f"{name}-late", "reference": reference, "state": "ending"}
    tx.execute(sa.insert(subaccounts).values(**what, sent_at=now, created_at=now, due_at=now))
    return True


def made_by_or_as(source_id: int) -> sa.ColumnElement[bool]:
    """The subaccounts that a source has made, and, if the source is a subaccount itself, that one."""
    children = sa.select(parents.c.id).where(parents.c.source_id == source_id)
    return sa.or_(subaccounts.c.parent_id.in_(children), subaccounts.c.source_id == source_id)


def end(tx: sa.Connection, which: sa.ColumnElement[bool], now: datetime) -> int:
    """Mark these subaccounts to be revoked: from now on nobody is asked through them. Returns how many.

    A process that is working on one has lost its claim and settles nothing; it may have sent requests until this
    moment.
    """
    moment = sa.literal(now, Moment())
    asked = sa.case((subaccounts.c.state == "sending", moment), else_=subaccounts.c.sent_at)
    ended = tx.execute(
        sa.update(subaccounts)
        .where(which, subaccounts.c.state.in_(SUBACCOUNT_LIVE), subaccounts.c.state != "ending")
        .values(state="ending", claim=None, looks=0, due_at=moment, sent_at=asked)
        .returning(subaccounts.c.source_id)
    ).scalars()
    used = list(ended)
    here = [one for one in used if one is not None]
    if here:
        tx.execute(sa.update(sources).where(sources.c.id.in_(here)).values(enabled=False))
    return len(used)


def forget_credentials(tx: sa.Connection) -> None:
    """Forget how to manage a parent that is gone and has nothing left to revoke."""
    left = sa.select(subaccounts.c.parent_id).where(subaccounts.c.state.in_(SUBACCOUNT_LIVE))
    gone = sa.select(sources.c.id).where(sources.c.removed_at.is_not(None))
    which = sa.and_(parents.c.source_id.in_(gone), parents.c.id.not_in(left))
    tx.execute(sa.update(parents).where(which).values(credential=b"", last4=""))
