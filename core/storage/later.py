"""Writes that nobody waits for: PostgreSQL is sent them together, as one statement, when the next one is waited for.

Each statement is a round trip there, however small. What a unit writes with `Prepared.later` waits in the unit, in
order, until the unit makes any other statement, looks at what such a write has changed, or ends: then they become the
parts of one statement. So no read of the unit misses a write of its own, and an error in one of them fails the unit
before its commit. On SQLite, and within a savepoint, each is made at once.

Those that are sent together see one state of the database, the one before the first of them. Where that could be told
from one after the other (a later one changes the same table, or reads what an earlier one changes), they are not sent
together; neither are those of which it is not known what they read, or that may both insert and update. Their locks are
taken in their order: PostgreSQL promises no order, but carries out a part when its rows are counted, and they are
counted from left to right. `tests/storage/test_later.py` tries it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.sql import visitors

from core.storage.compiled import Compiled, execute
from core.storage.row_claims import Overtaken, to_be_seen

WAITING: Final = "writes_for_later"
"""Where a connection keeps what waits in its unit."""
MOST: Final = 16
"""Most parts of one statement; a unit that writes a thousand lines then needs no statement of its own for each count.
"""

_MARK: Final = re.compile(r"\$(\d+)")
_RETURNS: Final = re.compile(r"\bRETURNING\b")


@dataclass(frozen=True, slots=True)
class Touches:
    """What a write reads and changes, in its own table and in others."""

    table: sa.Table
    adds: bool
    """It inserts rows, and does nothing to existing ones."""
    certain: bool
    """It inserts the row that it is given, or fails."""
    returns: bool
    """It returns what it has changed, which is one row at most."""
    sets: frozenset[sa.Column[Any]]
    reads: frozenset[sa.Column[Any]]
    asks: frozenset[sa.Table]
    """The tables that its subqueries read."""
    plain: bool
    """Nothing else is in it: no textual SQL, and other tables only in its subqueries."""

    @classmethod
    def of(cls, statement: sa.Insert | sa.Update) -> Touches:
        """Raises: TypeError for anything but an INSERT or an UPDATE of a table."""
        if not isinstance(statement, sa.Insert | sa.Update) or not isinstance(table := statement.table, sa.Table):
            raise TypeError(statement)
        parts = list(visitors.iterate(statement))
        read = {base for part in parts if isinstance(part, sa.Column) for base in part.base_columns}
        asked = [part for select in parts if isinstance(select, sa.Select) for part in visitors.iterate(select)]
        # Private, but as old as the statements; `tests/storage/test_later.py` says what breaks.
        clashes = isinstance(statement, sa.Insert) and statement._post_values_clause is not None  # noqa: SLF001
        adds = isinstance(statement, sa.Insert) and not clashes
        return cls(
            table=table,
            plain=not clashes
            and not any(_is_more(part, table) for part in _outside(statement))
            and not any(map(_is_text, parts)),
            adds=adds,
            certain=adds and statement.select is None,
            returns=bool(statement._returning),  # noqa: SLF001
            sets=frozenset(table.c[_name(key)] for key in (statement._values or ())),  # noqa: SLF001
            reads=frozenset(base for base in read if isinstance(base, sa.Column) and base.table is not table),
            asks=frozenset(part for part in asked if isinstance(part, sa.Table)),
        )

    def comes_with(self, earlier: Touches) -> bool:
        """Whether this write has the same effect if it sees the state before an earlier one."""
        if not (self.plain and earlier.plain):
            return False
        if earlier.adds:
            return earlier.table not in self.asks and (self.adds or self.table is not earlier.table)
        return self.table is not earlier.table and not earlier.sets & self.reads


def _outside(statement: Any) -> Iterator[Any]:
    """The parts of a statement, without those of its subqueries."""
    for part in statement.get_children():
        if not isinstance(part, sa.SelectBase):
            yield part
            yield from _outside(part)


def _is_more(part: Any, table: sa.Table) -> bool:
    """Does it involve another table, as UPDATE … FROM does?"""
    return isinstance(part, sa.ColumnClause) and part.table is not None and part.table is not table


def _is_text(part: Any) -> bool:
    """Is it textual SQL, of which nobody can tell what it reads?"""
    loose = isinstance(part, sa.ColumnClause) and part.is_literal
    return (
        loose
        or isinstance(part, sa.TextClause)
        or (isinstance(part, sa.TableClause) and not isinstance(part, sa.Table))
    )


def _name(key: Any) -> str:
    return str(getattr(key, "key", key))


class Effect:
    """What a write has changed. Looking at it makes the write, with all that waits."""

    def __init__(self, tx: sa.Connection, table: str, *, has_to_be_seen: bool) -> None:
        self._tx = tx
        self._table = table
        self._unseen = to_be_seen(tx, self) if has_to_be_seen else []
        self._count: int | None = None
        self._rows: Sequence[Any] = ()

    def __str__(self) -> str:
        return f"a write to {self._table}"

    def tell(self, count: int, rows: Sequence[Any]) -> None:
        """Note what the write has changed."""
        self._count, self._rows = count, rows

    @property
    def count(self) -> int:
        """How many rows it has changed."""
        if self._count is None:
            send(self._tx)
        if self in self._unseen:
            self._unseen.remove(self)
        return self._count or 0

    def one_or_none(self) -> Any:
        """The row as it is now, or None if there was none to change."""
        if self.count > 1:
            raise sa.exc.MultipleResultsFound
        return self._rows[0] if self._rows else None

    def one(self) -> Any:
        """The row as it is now. Raises: Overtaken if there was none to change."""
        row = self.one_or_none()
        if row is None:
            raise Overtaken(self._table)
        return row


@dataclass(frozen=True, slots=True)
class Write:
    """One write that waits."""

    touches: Touches
    compiled: Compiled
    given: tuple[Any, ...]
    answer: Effect
    otherwise: Callable[[], None] | None

    def make(self, tx: sa.Connection) -> None:
        """Make this write alone."""
        cursor = execute(tx, self.compiled.text, self.given)
        if self.touches.returns:
            rows = self.compiled.rows(cursor.fetchall())
            self.answer.tell(len(rows), rows)
        else:
            self.answer.tell(int(cursor.rowcount), ())


class Unsent:
    """The writes of one unit that are not made yet."""

    def __init__(self) -> None:
        self._writes: list[Write] = []
        self._failure: BaseException | None = None

    def add(self, tx: sa.Connection, write: Write) -> None:
        """Let a write wait; earlier ones that it cannot be sent with are sent first."""
        if len(self._writes) == MOST or not all(write.touches.comes_with(each.touches) for each in self._writes):
            self.send(tx)
        self._writes.append(write)

    def send(self, tx: sa.Connection) -> None:
        """Make what waits. Raises: what its statements raise, and the same to everybody who comes afterwards."""
        if self._failure is not None:
            raise self._failure
        try:
            while self._writes:
                writes, self._writes = self._writes, []
                writes[0].make(tx) if len(writes) == 1 else _make(tx, writes)
                for write in writes:
                    if write.otherwise is not None and not write.answer.count:
                        write.otherwise()
        except BaseException as failure:
            # The caller of the next statement may expect errors and ignore one; this one has to reach the unit.
            self._failure = failure
            raise


def send(tx: sa.Connection) -> None:
    """Make what waits in a unit; every other statement does this first. Raises: what those statements raise."""
    waiting: Unsent | None = tx.info.get(WAITING)
    if waiting is not None:
        waiting.send(tx)


def watch(engine: sa.Engine) -> None:
    """Have every statement of an engine send what waits before it. Code that bypasses its execution calls `send`."""

    @event.listens_for(engine, "before_cursor_execute")
    def begin(connection: sa.Connection, *_: Any) -> None:
        send(connection)


def _make(tx: sa.Connection, writes: Sequence[Write]) -> None:
    text = _together(tuple((write.compiled.text, write.touches.returns) for write in writes))
    [found] = execute(tx, text, [value for write in writes for value in write.given]).fetchall()
    cells = iter(found)
    for write in writes:
        count = next(cells)
        row = next(cells) if write.touches.returns else None
        write.answer.tell(count, () if row is None else write.compiled.rows([row]))


@lru_cache(maxsize=256)
def _together(parts: tuple[tuple[str, bool], ...]) -> str:
    """One statement made of several: each is a part; it returns for each how many rows it has changed, and its row."""
    made, asked, marks = [], [], 0
    for number, (text, returns) in enumerate(parts):
        marked = _MARK.sub(lambda mark, marks=marks: f"${int(mark[1]) + marks}", text)  # type: ignore[misc]
        marks += max((int(mark) for mark in _MARK.findall(text)), default=0)
        part = f"w{number}"
        made.append(f"{part} AS ({marked if _RETURNS.search(marked) else f'{marked} RETURNING 1'})")
        asked.append(f"(SELECT count(*) FROM {part})")  # noqa: S608 - a name and a number
        if returns:
            asked.append(f"(SELECT {part} FROM {part})")  # noqa: S608 - the same
    return f"WITH {', '.join(made)} SELECT {', '.join(asked)}"
