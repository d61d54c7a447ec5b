"""Many at one row of PostgreSQL at the same instant, whatever the machine's pace."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
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

        try:
            await crowd(url, least)
        finally:
            await keeper.rollback()
            await doing
    await engine.dispose()


@asynccontextmanager
async def kept_away(url: str, locked: str) -> AsyncIterator[None]:
    """Keep everybody from writing the rows that `locked` selects, as long as it lasts."""
    engine = create_async_engine(url, poolclass=sa.NullPool)
    async with engine.connect() as keeper:
        await keeper.execute(sa.text(f"{locked} FOR UPDATE"))
        try:
            yield
        finally:
            await keeper.rollback()
    await engine.dispose()


async def crowd(url: str, least: int) -> None:
    """Wait until so many wait to write."""

    async def crowded() -> bool:
        return int((await rows(url, _WAITING))[0][0]) >= least

    await until(crowded, 60, f"fewer than {least} came to write")
