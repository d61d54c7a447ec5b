"""Clearing away expired teams in one step: first shown, then done."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
import structlog

from core.actors import Actor, Role
from core.errors import Refusal
from core.storage import tables as t
from core.teams.removal import look_at, remove_team

if TYPE_CHECKING:
    from core.service import Core

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Expired:
    """One team out of service. `removed`: it is gone, or would be; otherwise its people have to be moved first.

    `strangers` are its members whom Usher did not invite, `codes` the unused codes bound to it.
    """

    id: int
    team: str
    health: str
    since: datetime | None
    error: str | None
    leases: int
    strangers: int
    codes: int
    removed: bool


async def clean_up_teams(
    core: Core, actor: Actor, *, dry_run: bool = True, only: Collection[int] | None = None
) -> list[Expired]:
    """Remove every expired team in which nobody has a seat any more; with `only`, those of them. Raises: NotAllowed."""
    actor.require(Role.ADMIN)
    found = [one for one in await core.read(_expired) if only is None or one.id in only]
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
        done.append(replace(team, removed=removed))
    return done


def _expired(tx: sa.Connection) -> list[Expired]:
    rows = tx.execute(
        sa.select(t.teams)
        .where(t.teams.c.health != "healthy", t.teams.c.removed_at.is_(None))
        .order_by(t.teams.c.unhealthy_since, t.teams.c.id)
    ).all()
    found = []
    for row in rows:
        look = look_at(tx, row.name)
        found.append(
            Expired(
                id=row.id,
                team=row.name,
                health=row.health,
                since=row.unhealthy_since,
                error=row.last_error,
                leases=look.leases,
                strangers=look.strangers,
                codes=look.codes,
                removed=look.leases == 0,
            )
        )
    return found
