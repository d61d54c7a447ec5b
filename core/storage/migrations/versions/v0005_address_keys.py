"""Addresses are compared by the simple lower case of their letters: `ß` and `ss` are two mailboxes. Frozen.

Keys that were made by caseless matching are made anew from the addresses. Every new key is finer than the old one, so
nothing that was two becomes one. Occupants of seats are known by their key alone and keep it until they are read again.
"""

from __future__ import annotations

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

TABLES = ("code_requests", "leases", "redemptions", "removals", "waitlist")


def upgrade() -> None:
    tx = op.get_bind()
    for name in TABLES:
        table = sa.table(
            name, sa.column("id", Id), sa.column("address", sa.String), sa.column("address_key", sa.String)
        )
        # What is written in ASCII has the same key as before.
        other = (
            table.c.address.op("GLOB")("*[^ -~]*") if tx.dialect.name == "sqlite" else table.c.address.op("~")("[^ -~]")
        )
        for row in tx.execute(sa.select(table.c.id, table.c.address).where(other)).all():
            tx.execute(sa.update(table).where(table.c.id == row.id).values(address_key=_key(row.address)))


def downgrade() -> None:
    """The finer keys stay: an address is still found by what it was written as."""


def _key(address: str) -> str:
    lower = "".join(char.lower()[:1] for char in unicodedata.normalize("NFC", address))
    return unicodedata.normalize("NFC", lower)
