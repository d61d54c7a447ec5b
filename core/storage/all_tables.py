"""Every table of both wings, for code that creates, compares or copies a whole database."""

from __future__ import annotations

import sqlalchemy as sa

from core.storage import chat_tables, subaccount_tables, tables, talk_tables
from core.storage.schema import metadata

__all__ = ["WINGS", "for_migrations", "metadata"]

WINGS = (tables, talk_tables, subaccount_tables, chat_tables)
"""The modules to load before `metadata` is complete."""


def for_migrations() -> sa.MetaData:
    """The tables with everything that creating and comparing them needs, on PostgreSQL too.

    The partial indexes of PostgreSQL are added only here, because naming an option of a dialect imports that dialect.
    """
    for table in metadata.tables.values():
        for index in table.indexes:
            if "where" in index.info:
                index.dialect_kwargs["postgresql_where"] = sa.text(index.info["where"])
    return metadata
