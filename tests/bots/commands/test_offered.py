"""What stands in menus and help: nothing that this house has no use for."""

from __future__ import annotations

import pytest

from bots.commands.catalogue import catalogue
from bots.commands.command import offered_of
from core.actors import SYSTEM
from core.sources import models
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
        names = {one.name for one in await offered_of(house.core, catalogue())}
        assert names & (TALK | CREDIT | {"keys"}) == shown
        assert {"redeem", "myseat", "help"} <= names
