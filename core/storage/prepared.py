"""Statements of the hot path: compiled once, and handed to the driver without SQLAlchemy's execution in between.

Of a redemption's time, the way from a statement to a cursor and back took more than half. The statements stay what
they are, Core constructs; only that way is shortened. Measured in `core/decisions/0013-the-hot-path.md`.
"""

from __future__ import annotations

import time
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.storage.slow_statements import SlowStatements

Processor = Callable[[Any], Any]

FLOAT8 = 701
"""PostgreSQL's number of the type `double precision`, as in its `pg_type`."""


@dataclass(frozen=True, slots=True)
class _Ready:
    """One statement in one database's words. `binds` are (name, constant, processor) in the order of its marks."""

    text: str
    binds: tuple[tuple[str, Any, Processor | None], ...]
    row: Any
    results: tuple[tuple[int, Processor], ...]


class Prepared:
    """A statement without expanding parameters, to be run with a mapping of values for its named ones."""

    def __init__(self, statement: Any) -> None:
        self.statement = statement
        self._ready: dict[tuple[str, ...], _Ready] = {}

    def all(self, tx: sa.Connection, values: Mapping[str, Any]) -> Sequence[Any]:
        """Every row. Raises: what `Connection.execute` raises."""
        ready = self._ready_for(tx, values)
        rows = _execute(tx, ready, _given(ready, values)).fetchall()
        if not ready.results:
            return [ready.row(*row) for row in rows]
        made = []
        for row in rows:
            cells = list(row)
            for index, processor in ready.results:
                cells[index] = processor(cells[index])
            made.append(ready.row(*cells))
        return made

    def one_or_none(self, tx: sa.Connection, values: Mapping[str, Any]) -> Any:
        """The row, or None. Several are a fault of the statement."""
        rows = self.all(tx, values)
        if len(rows) > 1:
            raise sa.exc.MultipleResultsFound
        return rows[0] if rows else None

    def one(self, tx: sa.Connection, values: Mapping[str, Any]) -> Any:
        """The one row."""
        rows = self.all(tx, values)
        if len(rows) != 1:
            raise sa.exc.NoResultFound
        return rows[0]

    def run(self, tx: sa.Connection, values: Mapping[str, Any]) -> int:
        """Run a statement that returns no rows; returns how many it changed."""
        ready = self._ready_for(tx, values)
        return int(_execute(tx, ready, _given(ready, values)).rowcount)

    def run_for_each(self, tx: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run a statement that returns no rows once for each of several values with the same names, in one round trip."""
        ready = self._ready_for(tx, rows[0])
        _execute(tx, ready, [_given(ready, row) for row in rows], many=True)

    def _ready_for(self, tx: sa.Connection, values: Mapping[str, Any]) -> _Ready:
        # The names decide which columns an INSERT has; for any other statement there is one entry per database.
        key = (tx.dialect.name, *values)
        ready = self._ready.get(key)
        if ready is None:
            ready = self._ready[key] = _compiled(self.statement, tx.dialect, values)
        return ready


def _given(ready: _Ready, values: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(
        values.get(name, constant) if processor is None else processor(values.get(name, constant))
        for name, constant, processor in ready.binds
    )


def _execute(tx: sa.Connection, ready: _Ready, given: Sequence[Any], *, many: bool = False) -> Any:
    connection = tx.connection
    watching: SlowStatements | None = connection.info.get(SlowStatements.KEY)
    if watching is not None and watching.before is not None:
        watching.before(ready.text)
    cursor: Any = connection.cursor()
    began = time.monotonic()
    try:
        cursor.executemany(ready.text, given) if many else cursor.execute(ready.text, given)
    except Exception as error:
        # A lost connection is noticed, and a driver's error gets the name that callers know.
        tx._handle_dbapi_exception(error, ready.text, given, cursor, None)  # noqa: SLF001 - there is no public way
        raise
    if watching is not None:
        watching.note(ready.text, time.monotonic() - began)
    return cursor


def _compiled(statement: Any, dialect: sa.Dialect, values: Mapping[str, Any]) -> _Ready:
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
    return _Ready(text, binds, row, tuple(results))
