"""Looking whether expired teams are well again, by one cheap call each."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
import structlog

from core.providers.protocol import CredentialCheck, Unavailable
from core.rounds import Round
from core.storage import tables as t
from core.storage.rows import TeamRow
from core.sync import sync
from core.teams import health as team_health

if TYPE_CHECKING:
    from core.service import Core

log = structlog.get_logger(__name__)


async def check_health(core: Core) -> Round:
    """Ask every expired team whether its credential works; read those whose does, which restores them."""
    rows = await core.read(_expired)
    places = asyncio.Semaphore(core.settings.sync.concurrency)
    well: list[int] = []
    async with asyncio.TaskGroup() as group:
        for team in rows:
            group.create_task(_check(core, team, places, well))
    restored = [reading for reading in await sync.read_many(core, well) if reading.complete]
    return Round({"expired": len(rows), "restored": len(restored)})


async def _check(core: Core, team: TeamRow, places: asyncio.Semaphore, well: list[int]) -> None:
    async with places:
        try:
            if await _is_well(core, team):
                well.append(team.id)
        except Exception:
            log.exception("health_check_failed", team=team.id)


async def _is_well(core: Core, team: TeamRow) -> bool:
    answer = await core.provider(team).check_credential()
    if isinstance(answer, CredentialCheck):
        if answer.expires_at is not None:
            await core.write(_note_expiry, team.id, answer.expires_at)
        return True
    if isinstance(answer, Unavailable):
        # What was only failing may turn out to be rejected: from then on it counts towards the team's death.
        await core.write(team_health.note_failure, core, team.id, "account", answer, core.now())
    return False


def _expired(tx: sa.Connection) -> list[Any]:
    ill = sa.and_(t.teams.c.health != "healthy", t.teams.c.removed_at.is_(None))
    return list(tx.execute(sa.select(t.teams).where(ill).order_by(t.teams.c.id)))


def _note_expiry(tx: sa.Connection, team_id: int, expires_at: datetime) -> None:
    tx.execute(sa.update(t.teams).where(t.teams.c.id == team_id).values(credential_expires_at=expires_at))
