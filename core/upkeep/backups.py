"""Backups asked for by chat, and those of every day: everything in one new SQLite file, every row compared.

What the command line does with `usher db backup` for any database is done here where there is a place that is known
to be this machine's: beside a SQLite file. On PostgreSQL several machines may work on one database, so a file that
one of them writes would be nowhere that anybody looks.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core import audit
from core.actors import SYSTEM, Actor, Role
from core.backup_settings import BackupSettings
from core.errors import BackupRefused, NotFound
from core.rounds import Round
from core.rules.keeping import pick_surplus
from core.storage import tables as t
from core.storage.migrate import HEAD
from core.upkeep.backup_files import PART, sqlite_url, written_whole

if TYPE_CHECKING:
    from core.service import Core

FOLDER = "backups"
MADE = "backup.made"
INTERVAL = 86_400.0
"""Seconds between two backups that are made by themselves."""
_NAME = re.compile(r"usher-(auto-)?\d{8}-\d{6}\.db")
_AUTO = "usher-auto-%Y%m%d-%H%M%S.db"
"""Only files of this name are ever deleted: what somebody asked for is theirs."""


class BackupUnreadable(BackupRefused):
    """A backup was written and cannot be read again: it is none."""

    def __init__(self) -> None:
        super().__init__(reason="unreadable")


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made and compared."""

    path: Path
    rows: int
    size: int

    @property
    def name(self) -> str:
        """The file's name, by which `read_backup` finds it."""
        return self.path.name


async def by_itself(core: Core) -> Round:
    """Make a backup and delete the old ones. One that cannot be read is an error."""
    if not core.settings.backups.enabled:
        return Round(outcome="off")
    if not has_place(core):
        return Round(outcome="no_place")
    made = await make_backup(core, SYSTEM, by_itself=True)
    gone = await asyncio.to_thread(_delete_old, made.path.parent, core.settings.backups, core.now())
    return Round({"rows_backed_up": made.rows, "backups_deleted": gone})


def has_place(core: Core) -> bool:
    """Whether there is a place for backups that is known to be this machine's."""
    try:
        _folder(core)
    except BackupRefused:
        return False
    return True


def last_backup(tx: sa.Connection, now: datetime) -> datetime | None:
    """When the last backup was made, in whichever way, as far as it is noted; one of a clock that was ahead is none."""
    made = sa.and_(t.audit_log.c.subject == "backup", t.audit_log.c.action == MADE, t.audit_log.c.at <= now)
    at: datetime | None = tx.execute(sa.select(sa.func.max(t.audit_log.c.at)).where(made)).scalar()
    return at


async def make_backup(core: Core, actor: Actor, *, by_itself: bool = False) -> Backup:
    """Copy everything into a new file while others go on working, and look whether it can be read.

    Raises: NotAllowed, BackupRefused, BackupUnreadable; then no file is left, and none is noted.
    """
    # Copying and migrating import SQLAlchemy's object mapper, which a bot need not keep in memory for this.
    from core.storage.copying import copy_database
    from core.storage.migrate import upgrade_database

    actor.require(Role.OWNER)
    now = core.now()
    path = _folder(core) / now.strftime(_AUTO if by_itself else "usher-%Y%m%d-%H%M%S.db")
    with written_whole(path) as part:
        await upgrade_database(sqlite_url(part))
        copied = await copy_database(core.settings.database.url, sqlite_url(part))
        await asyncio.to_thread(_verify, part)
    made = Backup(path, sum(copied.values()), path.stat().st_size)
    await core.write(_note, actor, MADE, made.name, core.now())
    return made


async def read_backup(core: Core, actor: Actor, name: str) -> bytes:
    """The content of a backup, to be handed out. Raises: NotAllowed, NotFound, BackupRefused."""
    actor.require(Role.OWNER)
    path = _folder(core) / name
    if not _NAME.fullmatch(name) or not path.is_file():
        raise NotFound(kind="backup", name=name[:40])
    content = await asyncio.to_thread(path.read_bytes)
    await core.write(_note, actor, "backup.sent", name, core.now())
    return content


def _folder(core: Core) -> Path:
    """Raises: BackupRefused."""
    if (directory := core.settings.backups.directory) is not None:
        return Path(directory).resolve()
    url = sa.make_url(core.settings.database.url)
    if url.get_backend_name() != "sqlite":
        raise BackupRefused(reason="postgresql")
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise BackupRefused(reason="no_file")
    return Path(url.database).resolve().parent / FOLDER


def _verify(path: Path) -> None:
    """Open the file as a restore would. Raises: BackupUnreadable."""
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        whole = database.execute("PRAGMA integrity_check").fetchone()[0]
        revision = database.execute("SELECT version_num FROM alembic_version").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise BackupUnreadable from error
    finally:
        database.close()
    if whole != "ok" or revision != HEAD:
        raise BackupUnreadable


def _delete_old(folder: Path, keep: BackupSettings, now: datetime) -> int:
    found = {}
    for path in folder.glob("usher-auto-*.db"):
        try:
            found[datetime.strptime(path.name, _AUTO).replace(tzinfo=UTC)] = path
        except ValueError:
            continue  # somebody else's file
    for part in folder.glob(f"usher-*{PART}*"):
        if part.stat().st_mtime < now.timestamp() - INTERVAL:
            part.unlink(missing_ok=True)  # whoever wrote it was killed
    surplus = pick_surplus(found, daily=keep.daily, weekly=keep.weekly, now=now)
    for one in surplus:
        found[one].unlink(missing_ok=True)
    return len(surplus)


def _note(tx: sa.Connection, actor: Actor, action: str, name: str, now: datetime) -> None:
    audit.record(tx, actor, action, "backup", None, now, after={"file": name})
