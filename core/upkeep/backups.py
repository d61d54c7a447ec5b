"""Backups, asked for by chat or made every day: everything in one new SQLite file, every row compared.

`usher db backup` does this for any database; here it is done where there is a place for backups
(`core.upkeep.backup_places`): beside a SQLite file, or as configured. On PostgreSQL several machines may work on one
database, and a file that one of them wrote might never be found.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core import audit
from core.actors import SYSTEM, Actor, Role
from core.backup_settings import BackupSettings
from core.errors import BackupRefused, NotFound
from core.rounds import Round
from core.rules.keeping import pick_surplus
from core.settings import Settings
from core.storage import tables as t
from core.upkeep.backup_files import PART, sqlite_url
from core.upkeep.backup_places import BackupPlace, place_of

if TYPE_CHECKING:
    from core.service import Core

MADE = "backup.made"
INTERVAL = 86_400.0
"""Seconds between two automatic backups."""
_NAME = re.compile(r"usher-(auto-)?(\d{8}-\d{6})\.db", re.ASCII)
_BY_HAND = "usher-%Y%m%d-%H%M%S.db"
_AUTO = "usher-auto-%Y%m%d-%H%M%S.db"
"""Only files of this name are ever deleted; a backup that somebody asked for is theirs."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made and compared. `where` says where to find it; `size` is in bytes."""

    name: str
    where: str
    rows: int
    size: int


@dataclass(frozen=True, slots=True)
class KeptBackup:
    """A backup that is kept. `size` is in bytes; `by_itself`: made automatically, and deleted when its time has come."""

    name: str
    at: datetime
    size: int
    by_itself: bool


async def by_itself(core: Core) -> Round:
    """Make a backup and delete the old ones. A backup that cannot be read back is an error."""
    if not core.settings.backups.enabled:
        return Round(outcome="off")
    if not has_place(core):
        return Round(outcome="no_place")
    made = await make_backup(core, SYSTEM, by_itself=True)
    gone = await _delete_old(place_of(core.settings), core.settings.backups, core.now())
    return Round({"rows_backed_up": made.rows, "backups_deleted": gone})


def has_place(core: Core) -> bool:
    """Whether there is a place for backups that is known to be this machine's."""
    try:
        place_of(core.settings)
    except BackupRefused:
        return False
    return True


def last_backup(tx: sa.Connection, now: datetime) -> datetime | None:
    """When the last backup was made, by hand or automatically, as far as noted; one dated in the future does not count."""
    made = sa.and_(t.audit_log.c.subject == "backup", t.audit_log.c.action == MADE, t.audit_log.c.at <= now)
    at: datetime | None = tx.execute(sa.select(sa.func.max(t.audit_log.c.at)).where(made)).scalar()
    return at


async def make_backup(
    core: Core, actor: Actor, *, by_itself: bool = False, watched: Callable[[int], None] | None = None
) -> Backup:
    """Copy everything into a new file while others go on working, and check that it can be read where it is kept.

    `watched` is called with the rows of each step. Cancelling it is safe at any time: then no file is left, and no
    backup is noted. Raises: NotAllowed, BackupRefused, BackupUnreadable, BackupTargetFailed.
    """
    # Copying and migrating import SQLAlchemy's object mapper, which a bot need not keep in memory for this.
    from core.storage.copying import copy_database
    from core.storage.migrate import upgrade_database

    actor.require(Role.OWNER)
    place = place_of(core.settings)
    name = core.now().strftime(_AUTO if by_itself else _BY_HAND)
    async with place.written(name) as part:
        await upgrade_database(sqlite_url(part))
        copied = await copy_database(core.settings.database.url, sqlite_url(part), watched=watched)
        size = part.stat().st_size
    await core.write(_note, actor, MADE, name, core.now())
    return Backup(name, place.where(name), sum(copied.values()), size)


async def backup_list(settings: Settings, actor: Actor) -> tuple[str, list[KeptBackup]]:
    """Where this house keeps its backups, and which are there, the latest first. Raises: NotAllowed, BackupRefused."""
    actor.require(Role.OWNER)
    place = place_of(settings)
    found = [
        KeptBackup(name, at, size, name.startswith("usher-auto-"))
        for name, size in (await place.sizes()).items()
        if (at := _made_at(name)) is not None
    ]
    return place.shown, sorted(found, key=lambda one: (one.at, one.name), reverse=True)


@asynccontextmanager
async def kept(settings: Settings, actor: Actor, name: str) -> AsyncIterator[Path]:
    """One of those backups as a file of this machine, for reading only. Raises: NotAllowed, NotFound, BackupRefused."""
    actor.require(Role.OWNER)
    if _made_at(name) is None:
        raise NotFound(kind="backup", name=name[:40])
    async with AsyncExitStack() as fetching:
        try:
            path = await fetching.enter_async_context(place_of(settings).fetched(name))
        except FileNotFoundError:
            raise NotFound(kind="backup", name=name[:40]) from None
        yield path


async def read_backup(core: Core, actor: Actor, name: str) -> bytes:
    """The content of a backup, to be handed out. Raises: NotAllowed, NotFound, BackupRefused."""
    async with kept(core.settings, actor, name) as path:
        content = await asyncio.to_thread(path.read_bytes)
    await core.write(_note, actor, "backup.sent", name, core.now())
    return content


async def _delete_old(place: BackupPlace, keep: BackupSettings, now: datetime) -> int:
    there = await place.sizes()
    found = {at: name for name in there if name.startswith("usher-auto-") and (at := _made_at(name)) is not None}
    for name in there:
        begun = _made_at(name.partition(".db")[0] + ".db") if PART in name else None
        if begun is not None and begun < now - timedelta(seconds=INTERVAL):
            await place.delete(name)  # whoever wrote it was killed
    surplus = pick_surplus(found, daily=keep.daily, weekly=keep.weekly, now=now)
    for one in surplus:
        await place.delete(found[one])
    return len(surplus)


def _made_at(name: str) -> datetime | None:
    """When a backup of that name was made; None for a file that is none."""
    if (named := _NAME.fullmatch(name)) is None:
        return None
    try:
        return datetime.strptime(named[2], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _note(tx: sa.Connection, actor: Actor, action: str, name: str, now: datetime) -> None:
    audit.record(tx, actor, action, "backup", None, now, after={"file": name})
