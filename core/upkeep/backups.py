"""Backups asked for by chat: everything in one new SQLite file beside the database, every row compared.

What the command line does with `usher db backup` for any database is done here where there is a place that is known
to be this machine's: beside a SQLite file. On PostgreSQL several machines may work on one database, so a file that
one of them writes would be nowhere that anybody looks.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core import audit
from core.actors import Actor, Role
from core.errors import BackupRefused, NotFound

if TYPE_CHECKING:
    from core.service import Core

FOLDER = "backups"
_NAME = re.compile(r"usher-\d{8}-\d{6}\.db")


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


async def make_backup(core: Core, actor: Actor) -> Backup:
    """Copy everything into a new file while others go on working. Raises: NotAllowed, BackupRefused."""
    # Copying and migrating import SQLAlchemy's object mapper, which a bot need not keep in memory for this.
    from core.storage.copying import copy_database
    from core.storage.migrate import upgrade_database

    actor.require(Role.OWNER)
    now = core.now()
    path = _folder(core) / f"usher-{now:%Y%m%d-%H%M%S}.db"
    try:
        await asyncio.to_thread(_make_empty, path)
    except FileExistsError as error:
        raise BackupRefused(reason="too_soon") from error
    except OSError as error:
        raise BackupRefused(reason="cannot_write") from error
    try:
        target = f"sqlite+aiosqlite:///{path}"
        await upgrade_database(target)
        copied = await copy_database(core.settings.database.url, target)
    except BaseException:
        for left in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
            left.unlink(missing_ok=True)
        raise
    made = Backup(path, sum(copied.values()), path.stat().st_size)
    await core.write(_note, actor, "backup.made", made.name, core.now())
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
    url = sa.make_url(core.settings.database.url)
    if url.get_backend_name() != "sqlite":
        raise BackupRefused(reason="postgresql")
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise BackupRefused(reason="no_file")
    return Path(url.database).resolve().parent / FOLDER


def _make_empty(path: Path) -> None:
    """The file is its owner's alone from its first byte on."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.touch(mode=0o600, exist_ok=False)


def _note(tx: sa.Connection, actor: Actor, action: str, name: str, now: datetime) -> None:
    audit.record(tx, actor, action, "backup", None, now, after={"file": name})
