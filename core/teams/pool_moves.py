"""Changes of whole pools: a team goes to another pool with its people; a pool is emptied, merged or put away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core import audit, holds
from core.actors import Actor, Role
from core.command_errors import PoolInUse, SamePool
from core.storage import tables as t
from core.storage.guards import guard
from core.storage.row_claims import Overtaken
from core.teams import seats as seat_actions
from core.teams.pools import hold_pool, pool_named
from core.teams.teams import pool_of_team, team_named

if TYPE_CHECKING:
    from core.service import Core


@dataclass(frozen=True, slots=True)
class PoolUse:
    """What is in a pool: teams, people with a seat, unused uses of its codes, and people who wait."""

    name: str
    teams: int
    people: int
    uses: int
    waiting: int

    @property
    def empty(self) -> bool:
        return not (self.teams or self.people or self.uses or self.waiting)


async def pool_use(core: Core, actor: Actor, name: str) -> PoolUse:
    """What a move would take along, or what keeps a pool from being removed. Raises: NotAllowed, NotFound."""
    actor.require(Role.ADMIN)
    return await core.read(_use_of, name, core.now())


async def move_team(core: Core, actor: Actor, name: str, pool: str) -> int:
    """Let a team serve another pool, with its seats, its people and the codes that lead only to it.

    Returns how many people came along; nobody is invited or removed. Raises: NotAllowed, NotFound, SamePool.
    """
    actor.require(Role.ADMIN)
    return await core.write(_move_team, actor, name, pool, core.now())


async def empty_pool(core: Core, actor: Actor, name: str, into: str) -> PoolUse:
    """Move every team of a pool into another one; its general codes stay, and serve whatever teams come to it later.

    Raises: NotAllowed, NotFound, SamePool.
    """
    actor.require(Role.ADMIN)
    return await core.write(_empty, actor, name, into, core.now())


async def merge_pool(core: Core, actor: Actor, name: str, into: str) -> PoolUse:
    """Let another pool serve all that this one does: teams, people, codes and those who wait. Then it is gone.

    Its codes keep their shape and are redeemed as before. Raises: NotAllowed, NotFound, SamePool.
    """
    actor.require(Role.ADMIN)
    return await core.write(_merge, actor, name, into, core.now())


async def remove_pool(core: Core, actor: Actor, name: str) -> None:
    """Put away a pool that holds nothing any more. Its history keeps its name, and making it anew brings it back.

    Raises: NotAllowed, NotFound, PoolInUse.
    """
    actor.require(Role.ADMIN)
    await core.write(_remove, actor, name, core.now())


def _use_of(tx: sa.Connection, name: str, now: datetime) -> PoolUse:
    pool_id = _present(tx, name)

    def count(table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
        statement = sa.select(sa.func.count()).select_from(table).where(table.c.pool_id == pool_id, *where)
        return int(tx.execute(statement).scalar_one())

    return PoolUse(
        name=tx.execute(sa.select(t.pools.c.name).where(t.pools.c.id == pool_id)).scalar_one(),
        teams=count(t.teams, t.teams.c.removed_at.is_(None)),
        people=count(t.leases, t.leases.c.status.in_(t.LIVE)),
        uses=_unused_uses(tx, pool_id, now),
        waiting=count(t.waitlist, t.waitlist.c.state == "waiting"),
    )


def _unused_uses(tx: sa.Connection, pool_id: int, now: datetime) -> int:
    """The uses left of its usable codes, whatever they give: seats, credit, a plan, access.

    A batch whose codes are still being written counts with all that it promises, and with one at least: how many codes
    of an import are new is known only once they are written.
    """
    alive = sa.or_(t.batches.c.expires_at.is_(None), t.batches.c.expires_at > now)
    of_pool = sa.and_(t.batches.c.pool_id == pool_id, alive)
    left = sa.select(sa.func.coalesce(sa.func.sum(t.codes.c.max_uses - t.codes.c.used - t.codes.c.reserved), 0))
    written = left.join(t.batches, t.batches.c.id == t.codes.c.batch_id).where(
        of_pool, t.batches.c.made_at.is_not(None)
    )
    promised = sa.select(sa.func.coalesce(sa.func.sum(sa.case((t.batches.c.uses > 0, t.batches.c.uses), else_=1)), 0))
    unmade = promised.where(of_pool, t.batches.c.made_at.is_(None))
    return sum(int(tx.execute(uses).scalar_one()) for uses in (written.where(t.codes.c.status == "active"), unmade))


def _present(tx: sa.Connection, name: str) -> int:
    """The number of a pool in use. Raises: NotFound."""
    return pool_named(tx, name).id


def _both(tx: sa.Connection, name: str, into: str) -> tuple[int, int]:
    """Both pools, locked in the order of their numbers: whoever puts something into one of them has to wait.

    Raises: NotFound, SamePool, and Overtaken where one was put away in the meantime.
    """
    holds.refuse_restored(tx)
    source, target = _present(tx, name), _present(tx, into)
    if source == target:
        raise SamePool(name=into)
    if not all(hold_pool(tx, pool_id, alone=True) for pool_id in sorted((source, target))):
        raise Overtaken("pools")
    return source, target


def _move_team(tx: sa.Connection, actor: Actor, name: str, pool: str, now: datetime) -> int:
    source, target = _both(tx, pool_of_team(tx, name), pool)
    team = team_named(tx, name)
    if any(guard("pool_kept", team.pool_id != source)):
        raise Overtaken("teams")
    return _move(tx, actor, team.id, target, now)


def _move(tx: sa.Connection, actor: Actor, team_id: int, target: int, now: datetime) -> int:
    team = seat_actions.lock_team(tx, team_id)
    tx.execute(sa.update(t.teams).where(t.teams.c.id == team_id).values(pool_id=target))
    # The seats come first: whoever is holding one in this moment commits before they are moved, and is then found
    # among the leases.
    tx.execute(sa.update(t.seats).where(t.seats.c.team_id == team_id).values(pool_id=target))
    tx.execute(sa.update(t.team_figures).where(t.team_figures.c.team_id == team_id).values(pool_id=target))
    live = sa.and_(t.leases.c.team_id == team_id, t.leases.c.status.in_(t.LIVE))
    people = tx.execute(sa.update(t.leases).where(live).values(pool_id=target)).rowcount
    bound = sa.select(t.batches.c.id).where(t.batches.c.team_id == team_id)
    waits = sa.and_(
        t.waitlist.c.state == "waiting",
        t.waitlist.c.code_id.in_(sa.select(t.codes.c.id).where(t.codes.c.batch_id.in_(bound))),
    )
    tx.execute(sa.update(t.waitlist).where(waits).values(pool_id=target))
    tx.execute(sa.update(t.batches).where(t.batches.c.team_id == team_id).values(pool_id=target))
    audit.record(
        tx,
        actor,
        "team.moved",
        "team",
        team_id,
        now,
        before={"pool": team.pool_id},
        after={"pool": target, "people": people},
    )
    return people


def _teams(tx: sa.Connection, pool_id: int) -> list[int]:
    """Every team of a pool, removed ones too: they would come back to it."""
    return list(
        tx.execute(sa.select(t.teams.c.id).where(t.teams.c.pool_id == pool_id).order_by(t.teams.c.id)).scalars()
    )


def _empty(tx: sa.Connection, actor: Actor, name: str, into: str, now: datetime) -> PoolUse:
    found = _use_of(tx, name, now)
    source, target = _both(tx, name, into)
    for team_id in _teams(tx, source):
        _move(tx, actor, team_id, target, now)
    audit.record(tx, actor, "pool.emptied", "pool", source, now, after={"into": target, "teams": found.teams})
    return found


def _merge(tx: sa.Connection, actor: Actor, name: str, into: str, now: datetime) -> PoolUse:
    found = _empty(tx, actor, name, into, now)
    source, target = _both(tx, name, into)
    tx.execute(sa.update(t.batches).where(t.batches.c.pool_id == source).values(pool_id=target))
    waiting = sa.and_(t.waitlist.c.pool_id == source, t.waitlist.c.state == "waiting")
    tx.execute(sa.update(t.waitlist).where(waiting).values(pool_id=target))
    held = sa.and_(t.leases.c.pool_id == source, t.leases.c.status.in_(t.LIVE))
    tx.execute(sa.update(t.leases).where(held).values(pool_id=target))
    after = {"into": target, "teams": found.teams, "uses": found.uses, "waiting": found.waiting}
    audit.record(tx, actor, "pool.merged", "pool", source, now, after=after)
    _put_away(tx, actor, source, now)
    return found


def _remove(tx: sa.Connection, actor: Actor, name: str, now: datetime) -> None:
    pool_id = _present(tx, name)
    if not hold_pool(tx, pool_id, alone=True):
        raise Overtaken("pools")
    found = _use_of(tx, name, now)
    if not found.empty:
        facts: dict[str, Any] = {"teams": found.teams, "people": found.people, "uses": found.uses}
        raise PoolInUse(name=found.name, waiting=found.waiting, **facts)
    _put_away(tx, actor, pool_id, now)


def _put_away(tx: sa.Connection, actor: Actor, pool_id: int, now: datetime) -> None:
    tx.execute(sa.update(t.pools).where(t.pools.c.id == pool_id).values(removed_at=now, enabled=False))
    audit.record(tx, actor, "pool.removed", "pool", pool_id, now)
