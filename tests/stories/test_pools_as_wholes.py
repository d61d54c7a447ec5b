"""Pools as wholes, to the last press: a team moves, a pool is emptied, merged into another and put away."""

from __future__ import annotations

from core.actors import SYSTEM, Role
from core.people import people
from tests.stories.conftest import OpenStory
from tests.support.chats import Chat


async def test_teams_and_pools_are_moved_and_put_away(story: OpenStory):
    async with story(workspaces=2) as chat:
        house = chat.house
        [code] = await house.make_codes()
        await house.redeem("anna@example.com", code, key="k")
        token, _ = await people.issue_token(house.core, SYSTEM, Role.ADMIN)
        await chat.say(f"/claim {token}")
        for name in ("gold", "silver"):
            await chat.say(f"/pool add {name}")

        answer = await chat.say('/editteam "Workspace 1" pool=gold')
        assert chat.words("editteam-pool", team="Workspace 1", pool="gold", people=1, **{"from": "default"}) in answer
        await chat.press(chat.label("team-move"))
        assert await pool_of(chat, 1) == "gold"

        await chat.say("/pool empty gold into=silver")
        answer = await chat.press(chat.label("pool-empty-now"))
        assert chat.words("pool-empty-done", pool="gold", into="silver", teams=1, people=1) in answer
        assert await pool_of(chat, 1) == "silver"

        await chat.say("/pool merge silver into=default")
        answer = await chat.press(chat.label("pool-merge-now"))
        told = chat.words("pool-merge-done", pool="silver", into="default", teams=1, people=1, uses=0, waiting=0)
        assert told in answer
        assert await pool_of(chat, 1) == "default"

        await chat.say("/pool delete gold")
        assert chat.words("pool-delete-done", pool="gold") in await chat.press(chat.label("pool-delete"))
        assert await house.value("SELECT count(*) FROM pools WHERE removed_at IS NULL") == 1
        assert await house.value("SELECT count(*) FROM leases WHERE status = 'invited'") == 1, "nobody lost a seat"


async def pool_of(chat: Chat, team: int) -> str:
    found = "SELECT p.name FROM teams t JOIN pools p ON p.id = t.pool_id WHERE t.id = :team"
    return str(await chat.house.value(found, team=team))
