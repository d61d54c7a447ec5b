"""`usher db`: the schema and what holds it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from admin_cli.output import DONE, REFUSED, UNAVAILABLE, Answer, CommandRefused, Rows
from admin_cli.session import settings

app = App(name="db", help="The database: upgrade, check, backup, restore, copy.", help_format="plaintext")


@app.command
async def upgrade() -> Answer:
    """Bring the database to the schema that this version needs; an empty one is created.

    Example: usher db upgrade
    """
    import asyncio

    from sqlalchemy import make_url

    from core.errors import Misconfigured
    from core.storage import migrate

    url = settings().database.url
    shown = make_url(url).render_as_string(hide_password=True)
    before = await asyncio.wait_for(_present(url), 60)
    try:
        await migrate.upgrade_database(url)
    except OSError as error:
        raise Misconfigured(faults=[f"the database {shown} cannot be reached ({type(error).__name__})"]) from error
    said = "was up to date already" if before == migrate.HEAD else f"is now at {migrate.HEAD}"
    return Answer({"database": shown, "before": before, "revision": migrate.HEAD}, [f"The database {shown} {said}."])


@app.command
async def check() -> Answer:
    """Say whether the database can be reached, has the right schema and is intact.

    Example: usher db check
    """
    from sqlalchemy import make_url

    from core.storage import migrate
    from core.storage.health import examine

    chosen = settings()
    shown = make_url(chosen.database.url).render_as_string(hide_password=True)
    found = await examine(chosen.database.url)
    document = {
        "database": shown,
        "reachable": found.reachable,
        "revision": found.revision,
        "wanted": migrate.HEAD,
        "intact": found.intact,
        "megabytes": found.megabytes,
        "faults": found.faults,
    }
    code = DONE if not found.faults else (REFUSED if found.reachable else UNAVAILABLE)
    rows = [(key, "; ".join(value) or "none" if isinstance(value, list) else value) for key, value in document.items()]
    return Answer(document, [Rows(("what", "is"), rows)], code)


@app.command
async def backup(file: Annotated[Path, Parameter(help="A new SQLite file.")]) -> Answer:
    """Copy everything into a new SQLite file, while others go on working. Every row is compared afterwards.

    Codes and credentials in it are encrypted: keep the vault's key as well, in another place.

    Example: usher db backup usher-2027-01-31.db
    """
    if file.exists():
        raise CommandRefused("file_exists", f"{file} exists already; a backup goes into a new file.")
    target = f"sqlite+aiosqlite:///{file.resolve()}"
    try:
        return await _copied(settings().database.url, target, str(file))
    except BaseException:
        for left in (file, Path(f"{file}-wal"), Path(f"{file}-shm")):
            left.unlink(missing_ok=True)
        raise


@app.command
async def restore(file: Annotated[Path, Parameter(help="A file that `usher db backup` wrote.")]) -> Answer:
    """Copy a backup into the configured database, which must be empty. Then compare with the providers.

    Example: usher db restore usher-2027-01-31.db
    """
    if not file.is_file():
        raise CommandRefused("file_unreadable", f"There is no file {file}.", 2)
    answer = await _copied(f"sqlite+aiosqlite:///{file.resolve()}", settings().database.url, "the configured database")
    return replace(answer, shown=[*answer.shown, 'The providers have moved on meanwhile: "usher doctor --upstream".'])


@app.command
async def copy(target: Annotated[str, Parameter(help="The URL of an empty database, SQLite or PostgreSQL.")]) -> Answer:
    """Copy everything into another, empty database, as for the move from SQLite to PostgreSQL.

    Stop every process before, and change database.url after.

    Example: usher db copy postgresql://usher@localhost/usher
    """
    from core.database_urls import database_url

    return await _copied(settings().database.url, database_url(target), "the new database")


async def _copied(source: str, target: str, name: str) -> Answer:
    from core.errors import Misconfigured
    from core.storage.copying import copy_database
    from core.storage.migrate import upgrade_database

    try:
        await upgrade_database(target)
        rows = await copy_database(source, target)
    except OSError as error:
        raise Misconfigured(faults=[f"{name} cannot be reached ({type(error).__name__})"]) from error
    total = sum(rows.values())
    return Answer({"rows": rows, "total": total}, [f"Copied {total} rows into {name}, and compared each of them."])


async def _present(url: str) -> str | None:
    from core.storage.health import examine

    return (await examine(url)).revision
