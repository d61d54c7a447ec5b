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
from core.storage import tables as t
from core.storage.row_claims import change
from core.teams.teams import team_named

if TYPE_CHECKING:
    from core.service import Core


@dataclass(frozen=True, slots=True)
class Removal:
    """What a removal takes along: free seats, members whom Usher never invited (they stay upstream), bound unused
    codes.
    """

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
    """Remove a team in which nobody has a seat any more; its unused bound codes are disabled.

    Nobody is removed upstream, and importing the team again brings it back. Raises: NotAllowed, NotFound, TeamInUse.
    """
    actor.require(Role.ADMIN)
    return await core.write(_remove, core, actor, name, core.now())


def look_at(tx: sa.Connection, name: str) -> Removal:
    """What removing the team would take with it. Raises: NotFound."""
    team = team_named(tx, name)

    def count(statement: sa.Select[Any]) -> int:
        return int(tx.execute(statement).scalar_one())

    live = sa.select(sa.func.count()).where(t.leases.c.team_id == team.id, t.leases.c.status.in_(t.LIVE))
    coming = sa.select(sa.func.count()).where(
        t.transfers.c.target_team_id == team.id, t.transfers.c.state.in_(("planned", "inviting", "waiting", "removing"))
    )
    of_team = sa.select(sa.func.count()).where(t.seats.c.team_id == team.id)
    return Removal(
        team_id=team.id,
        name=team.name,
        leases=count(live) + count(coming),
        seats=count(of_team),
        strangers=count(of_team.where(t.seats.c.occupant.is_not(None))),
        codes=count(sa.select(sa.func.count()).where(_unused(team.id))),
    )


def _unused(team_id: int) -> sa.ColumnElement[bool]:
    bound = sa.select(t.batches.c.id).where(t.batches.c.team_id == team_id)
    return sa.and_(t.codes.c.batch_id.in_(bound), t.codes.c.status == "active", t.codes.c.used < t.codes.c.max_uses)


def _remove(tx: sa.Connection, core: Core, actor: Actor, name: str, now: datetime) -> Removal:
    # The row is locked first: a redemption that holds a seat here meanwhile commits before the look or finds none.
    tx.execute(sa.select(t.teams.c.id).where(t.teams.c.id == team_named(tx, name).id).with_for_update())
    tx.execute(sa.select(t.seats.c.id).where(t.seats.c.team_id == team_named(tx, name).id).with_for_update())
    found = look_at(tx, name)
    if found.leases:
        raise TeamInUse(name=found.name, count=found.leases)
    team = team_named(tx, name)
    nothing = core.vault.encrypt("{}", row=credential_row(team.provider, team.external_id))
    tx.execute(sa.update(t.teams).where(t.teams.c.id == team.id).values(removed_at=now, credential=nothing))
    tx.execute(sa.delete(t.seats).where(t.seats.c.team_id == team.id))
    left = (t.codes.c.batch_id, t.codes.c.max_uses - t.codes.c.used - t.codes.c.reserved)
    voided = change(tx, t.codes, _unused(team.id), expected="active", returning=left, status="disabled")
    for batch_id, unused in voided.all():
        tx.execute(sa.insert(t.batch_changes).values(batch_id=batch_id, voided=unused))
    after = {"seats": found.seats, "codes": found.codes}
    audit.record(tx, actor, "team.removed", "team", team.id, now, after=after)
    return found
