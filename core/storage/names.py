"""Names that people give to pools, teams, models and sources: told apart and found by one folded key, in any script."""

from __future__ import annotations

import unicodedata
from typing import Any

import sqlalchemy as sa

from core.errors import NotFound


def name_key(name: str) -> str:
    """What names are compared by: NFKC and caseless, with single spaces. SQLite's own `lower()` knows ASCII only."""
    # What a database does not store is in no name, so it cannot be looked for either.
    storable = name.replace("\0", "").encode("utf-8", "ignore").decode()
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", storable).casefold())
    return " ".join(folded.split())


def key_of_row(context: Any) -> str:
    """The key of a row that is being inserted, so that no writer can forget it."""
    return name_key(context.get_current_parameters()["name"])


def is_called(table: sa.Table, name: str) -> sa.ColumnElement[bool]:
    """The condition for the row of `table` with this name, in whatever spelling."""
    return table.c.name_key == name_key(name)


def number_of(tx: sa.Connection, table: sa.Table, kind: str, name: str) -> int:
    """The number of the row with this name, for a filter: a filter that names nothing is an error. Raises: NotFound."""
    row = tx.execute(sa.select(table.c.id).where(is_called(table, name)).order_by(table.c.id)).scalars().first()
    if row is None:
        raise NotFound(kind=kind, name=name[:80])
    return int(row)


def starting_with(table: sa.Table, prefix: str) -> sa.ColumnElement[bool]:
    """The condition for the rows of `table` whose names begin like this, in whatever spelling."""
    return table.c.name_key.startswith(name_key(prefix), autoescape=True)


def renamed(name: str) -> dict[str, str]:
    """The values that give a row this name."""
    return {"name": name, "name_key": name_key(name)}
