"""Statements in one database's words, handed to the driver without SQLAlchemy's execution in between.

The way from a statement to a cursor and back took more than half of a redemption's time. The statements themselves stay
Core constructs; only that way is shortened. Measured in `core/decisions/0013-the-hot-path.md`.
"""

from __future__ import annotations

import time
from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.storage.slow_statements import SlowStatements

Processor = Callable[[Any], Any]

FLOAT8 = 701
"""PostgreSQL's number of the type `double precision`, as in its `pg_type`."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """One statement. `binds` are (name, constant, processor) in the order of its marks."""

    text: str
    binds: tuple[tuple[str, Any, Processor | None], ...]
    row: Any
    results: tuple[tuple[int, Processor], ...]

    def given(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """The values for the statement's placeholders, in the order in which the driver wants them."""
        return tuple(
            values.get(name, constant) if processor is None else processor(values.get(name, constant))
            for name, constant, processor in self.binds
        )

    def rows(self, found: Iterable[Sequence[Any]]) -> list[Any]:
        """The driver's result, as rows of the statement."""
        if not self.results:
            return [self.row(*row) for row in found]
        made = []
        for row in found:
            cells = list(row)
            for index, processor in self.results:
                cells[index] = processor(cells[index])
            made.append(self.row(*cells))
        return made


def execute(tx: sa.Connection, text: str, given: Sequence[Any], *, many: bool = False) -> Any:
    """Hand one statement to the driver and return its cursor. Raises: what `Connection.execute` raises."""
    connection = tx.connection
    watching: SlowStatements | None = connection.info.get(SlowStatements.KEY)
    if watching is not None and watching.before is not None:
        watching.before(text)
    cursor: Any = connection.cursor()
    began = time.monotonic()
    try:
        cursor.executemany(text, given) if many else cursor.execute(text, given)
    except Exception as error:
        # A lost connection is noticed, and a driver's error gets the name that callers know.
        tx._handle_dbapi_exception(error, text, given, cursor, None)  # noqa: SLF001 - there is no public way
        raise
    if watching is not None:
        watching.note(text, time.monotonic() - began)
    return cursor


def compiled(statement: Any, dialect: sa.Dialect, values: Mapping[str, Any]) -> Compiled:
    """`statement` in the words of `dialect`, with placeholders for the named `values` and for its own constants."""
    inserts = isinstance(statement, sa.Insert)
    compiled = statement.compile(dialect=dialect, column_keys=list(values) if inserts else None)
    defaults = {column.key: column.default.arg for column in (compiled.insert_prefetch if inserts else ())}
    # Private, but as old as SQLAlchemy's own execution; `tests/storage/test_prepared.py` compares the two ways.
    constants = compiled.construct_params({**defaults, **values}, escape_names=False)
    processors = dict(compiled._bind_processors)  # noqa: SLF001
    text, order = compiled.string, compiled.positiontup
    if compiled.post_compile_params or compiled.literal_execute_params:
        expanded = compiled._process_parameters_for_postcompile(constants)  # noqa: SLF001
        text, order = expanded.statement, expanded.positiontup
        constants = {**constants, **expanded.additional_parameters}
        processors |= expanded.processors
    binds = tuple((name, None if name in values else constants.get(name), processors.get(name)) for name in order)
    columns = compiled._result_columns  # noqa: SLF001
    results = []
    for index, column in enumerate(columns):
        # asyncpg's types ask by number what a column holds; all others do not ask.
        number = FLOAT8 if isinstance(column.type, sa.Float) and dialect.name == "postgresql" else None
        processor = column.type._cached_result_processor(dialect, number)  # noqa: SLF001
        if processor is not None:
            results.append((index, processor))
    row = namedtuple("Row", [column.keyname for column in columns], rename=True)  # type: ignore[misc]  # noqa: PYI024 - made from a statement's columns
    return Compiled(text, binds, row, tuple(results))
