"""`usher db`: the schema and what holds it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from admin_cli import words
from admin_cli.output import DONE, REFUSED, UNAVAILABLE, CommandAnswer, CommandRefused, Rows
from admin_cli.session import actor, opened, settings

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.restores.outcome import Reconciled

SHOWN = 50
"""What is done line by line, as far as people read it."""

app = App(
    name="db", help="The database: upgrade, check, backup, backups, restore, reconcile, copy.", help_format="plaintext"
)


@app.command
async def upgrade() -> CommandAnswer:
    """Bring the database to the schema that this version needs; an empty one is created.

    Where there is a pooler (database.pooler), the database's user gets the time limits as well.

    Example: usher db upgrade
    """
    import asyncio

    from sqlalchemy import make_url

    from core.storage import migrate

    chosen = settings().database
    url = chosen.url
    shown = make_url(url).render_as_string(hide_password=True)
    before = await asyncio.wait_for(_present(url), 60)
    with _causes_named(url, shown):
        await migrate.upgrade_database(url)
        limited = await migrate.give_time_limits(url, chosen.lock_timeout)
    said = (
        words.said("The database {name} was up to date already.", name=shown)
        if before == migrate.HEAD
        else words.said("The database {name} is now at {revision}.", name=shown, revision=migrate.HEAD)
    )
    document = {"database": shown, "before": before, "revision": migrate.HEAD, "limits_given": limited}
    more = [
        words.said("Its user has the time limits; connections that the pooler holds get them when they are made anew.")
    ]
    return CommandAnswer(document, [said, *(more if limited else [])])


@app.command
async def check() -> CommandAnswer:
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
    rows = [
        (key, "; ".join(value) or words.heading("none") if isinstance(value, list) else value)
        for key, value in document.items()
    ]
    return CommandAnswer(document, [Rows(("what", "is"), words.listed(rows))], code)


@app.command
async def backup(file: Annotated[Path, Parameter(help="A new SQLite file.")]) -> CommandAnswer:
    """Copy everything into a new SQLite file, while others go on working. Every row is compared afterwards.

    Codes and credentials in it are encrypted: keep the vault's key as well, in another place.

    Example: usher db backup usher-2027-01-31.db
    """
    from core.upkeep.backup_files import sqlite_url, written_whole

    if file.exists():
        raise CommandRefused(
            "file_exists", words.said("{file} exists already; a backup goes into a new file.", file=file)
        )
    with written_whole(file) as part:
        return await _copied(settings().database.url, sqlite_url(part), str(file))


@app.command
async def backups() -> CommandAnswer:
    """List the backups that are kept where Usher makes them by itself: in a folder, or at backups.target.

    Example: usher db backups
    """
    from core.upkeep.backups import backup_list

    place, found = await backup_list(settings(), actor())
    rows = [(one.name, one.at, f"{one.size / 1_000_000:.1f} MB", one.by_itself) for one in found]
    listed = Rows(("backup", "made at", "size", "by itself"), rows)
    said = words.said("{count:backup/backups} in {place}", count=len(found), place=place)
    return CommandAnswer(
        {"place": place, "backups": [asdict(one) for one in found]}, [said, *([listed] if rows else [])]
    )


@app.command
async def restore(
    file: Annotated[Path, Parameter(help="A file that `usher db backup` wrote, or a name from `usher db backups`.")],
) -> CommandAnswer:
    """Copy a backup into the configured database, which must be empty. It serves nobody until it is reconciled.

    Example: usher db restore usher-2027-01-31.db
    """
    from core.clock import Clock
    from core.restores import marks
    from core.upkeep.backup_files import readable

    # Marked with the last row: a restored database that serves as if it were the present one gives seats twice.
    mark = partial(marks.mark_restored, actor=actor(), now=Clock().now())
    async with _found(file) as there, readable(there) as source:
        answer = await _copied(source, settings().database.url, words.said("the configured database"), mark)
    said = words.said(
        'The world has moved on since the backup. Nobody is served until "usher db reconcile" has caught up with it.'
    )
    return replace(answer, shown=[*answer.shown, said])


@app.command
async def distrust(
    *, since: Annotated[str, Parameter(help="The last moment that can be trusted: 2027-01-31T10:00, UTC.")]
) -> CommandAnswer:
    """Say that the database has lost what happened since a moment, as after a failover that lost data.

    Nobody is served until it is reconciled.

    Example: usher db distrust --since 2027-01-31T10:00
    """
    from core.restores import marks

    try:
        moment = datetime.fromisoformat(since)
    except ValueError as error:
        raise CommandRefused(
            "usage", words.said("{since} is no moment such as 2027-01-31T10:00.", since=since), 2
        ) from error
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    async with opened() as core:
        marked = await marks.distrust(core, actor(), moment)
    said = (
        words.said('Nobody is served until "usher db reconcile" is done.')
        if marked
        else words.said("It is distrusted already.")
    )
    return CommandAnswer({"since": moment, "distrusted": marked}, [said])


@app.command
async def reconcile(
    *,
    yes: Annotated[bool, Parameter(help="Do it; without this it is only shown.", negative="")] = False,
    journal: Annotated[
        tuple[Path, ...], Parameter(help="The folder of a further journal, as of another machine.")
    ] = (),
    apart: Annotated[float, Parameter(help="Seconds between the two readings of every team.")] = 60.0,
) -> CommandAnswer:
    """Catch a restored database up with what has happened since: from the journal, then by two readings of every team.

    Shows what it would do; with --yes it does it, and Usher serves again.

    Example: usher db reconcile --yes
    """
    from core.restores.reconcile import reconcile as catch_up

    for folder in journal:
        if not folder.is_dir():
            raise CommandRefused("file_unreadable", words.said("There is no folder {name}.", name=folder), 2)
    async with opened() as core:
        outcome = await catch_up(core, actor(), do=yes, journals=journal, apart=apart)
    return _told(outcome)


@app.command
async def release(pool: Annotated[str | None, Parameter(help="Only the codes of this pool.")] = None) -> CommandAnswer:
    """Let the codes that wait after a restore be redeemed again: you know that none was used since the backup.

    Example: usher db release general
    """
    from core.restores.reconcile import release as let_go

    async with opened() as core:
        count = await let_go(core, actor(), pool)
    return CommandAnswer({"batches": count}, [words.said("{count:batch/batches} can be redeemed again.", count=count)])


@app.command
async def drill(
    file: Annotated[
        Path | None, Parameter(help="A backup to try, as for `usher db restore`; else one is made now.")
    ] = None,
    *,
    apart: Annotated[float, Parameter(help="Seconds between the two readings of every team.")] = 5.0,
) -> CommandAnswer:
    """Try a restore on a copy: restore it beside the real database, and show what reconciling would do. Changes nothing.

    Example: usher db drill usher-2027-01-31.db
    """
    from core.restores.drill import drill as try_it

    if file is None:
        done = await try_it(settings(), actor(), None, apart=apart)
    else:
        async with _found(file) as there:
            done = await try_it(settings(), actor(), there, apart=apart)
    answer = _told(done.outcome)
    said = words.said(
        "Restored {rows:row/rows} in {seconds:.1f} s, into a copy that is gone again.",
        rows=done.rows,
        seconds=done.seconds,
    )
    return replace(
        answer, document={**answer.document, "rows": done.rows, "seconds": done.seconds}, shown=[said, *answer.shown]
    )


@asynccontextmanager
async def _found(file: Path) -> AsyncIterator[Path]:
    """A backup by its path, or by its name alone where backups are kept. Raises: CommandRefused, BackupRefused."""
    from core.errors import NotFound
    from core.upkeep.backups import kept

    if file.is_file():  # noqa: ASYNC240 - one look at the disk
        yield file
        return
    try:
        async with kept(settings(), actor(), str(file)) as path:
            yield path
    except NotFound:
        raise CommandRefused("file_unreadable", words.said("There is no file {file}.", file=file), 2) from None


def _told(outcome: Reconciled) -> CommandAnswer:
    items = [asdict(item) for item in outcome.items]
    document = {
        "done": outcome.done,
        "backup_at": outcome.backup_at,
        "why": outcome.why,
        "journal": outcome.journal,
        "counts": dict(outcome.counts),
        "items": items,
    }
    called = _called()
    counted = Rows(("what", "how many"), [(called[what], count) for what, count in sorted(outcome.counts.items())])
    shown = [(called[item.what], item.address, item.team, item.detail) for item in outcome.items[:SHOWN]]
    listed = Rows(("what", "address", "team", "detail"), shown)
    known = (
        words.said("The journal reaches back beyond the backup.")
        if outcome.journal
        else words.said("No journal reaches back that far.")
    )
    end = (
        words.said("Done: Usher serves again.")
        if outcome.done
        else words.said("Nothing was changed. With --yes it is done.")
    )
    more = [words.said("… and {count} more; --json lists all.", count=len(items) - SHOWN)] if len(items) > SHOWN else []
    return CommandAnswer(document, [known, counted, listed, *more, end])


def _called() -> dict[str, str]:
    """What is done when a database is reconciled, by the words of `Reconciled.counts`."""
    return {
        "seat_restored": words.said("seat given again"),
        "seat_ended": words.said("seat ended, as the journal says"),
        "use_noted": words.said("use of a code noted"),
        "term_restored": words.said("end of a seat corrected"),
        "gift_noted": words.said("credit given by a code noted"),
        "invite_settled": words.said("invitation under way: it has arrived"),
        "invite_given_up": words.said("invitation under way: it never arrived"),
        "lease_gone": words.said("seat ended: its holder has left the team"),
        "transfer_closed": words.said("move closed"),
        "removal_dropped": words.said("removal dropped"),
        "member_protected": words.said("member without a seat, protected"),
        "batch_suspended": words.said("batch waits for staff"),
        "codes_waiting": words.said("codes that wait for staff"),
        "team_unknown": words.said("team that is not known here"),
        "team_unreadable": words.said("team that could not be read twice"),
        "line_unreadable": words.said("line of the journal that cannot be read"),
    }


@app.command
async def copy(
    target: Annotated[str, Parameter(help="The URL of an empty database, SQLite or PostgreSQL.")],
) -> CommandAnswer:
    """Copy everything into another, empty database, as for the move from SQLite to PostgreSQL.

    Stop every process before, and change database.url after.

    Example: usher db copy postgresql://usher@localhost/usher
    """
    from core.database_urls import database_url

    return await _copied(settings().database.url, database_url(target), words.said("the new database"))


async def _copied(
    source: str, target: str, name: str, afterwards: Callable[[Connection], object] | None = None
) -> CommandAnswer:
    from core.storage.copying import copy_database
    from core.storage.migrate import upgrade_database

    with _causes_named(target, name):
        await upgrade_database(target)
        rows = await copy_database(source, target, afterwards=afterwards)
    total = sum(rows.values())
    return CommandAnswer(
        {"rows": rows, "total": total},
        [words.said("Copied {total:row/rows} into {name}, and compared each of them.", total=total, name=name)],
    )


@contextmanager
def _causes_named(url: str, name: str) -> Iterator[None]:
    """Say why a database takes nothing, where that can be told. Raises: Misconfigured."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import DBAPIError

    from core.errors import Misconfigured
    from core.storage.health import known_cause

    try:
        yield
    except OSError as error:
        raise Misconfigured(faults=[words.said("{name} cannot be reached ({why})", name=name, why=error)]) from error
    except DBAPIError as error:
        if (cause := known_cause(make_url(url), error)) is None:
            raise
        raise Misconfigured(faults=[cause]) from error


async def _present(url: str) -> str | None:
    from core.storage.health import examine

    return (await examine(url)).revision
