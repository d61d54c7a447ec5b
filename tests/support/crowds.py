"""Many at one row of PostgreSQL at the same instant, whatever the machine's pace."""

from __future__ import annotations

import asyncio
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from tests.support.chats import until
from tests.support.house import rows

_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


async def let_in_together(url: str, locked: str, doing: asyncio.Future[Any], *, least: int = 2) -> None:
    """Keep everybody from the rows that `locked` selects until so many wait to write there; then let go and wait.

    What they read before they came to write is as old for each of them: a guard that is missing there shows.
    """
    engine = create_async_engine(url, poolclass=sa.NullPool)
    async with engine.connect() as keeper:
        await keeper.execute(sa.text(f"{locked} FOR UPDATE"))

        async def crowded() -> bool:
            return int((await rows(url, _WAITING))[0][0]) >= least

        try:
            await until(crowded, 60, f"fewer than {least} came to {locked}")
        finally:
            await keeper.rollback()
            await doing
    await engine.dispose()
