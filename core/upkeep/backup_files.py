"""Backups as files: written whole or not at all, and readable also when an older Usher has written them."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Final

from core.command_errors import DamagedFile
from core.errors import BackupRefused, Misconfigured
from core.setting_faults import SettingFault
from core.storage.health import examine
from core.storage.migrate import HEAD, upgrade_database

PART: Final = ".part"
"""The end of the name of a backup that is still being written."""


class BackupUnreadable(BackupRefused):
    """A backup was written and cannot be read again, so it counts as none."""

    def __init__(self) -> None:
        super().__init__(reason="unreadable")


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Where to write what becomes `path` once it is complete.

    If the process is killed before that, no file of that name appears. Raises: BackupRefused.
    """
    _refuse_present(path)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f"{path.name}.", suffix=PART, dir=path.parent)
    except OSError as error:
        raise BackupRefused(reason="cannot_write") from error
    os.close(handle)
    part = Path(name)
    try:
        yield part
        _refuse_present(path)
        part.rename(path)
    except BaseException:
        for left in ("", "-wal", "-shm", "-journal"):
            Path(f"{part}{left}").unlink(missing_ok=True)
        raise


@asynccontextmanager
async def readable(file: Path) -> AsyncIterator[str]:
    """The URL of a backup at the present schema: the file's own or, where an older Usher has written it, a copy's.

    The file itself is not changed. Raises: DamagedFile, Misconfigured (a newer Usher has written it).
    """
    found = await examine(sqlite_url(file))
    if found.revision is None or not found.intact:
        raise DamagedFile(file=file.name)
    if found.revision > HEAD:
        told = "{file} is at schema {revision}: a newer Usher has written it, and this one knows {head}"
        raise Misconfigured(faults=[SettingFault(told, file=file.name, revision=found.revision, head=HEAD)])
    if found.revision == HEAD:
        yield sqlite_url(file)
        return
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="usher-backup-"))
    try:
        copy = folder / "backup.db"
        await asyncio.to_thread(_copy, file, copy)
        await upgrade_database(sqlite_url(copy))
        yield sqlite_url(copy)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder)


def sqlite_url(path: Path) -> str:
    """The URL of a SQLite file."""
    return f"sqlite+aiosqlite:///{path.resolve()}"


def verify(path: Path) -> None:
    """Open a backup that was just made, as a restore would. Raises: BackupUnreadable."""
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


def _refuse_present(path: Path) -> None:
    if path.exists():
        raise BackupRefused(reason="too_soon")


def _copy(file: Path, copy: Path) -> None:
    whence = f"{file.resolve().as_uri()}?mode=ro"
    with closing(sqlite3.connect(whence, uri=True)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
