"""What people see of the bot before it answers, and commands that they can tap."""

from __future__ import annotations

import discord as library
import pytest

from bots.commands.catalogue import catalogue
from bots.discord_bot.profile import LONGEST
from bots.discord_bot.tapping import to_tap
from bots.discord_bot.tree import FluentTranslator, build_tree, payload
from bots.messages.rendering import Look, words
from bots.messages.reply import Say
from core.actors import Role
from core.languages import LANGUAGES
from tests.support.chats import until
from tests.support.discord.house import open_discord_house, running

KNOWN = {"help": 5, "stats": 6}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/help shows what I can do.", "</help:5> shows what I can do."),
        ("发送 /help 可查看（/stats 7d）", "发送 </help:5> 可查看（</stats:6> 7d）"),
        ("`/help` and `/stats 7d`", "`/help` and `/stats 7d`"),
        ("https://example.com/help, and/or /helper, \\/help", "https://example.com/help, and/or /helper, \\/help"),
        ("/unknown", "/unknown"),
        ("</help:9>", "</help:9>"),
    ],
)
def test_commands_in_texts_can_be_tapped_where_they_are_commands(text: str, shown: str):
    assert to_tap(text, KNOWN, 2000) == shown


def test_a_text_that_would_be_too_long_stays_as_it_is():
    assert to_tap("/help " * 300, KNOWN, 2000) == "/help " * 300
    assert to_tap("/help", {}, 2000) == "/help"


def test_the_description_fits_in_every_language():
    assert all(len(words(Say("profile"), Look(one, "plain", LONGEST))) <= LONGEST for one in LANGUAGES)


async def test_the_application_is_described_once_and_answers_have_commands_to_tap(sqlite_url: str):
    async with open_discord_house(sqlite_url, language="zh-CN") as usher:

        async def known() -> bool:
            return bool(usher.bot.sender.commands)

        await until(known, 30, "the commands were not listed")
        described = words(Say("profile"), Look("zh-CN", "plain", LONGEST))
        told = [
            call
            for call in usher.discord.world.calls
            if call.method == "PATCH" and call.path.startswith("/applications/")
        ]
        assert [call.json["description"] for call in told] == [described]
        [number] = [one["id"] for one in await usher.discord.commands() if one["name"] == "help"]
        await usher.discord.dm("cancel")
        await usher.discord.wait_message(lambda message: f"</help:{number}>" in str(message), dm=True)
    async with open_discord_house(sqlite_url, connected=False) as usher:
        usher.discord.world.application["integration_types_config"] = {"0": {}, "1": {}}
        async with running(usher.core, usher.discord):
            await usher.discord.wait_ready()
            await usher.discord.wait_call("PUT /applications/")
            registered = await usher.discord.commands()
        everybodys = {one.name for one in catalogue() if one.role is Role.ANYONE and not one.hidden}
        assert {one["name"] for one in registered if 1 in one["integration_types"]} == everybodys


async def test_without_that_setting_nothing_is_said_of_people_installing_it():
    listed = await payload(build_tree(library.Client(intents=library.Intents.none())), FluentTranslator())
    assert not any(one.get("integration_types") for one in listed)
