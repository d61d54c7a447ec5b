"""Staff change the limits of an account where they see it."""

from __future__ import annotations

from core.actors import SYSTEM, Role
from core.sources.sources import add_source
from tests.support.desk import EACH_ON_ONE, Desk
from tests.support.house import open_house

ACCOUNT = {"name": "north", "base_url": "http://127.0.0.1:9/v1", "api_key": "sk-1", "models": ["small"]}


@EACH_ON_ONE
async def test_limits_are_changed_shown_and_lifted(database_url: str, language: str):
    async with open_house(database_url, workspaces=0) as house:
        await add_source(house.core, SYSTEM, ACCOUNT)
        desk = Desk(house, Role.ADMIN, language=language)
        await desk.say("/sources edit north places=8 rpm=60 tpm=9000 budget=2.5 tier=free group=shared weight=3")
        shown = desk.words("source-limits", weight=3, rpm=60, tpm=9000, budget="2.5", group="shared")
        assert shown in desk.said
        stored = "SELECT concurrency, rpm, tpm, daily_budget, tier, weight FROM sources"
        assert tuple((await house.rows(stored))[0]) == (8, 60, 9000, 2_500_000, "free", 3)
        assert await house.value("SELECT count(*) FROM source_slots") == 8
        answer = await desk.say("/sources edit north rpm=0 tpm=0 budget=0 group=-")
        assert desk.words("source-limits", weight=3, rpm=0, tpm=0, budget="", group="") in answer
        assert tuple((await house.rows(stored))[0]) == (8, None, None, None, "free", 3)
        await desk.say("/sources edit north")
        assert desk.reply.key == "error-missing_argument"
        operator = Desk(house, Role.OPERATOR, "8", language=language)
        await operator.say("/sources edit north places=1")
        assert operator.reply.key == "error-not_allowed"
