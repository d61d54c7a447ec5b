"""Bringing a database to the present schema, and telling whether it is there."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from core.storage.postgres_urls import for_driver, is_pooled, time_limits

HEAD = "0019"
"""The newest revision; a test compares it with the migrations."""


async def upgrade_database(url: str, revision: str = "head") -> None:
    """Run every missing migration in one transaction: all of them, or nothing. A new SQLite file is its owner's only."""
    _make_private(sa.make_url(url))
    await _migrate(url, "upgrade", revision)


async def downgrade_database(url: str, revision: str) -> None:
    """Go back to `revision`, in one transaction; data that only later revisions have is lost."""
    await _migrate(url, "downgrade", revision)


async def give_time_limits(url: str, seconds: float) -> bool:
    """Give the user of a pooled database the time limits that poolers do not pass on; does nothing for other databases.

    The pooler's connections to the server have them once they are made anew. Returns whether there is a pooler.
    """
    if not is_pooled(url):
        return False
    from sqlalchemy.ext.asyncio import create_async_engine

    address, arguments = for_driver(url)
    engine = create_async_engine(address, poolclass=sa.NullPool, connect_args=arguments)
    try:
        async with engine.begin() as connection:
            name = str(await connection.scalar(sa.select(sa.func.quote_ident(sa.func.current_database()))))
            for setting, milliseconds in time_limits(seconds).items():
                statement = f"ALTER ROLE CURRENT_USER IN DATABASE {name} SET {setting} = {milliseconds}"
                _ = await connection.execute(sa.text(statement))
    finally:
        await engine.dispose()
    return True


def take_all_the_time(tx: sa.Connection) -> None:
    """Let this transaction work for long, on a database whose user has time limits."""
    if tx.dialect.name == "postgresql":
        tx.execute(sa.text("SET LOCAL statement_timeout = 0"))
        tx.execute(sa.text("SET LOCAL idle_in_transaction_session_timeout = 0"))


def upgrade(url: str) -> None:
    """`upgrade_database` for callers without an event loop."""
    asyncio.run(upgrade_database(url))


def present_revision(tx: sa.Connection) -> str | None:
    """The revision the database is at, or None where there is no schema."""
    if not sa.inspect(tx).has_table("alembic_version"):
        return None
    revision: str | None = tx.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return revision


async def _migrate(url: str, direction: str, revision: str) -> None:
    # Imported late: who only asks for the revision does not pay for it.
    from sqlalchemy.ext.asyncio import create_async_engine

    address, arguments = for_driver(url)
    engine = create_async_engine(address, poolclass=sa.NullPool, connect_args=arguments)
    if engine.dialect.name == "sqlite":
        _begin_at_once(engine.sync_engine)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_run, direction, revision)
    finally:
        await engine.dispose()


def _run(connection: sa.Connection, direction: str, revision: str) -> None:
    from alembic import command
    from alembic.config import Config

    take_all_the_time(connection)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    getattr(command, direction)(config, revision)


def _begin_at_once(engine: sa.Engine) -> None:
    """SQLite's driver begins a transaction only at the first row written; tables would be changed outside of it."""

    @sa.event.listens_for(engine, "connect")
    def connect(dbapi: Any, _: Any) -> None:
        dbapi.isolation_level = None
        cursor = dbapi.cursor()
        # A table that is made anew is gone for a moment; what points to it must not go with it.
        cursor.execute("PRAGMA foreign_keys=OFF")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _make_private(url: sa.URL) -> None:
    path = url.database
    if url.get_backend_name() != "sqlite" or not path or path == ":memory:":
        return
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
