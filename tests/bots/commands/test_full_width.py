"""Keyboards of Chinese and Japanese write full-width signs; a command means the same with them."""

from __future__ import annotations

import pytest

from bots.commands.arguments import cut_line
from bots.commands.catalogue import find_command
from core.actors import Role
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


@pytest.mark.parametrize(
    ("name", "line", "given"),
    [
        ("generate", "2 标签 春季 促销 时长 3 个月", {"count": "2", "label": "春季 促销", "term": "3 个月"}),
        ("generate", "数量=2 席位池 default", {"count": "2", "pool": "default"}),
        ("codes", "批次 2", {"batch": "2"}),
        ("announce", "所有人 标签 席位池 你好", {"to": "所有人", "text": "标签 席位池 你好"}),
    ],
)
def test_an_argument_is_named_as_its_form_calls_it(name: str, line: str, given: dict[str, str]) -> None:
    command = find_command(name)
    assert command is not None
    assert cut_line(command, line, [DEFAULT_SHAPE]) == given


def test_a_choice_is_never_taken_for_the_name_of_an_option() -> None:
    keys = find_command("keys")
    assert keys is not None
    assert cut_line(keys, "名称 3", [DEFAULT_SHAPE])["action"] == "名称"


async def test_what_a_button_says_can_be_written(sqlite_url: str) -> None:
    async with open_house(sqlite_url) as house:
        code, _ = await house.make_codes(2)
        await house.redeem("anna@example.com", code, key="first")
        desk = Desk(house, Role.OWNER, language="zh-CN")
        assert f"…{code[-4:]}" in await desk.say("/codes 已用")
        await desk.say("/announce 所有人 今晚八点迁移")
        assert desk.reply.key in {"announce-preview", "error-nothing_to_do"}, "and not a pool of that name"
