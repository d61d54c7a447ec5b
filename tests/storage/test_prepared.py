"""Prepared statements mean what SQLAlchemy's own execution means, on both databases."""

from __future__ import annotations

import inspect
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.exc import IntegrityError
from structlog.testing import capture_logs

from core.storage import tables as t
from core.storage.column_types import Moment
from core.storage.database import Database
from core.storage.prepared import Prepared

NOW = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)
POOL = {
    "name": "north",
    "name_key": "north",
    "prefix": "TEAM",
    "policy": "fill_first",
    "default_term": "1mo",
    "allowed_domains": ["example.com"],
    "created_at": NOW,
}
INSERT = sa.insert(t.pools).returning(t.pools.c.id)
SELECT = sa.select(t.pools).where(
    t.pools.c.name == sa.bindparam("wanted"), t.pools.c.policy.in_(("fill_first", "proven"))
)
MOVE = (
    sa.update(t.pools)
    .where(t.pools.c.created_at <= sa.bindparam("now", type_=Moment()), t.pools.c.enabled)
    .values(last_team_id=sa.bindparam("team"))
)


def both_ways(tx: sa.Connection) -> None:
    Prepared(INSERT).one(tx, POOL)
    tx.execute(INSERT, {**POOL, "name": "south", "name_key": "south"})
    north, south = (Prepared(SELECT).one_or_none(tx, {"wanted": name}) for name in ("north", "south"))
    usual = tx.execute(SELECT, {"wanted": "north"}).one()
    assert tuple(north) == tuple(usual)
    assert north.created_at == NOW
    assert north.enabled is True
    assert north.waitlist_open is True
    names = {"id": 0, "name": "", "name_key": ""}
    assert {**north._asdict(), **names} == {**south._asdict(), **names}
    assert Prepared(SELECT).one_or_none(tx, {"wanted": "nowhere"}) is None
    assert Prepared(MOVE).run(tx, {"now": NOW, "team": 3}) == 2
    assert Prepared(MOVE).run(tx, {"now": NOW.replace(year=2020), "team": 4}) == 0


def nothing_is_null(tx: sa.Connection) -> tuple[int, int]:
    line = {"at": NOW, "actor": "a", "action": "b", "subject": "c", "subject_id": 1, "before": None, "after": {"x": 1}}
    Prepared(sa.insert(t.audit_log)).run(tx, line)
    tx.execute(sa.insert(t.audit_log), line)
    kinds = tx.execute(sa.select(sa.func.count(sa.distinct(sa.cast(t.audit_log.c.before, sa.Text))))).scalar_one()
    return kinds, tx.execute(sa.select(sa.func.count()).select_from(t.audit_log)).scalar_one()


async def test_they_read_and_write_the_same(database_url: str) -> None:
    database = Database(database_url)
    try:
        await database.write(both_ways)
        kinds, count = await database.write(nothing_is_null)
        assert kinds <= 1
        assert count == 2
    finally:
        await database.close()


async def test_a_constraint_speaks_by_the_same_name(database_url: str) -> None:
    database = Database(database_url)
    insert = Prepared(sa.insert(t.facts))
    row = {"name": "one", "value": [1], "changed_at": NOW}
    try:
        await database.write(insert.run, row)
        with pytest.raises(IntegrityError):
            await database.write(insert.run, row)
        assert await database.write(insert.run, {**row, "name": "two"}) == 1
    finally:
        await database.close()


async def test_a_slow_one_is_noticed(database_url: str) -> None:
    database = Database(database_url, slow=0.0)
    row = {"name": "one", "value": [1], "changed_at": NOW}
    try:
        with capture_logs() as heard:
            await database.write(Prepared(sa.insert(t.facts)).run, row)
        assert [line for line in heard if line["event"] == "slow_statement" and "INTO facts" in line["statement"]]
    finally:
        await database.close()


@pytest.mark.parametrize("dialect", [sqlite.dialect(paramstyle="qmark"), asyncpg.dialect()], ids=["sqlite", "pg"])
def test_what_prepared_relies_on_is_still_what_it_was(dialect: sa.Dialect):
    """Five things that SQLAlchemy keeps to itself. Where one has changed, this says which; the rest says what it breaks."""
    taken = list(inspect.signature(sa.Connection._handle_dbapi_exception).parameters)
    assert taken[:6] == ["self", "e", "statement", "parameters", "cursor", "context"]
    compiled: Any = MOVE.compile(dialect=dialect)
    assert set(compiled._bind_processors) <= set(compiled.binds)
    selected: Any = SELECT.compile(dialect=dialect)
    assert [column.keyname for column in selected._result_columns] == [column.name for column in t.pools.c]
    expanded = selected._process_parameters_for_postcompile(selected.construct_params({"wanted": "north"}))
    assert expanded.statement
    assert len(expanded.positiontup) == 3  # the name, and two policies
    assert t.pools.c.created_at.type._cached_result_processor(dialect, None) is not None
