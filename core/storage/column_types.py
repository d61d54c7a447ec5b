"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping
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
    """A state word of the schema. Comparisons write it into the statement, where other values are sent as parameters.

    A planner uses a partial index on a state only for a statement in which it can read that state.
    """

    impl = sa.String
    cache_ok = True

    class comparator_factory(TypeDecorator.Comparator[str]):  # noqa: D106, N801 - SQLAlchemy's name for it
        def operate(self, op: Any, *other: Any, **kwargs: Any) -> Any:
            return super().operate(op, *(_spelled(each) for each in other), **kwargs)


Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""SQLite numbers rows by itself only in a column that is exactly INTEGER PRIMARY KEY."""


MOMENT = "$moment"
"""The one key of the object that stands for a moment in JSON."""


class Json(TypeDecorator[Any]):
    """JSON that keeps moments: an aware datetime at any depth comes back as one, in UTC. On PostgreSQL it is `jsonb`."""

    impl = sa.JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        if dialect.name != "postgresql":
            return dialect.type_descriptor(sa.JSON())
        # Asked for when a statement goes there: named above, it would import the dialect for everybody.
        from sqlalchemy.dialects.postgresql import JSONB

        return dialect.type_descriptor(JSONB())

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> Any:  # noqa: ARG002 - the same on both databases
        return _with_moments_written(value)

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> Any:  # noqa: ARG002 - the same on both databases
        return _with_moments_read(value)


def _with_moments_written(value: Any) -> Any:
    if isinstance(value, datetime):
        return {MOMENT: value.astimezone(UTC).isoformat()}
    if isinstance(value, Mapping):
        return {name: _with_moments_written(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_with_moments_written(one) for one in value]
    return value


def _with_moments_read(value: Any) -> Any:
    if isinstance(value, dict):
        if value.keys() == {MOMENT}:
            return datetime.fromisoformat(value[MOMENT])
        return {name: _with_moments_read(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_with_moments_read(one) for one in value]
    return value
