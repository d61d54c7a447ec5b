"""What people and models have written, under the active key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from core.storage.chat_tables import attachments, conversations, messages
from core.vault import Undecipherable

if TYPE_CHECKING:
    from core.service import Core
    from core.vault import Vault

COLUMNS: Final[tuple[sa.Column[Any], ...]] = (
    conversations.c.title,
    conversations.c.instructions,
    messages.c.content,
    attachments.c.name,
    attachments.c.content,
)
CHUNK = 100
FEW = 10
"""Rows read at once; each may be megabytes."""


async def rewrite_talk(core: Core) -> tuple[int, list[int]]:
    """Write every text under an older key under the active one. Returns how many, and the numbers of the unreadable.

    A text that was replaced in the meantime stays as it is.
    """
    done, unreadable = 0, []
    for column in COLUMNS:
        after = 0
        while rows := await core.read(_old, core.vault, column, after):
            after = rows[-1].id
            fresh = []
            for row in rows:
                bound = f"{column.table.name}:{row.reference}:{column.name}"
                try:
                    plain = core.vault.decrypt(bytes(row.cipher), row=bound)
                except Undecipherable:
                    unreadable.append(int(row.id))
                    continue
                fresh.append({"row_id": row.id, "before": row.cipher, "after": core.vault.encrypt(plain, row=bound)})
            if fresh:
                await core.write(_rewrite, column, fresh)
                done += len(fresh)
    return done, unreadable


def count_old_talk(tx: sa.Connection, vault: Vault) -> int:
    """How many texts are under an older key."""
    return sum(
        int(tx.execute(sa.select(sa.func.count()).select_from(one.table).where(_older(one, vault))).scalar_one())
        for one in COLUMNS
    )


def _old(tx: sa.Connection, vault: Vault, column: sa.Column[Any], after: int) -> list[Any]:
    of = column.table.c
    found = sa.select(of.id, of.reference, column.label("cipher")).where(of.id > after, _older(column, vault))
    return list(tx.execute(found.order_by(of.id).limit(FEW if column is attachments.c.content else CHUNK)))


def _older(cipher: sa.Column[Any], vault: Vault) -> sa.ColumnElement[bool]:
    """Not under the active key. An erased text is empty and under none."""
    mark = f"{vault.active}:".encode()
    begins = sa.func.substr(cipher, 1, len(mark), type_=sa.LargeBinary())
    return sa.and_(cipher.is_not(None), sa.func.length(cipher) > 0, begins != mark)


def _rewrite(tx: sa.Connection, column: sa.Column[Any], fresh: list[dict[str, Any]]) -> None:
    which = sa.and_(column.table.c.id == sa.bindparam("row_id"), column == sa.bindparam("before"))
    tx.execute(sa.update(column.table).where(which).values({column.name: sa.bindparam("after")}), fresh)
