"""Where several pools exist and none is the usual one, staff are asked which they mean, and lose nothing of the rest."""

from __future__ import annotations

import json

import pytest

from core.actors import SYSTEM
from core.teams import pools, report
from tests.support.desk import EACH_ON_ONE, Desk
from tests.support.house import House, open_house


async def _two_pools(house: House) -> None:
    await pools.change_pool(house.core, SYSTEM, "default", name="team")
    await pools.create_pool(house.core, SYSTEM, "trial", pools.NewPool(prefix="TRIAL"))


@EACH_ON_ONE
async def test_codes_are_made_for_the_pool_that_is_chosen(database_url: str, language: str):
    async with open_house(database_url) as house:
        await _two_pools(house)
        desk = Desk(house, language=language)
        await desk.say("/generate 2 label spring fair")
        assert desk.words("error-pool_unnamed", pools=["team", "trial"]) in desk.said
        await desk.press("team")
        assert desk.reply.key == "generated"
        assert await house.rows("SELECT label, codes FROM batches") == [("spring fair", 2)]


@EACH_ON_ONE
async def test_the_pool_may_be_written_as_an_answer(database_url: str, language: str):
    async with open_house(database_url) as house:
        await _two_pools(house)
        desk = Desk(house, language=language)
        await desk.say("/invite anna@example.com")
        await desk.say("team")
        assert await house.value("SELECT count(*) FROM leases") == 1, desk.said


@EACH_ON_ONE
async def test_a_credential_that_was_sent_is_kept_while_the_pool_is_chosen(database_url: str, language: str):
    async with open_house(database_url) as house:
        await _two_pools(house)
        [session] = house.sandbox.sessions("chatgpt")
        fresh = json.dumps({**session, "account": {**session["account"], "id": "ws-9", "name": "New"}})
        desk = Desk(house, language=language)
        await desk.say(f"/import {fresh}")
        assert desk.reply.key == "import-which-pool"
        assert desk.reply.delete_request
        await desk.press("trial")
        assert desk.reply.key == "import-preview"
        await desk.press(desk.words("button-store", count=1))
        assert (await report.team_list(house.core, SYSTEM, pool="trial"))[0].name == "New"


@pytest.mark.parametrize(
    "line", ["/locks ban term=ages", "/pool merge team into=nowhere-at-all", "/editteam x seats=y"]
)
async def test_a_question_has_no_hole_in_it(sqlite_url: str, line: str):
    async with open_house(sqlite_url) as house:
        await _two_pools(house)
        desk = Desk(house)
        await desk.say(line)
        assert "“”" not in desk.said
        assert "  " not in desk.said, desk.said
