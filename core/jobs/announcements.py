"""Announcements: one message to many people, once per person, sent at the platforms' pace and counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal, TypeAlias

import sqlalchemy as sa

from core import outbox
from core.actors import Actor, Role
from core.command_errors import MissingArgument
from core.errors import NotFound, NothingToDo
from core.jobs.jobs import JobOrder, ProgressPlace, StartedJob, insert_job
from core.storage import tables as t
from core.storage.names import is_called

if TYPE_CHECKING:
    from core.service import Core

Audience: TypeAlias = Literal["everyone", "staff", "pool"]
LONGEST = 3500
"""Characters of an announcement; it is one message on every platform that can hold one."""


async def count_recipients(core: Core, actor: Actor, audience: Audience, pool: str | None = None) -> int:
    """How many people would get it. Raises: NotAllowed, NotFound, MissingArgument."""
    actor.require(Role.ADMIN)
    return len(await core.read(recipients, core.settings.staff.owners, audience, pool))


async def announce(
    core: Core,
    actor: Actor,
    text: str,
    audience: Audience,
    pool: str | None = None,
    *,
    request_key: str,
    place: ProgressPlace | None = None,
) -> StartedJob:
    """Queue the job that sends `text` to everyone, to the staff, or to those with a seat in a pool.

    The same request, or the same announcement under way, is not sent twice.
    Raises: NotAllowed, NotFound, MissingArgument, NothingToDo.
    """
    actor.require(Role.ADMIN)
    text = text.strip()[:LONGEST]
    if not text:
        raise MissingArgument(name="text")
    arguments = {"text": text, "audience": audience, "pool": pool}
    order = JobOrder("announce", (), arguments, request_key, place)
    return await core.write(_announce, core.settings.staff.owners, actor, order, core.now())


def recipients(tx: sa.Connection, owners: list[str], audience: Audience, pool: str | None) -> list[str]:
    """`PLATFORM:IDENTITY` of everybody meant: one for each person, where they were seen last."""
    reachable = sa.and_(
        t.identities.c.platform.in_(outbox.CHATS),
        t.identities.c.chat_id.is_not(None),
        t.identities.c.unreachable_since.is_(None),
    )
    statement = (
        sa.select(t.identities)
        .join(t.people, t.people.c.id == t.identities.c.person_id)
        .where(reachable)
        .order_by(t.identities.c.person_id, t.identities.c.created_at)
    )
    if audience == "staff":
        keys = t.identities.c.platform.concat(":").concat(t.identities.c.identity)
        statement = statement.where(sa.or_(t.people.c.role != "anyone", keys.in_(owners)))
    elif audience == "pool":
        statement = statement.where(t.identities.c.person_id.in_(_people_of(tx, pool)))
    chosen = {row.person_id: f"{row.platform}:{row.identity}" for row in tx.execute(statement)}
    return list(chosen.values())


def _people_of(tx: sa.Connection, pool: str | None) -> sa.Select[tuple[int]]:
    """Persons with a seat in the pool, on whichever of their platforms they asked for it."""
    if not pool:
        raise MissingArgument(name="pool")
    named = sa.select(t.pools.c.id).where(is_called(t.pools, pool))
    pool_id = tx.execute(named).scalar_one_or_none()
    if pool_id is None:
        raise NotFound(kind="pool", name=pool[:80])
    same = sa.and_(t.identities.c.platform == t.leases.c.platform, t.identities.c.identity == t.leases.c.identity)
    return (
        sa.select(t.identities.c.person_id)
        .join(t.leases, same)
        .where(t.leases.c.pool_id == pool_id, t.leases.c.status.in_(t.LIVE))
    )


def _announce(tx: sa.Connection, owners: list[str], actor: Actor, order: JobOrder, now: datetime) -> StartedJob:
    keys = recipients(tx, owners, order.arguments["audience"], order.arguments["pool"])
    if not keys:
        raise NothingToDo(count=0)
    return insert_job(tx, actor, replace(order, lines=[(key, None) for key in keys]), now)
