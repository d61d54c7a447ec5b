"""A list that nothing on it matches does not say that there is nothing at all."""

from __future__ import annotations

import pytest

from core.actors import SYSTEM
from core.teams import pools
from tests.support.desk import Desk
from tests.support.house import open_house


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_what_a_filter_leaves_out_is_not_denied(sqlite_url: str, language: str):
    async with open_house(sqlite_url) as house:
        await house.make_codes()
        await pools.create_pool(house.core, SYSTEM, "gold", pools.NewPool())
        desk = Desk(house, language=language)
        for line, key, facts in (
            ("/teams pool=gold", "teams-none-in-pool", {"pool": "gold"}),
            ("/batches pool=gold", "batches-none-in-pool", {"pool": "gold"}),
            ('/removals team="Workspace 1"', "removals-unmatched", {}),
            ("/removals anna@example.com", "removals-unmatched", {}),
            ("/removals", "removals-none", {}),
            ("/requests list address", "requests-unmatched", {}),
            ("/requests", "requests-none", {}),
            ("/alerts critical", "alerts-none", {"state": "any"}),
            ("/alerts", "alerts-none", {"state": "open"}),
            ("/locks list telegram:1", "locks-none-of", {"identity": "telegram:1"}),
        ):
            assert desk.words(key, **facts) in await desk.say(line), line
