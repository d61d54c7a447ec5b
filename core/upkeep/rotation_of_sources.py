"""The credentials of model sources under the active key; the kept answers of calls are waited for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core.service import hook_row, parent_row, source_row
from core.storage import tables as t
from core.storage.subaccount_tables import parents
from core.storage.talk_tables import calls, keys, sources

if TYPE_CHECKING:
    from core.vault import Vault

CHUNK = 200
KEPT = timedelta(days=2)
"""Longer than answers are kept: whoever counts by this never takes a key away too early."""


def old_sources(tx: sa.Connection, vault: Vault, after: int) -> list[Any]:
    """Some of the sources under an older key, beyond the one with the number `after`."""
    columns = (sources.c.id, sources.c.adapter, sources.c.fingerprint, sources.c.credential)
    found = sa.select(*columns).where(sources.c.id > after, _older(sources.c.credential, vault))
    return list(tx.execute(found.where(sources.c.removed_at.is_(None)).order_by(sources.c.id).limit(CHUNK)))


def source_under_the_active_key(vault: Vault, row: Any) -> dict[str, Any]:
    """The values that take the place of a source's. Raises: Undecipherable."""
    plain = vault.decrypt(bytes(row.credential), row=source_row(row.adapter, row.fingerprint))
    digest = vault.digest(f"source:{row.adapter}:{plain}")
    cipher = vault.encrypt(plain, row=source_row(row.adapter, digest))
    return {"row_id": row.id, "before": row.credential, "new_digest": digest, "new_cipher": cipher}


def rewrite_sources(tx: sa.Connection, fresh: list[dict[str, Any]]) -> int:
    """A credential that was replaced meanwhile stays the new one: it does not match."""
    unchanged = sa.and_(sources.c.id == sa.bindparam("row_id"), sources.c.credential == sa.bindparam("before"))
    values: dict[str, Any] = {"fingerprint": sa.bindparam("new_digest"), "credential": sa.bindparam("new_cipher")}
    tx.execute(sa.update(sources).where(unchanged).values(**values), fresh)
    return len(fresh)


def count_old_sources(tx: sa.Connection, vault: Vault) -> int:
    """How many are under an older key."""
    old = sa.and_(sources.c.removed_at.is_(None), _older(sources.c.credential, vault))
    return int(tx.execute(sa.select(sa.func.count()).select_from(sources).where(old)).scalar_one())


def old_parents(tx: sa.Connection, vault: Vault, after: int) -> list[Any]:
    """Some of the sources that make subaccounts by a key under an older one, beyond the row with the number `after`."""
    found = sa.select(parents.c.id, parents.c.source_id, parents.c.credential)
    return list(tx.execute(found.where(parents.c.id > after, _old_parent(vault)).order_by(parents.c.id).limit(CHUNK)))


def parent_under_the_active_key(vault: Vault, row: Any) -> dict[str, Any]:
    """The value that takes the place of a credential. Raises: Undecipherable."""
    bound = parent_row(row.source_id)
    cipher = vault.encrypt(vault.decrypt(bytes(row.credential), row=bound), row=bound)
    return {"row_id": row.id, "before": row.credential, "new_cipher": cipher}


def rewrite_parents(tx: sa.Connection, fresh: list[dict[str, Any]]) -> int:
    """A credential that was replaced meanwhile stays the new one: it does not match."""
    unchanged = sa.and_(parents.c.id == sa.bindparam("row_id"), parents.c.credential == sa.bindparam("before"))
    tx.execute(sa.update(parents).where(unchanged).values(credential=sa.bindparam("new_cipher")), fresh)
    return len(fresh)


def count_old_parents(tx: sa.Connection, vault: Vault) -> int:
    """How many are under an older key."""
    return int(tx.execute(sa.select(sa.func.count()).select_from(parents).where(_old_parent(vault))).scalar_one())


def _old_parent(vault: Vault) -> sa.ColumnElement[bool]:
    return sa.and_(parents.c.last4 != "", _older(parents.c.credential, vault))


def old_hooks(tx: sa.Connection, vault: Vault, after: int) -> list[Any]:
    """Some of the addresses for events whose secret is under an older key, beyond the one with the number `after`."""
    found = sa.select(t.hooks.c.id, t.hooks.c.reference, t.hooks.c.secret)
    old = sa.and_(t.hooks.c.id > after, t.hooks.c.state != "removed", _older(t.hooks.c.secret, vault))
    return list(tx.execute(found.where(old).order_by(t.hooks.c.id).limit(CHUNK)))


def hook_under_the_active_key(vault: Vault, row: Any) -> dict[str, Any]:
    """The value that takes the place of a secret. Raises: Undecipherable."""
    bound = hook_row(row.reference)
    cipher = vault.encrypt(vault.decrypt(bytes(row.secret), row=bound), row=bound)
    return {"row_id": row.id, "before": row.secret, "new_cipher": cipher}


def rewrite_hooks(tx: sa.Connection, fresh: list[dict[str, Any]]) -> int:
    """One that was removed meanwhile does not match."""
    unchanged = sa.and_(t.hooks.c.id == sa.bindparam("row_id"), t.hooks.c.secret == sa.bindparam("before"))
    tx.execute(sa.update(t.hooks).where(unchanged).values(secret=sa.bindparam("new_cipher")), fresh)
    return len(fresh)


def count_old_hooks(tx: sa.Connection, vault: Vault) -> int:
    """How many are under an older key."""
    old = sa.and_(t.hooks.c.state != "removed", _older(t.hooks.c.secret, vault))
    return int(tx.execute(sa.select(sa.func.count()).select_from(t.hooks).where(old)).scalar_one())


def count_unused_keys(tx: sa.Connection, since: datetime) -> int:
    """Keys of programs that nobody has shown since then: what is stored of one says nothing of the vault's key under it,
    and is written anew when it is shown.
    """
    unused = sa.or_(keys.c.last_used_at.is_(None), keys.c.last_used_at <= since)
    old = sa.and_(keys.c.state != "revoked", keys.c.created_at <= since, unused)
    return int(tx.execute(sa.select(sa.func.count()).select_from(keys).where(old)).scalar_one())


def answers_until(tx: sa.Connection, vault: Vault, now: datetime) -> datetime | None:
    """When the last answer under an older key is forgotten."""
    old = sa.or_(*(sa.and_(kept.is_not(None), _older(kept, vault)) for kept in (calls.c.answer, calls.c.beside)))
    last = tx.execute(sa.select(sa.func.max(calls.c.made_at)).where(old)).scalar_one()
    return None if last is None else max(now, last + KEPT)


def _older(cipher: sa.Column[bytes], vault: Vault) -> sa.ColumnElement[bool]:
    mark = f"{vault.active}:".encode()
    return sa.func.substr(cipher, 1, len(mark), type_=sa.LargeBinary()) != mark
