"""Trying a restore on a copy, so that the first one is not the one that counts."""

from __future__ import annotations

import asyncio
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from core.actors import Actor
from core.restores import marks
from core.restores.outcome import Reconciled
from core.restores.reconcile import reconcile
from core.service import open_core
from core.settings import Settings
from core.storage.copying import copy_database
from core.storage.journal import directory_for
from core.storage.migrate import upgrade_database
from core.upkeep.backup_files import readable, sqlite_url


@dataclass(frozen=True, slots=True)
class Drill:
    """What came of it. `seconds` is how long copying took, there and back."""

    rows: int
    seconds: float
    outcome: Reconciled


async def drill(settings: Settings, actor: Actor, backup: Path | None, *, apart: float) -> Drill:
    """Restore a backup, or one that is made now, beside the database and say what reconciling it would do.

    The teams are read, and nothing else is asked of any upstream. Raises: NotAllowed, DamagedFile, Misconfigured.
    """
    with tempfile.TemporaryDirectory(prefix="usher-drill-") as folder:
        began = time.monotonic()
        if backup is None:
            backup = Path(folder) / "backup.db"
            await upgrade_database(sqlite_url(backup))
            await copy_database(settings.database.url, sqlite_url(backup))
        copy = Path(folder) / "restored.db"
        await upgrade_database(sqlite_url(copy))
        async with readable(backup) as source:
            rows = await copy_database(source, sqlite_url(copy))
        seconds = time.monotonic() - began
        async with open_core(await asyncio.to_thread(_beside, settings, copy)) as core:
            await core.write(marks.mark_restored, actor, core.now())
            outcome = await reconcile(core, actor, journals=_journals(settings), apart=apart)
        return Drill(sum(rows.values()), seconds, outcome)


def _beside(settings: Settings, copy: Path) -> Settings:
    """The same settings on the copy, which keeps no journal: what is rolled back must leave no line."""
    database = settings.database.model_copy(update={"url": sqlite_url(copy)})
    return settings.model_copy(
        update={"database": database, "journal": settings.journal.model_copy(update={"enabled": False})}
    )


def _journals(settings: Settings) -> list[Path]:
    found = directory_for(sa.make_url(settings.database.url), settings.journal.directory)
    return [] if found is None or not settings.journal.enabled else [found]
