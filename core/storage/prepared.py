"""Statements of the hot path: compiled once for each database, and handed to its driver by the shortest way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from core.storage.compiled import Compiled, compiled, execute
from core.storage.later import WAITING, Effect, Touches, Unsent, Write, send


class Prepared:
    """A statement without expanding parameters, to be run with a mapping of values for its named ones."""

    def __init__(self, statement: Any) -> None:
        self.statement = statement
        self._compiled: dict[tuple[str, ...], Compiled] = {}
        self._touches: Touches | None = None

    def all(self, tx: sa.Connection, values: Mapping[str, Any]) -> Sequence[Any]:
        """Every row. Raises: what `Connection.execute` raises."""
        send(tx)
        ready = self._for(tx, values)
        return ready.rows(execute(tx, ready.text, ready.given(values)).fetchall())

    def one_or_none(self, tx: sa.Connection, values: Mapping[str, Any]) -> Any:
        """The row, or None. More than one row is an error in the statement."""
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
        send(tx)
        ready = self._for(tx, values)
        return int(execute(tx, ready.text, ready.given(values)).rowcount)

    def run_for_each(self, tx: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run a statement that returns no rows once for each set of values, in one round trip; all have the same names."""
        send(tx)
        ready = self._for(tx, rows[0])
        execute(tx, ready.text, [ready.given(row) for row in rows], many=True)

    def later(
        self, tx: sa.Connection, values: Mapping[str, Any], otherwise: Callable[[], None] | None = None
    ) -> Effect:
        """Write what nobody waits for: on PostgreSQL it is made when the unit makes its next other statement, or ends.

        It is an INSERT or an UPDATE that returns at most one row. `otherwise` is called if it changed nothing. Without
        that, the caller has to look at the result of any write that may change nothing; otherwise the unit is not
        committed.
        """
        touches = self._touches = self._touches or Touches.of(self.statement)
        ready = self._for(tx, values)
        answer = Effect(tx, touches.table.name, has_to_be_seen=otherwise is None and not touches.certain)
        write = Write(touches, ready, ready.given(values), answer, otherwise)
        waiting: Unsent | None = tx.info.get(WAITING)
        # Within a savepoint it has to fail before that is released: a failure of the release itself undoes nothing.
        if waiting is None or tx.in_nested_transaction():
            write.make(tx)
            if otherwise is not None and not answer.count:
                otherwise()
        else:
            waiting.add(tx, write)
        return answer

    def make(self, tx: sa.Connection, values: Mapping[str, Any]) -> int:
        """Insert a row and return its number. If the number was drawn before, nobody waits for the insert."""
        number: int | None = values.get("id")
        if number is None:
            return int(self.one(tx, values).id)
        self.later(tx, values)
        return number

    def _for(self, tx: sa.Connection, values: Mapping[str, Any]) -> Compiled:
        # The names decide which columns an INSERT has; for any other statement there is one entry per database.
        key = (tx.dialect.name, *values)
        ready = self._compiled.get(key)
        if ready is None:
            ready = self._compiled[key] = compiled(self.statement, tx.dialect, values)
        return ready
