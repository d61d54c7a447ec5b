"""From nothing to the present schema and back, on both databases; the tables in the code are what comes out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from core.storage import migrate
from core.storage.tables import for_migrations
from tests.support.house import open_house


async def run(url: str, work: Any) -> Any:
    engine = create_async_engine(url, poolclass=sa.NullPool)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


def differences(connection: sa.Connection) -> list[Any]:
    return list(
        compare_metadata(MigrationContext.configure(connection, opts={"compare_type": False}), for_migrations())
    )


async def test_the_migrations_make_what_the_tables_say(empty_database_url: str) -> None:
    await migrate.upgrade_database(empty_database_url)
    assert await run(empty_database_url, differences) == []
    assert await run(empty_database_url, migrate.present_revision) == migrate.HEAD


async def test_upgrading_twice_changes_nothing(empty_database_url: str) -> None:
    await migrate.upgrade_database(empty_database_url)
    await migrate.upgrade_database(empty_database_url)
    assert await run(empty_database_url, migrate.present_revision) == migrate.HEAD


def test_the_newest_revision_is_the_one_that_usher_asks_for() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_current_head() == migrate.HEAD


async def test_the_frozen_migration_does_not_look_at_the_tables() -> None:
    """A migration that follows `tables.py` would make tomorrow's tables in yesterday's step."""
    folder = Path(migrate.__file__).parent / "migrations" / "versions"
    for revision in folder.glob("v*.py"):
        assert "core.storage.tables" not in revision.read_text(encoding="utf-8"), revision.name


@pytest.mark.parametrize("statement", ["UPDATE audit_log SET action = 'nothing'", "DELETE FROM audit_log"])
async def test_the_audit_log_only_grows(database_url: str, statement: str) -> None:
    async with open_house(database_url) as house:
        before = await house.value("SELECT count(*) FROM audit_log WHERE action <> 'nothing'")
        assert before > 0
        with pytest.raises(DBAPIError, match="append-only"):
            await house.execute(statement)
        assert await house.value("SELECT count(*) FROM audit_log WHERE action <> 'nothing'") == before
