"""Every table of all wings together: for whoever makes, compares or copies a whole database."""

from __future__ import annotations

import sqlalchemy as sa

from core.storage import chat_tables, subaccount_tables, tables, talk_tables
from core.storage.schema import metadata

__all__ = ["WINGS", "for_migrations", "metadata"]

WINGS = (tables, talk_tables, subaccount_tables, chat_tables)
"""What has to be loaded before `metadata` is whole."""


def for_migrations() -> sa.MetaData:
    """The tables with everything that creating and comparing them needs, on PostgreSQL too.

    Its partial indexes are named only here: whoever names an option of a dialect imports that dialect.
    """
    for table in metadata.tables.values():
        for index in table.indexes:
            if "where" in index.info:
                index.dialect_kwargs["postgresql_where"] = sa.text(index.info["where"])
    return metadata
