"""What a number or an address is asked for takes what people really write, and says in words what it cannot use."""

from __future__ import annotations

import pytest

from core.notices import hooks
from tests.support.desk import EACH_ON_ONE, Desk
from tests.support.house import open_house

TOLD = "https://203.0.113.7:8443/in"


@EACH_ON_ONE
async def test_a_hook_is_named_by_its_address_or_its_number(database_url: str, language: str):
    async with open_house(
        database_url, upstream={"private_hosts": ["127.0.0.1", "localhost", "::1", "203.0.113.7"]}
    ) as house:
        desk = Desk(house, language=language)
        await desk.say("/hooks pause")
        assert desk.words("label-hook") in desk.said
        await desk.say("/hooks add http://nowhere")
        assert desk.words("label-url") in desk.said
        await hooks.add_hook(house.core, desk._actor(), TOLD)
        for meant in (TOLD.upper(), "#1"):
            await desk.say(f"/hooks pause {meant}")
            assert desk.words("hook-paused", hook="1") in desk.said
            await desk.say(f"/hooks resume {meant}")
        for other in ("2", "1" * 30, "https://example.org/in"):
            await desk.say(f"/hooks remove {other}")
            assert desk.reply.key == "error-not_found", "what is not there is not asked about"
        await desk.say("/hooks remove 1")
        await desk.press(desk.words("button-confirm"))
        assert await hooks.hook_list(house.core, desk._actor()) == []


@pytest.mark.parametrize("number", ["1" * 30, "9" * 1900, "\u00b2", "\u0663"])
async def test_a_call_of_an_impossible_number_is_not_there(postgres_url: str, number: str):
    async with open_house(postgres_url) as house:
        desk = Desk(house)
        await desk.command("calls", who=number)
        assert desk.reply.key == "error-bad_value"
