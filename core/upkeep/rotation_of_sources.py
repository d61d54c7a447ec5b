"""The credentials of model sources under the active key; the kept answers of calls are waited for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from core.service import hook_row, parent_row, source_row
from core.storage import tables as t
from core.storage.subaccount_tables import parents
from core.storage.talk_tables import calls, keys, sources

if TYPE_CHECKING:
    from core.vault import Vault

CHUNK = 200
KEPT = timedelta(days=2)
"""Longer than answers are kept, so that a key is never taken away too early."""


def old_sources(tx: sa.Connection, vault: Vault, after: int) -> list[Any]:
    """Some of the sources under an older key, beyond the one with the number `after`."""
    columns = (sources.c.id, sources.c.adapter, sources.c.fingerprint, sources.c.credential)
    found = sa.select(*columns).where(sources.c.id > after, _older(sources.c.credential, vault))
    return list(tx.execute(found.where(sources.c.removed_at.is_(None)).order_by(sources.c.id).limit(CHUNK)))


def source_under_the_active_key(vault: Vault, row: Any) -> dict[str, Any]:
    """The new values of a source's columns. Raises: Undecipherable."""
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


@dataclass(frozen=True, slots=True)
class Sealed:
    """Secrets of a table, each bound to what `bound` says of its row; those that are still `used` count."""

    table: sa.Table
    secret: sa.Column[bytes]
    used: sa.ColumnElement[bool]
    bound: Callable[[Any], str]

    def old(self, tx: sa.Connection, vault: Vault, after: int) -> list[Any]:
        """Some of those under an older key, beyond the row with the number `after`."""
        number = self.table.c.id
        found = sa.select(self.table).where(number > after, self.used, _older(self.secret, vault))
        return list(tx.execute(found.order_by(number).limit(CHUNK)))

    def under_the_active_key(self, vault: Vault, row: Any) -> dict[str, Any]:
        """The new ciphertext of a secret. Raises: Undecipherable."""
        before, bound = getattr(row, self.secret.name), self.bound(row)
        cipher = vault.encrypt(vault.decrypt(bytes(before), row=bound), row=bound)
        return {"row_id": row.id, "before": before, "new_cipher": cipher}

    def rewrite(self, tx: sa.Connection, fresh: list[dict[str, Any]]) -> int:
        """One that was replaced or removed meanwhile stays as it is: it does not match."""
        unchanged = sa.and_(self.table.c.id == sa.bindparam("row_id"), self.secret == sa.bindparam("before"))
        written = sa.update(self.table).where(unchanged).values({self.secret.name: sa.bindparam("new_cipher")})
        tx.execute(written, fresh)
        return len(fresh)

    def count_old(self, tx: sa.Connection, vault: Vault) -> int:
        """How many are under an older key."""
        old = sa.and_(self.used, _older(self.secret, vault))
        return int(tx.execute(sa.select(sa.func.count()).select_from(self.table).where(old)).scalar_one())


PARENTS: Final = Sealed(parents, parents.c.credential, parents.c.last4 != "", lambda row: parent_row(row.source_id))
HOOKS: Final = Sealed(t.hooks, t.hooks.c.secret, t.hooks.c.state != "removed", lambda row: hook_row(row.reference))


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
