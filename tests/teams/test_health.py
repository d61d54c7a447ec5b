"""What calls do to a team's row: pauses that an upstream asks for, and those of the breaker."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from core.actors import SYSTEM
from core.providers.protocol import Unavailable, Unclear
from core.storage.tables import teams
from core.teams import health
from core.teams.teams import import_teams, preview_teams
from tests.support.house import open_house

TEAM = sa.select(teams)
BROKEN = Unclear("status 503")
LIMITED = Unavailable("rate_limited", retry_after=3600)


@pytest.mark.parametrize("order", [[BROKEN, BROKEN, BROKEN, LIMITED], [LIMITED, BROKEN, BROKEN, BROKEN, BROKEN]])
@pytest.mark.parametrize("state", ["healthy", "expired"])
async def test_a_rest_that_a_team_asked_for_ends_by_its_own_time(
    database_url: str, order: list[Unavailable | Unclear], state: str
) -> None:
    async with open_house(database_url, workspaces=1) as house:
        begun = house.core.now()
        for failed in order:
            await house.core.write(health.note_failure, house.core, 1, "invite", failed, house.core.now())
        await house.execute(f"UPDATE teams SET health = '{state}' WHERE id = 1")
        await house.core.write(health.note_success, 1, house.core.now(), calls=("invite", "members"))
        rows = await house.core.read(lambda tx: tx.execute(TEAM).one())
        assert (rows.health, rows.failures, rows.breaker_opened) == ("healthy", 0, 0)
        assert rows.paused_until >= begun + timedelta(seconds=3600)


async def test_the_pause_of_a_teams_breaker_ends_with_an_answer(database_url: str) -> None:
    async with open_house(database_url, workspaces=1) as house:
        for _ in range(3):
            await house.core.write(health.note_failure, house.core, 1, "invite", BROKEN, house.core.now())
        assert (await house.core.read(lambda tx: tx.execute(TEAM).one())).paused_until is not None
        await house.core.write(health.note_success, 1, house.core.now())
        assert (await house.core.read(lambda tx: tx.execute(TEAM).one())).paused_until is None


@pytest.mark.parametrize("fresh", [False, True])
async def test_only_another_credential_ends_a_rest_that_was_asked_for(database_url: str, fresh: bool) -> None:
    async with open_house(database_url, workspaces=1) as house:
        begun = house.core.now()
        await house.core.write(health.note_failure, house.core, 1, "invite", LIMITED, begun)
        [session] = house.sandbox.sessions("chatgpt")
        if fresh:
            house.sandbox.world.revoke(next(iter(house.sandbox.world.spaces.values())), renew=True)
            [session] = house.sandbox.sessions("chatgpt")
        done = await import_teams(house.core, SYSTEM, await preview_teams(house.core, SYSTEM, json.dumps(session)))
        assert (done.created, done.updated) == (0, 1)
        row = await house.core.read(lambda tx: tx.execute(TEAM).one())
        rests = row.paused_until is not None and row.paused_until >= begun + timedelta(seconds=3600)
        assert rests is not fresh
