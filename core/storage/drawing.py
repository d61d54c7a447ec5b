"""The number of a row before the row exists, so that statements which name it need not wait for it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler


class drawn(sa.ColumnElement[Any]):  # noqa: N801 - it is written as SQL's functions are
    """The next number of a table's rows, reserved. None on SQLite, where nobody waits."""

    inherit_cache = False

    def __init__(self, table: sa.Table) -> None:
        self.type = sa.BigInteger()
        self.table = table


@compiles(drawn)
def _not_drawn(_: drawn, __: SQLCompiler, **___: Any) -> str:
    return "NULL"


@compiles(drawn, "postgresql")
def _drawn(element: drawn, _: SQLCompiler, **__: Any) -> str:
    return f"nextval('{element.table.name}_id_seq')"
