"""A team of one's own choice, where the pool lets people choose."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from core.code_errors import ChooseTeam
from core.errors import NotFound, Refusal
from core.leases import redemption_steps
from core.redemptions.orders import Order
from core.storage import tables as t
from core.storage.names import is_called
from core.storage.rows import CodeOfBatch, FoundCode

SHOWN: Final = 12
"""Teams to choose from, those with most room first."""


def chosen_team(tx: sa.Connection, code: FoundCode, order: Order) -> int | None:
    """The number of the team that the person wants; none where the policy decides.

    Raises: ChooseTeam where they can be asked and were not, NotFound for a team that is none of the pool's, or where
    nobody may choose.
    """
    asked = code.team_choice and code.team_id is None
    if order.team is None:
        if not (asked and order.chooses):
            return None
        teams = _teams(tx, code.pool_id)
        if len(teams) < 2:
            return None
        raise ChooseTeam(pool=_pool(tx, code.pool_id), teams=teams, full="none")
    named = (is_called(t.teams, order.team), t.teams.c.pool_id == code.pool_id, t.teams.c.removed_at.is_(None))
    team_id = tx.execute(sa.select(t.teams.c.id).where(*named)).scalar_one_or_none()
    if team_id is None or not (asked or team_id == code.team_id):
        raise NotFound(kind="team", name=order.team)
    return int(team_id)


def nothing_there(tx: sa.Connection, code: CodeOfBatch, order: Order, chosen: int | None) -> Refusal:
    """Why there is no seat just now; of a team that somebody chose, which others have one."""
    if chosen is not None and order.chooses and (teams := _teams(tx, code.pool_id)):
        return ChooseTeam(pool=_pool(tx, code.pool_id), teams=teams, full=order.team)
    return redemption_steps.nothing_to_give(tx, code.pool_id, chosen or code.team_id)


def _teams(tx: sa.Connection, pool_id: int) -> list[str]:
    free = sa.func.count().label("free")
    found = (
        sa.select(t.teams.c.name)
        .join(t.seats, t.seats.c.team_id == t.teams.c.id)
        .where(t.seats.c.pool_id == pool_id, t.seats.c.state == "free", t.seats.c.open)
        .group_by(t.teams.c.id, t.teams.c.name)
        .order_by(free.desc(), t.teams.c.id)
        .limit(SHOWN)
    )
    return list(tx.execute(found).scalars())


def _pool(tx: sa.Connection, pool_id: int) -> str:
    return str(tx.execute(sa.select(t.pool_shown).where(t.pools.c.id == pool_id)).scalar_one())
