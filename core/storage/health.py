"""Looking at a database from outside, before anything is opened on it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

import sqlalchemy as sa

from core.errors import Misconfigured
from core.os_reasons import OsReason
from core.setting_faults import SettingFault
from core.storage import migrate
from core.storage.postgres_urls import for_driver


@dataclass(frozen=True, slots=True)
class Health:
    """What was found. `faults` are sentences for the operator; empty when all is well."""

    reachable: bool
    revision: str | None = None
    intact: bool = False
    megabytes: float | None = None
    faults: list[str] = field(default_factory=list)


async def examine(url: str) -> Health:
    """Connect, read the schema's revision and let the database check itself. Raises nothing and changes nothing."""
    made = sa.make_url(url)
    if made.get_backend_name() == "sqlite" and not _file_exists(made):
        none = SettingFault('there is no database file at {name}; "usher db upgrade" creates it', name=made.database)
        return Health(False, faults=[none])
    # Imported late: every command asks here what a full disk looks like, and only a few look into the file.
    from sqlalchemy.ext.asyncio import create_async_engine

    try:
        address, arguments = for_driver(url)
    except Misconfigured as wrong:
        return Health(False, faults=list(wrong.facts["faults"]))
    engine = create_async_engine(address, poolclass=sa.NullPool, connect_args=arguments)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(_look)
    except (OSError, sa.exc.SQLAlchemyError, TimeoutError) as error:
        shown = made.render_as_string(hide_password=True)
        return Health(False, faults=[known_cause(made, error) or unreachable(shown, error)])
    finally:
        await engine.dispose()


def known_cause(url: sa.URL, error: BaseException) -> SettingFault | None:
    """A sentence that says why a database does not answer, where the cause is known and can be mended."""
    return full_disk(url, error) or _unexpected_pooler(error)


def unreachable(name: str, error: BaseException) -> SettingFault:
    """A sentence for every other reason."""
    told = "the database {name} cannot be reached ({why}); check database.url and that it runs"
    behind: BaseException | None = error
    while behind is not None and not isinstance(behind, OSError):
        behind = behind.__cause__
    return SettingFault(told, name=name, why=OsReason(behind) if behind is not None else type(error).__name__)


def _unexpected_pooler(error: BaseException) -> SettingFault | None:
    cause = error if isinstance(error, sa.exc.DBAPIError) else error.__cause__
    if "unsupported startup parameter" not in str(getattr(cause, "orig", cause)):
        return None
    return SettingFault(
        'the database is reached through a pooler such as PgBouncer; say so with database.pooler = "session" or '
        '"transaction", as it is set up there'
    )


LEAST_ROOM = 64 * 1024
"""Bytes: SQLite's index of its log takes 32 KiB as soon as a file is opened."""


def full_disk(url: sa.URL, error: BaseException) -> SettingFault | None:
    """A sentence that the disk is full, where that is what went wrong."""
    if url.get_backend_name() != "sqlite":
        cause = error.__cause__ if not isinstance(error, sa.exc.DBAPIError) else error
        full = getattr(getattr(cause, "orig", None), "sqlstate", None) == "53100"
        return (
            SettingFault("the disk of the database server is full; make room there and start again") if full else None
        )
    from pathlib import Path

    folder = Path(str(url.database or "").split("?")[0]).resolve().parent
    try:
        left = os.statvfs(folder)
    except OSError:
        return None
    full = getattr(getattr(error, "orig", None), "sqlite_errorname", None) == "SQLITE_FULL"
    if not full and left.f_bavail * left.f_frsize >= LEAST_ROOM:
        return None
    return SettingFault(
        "the disk that holds the database {name} is full; make room on it and start again", name=url.database
    )


def _file_exists(url: sa.URL) -> bool:
    from pathlib import Path

    return url.database in {None, "", ":memory:"} or Path(str(url.database).split("?")[0]).exists()


def _look(tx: sa.Connection) -> Health:
    revision = migrate.present_revision(tx)
    faults = []
    if revision is None:
        faults.append(SettingFault('the database is empty; "usher db upgrade" creates the schema'))
    elif revision != migrate.HEAD:
        older = 'the schema is at {revision}, {head} is needed; run "usher db upgrade"'
        faults.append(SettingFault(older, revision=revision, head=migrate.HEAD))
    if tx.dialect.name == "sqlite":
        problems = [str(row[0]) for row in tx.exec_driver_sql("PRAGMA integrity_check(5)")]
        problems = [text for text in problems if text != "ok"]
        problems += [
            SettingFault("dangling reference in {table}", table=row[0])
            for row in tx.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(5)
        ]
        pages = tx.exec_driver_sql("PRAGMA page_count").scalar_one()
        size = pages * tx.exec_driver_sql("PRAGMA page_size").scalar_one()
    else:
        broken = sa.text("SELECT conname FROM pg_constraint WHERE NOT convalidated LIMIT 5")
        problems = [SettingFault("constraint {name} is not valid", name=name) for name in tx.execute(broken).scalars()]
        size = tx.execute(sa.text("SELECT pg_database_size(current_database())")).scalar_one()
    return Health(True, revision, not problems, round(size / 1_000_000, 1), faults + problems)
