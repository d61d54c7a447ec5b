"""Copying a whole database into an empty one, of the same kind or the other: moves, backups and restores.

The source is read in one snapshot while others go on writing; the target is written in one transaction, so that a
copy that fails leaves nothing. Afterwards every row is read on both sides and compared.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from core.errors import Misconfigured
from core.setting_faults import SettingFault
from core.storage import migrate
from core.storage.all_tables import metadata
from core.storage.postgres_urls import for_driver

COUNTED_ANEW: Final = frozenset({"figures", "figure_changes", "team_figures"})
"""Filled by triggers while the rows that they count are copied."""

LAST: Final = "batch_changes"
"""Triggers add to this one too, so what they added is replaced by the source's own rows at the end."""

CHUNK: Final = 2_000
"""Rows in memory at once."""


async def copy_database(
    source_url: str,
    target_url: str,
    *,
    afterwards: Callable[[sa.Connection], object] | None = None,
    watched: Callable[[int], None] | None = None,
) -> dict[str, int]:
    """Copy everything and return the number of rows by table. `afterwards` is done to the target in the same transaction.

    `watched` is called with the number of rows in each chunk once they are copied. Both must have the present schema, and the target must be empty. Raises: Misconfigured.
    """
    async with _reading(source_url) as source, _writing(target_url) as target:
        await _refuse(source, target)
        copied = {table.name: await _copy(source, target, table, watched) for table in _tables()}
        await target.run_sync(continue_numbers, await source.run_sync(last_numbers))
        different = [
            table.name for table in _tables() if await _fingerprint(source, table) != await _fingerprint(target, table)
        ]
        if different:
            raise Misconfigured(
                faults=[SettingFault("the copy of {name} differs from its source", name=name) for name in different]
            )
        if afterwards is not None:
            await target.run_sync(afterwards)
    return copied


def _tables() -> list[sa.Table]:
    named = [table for table in metadata.sorted_tables if table.name not in COUNTED_ANEW]
    return sorted(named, key=lambda table: table.name == LAST)


@asynccontextmanager
async def _reading(url: str) -> AsyncIterator[AsyncConnection]:
    address, arguments = for_driver(url)
    engine = create_async_engine(address, poolclass=sa.NullPool, connect_args=arguments)
    try:
        async with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                # The driver begins a transaction only when something is written; a snapshot needs one from the start.
                _ = await connection.execution_options(isolation_level="AUTOCOMMIT")
                await connection.exec_driver_sql("BEGIN")
            else:
                _ = await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            await connection.run_sync(migrate.take_all_the_time)
            yield connection
    finally:
        await engine.dispose()


@asynccontextmanager
async def _writing(url: str) -> AsyncIterator[AsyncConnection]:
    address, arguments = for_driver(url)
    engine = create_async_engine(address, poolclass=sa.NullPool, connect_args=arguments)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(migrate.take_all_the_time)
            yield connection
    finally:
        await engine.dispose()


async def _refuse(source: AsyncConnection, target: AsyncConnection) -> None:
    for connection, which in ((source, SettingFault("source")), (target, SettingFault("target"))):
        revision = await connection.run_sync(migrate.present_revision)
        if revision != migrate.HEAD:
            fault = SettingFault(
                'the {which} is at schema {revision}, {head} is needed; run "usher db upgrade"',
                which=which, revision=revision or "none", head=migrate.HEAD,
            )  # fmt: skip
            raise Misconfigured(faults=[fault])
    for table in _tables():
        if (await target.execute(sa.select(sa.literal(1)).select_from(table).limit(1))).first() is not None:
            raise Misconfigured(
                faults=[SettingFault("the target is not empty: it has rows in {table}", table=table.name)]
            )


async def _copy(
    source: AsyncConnection, target: AsyncConnection, table: sa.Table, watched: Callable[[int], None] | None
) -> int:
    if table.name == LAST:
        await target.execute(sa.delete(table))
    number = 0
    async for rows in _chunks(source, table):
        await target.execute(sa.insert(table), [dict(row._mapping) for row in rows])  # noqa: SLF001 - SQLAlchemy's public name
        number += len(rows)
        if watched is not None:
            watched(len(rows))
    return number


async def _chunks(connection: AsyncConnection, table: sa.Table) -> AsyncIterator[Sequence[Any]]:
    statement = sa.select(table).order_by(*table.primary_key)
    found = await connection.stream(statement.execution_options(yield_per=CHUNK))
    async for rows in found.partitions(CHUNK):
        yield rows


async def _fingerprint(connection: AsyncConnection, table: sa.Table) -> str:
    """One digest over every value of every row, equal on both kinds of database when the rows are."""
    digest = hashlib.sha256()
    async for rows in _chunks(connection, table):
        for row in rows:
            digest.update(repr([_plain(value) for value in row]).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _plain(value: Any) -> Any:
    return json.dumps(value, sort_keys=True, default=str) if isinstance(value, (dict, list)) else value


def _numbered() -> list[tuple[str, str]]:
    """Table and column of every number that the database itself hands out."""
    found = ((table.name, table.autoincrement_column) for table in metadata.sorted_tables)
    return [(name, column.name) for name, column in found if column is not None]


def last_numbers(tx: sa.Connection) -> dict[str, int]:
    """The last number that each table handed out, also to rows that are gone: nobody gets it again."""
    if tx.dialect.name == "sqlite":
        return {str(name): int(last) for name, last in tx.exec_driver_sql("SELECT name, seq FROM sqlite_sequence")}
    last = {}
    for table, column in _numbered():
        sequence = tx.execute(sa.select(sa.func.pg_get_serial_sequence(table, column))).scalar_one()
        given = tx.exec_driver_sql(f"SELECT last_value FROM {sequence} WHERE is_called").scalar_one_or_none()  # noqa: S608 - the database's own name for it
        last[table] = int(given or 0)
    return last


def continue_numbers(tx: sa.Connection, last: dict[str, int]) -> None:
    """Make new rows get numbers higher than every row that the source ever had."""
    for name, column in _numbered():
        highest = sa.select(sa.func.coalesce(sa.func.max(sa.column(column, sa.Integer)), 0)).select_from(sa.table(name))
        number = max(int(tx.execute(highest).scalar_one()), last.get(name, 0))
        if not number:
            continue
        if tx.dialect.name == "sqlite":
            tx.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": name})
            tx.execute(
                sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :seq)"), {"name": name, "seq": number}
            )
        else:
            tx.execute(sa.select(sa.func.setval(sa.func.pg_get_serial_sequence(name, column), number)))
