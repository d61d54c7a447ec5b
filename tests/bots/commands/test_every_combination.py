"""Every handler is called with its optional arguments together, so that none of them stands in another one's way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

import pytest

from bots.commands.catalogue import catalogue
from bots.commands.command import Argument, Command
from core.actors import Actor, Role
from tests.support.desk import Desk
from tests.support.house import open_house

SMALL = 5
"""Up to so many optional arguments are tried in every combination; of more, each alone, every two, and all together."""
VALUES: dict[str, Any] = {
    "text": "something",
    "address": "anna@example.com",
    "addresses": "anna@example.com, ben@example.com",
    "codes": "TEAM-AAAA-AAAA-AAAA-AAAA",
    "code": "TEAM-AAAA-AAAA-AAAA-AAAA",
    "number": 1,
    "flag": True,
    "term": "30d",
    "moment": "2099-12-31",
    "pool": "default",
    "team": "Workspace 1",
    "batch": 1,
    "token": "no-such-token",
    "document": "{}",
}
NAMED: dict[tuple[str, str], Any] = {
    ("pool", "rename"): "default",
    ("editteam", "rename"): "Workspace 1",
    ("pool", "prefix"): "PLUS",
    ("pool", "groups"): 4,
    ("subscribe", "quiet"): "22:00-08:00",
    ("subscribe", "zone"): "Europe/Berlin",
    ("subscribe", "categories"): "provider",
    ("staff", "identity"): "telegram:99",
    ("locks", "identity"): "telegram:99",
    ("sweep", "name"): "sync",
    ("hooks", "address"): "https://203.0.113.7/in",
    ("hooks", "events"): "seat",
    ("keys", "scopes"): "chat",
}
COMMANDS = [one for one in catalogue() if not one.hidden]


def _value(command: Command, argument: Argument, choice: int) -> Any:
    if argument.kind == "choice":
        return argument.choices[choice % len(argument.choices)]
    return NAMED.get((command.name, argument.name), VALUES[argument.kind])


def _chosen(optional: Sequence[Argument]) -> Iterator[tuple[Argument, ...]]:
    sizes = range(len(optional) + 1) if len(optional) <= SMALL else (0, 1, 2, len(optional))
    for size in sizes:
        yield from combinations(optional, size)


@pytest.mark.parametrize("group", sorted({command.group for command in COMMANDS}))
async def test_every_combination_of_optional_arguments_is_answered(sqlite_url: str, group: str):
    async with open_house(sqlite_url, workspaces=1, seats=3, limits={"attempts": 10**6, "wrong_codes": 10**6}) as house:
        [code] = await house.make_codes(label="first")
        await house.redeem("anna@example.com", code, key="k", actor=Actor("telegram", "7"))
        desk = Desk(house, Role.OWNER)
        tried = 0
        for command in [one for one in COMMANDS if one.group == group]:
            optional = [one for one in command.arguments if not one.required]
            needed = [one for one in command.arguments if one.required]
            for number, chosen in enumerate(_chosen(optional)):
                given = {one.name: _value(command, one, number) for one in (*needed, *chosen)}
                await desk.command(command.name, **given)  # anything unexpected fails the desk
                assert desk.reply.key != "failed", (command.name, given)
                tried += 1
        assert tried
