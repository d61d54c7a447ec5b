"""Torture in which an older backup is restored: everybody is stopped, it is reconciled, and they go on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from core.actors import SYSTEM
from core.restores import marks, reconcile
from core.service import open_core
from core.storage import migrate
from core.storage.copying import copy_database
from tests.support.house import settings_for
from tests.torture.torture import Torture, Upstream
from tests.torture.worker import HOUSE, lagging

MADE, RESTORED = 0.3, 0.6
"""When the backup is made and restored, as a part of the time of blows."""
ARRIVES = 3.0
"""Seconds in which what was on its way to the upstream is there, and shown in its lists."""


class RestoringTorture(Torture):
    """Not `reconciling`, a negative control restores the backup and says nothing."""

    def __init__(self, *args: Any, reconciling: bool = True, **options: Any) -> None:
        super().__init__(*args, **options)
        self.reconciling = reconciling
        self._made_at: float | None = None

    def sections(self) -> dict[str, dict[str, Any]]:
        return {"journal": {"directory": str(self.folder / "journal")}}

    @property
    def _backup(self) -> str:
        return f"sqlite+aiosqlite:///{self.folder / 'backup.db'}"

    async def meanwhile(self, passed: float, url: str, sandbox: Upstream, start: Callable[[], None]) -> None:
        if self._made_at is None and passed > MADE:
            # What is answered while the copy is made may be in it or not.
            self._made_at = time.monotonic()
            await migrate.upgrade_database(self._backup)
            await copy_database(url, self._backup)
        elif self._made_at is not None and self.lost is None and passed > RESTORED:
            for each in self._running:
                await asyncio.to_thread(each.kill)
            self.lost = self._made_at, time.monotonic()
            sandbox.set_faults([])
            await asyncio.sleep(ARRIVES)
            await self._restore(url)
            sandbox.set_faults(self.schedule.faults)
            self.report.blows["backups restored"] += 1
            for number in range(self.schedule.processes):
                self.in_its_place(number, start)

    async def _restore(self, url: str) -> None:
        await _empty(url)
        await migrate.upgrade_database(url)
        await copy_database(self._backup, url)
        if not self.reconciling:
            return
        async with open_core(settings_for(url, **HOUSE, **self.sections()), open_upstream=lagging) as core:
            await core.write(marks.mark_restored, SYSTEM, core.now())
            done = await reconcile.reconcile(core, SYSTEM, do=True, apart=1.0)
            assert done.done
            assert done.journal, "the journal reaches back beyond the backup"
            await reconcile.release(core, SYSTEM)


async def _empty(url: str) -> None:
    """The database is gone, its journal is not."""
    if url.startswith("sqlite"):
        await asyncio.to_thread(_delete, str(sa.make_url(url).database))
        return
    engine = create_async_engine(url, poolclass=sa.NullPool)
    async with engine.begin() as connection:
        await connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        await connection.exec_driver_sql("CREATE SCHEMA public")
    await engine.dispose()


def _delete(file: str) -> None:
    for end in ("", "-wal", "-shm"):
        Path(f"{file}{end}").unlink(missing_ok=True)
