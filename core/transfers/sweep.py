"""Going on with transfers and removals, and moving people out of dead teams."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa
import structlog

from core.errors import Refusal, UsherError
from core.leases import removals as removal_actions
from core.leases import transfer_steps
from core.rounds import Round
from core.rules.transfers import is_dead
from core.storage import tables as t
from core.storage.row_claims import change
from core.transfers import transfers as transfer_actions

if TYPE_CHECKING:
    from core.service import Core

log = structlog.get_logger(__name__)

TOGETHER = 5
CHUNK = 100
CREDENTIAL = "credential"
"""What `last_error` says of a team whose credential was rejected for good."""


async def advance_transfers(core: Core) -> Round:
    """Take every transfer and removal that is due one step on. One bad row never stops the rest."""
    over = await core.read(_grace_over, core.now())
    for transfer_id in over:
        await core.write(transfer_steps.grace_over, core, transfer_id, core.now())
    for transfer_id in await core.read(_taking_long, core.now()):
        await core.write(transfer_steps.look_after, core, transfer_id, core.now())
    planned = 0
    places = asyncio.Semaphore(TOGETHER)
    while due := await core.read(_planned, core.now()):
        async with asyncio.TaskGroup() as group:
            for transfer_id in due:
                group.create_task(_advance(core, transfer_id, places))
        planned += len(due)
        if len(due) < CHUNK:
            break
    removed = await removal_actions.advance_due(core)
    return Round({"begun": planned, "past_their_grace": len(over), "removals_looked_at": removed})


async def move_out_of_dead_teams(core: Core) -> Round:
    """Plan the transfer of everybody in a team that is gone, or whose credential has been gone for too long."""
    moved = 0
    for team_id in await core.read(_dead_teams, core, core.now()):
        for lease_id in await core.read(_people_of, team_id):
            try:
                await core.write(transfer_actions.leave_dead_team, core, lease_id, core.now())
                moved += 1
            except Refusal as refusal:
                log.info("abnormal_transfer_refused", lease=lease_id, reason=refusal.facts.get("reason"))
            except Exception:
                log.exception("abnormal_transfer_failed", lease=lease_id)
    return Round({"to_be_moved": moved})


async def _advance(core: Core, transfer_id: int, places: asyncio.Semaphore) -> None:
    async with places:
        try:
            await transfer_actions.advance(core, transfer_id)
        except Exception:
            # It stays planned and is due again; whatever is wrong with it is this one's alone.
            log.exception("transfer_failed", transfer=transfer_id)
            try:
                await core.write(_later, transfer_id, core.now() + timedelta(minutes=5))
            except UsherError as error:
                # Raised here it would break off all that stand beside it; this one is merely due again at once.
                log.warning("transfer_not_put_off", transfer=transfer_id, error=error.key)


def _later(tx: sa.Connection, transfer_id: int, until: datetime) -> bool:
    return change(tx, t.transfers, t.transfers.c.id == transfer_id, expected="planned", due_at=until).count == 1


def _grace_over(tx: sa.Connection, now: datetime) -> list[int]:
    waits = sa.and_(t.transfers.c.state == "waiting", t.transfers.c.due_at <= now)
    over = sa.and_(waits, t.transfers.c.grace_ends_at <= now)
    return list(tx.execute(sa.select(t.transfers.c.id).where(over).order_by(t.transfers.c.id)).scalars())


def _taking_long(tx: sa.Connection, now: datetime) -> list[int]:
    long = sa.and_(t.transfers.c.state.in_(("inviting", "removing")), t.transfers.c.due_at <= now)
    return list(tx.execute(sa.select(t.transfers.c.id).where(long).order_by(t.transfers.c.id)).scalars())


def _planned(tx: sa.Connection, now: datetime) -> list[int]:
    due = sa.and_(t.transfers.c.state == "planned", t.transfers.c.due_at <= now)
    return list(
        tx.execute(sa.select(t.transfers.c.id).where(due).order_by(t.transfers.c.due_at).limit(CHUNK)).scalars()
    )


def _dead_teams(tx: sa.Connection, core: Core, now: datetime) -> list[int]:
    after = timedelta(hours=core.settings.health.dead_after_hours)
    ill = tx.execute(sa.select(t.teams).where(t.teams.c.health != "healthy", t.teams.c.removed_at.is_(None)))
    return [
        row.id
        for row in ill
        if is_dead(
            row.unhealthy_since if row.last_error == CREDENTIAL else None, now, after, deactivated=row.health == "gone"
        )
    ]


def _people_of(tx: sa.Connection, team_id: int) -> list[int]:
    where = sa.and_(
        t.leases.c.team_id == team_id, t.leases.c.status.in_(("invited", "active")), t.leases.c.end_reason.is_(None)
    )
    return list(tx.execute(sa.select(t.leases.c.id).where(where).order_by(t.leases.c.id)).scalars())
