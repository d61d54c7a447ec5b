"""Letting a team go: its credential is forgotten, its history stays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core import audit
from core.actors import Actor, Role
from core.errors import TeamInUse
from core.service import credential_row
from core.storage.row_claims import change
from core.storage.tables import LIVE, batch_changes, batches, codes, leases, seats, teams, transfers
from core.teams.teams import team_named

if TYPE_CHECKING:
    from core.service import Core


@dataclass(frozen=True, slots=True)
class Removal:
    """What goes with the team: free seats, members Usher never invited (they stay upstream), bound unused codes."""

    team_id: int
    name: str
    leases: int
    seats: int
    strangers: int
    codes: int


async def preview_team_removal(core: Core, actor: Actor, name: str) -> Removal:
    """What removing the team would mean; nothing is changed. Raises: NotAllowed, NotFound."""
    actor.require(Role.ADMIN)
    return await core.read(look_at, name)


async def remove_team(core: Core, actor: Actor, name: str) -> Removal:
    """Remove a team that nobody has a seat in any more. Its unused bound codes are disabled with it.

    Nobody is removed upstream, and importing the team again brings it back. Raises: NotAllowed, NotFound, TeamInUse.
    """
    actor.require(Role.ADMIN)
    return await core.write(_remove, core, actor, name, core.now())


def look_at(tx: sa.Connection, name: str) -> Removal:
    """What removing the team would take with it. Raises: NotFound."""
    team = team_named(tx, name)

    def count(statement: sa.Select[Any]) -> int:
        return int(tx.execute(statement).scalar_one())

    live = sa.select(sa.func.count()).where(leases.c.team_id == team.id, leases.c.status.in_(LIVE))
    coming = sa.select(sa.func.count()).where(
        transfers.c.target_team_id == team.id, transfers.c.state.in_(("planned", "inviting", "waiting", "removing"))
    )
    of_team = sa.select(sa.func.count()).where(seats.c.team_id == team.id)
    return Removal(
        team_id=team.id,
        name=team.name,
        leases=count(live) + count(coming),
        seats=count(of_team),
        strangers=count(of_team.where(seats.c.occupant.is_not(None))),
        codes=count(sa.select(sa.func.count()).where(_unused(team.id))),
    )


def _unused(team_id: int) -> sa.ColumnElement[bool]:
    bound = sa.select(batches.c.id).where(batches.c.team_id == team_id)
    return sa.and_(codes.c.batch_id.in_(bound), codes.c.status == "active", codes.c.used < codes.c.max_uses)


def _remove(tx: sa.Connection, core: Core, actor: Actor, name: str, now: datetime) -> Removal:
    # The row is locked first: a redemption that holds a seat here meanwhile commits before the look or finds none.
    tx.execute(sa.select(teams.c.id).where(teams.c.id == team_named(tx, name).id).with_for_update())
    tx.execute(sa.select(seats.c.id).where(seats.c.team_id == team_named(tx, name).id).with_for_update())
    found = look_at(tx, name)
    if found.leases:
        raise TeamInUse(name=found.name, count=found.leases)
    team = team_named(tx, name)
    nothing = core.vault.encrypt("{}", row=credential_row(team.provider, team.external_id))
    tx.execute(sa.update(teams).where(teams.c.id == team.id).values(removed_at=now, credential=nothing))
    tx.execute(sa.delete(seats).where(seats.c.team_id == team.id))
    left = (codes.c.batch_id, codes.c.max_uses - codes.c.used - codes.c.reserved)
    voided = change(tx, codes, _unused(team.id), expected="active", returning=left, status="disabled")
    for batch_id, unused in voided.all():
        tx.execute(sa.insert(batch_changes).values(batch_id=batch_id, voided=unused))
    after = {"seats": found.seats, "codes": found.codes}
    audit.record(tx, actor, "team.removed", "team", team.id, now, after=after)
    return found
