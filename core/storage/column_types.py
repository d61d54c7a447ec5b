"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime: `timestamptz` on PostgreSQL, microseconds since 1970 on SQLite.

    SQLite has no time type; as integers, times compare and index exactly as on PostgreSQL.
    """

    impl = sa.DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(sa.BigInteger())
        return dialect.type_descriptor(sa.DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> Any:
        if value is None or dialect.name != "sqlite":
            return value
        return (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if dialect.name != "sqlite":
            moment: datetime = value
            return moment.astimezone(UTC)
        return _EPOCH + timedelta(microseconds=value)


def _spelled(value: Any) -> Any:
    if isinstance(value, str):
        return sa.literal(value, literal_execute=True)
    if isinstance(value, (tuple, list, set, frozenset)):
        return [_spelled(each) for each in value]
    return value


class State(TypeDecorator[str]):
    """A word of the schema's own. Comparisons spell it out, where other values are sent beside the statement.

    A partial index on a state is used only by a statement in which its planner can read that state.
    """

    impl = sa.String
    cache_ok = True

    class comparator_factory(TypeDecorator.Comparator[str]):  # noqa: D106, N801 - SQLAlchemy's name for it
        def operate(self, op: Any, *other: Any, **kwargs: Any) -> Any:
            return super().operate(op, *(_spelled(each) for each in other), **kwargs)


Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""SQLite numbers rows by itself only in a column that is exactly INTEGER PRIMARY KEY."""


class Json(TypeDecorator[Any]):
    """JSON, on PostgreSQL as `jsonb`. It is asked for when a statement goes there: naming it here imports the dialect."""

    impl = sa.JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        if dialect.name != "postgresql":
            return dialect.type_descriptor(sa.JSON())
        from sqlalchemy.dialects.postgresql import JSONB

        return dialect.type_descriptor(JSONB())
