"""What waits for staff, by chat: an end by force, an unclear invite, and who wants to use a doubtful code."""

from __future__ import annotations

from core.actors import Role
from tests.support.desk import Desk
from tests.support.house import open_house

ANN = "ann@example.com"


async def test_an_unclear_invite_is_settled_after_a_look_at_what_is_known(database_url: str):
    async with open_house(database_url, workspaces=1, faults=["invite:500"]) as house:
        desk = Desk(house, Role.OPERATOR)
        assert desk.words("settle-none") in await desk.say("/settle")
        [code] = await house.make_codes()
        assert (await house.redeem(ANN, code, key="k1", wait=0.0)).state == "unclear"
        lease = await house.value("SELECT id FROM leases")
        assert ANN in await desk.say("/settle")
        answer = await desk.say(f"/settle {lease}")
        assert ANN in answer
        assert "absent" in answer
        answer = await desk.say(f"/settle {lease} not")
        assert await house.value("SELECT state FROM redemptions") == "unclear", "nothing happens before it is confirmed"
        await desk.press(desk.words("button-confirm"))
        assert await house.value("SELECT state FROM redemptions") == "refused"


async def test_a_move_under_way_is_ended_by_force(database_url: str):
    async with open_house(database_url, workspaces=2) as house:
        [code] = await house.make_codes()
        await house.redeem(ANN, code, key="k1")
        desk = Desk(house, Role.OPERATOR)
        await desk.say(f"/transfer {ANN}")
        await desk.press(desk.words("button-transfer-now"))
        await desk.say(f"/end {ANN} force")
        await desk.press(desk.words("button-end-now"))
        assert await house.value("SELECT count(*) FROM transfers WHERE reason = 'taken_over'") == 1


async def test_nobody_waits_for_a_decision(database_url: str):
    async with open_house(database_url) as house:
        desk = Desk(house, Role.OPERATOR)
        assert desk.words("requests-none") in await desk.say("/requests")
