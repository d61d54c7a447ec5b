"""Pools are renamed, emptied, merged and put away, and teams go over with their people; nobody is invited or removed."""

from __future__ import annotations

import json

import pytest

from core.actors import SYSTEM, Role
from core.codes import codes
from core.command_errors import PoolInUse, SamePool
from core.errors import NotFound
from core.rules.codes import read_code
from core.rules.gifts import Giving
from core.service import credential_row
from core.teams import pool_moves, pools, removal, teams
from tests.support.desk import EACH_ON_ONE, Desk
from tests.support.house import open_house

ANN = "ann@example.com"


async def test_a_team_goes_to_another_pool_with_its_people_and_a_pool_into_another_with_its_codes(database_url: str):
    async with open_house(database_url, workspaces=2, seats=3) as house:
        core = house.core
        await pools.create_pool(core, SYSTEM, "gold", pools.NewPool(prefix="GOLD"))
        [code, left] = await house.make_codes(2)
        [bound] = await house.make_codes(1, team="Workspace 1")
        await house.redeem(ANN, code, key="k")
        assert await pool_moves.move_team(core, SYSTEM, "Workspace 1", "gold") == 1
        assert (await house.rows("SELECT DISTINCT pool_id FROM seats WHERE team_id = 1"))[0][0] == 2
        assert await house.value("SELECT pool_id FROM leases") == 2
        assert await house.value("SELECT pool_id FROM redemptions") == 1, "what happened, happened there"
        assert await house.breaches() == []
        # A code bound to the team leads to it as before; a general one leads to what its pool still has.
        assert (await house.redeem("bob@example.com", bound, key="b")).team == "Workspace 1"
        assert (await house.redeem("cat@example.com", left, key="c")).team == "Workspace 2"
        with pytest.raises(SamePool):
            await pool_moves.merge_pool(core, SYSTEM, "gold", "GOLD")
        with pytest.raises(PoolInUse):
            await pool_moves.remove_pool(core, SYSTEM, "default")
        more = (await house.make_codes(1, pool="default"))[0]
        found = await pool_moves.merge_pool(core, SYSTEM, "default", "gold")
        assert (found.teams, found.people, found.uses) == (1, 1, 1)
        assert await house.breaches() == []
        assert [one.name for one in await core.read(pools.find_pools)] == ["gold"]
        assert (await house.redeem("dan@example.com", more, key="d")).state == "invited", "its codes go on"
        with pytest.raises(NotFound):
            await pool_moves.move_team(core, SYSTEM, "Workspace 1", "default")
        again = await pools.create_pool(core, SYSTEM, "default")
        assert again.id == 1, "made anew, it has its history"
        await pool_moves.remove_pool(core, SYSTEM, "default")
        assert len(house.invited()) == 4


@EACH_ON_ONE
async def test_pools_and_teams_are_rearranged_by_chat(database_url: str, language: str):
    async with open_house(database_url, workspaces=2) as house:
        desk = Desk(house, Role.ADMIN, language=language)
        [code] = await house.make_codes()
        await house.redeem(ANN, code, key="k")
        await desk.say("/pool add gold")
        await desk.say("/pool set gold rename=silver policy=most_free")
        assert desk.reply.key == "pool-changed"
        assert await house.value("SELECT count(*) FROM pools WHERE name = 'silver' AND policy = 'most_free'") == 1
        await desk.say('/editteam "Workspace 1" pool=silver seats=9')
        assert desk.reply.key == "editteam-pool"
        assert await house.value("SELECT pool_id FROM teams WHERE id = 1") == 1, "nothing before it is confirmed"
        await desk.press(desk.words("button-team-move"))
        assert await house.value("SELECT capacity FROM teams WHERE id = 1 AND pool_id = 2") == 9
        await desk.say('/editteam "Workspace 1" pool=silver')
        assert desk.reply.key == "error-same_pool", "refused before it is asked about"
        await desk.say("/pool delete default")
        assert desk.reply.key == "error-pool_in_use"
        await desk.press(desk.words("button-pool-merge"))
        await desk.say("silver")
        assert desk.reply.key == "pool-merge"
        await desk.press(desk.words("button-pool-merge-now"))
        assert desk.reply.key == "pool-merge-done", desk.reply
        await desk.say("/pool show default")
        assert desk.reply.key == "error-not_found"
        await desk.say("/pool add empty")
        await desk.say("/pool delete empty")
        await desk.press(desk.words("button-pool-delete"))
        assert desk.reply.key == "pool-delete-done"
        await desk.say("/pool add third")
        await desk.say("/pool empty silver into=third")
        await desk.press(desk.words("button-pool-empty-now"))
        assert (
            await house.value("SELECT count(*) FROM teams t JOIN pools p ON p.id = t.pool_id WHERE p.name = 'third'")
            == 2
        )
        await desk.say('/editteam "Workspace 2" owner=boss@example.com provider=sandbox')
        row = (await house.rows("SELECT owner_address, provider, credential, external_id FROM teams WHERE id = 2"))[0]
        assert row[:2] == ("boss@example.com", "sandbox")
        assert house.core.vault.decrypt(bytes(row[2]), row=credential_row("sandbox", row[3]))
        await desk.say('/editteam "Workspace 2" provider=scim')
        assert desk.reply.key == "error-bad_choice", "it has no credential for that, and could not be read any more"
        assert await house.value("SELECT provider FROM teams WHERE id = 2") == "sandbox"
        assert "boss@" not in await desk.say("/audit team")
        for rename in ("pool set third rename=fourth", 'editteam "Workspace 2" rename="Blue team"'):
            await desk.say(f"/{rename}")
            assert desk.reply.state == "ok"


async def test_a_pool_whose_codes_give_something_is_not_put_away_and_no_team_comes_back_into_one_that_was(
    database_url: str,
):
    async with open_house(database_url) as house:
        core = house.core
        await pools.create_pool(core, SYSTEM, "gifts")
        [gift] = await house.make_codes(1, pool="gifts", giving=Giving("credit", 1_000_000))
        with pytest.raises(PoolInUse) as refused:
            await pool_moves.remove_pool(core, SYSTEM, "gifts")
        assert refused.value.facts["uses"] == 1
        text = read_code(gift, await core.shapes())
        await codes.set_code_status(core, SYSTEM, text, "disabled")
        await pool_moves.remove_pool(core, SYSTEM, "gifts")
        with pytest.raises(NotFound):
            await codes.set_code_status(core, SYSTEM, text, "active")
        await removal.remove_team(core, SYSTEM, "Workspace 1")
        await pool_moves.remove_pool(core, SYSTEM, "default")
        await pools.create_pool(core, SYSTEM, "gold")
        back = await teams.preview_teams(core, SYSTEM, json.dumps(house.sandbox.sessions()[0]))
        await teams.import_teams(core, SYSTEM, back, pool="gold")
        [code] = await house.make_codes(1, pool="gold")
        assert (await house.redeem(ANN, code, key="k")).team == "Workspace 1"
        assert await house.breaches() == []
