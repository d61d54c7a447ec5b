"""Every command is on every platform: the same arguments, the same role, the same outcome."""

from __future__ import annotations

import json
import re
from contextlib import AsyncExitStack

import pytest

from admin_cli.app import run_command
from bots.commands.catalogue import PLATFORMS, catalogue, commands_for
from bots.messages.rendering import Look, words
from bots.messages.reply import Say
from core.actors import Role
from tests.support.chats import PLATFORMS as DRIVEN
from tests.support.chats import Chat, open_chat, telegram_settings
from tests.support.discord.chat import discord_settings
from tests.support.discord.emulator import FakeDiscord
from tests.support.house import open_house
from tests.support.postgres import PostgresServer
from tests.support.telegram.emulator import FakeTelegram

OWN_WAY = {"subscribe", "unsubscribe", "timezone"}
"""A terminal is no chat that alerts could be pushed into, and says so; Discord shows times in the zone of a device."""
PATIENT = 20
LINES = {
    "redeem": ["/redeem", "/redeem a@example.com TEAM-0000-0000-0000-0000"],
    "help": ["/help", "/help redeem", "/help nothing"],
    "language": ["/language", "/language zh-CN", "/language en"],
    "claim": ["/claim", "/claim a-wrong-token"],
    "verify": ["/verify", "/verify TEAM-0000-0000-0000-0000"],
    "find": ["/find", "/find a@example.com"],
    "team": ["/team", '/team "Workspace 1"', "/team nothing"],
    "generate": ["/generate", "/generate 2 default"],
    "jobs": ["/jobs", "/jobs 1"],
    "resolve": ["/resolve", "/resolve 1"],
}


def test_every_command_is_listed_for_every_platform(capsys: pytest.CaptureFixture[str]):
    assert run_command(["commands", "--json"]) == 0
    listed = {one["name"]: one for one in json.loads(capsys.readouterr().out)["commands"]}
    assert list(listed) == [command.name for command in catalogue()]
    for command in catalogue():
        assert listed[command.name]["platforms"] == ["discord", "telegram", "terminal"] == list(PLATFORMS)
        assert listed[command.name]["role"] == command.role.label
    assert sorted(DRIVEN) == sorted(PLATFORMS), "and the stories run through each of them"


@pytest.mark.parametrize("role", [Role.ANYONE, Role.OWNER], ids=lambda role: role.label)
async def test_every_command_answers_the_same_everywhere(postgres: PostgresServer, role: Role):
    told = {platform: await _conversation(postgres, platform, role) for platform in DRIVEN}
    lines = list(told["terminal"])
    assert {_name(line) for line in lines} == {
        command.name for command in catalogue() if not command.hidden and command.name not in OWN_WAY
    }
    different = {
        line: {platform: told[platform][line] for platform in DRIVEN}
        for line in lines
        if len({told[platform][line] for platform in DRIVEN}) > 1
    }
    assert not different, json.dumps(different, indent=1, ensure_ascii=False)
    refusal = _same(words(Say("error-not_allowed", {"role": "staff"}), Look("en", "plain", 2000)))
    refused = {_name(line) for line, (text, _) in told["discord"].items() if text == refusal}
    offered = {_name(line) for line in lines}
    assert refused == offered - {command.name for command in commands_for(role)}


async def _conversation(postgres: PostgresServer, platform: str, role: Role) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Everything that is answered to one person, line by line: the text, and the buttons below it."""
    url = postgres.create_database()
    identity = {"terminal": "terminal:person-7", "telegram": "telegram:7", "discord": "discord:7"}[platform]
    async with AsyncExitStack() as stack:
        stack.callback(postgres.drop_database, url)
        telegram = await stack.enter_async_context(FakeTelegram())
        discord = await stack.enter_async_context(FakeDiscord(answer_seconds=30.0))
        await discord.open_dm(7)
        house = await stack.enter_async_context(
            open_house(
                url,
                workspaces=2,
                telegram=telegram_settings(telegram),
                discord=discord_settings(discord),
                staff={"owners": [identity] if role is Role.OWNER else []},
            )
        )
        chat = await stack.enter_async_context(open_chat(platform, house, telegram=telegram, discord=discord))
        chat.alone = True  # in a server, Discord's bot asks for no secret without a warning
        told = {}
        for number, line in enumerate(_lines()):
            if number % PATIENT == 0:
                await chat.restart()  # and with it the count of messages: somebody who writes that fast is slowed down
            told[line] = await _answer(chat, line)
        return told


def _name(line: str) -> str:
    return line.removeprefix("/").partition(" ")[0]


def _lines() -> list[str]:
    names = [command.name for command in catalogue() if not command.hidden and command.name not in OWN_WAY]
    return [line for name in names for line in LINES.get(name, [f"/{name}"])]


async def _answer(chat: Chat, line: str) -> tuple[str, tuple[str, ...]]:
    answer = await chat.say(line)
    if line == "/stats":
        answer = answer[max(answer.find("📊"), 0) :]  # behind the captions of Telegram's pictures
    # Telegram's picture is a message of its own, below the one with the buttons.
    buttons = () if line in {"/stats", "/money"} else tuple(sorted(_same(label) for label in chat.buttons))
    return _same(answer), buttons


def _same(text: str) -> str:
    """Without what is another one every time: tokens, codes, moments."""
    text = re.sub(r"TEAM-[0-9A-Z-]{14,}|…[0-9A-Z]{4}", "CODE", text)
    text = re.sub(r"[A-Za-z0-9_-]{20,}", "TOKEN", text)
    text = re.sub(r"(telegram|discord|terminal)(:(person-)?7)?|person-7", "PLATFORM", text, flags=re.IGNORECASE)
    return re.sub(r"\d+", "0", text).strip()
