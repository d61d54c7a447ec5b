"""Bringing a database to the present schema, and telling whether it is there."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import sqlalchemy as sa

HEAD = "0001"
"""The newest revision; a test compares it with the migrations."""


async def upgrade_database(url: str, revision: str = "head") -> None:
    """Run every missing migration in one transaction. A new SQLite file is readable by its owner only."""
    # Imported late: who only asks for the revision does not pay for it.
    from sqlalchemy.ext.asyncio import create_async_engine

    _make_private(sa.make_url(url))
    engine = create_async_engine(url, poolclass=sa.NullPool)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_upgrade, revision)
    finally:
        await engine.dispose()


def upgrade(url: str) -> None:
    """`upgrade_database` for callers without an event loop."""
    asyncio.run(upgrade_database(url))


def present_revision(tx: sa.Connection) -> str | None:
    """The revision the database is at, or None where there is no schema."""
    if not sa.inspect(tx).has_table("alembic_version"):
        return None
    revision: str | None = tx.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return revision


def _upgrade(connection: sa.Connection, revision: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _make_private(url: sa.URL) -> None:
    path = url.database
    if url.get_backend_name() != "sqlite" or not path or path == ":memory:":
        return
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
