"""Files in Discord: fetched from Discord, whatever address an event names, and taken along by a slash command, too."""

from __future__ import annotations

import base64

import pytest

from bots.commands.request import kind_of
from bots.discord_bot.binding import is_discords
from core.actors import SYSTEM
from core.credit import grants
from core.models.protocol import Usage
from core.sources import models, sources
from tests.bots.test_painting import ACCOUNT
from tests.support.chats import open_chat, until
from tests.support.credit import Desk, saying
from tests.support.discord.chat import discord_settings
from tests.support.discord.emulator import PATIENT, FakeDiscord, text_of
from tests.support.house import open_house

JPEG = b"\xff\xd8\xff\xe0" + b"a picture of a fox" * 40
API = "https://discord.com/api/v10"


@pytest.mark.parametrize(
    ("url", "api", "is_theirs"),
    [
        ("https://cdn.discordapp.com/attachments/1/2/a.png?ex=1", API, True),
        ("https://media.discordapp.net/attachments/1/2/a.png", API, True),
        ("http://cdn.discordapp.com/attachments/1/2/a.png", API, False),
        ("https://cdn.discordapp.com@example.com/a.png", API, False),
        ("https://cdn.discordapp.com.example.com/a.png", API, False),
        ("https://169.254.169.254/latest/meta-data", API, False),
        ("file:///etc/passwd", API, False),
        ("https://[broken", API, False),
        ("http://127.0.0.1:9/attachments/1/a.png", "http://127.0.0.1:9/api/v10", True),
        ("http://127.0.0.2:9/attachments/1/a.png", "http://127.0.0.1:9/api/v10", False),
    ],
)
def test_only_discords_own_hosts_are_asked(url: str, api: str, is_theirs: bool):
    assert is_discords(url, api) is is_theirs


@pytest.mark.parametrize(
    ("name", "media", "kind"),
    [
        ("fox.png", "", "image"),
        ("fox", "image/webp", "image"),
        ("drawing.svg", "", "file"),
        ("voice.ogg", "audio/ogg", "voice"),
        ("film.mp4", "", "other"),
        ("program.ts", "video/mp2t", "file"),
        ("list.csv", "text/csv", "file"),
        ("notes.md", "", "file"),
        ("Makefile", "", "file"),
    ],
)
def test_what_a_file_is_taken_for(name: str, media: str, kind: str):
    assert kind_of(name, media) == kind


async def test_a_command_takes_a_file_as_a_question_with_words_and_without(sqlite_url: str):
    def upload(name: str, content: bytes) -> dict[str, str]:
        return {"filename": name, "data": base64.b64encode(content).decode()}

    desk = Desk(usual=saying("A fox", usage=Usage(input=10, output=5)))
    async with (
        FakeDiscord(answer_seconds=PATIENT) as discord,
        open_house(sqlite_url, workspaces=0, open_model=desk.open, discord=discord_settings(discord)) as house,
        open_chat("discord", house, discord=discord),
    ):
        core = house.core
        await models.add_model(
            core, SYSTEM, "eye", models.NewModel(price_input=1_000_000, price_output=1_000_000, sees=("text", "image"))
        )
        await sources.add_source(core, SYSTEM, {**ACCOUNT, "models": ["eye"]})
        await grants.give(core, SYSTEM, grants.read_identity("discord:7"), "1", reason="a test")
        asked = [
            await discord.slash("ask", {"text": "what is it?", "attachment": upload("fox.jpg", JPEG)}, dm=True),
            await discord.slash("ask", {"attachment": upload("list.csv", b"name,number\nfox,2\n")}),
        ]
        for one, said in zip(asked, ("“what is it?”", "“list.csv”"), strict=True):
            assert (await discord.wait_callback(one))["type"] == 5, "no form, which could hold no file"
            assert said in text_of(await discord.wait_answer(one))

        async def answered() -> bool:
            return bool(await house.value("SELECT count(*) FROM turns WHERE state = 'done'") == 2)

        await until(answered, 60, "no answer")
        contents = [question.messages[-1]["content"] for question in desk.questions]
        (words, picture), listed = sorted(contents, key=lambda one: isinstance(one, str))
        assert words["text"] == "what is it?"
        assert picture["image_url"]["url"].startswith("data:image/jpeg;base64,")
        assert "name,number" in listed
        # What is none of these is said.
        film = await discord.slash("ask", {"text": "?", "attachment": upload("film.mp4", b"film")}, dm=True)
        refused = await discord.wait_answer(film)
        assert "cannot ask a model about that" in text_of(refused)
        assert len(desk.questions) == 2
