"""One way to claim a row that is due, and one way to change the state of a row.

A claim is a lease on a row: `claim` says whose it is, and the due time says from when on somebody else may have it. A
change of state names the expected state, and the caller looks at how many rows it changed. Nothing else writes a state
column; `tests/architecture/test_states.py` checks that, and `core/decisions/0014-read-then-written.md` says why.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from core.storage import tables as t
from core.storage.guards import guard

STATES: Final[Mapping[sa.Table, sa.Column[str]]] = {
    t.code_requests: t.code_requests.c.state,
    t.codes: t.codes.c.status,
    t.extension_requests: t.extension_requests.c.state,
    t.hooks: t.hooks.c.state,
    t.inbox: t.inbox.c.state,
    t.job_items: t.job_items.c.state,
    t.jobs: t.jobs.c.state,
    t.leases: t.leases.c.status,
    t.links: t.links.c.state,
    t.notices: t.notices.c.state,
    t.redemptions: t.redemptions.c.state,
    t.removals: t.removals.c.state,
    t.seats: t.seats.c.state,
    t.teams: t.teams.c.health,
    t.transfers: t.transfers.c.state,
    t.waitlist: t.waitlist.c.state,
}
"""The tables whose rows have a state, and the column that holds it."""
_UNTIL: Final = {t.sweeps: "claimed_until", t.teams: "read_due_at"}
"""The column that holds the end of a claim, where it is not `due_at`."""


class Overtaken(Exception):
    """The row has changed since this unit read it. Nothing is committed; the unit runs again and reads anew."""


class NobodyLooked(AssertionError):
    """A state was changed and nobody looked at how many rows changed: an error in the program."""


_unseen: WeakKeyDictionary[sa.Connection, list[Any]] = WeakKeyDictionary()


class Changed:
    """What a change of state has changed. A unit that ends without a look at it is not committed."""

    def __init__(self, tx: sa.Connection, table: str, rows: Sequence[Any], count: int) -> None:
        self._table = table
        self._rows = rows
        self._count = count
        self._unseen = to_be_seen(tx, self)

    def __str__(self) -> str:
        return f"a change of {self._count} {self._table}"

    @property
    def count(self) -> int:
        """How many rows were in the expected state, and were changed."""
        if self in self._unseen:
            self._unseen.remove(self)
        return self._count

    def all(self) -> Sequence[Any]:
        """The rows as they are now, where the change returns them."""
        return self._rows if self.count else ()

    def one_or_none(self) -> Any:
        """The row as it is now, or None if its state was not the expected one."""
        if self.count > 1:
            raise sa.exc.MultipleResultsFound
        return self._rows[0] if self._rows else None

    def one(self) -> Any:
        """The row as it is now. Raises: Overtaken if its state was not the expected one."""
        row = self.one_or_none()
        if row is None:
            raise Overtaken(self._table)
        return row


def change(
    tx: sa.Connection,
    table: sa.Table,
    *which: sa.ColumnElement[bool],
    expected: str | Collection[str],
    guarded_by: str | None = None,
    returning: bool | Sequence[sa.ColumnElement[Any]] = True,
    **values: Any,
) -> Changed:
    """Change rows that are in a state of `expected`, and return what was changed.

    `guarded_by` names the guard that a negative control takes away. `returning` is for thousands of rows at once: some
    columns of each, or only how many there are.
    """
    statement = changing(table, *which, expected=expected, guarded_by=guarded_by, **values)
    if returning is False:
        return Changed(tx, table.name, (), tx.execute(statement).rowcount)
    rows = tx.execute(statement.returning(*([table] if returning is True else returning))).all()
    return Changed(tx, table.name, rows, len(rows))


def changing(
    table: sa.Table,
    *which: sa.ColumnElement[bool],
    expected: str | Collection[str],
    guarded_by: str | None = None,
    **values: Any,
) -> sa.Update:
    """The statement of `change`, for statements that are prepared once."""
    states = (expected,) if isinstance(expected, str) else tuple(expected)
    as_read = (STATES[table].in_(states),)
    return sa.update(table).where(*which, *(guard(guarded_by, *as_read) if guarded_by else as_read)).values(**values)


def claim_due(
    tx: sa.Connection,
    table: sa.Table,
    *due: sa.ColumnElement[bool],
    until: datetime,
    order_by: Sequence[sa.ColumnElement[Any]] = (),
    most: int | None = None,
    **values: Any,
) -> Sequence[Any]:
    """Claim the first rows, in order, that are `due`, and return them as they are then, unordered.

    `values` are written with the claim; unless they hold a `claim`, each gets a token of its own. Rows locked by
    another transaction are passed over. The claim holds until `until`, when the row is due again.
    """
    key = next(iter(table.primary_key))
    first = sa.select(key).where(*due).order_by(*order_by).limit(most).with_for_update(of=table, skip_locked=True)
    # Two statements: inside the UPDATE, PostgreSQL may run the subquery again and find other rows.
    chosen = tx.execute(first).scalars().all()
    if not chosen:
        return ()
    if "claim" in table.c:
        values.setdefault("claim", new_token())
    values[_UNTIL.get(table, "due_at")] = until
    return tx.execute(sa.update(table).where(key.in_(chosen), *due).values(**values).returning(table)).all()


def new_token() -> str:
    """A fencing token that nobody else has."""
    return secrets.token_hex(12)


def to_be_seen(tx: sa.Connection, what: Any) -> list[Any]:
    """Refuse to commit a unit that ends while `what` is still in the list that is returned."""
    unseen = _unseen.setdefault(tx, [])
    unseen.append(what)
    return unseen


def refuse_unseen(tx: sa.Connection) -> None:
    """Check at the end of a unit, before its commit. Raises: NobodyLooked."""
    if unseen := _unseen.pop(tx, None):
        raise NobodyLooked(", ".join(str(one) for one in unseen))


def forget_unseen(tx: sa.Connection) -> None:
    """A unit has failed and is rolled back with everything that it changed."""
    _unseen.pop(tx, None)
