"""One step to be rid of teams that have expired: first shown, then done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
import structlog

from core.actions.team_removal import remove_team
from core.actors import Actor, Role
from core.errors import Refusal
from core.storage.tables import LIVE, leases, teams

if TYPE_CHECKING:
    from core.service import Core

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Expired:
    """One team out of service. `removed`: it is gone now, or would be; else its people have to be moved first."""

    team: str
    health: str
    since: datetime | None
    error: str | None
    leases: int
    removed: bool


async def clean_up_teams(core: Core, actor: Actor, *, dry_run: bool = True) -> list[Expired]:
    """Remove every expired team that nobody has a seat in any more. Raises: NotAllowed."""
    actor.require(Role.ADMIN)
    found = await core.read(_expired)
    if dry_run:
        return found
    done = []
    for team in found:
        removed = team.removed
        if removed:
            try:
                await remove_team(core, actor, team.team)
            except Refusal as refusal:
                log.info("team_kept", reason=refusal.key)
                removed = False
        done.append(Expired(team.team, team.health, team.since, team.error, team.leases, removed))
    return done


def _expired(tx: sa.Connection) -> list[Expired]:
    people = (
        sa.select(sa.func.count())
        .where(leases.c.team_id == teams.c.id, leases.c.status.in_(LIVE))
        .correlate(teams)
        .scalar_subquery()
    )
    rows = tx.execute(
        sa.select(teams, people.label("people"))
        .where(teams.c.health != "healthy", teams.c.removed_at.is_(None))
        .order_by(teams.c.unhealthy_since, teams.c.id)
    )
    return [
        Expired(row.name, row.health, row.unhealthy_since, row.last_error, row.people, removed=row.people == 0)
        for row in rows
    ]
