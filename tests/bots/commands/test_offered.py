"""What stands in menus and help: nothing that this house has no use for."""

from __future__ import annotations

import pytest

from bots.commands.catalogue import catalogue, menu_for
from bots.commands.command import offered_of
from core.actors import SYSTEM, Role
from core.sources import models
from core.teams import pools
from tests.support.house import open_house

TALK = {"ask", "new", "chats", "model", "stop", "search", "share"}
CREDIT = {"wallet", "usage", "source"}


@pytest.mark.parametrize(
    ("with_model", "talk", "gateway", "shown"),
    [
        (False, True, False, set()),
        (False, True, True, {"keys"}),
        (True, True, False, TALK | CREDIT),
        (True, False, True, CREDIT | {"keys"}),
    ],
)
async def test_credit_keys_and_talk_stand_where_they_are_good_for_something(
    sqlite_url: str, with_model: bool, talk: bool, gateway: bool, shown: set[str]
):
    async with open_house(sqlite_url, talk={"enabled": talk}, gateway={"enabled": gateway}) as house:
        if with_model:
            made = models.NewModel(price_input=1, price_output=2, max_output=1000, context=8000)
            await models.add_model(house.core, SYSTEM, "small", made)
        names = {one.name for one in await offered_of(house.core, Role.OWNER, catalogue())}
        assert names & (TALK | CREDIT | {"keys"}) == shown
        assert {"redeem", "myseat", "help"} <= names


@pytest.mark.parametrize(
    ("changes", "offered"),
    [
        ({}, False),
        ({"transfer_requests": True}, True),
        ({"transfer_requests": True, "transfers_allowed": 0}, False),
        ({"transfer_requests": True, "transfers_allowed": 2}, True),
    ],
)
async def test_people_are_offered_to_move_where_a_pool_lets_them(database_url: str, changes: dict, offered: bool):
    async with open_house(database_url) as house:
        if changes:
            await pools.change_pool(house.core, SYSTEM, "default", **changes)
        for role, shown in ((Role.ANYONE, offered), (Role.VIEWER, offered), (Role.OPERATOR, True), (Role.OWNER, True)):
            assert ("transfer" in {one.name for one in await menu_for(house.core, role)}) is shown
