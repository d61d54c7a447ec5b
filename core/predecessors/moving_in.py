"""Moving in: what an existing system holds is shown, carried over, and held against what the upstream shows."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core import audit, holds
from core.actors import Actor, Role
from core.predecessors.belongings import Belongings
from core.predecessors.carrying import Load, carry_codes, carry_teams, settle_uses
from core.predecessors.old_secrets import OldSecrets
from core.predecessors.outcome import CarriedOver, Left
from core.predecessors.seating import carry_holders
from core.predecessors.systems import read_system
from core.storage import tables as t
from core.storage.migrate import take_all_the_time
from core.sync import sync

if TYPE_CHECKING:
    from core.service import Core


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is to be carried over: the files of one system, its secrets, where its clock stood, and the pool here.

    `zone` is an IANA name, the system's own zone if unsaid; `pool` the one for what names none.
    """

    files: Sequence[Path]
    secrets: Path | None = None
    zone: str | None = None
    pool: str | None = None


class _Shown(Exception):
    """Carries the outcome out of a transaction that is to be rolled back."""

    def __init__(self, outcome: CarriedOver) -> None:
        super().__init__()
        self.outcome = outcome


async def preview(core: Core, actor: Actor, arrival: Arrival) -> CarriedOver:
    """Say what moving in would do: all of it is done and taken back. Raises: NotAllowed, UnknownSystem, OSError."""
    actor.require(Role.OWNER)
    found = await _read(core, arrival)
    try:
        return await core.write(_carry, core, actor, arrival.pool, found, core.now(), do=False)
    except _Shown as shown:
        return shown.outcome


async def move_in(core: Core, actor: Actor, arrival: Arrival) -> CarriedOver:
    """Carry everything over in one transaction, then read the teams and name the holders who are not there.

    Doing it again changes nothing, and goes on with what could not be carried over before. Nobody is invited.
    Raises: NotAllowed, UnknownSystem, RestoredWait, OSError.
    """
    actor.require(Role.OWNER)
    found = await _read(core, arrival)
    outcome = await core.write(_carry, core, actor, arrival.pool, found, core.now())
    core.forget_shapes()
    absent: set[int] = set()
    for reading in await sync.read_many(core, outcome.team_ids):
        absent |= set(reading.absent)
        if not reading.complete:
            outcome.unread.append(Left(reading.team, reading.reason or "unread"))
    outcome.missing = await core.read(_missing, absent & set(outcome.lease_ids))
    return outcome


async def _read(core: Core, arrival: Arrival) -> Belongings:
    secrets = await asyncio.to_thread(OldSecrets.read, arrival.secrets)
    return await asyncio.to_thread(read_system, arrival.files, secrets, arrival.zone, core.settings.timezone)


def _carry(
    tx: sa.Connection,
    core: Core,
    actor: Actor,
    pool: str | None,
    found: Belongings,
    now: datetime,
    *,
    do: bool = True,
) -> CarriedOver:
    """All of it; with everything here already it changes nothing and says so."""
    holds.refuse_restored(tx)
    take_all_the_time(tx)
    outcome = CarriedOver(found.system, found.zone)
    load = Load(core, actor, now, outcome, pool)
    carry_teams(tx, load, found)
    carry_codes(tx, load, found)
    carry_holders(tx, load, found)
    settle_uses(tx, load, found)
    if not do:
        raise _Shown(outcome)
    created = {"teams": outcome.teams.created, "codes": outcome.codes.created, "holders": outcome.holders.created}
    if any(created.values()):
        audit.record(tx, actor, "system.moved_in", "system", None, now, after={"system": found.system, **created})
    outcome.done = True
    return outcome


def _missing(tx: sa.Connection, lease_ids: Collection[int]) -> list[Left]:
    """Holders whom the reading of their team did not show."""
    mine = (
        sa.select(t.leases.c.address, t.teams.c.name)
        .join(t.teams, t.teams.c.id == t.leases.c.team_id)
        .where(t.leases.c.id.in_(lease_ids))
        .order_by(t.leases.c.id)
    )
    return [Left(row.address, "not_there", team=row.name) for row in tx.execute(mine)]
