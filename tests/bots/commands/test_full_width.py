"""Keyboards of Chinese and Japanese write full-width signs; a command means the same with them."""

from __future__ import annotations

import pytest

from bots.commands.arguments import cut_line
from bots.commands.catalogue import find_command
from core.rules.codes import DEFAULT_SHAPE
from tests.support.desk import Desk
from tests.support.house import open_house


async def test_a_full_width_slash_begins_a_command(sqlite_url: str) -> None:
    async with open_house(sqlite_url) as house:
        desk = Desk(house)
        assert await desk.say("\uff0fstats") == await desk.say("/stats")
        assert desk.reply.key == "stats"


@pytest.mark.parametrize("sign", ["=", ":", "\uff1d", "\uff1a"], ids=ascii)
def test_an_argument_is_named_with_either_width(sign: str) -> None:
    command = find_command("alerts")
    assert command is not None
    named = command.arguments[0].name
    assert cut_line(command, f"{named}{sign}value", [DEFAULT_SHAPE])[named] == "value"
