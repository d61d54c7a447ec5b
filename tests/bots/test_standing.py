"""Who is online, and what keeps a bot from serving: one sentence at the start, and in /health/ready while it lasts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import discord as library
import pytest

from bots.app import serve
from bots.discord_bot import app as discord_app
from bots.discord_bot import registration
from bots.messages.rendering import Look, words
from bots.messages.reply import Say
from bots.standing import StandingBoard
from tests.support.chats import telegram_settings, until
from tests.support.discord.emulator import FakeDiscord
from tests.support.house import open_house
from tests.support.ports import free_port
from tests.support.telegram.emulator import FakeTelegram


@asynccontextmanager
async def serving(url: str, **sections: Any) -> AsyncIterator[tuple[list[str], Any]]:
    """A process that serves; what it said, and `ready()` for what it says of itself."""
    port = free_port()
    before = library.http.Route.BASE, library.gateway.DiscordWebSocket.DEFAULT_GATEWAY
    said: list[str] = []

    async def ready() -> dict[str, Any]:
        try:
            async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/health/ready") as got:
                return dict(await got.json())
        except aiohttp.ClientError:
            return {}

    try:
        async with open_house(
            url, staff={"owners": ["telegram:1"]}, web={"enabled": True, "port": port}, **sections
        ) as house:
            stop = asyncio.Event()
            async with asyncio.TaskGroup() as group:
                group.create_task(serve(house.core, stop=stop, say=said.append))
                try:
                    yield said, ready
                finally:
                    stop.set()
    finally:
        library.http.Route.BASE, library.gateway.DiscordWebSocket.DEFAULT_GATEWAY = before


async def lines(said: list[str], count: int) -> None:
    async def there() -> bool:
        return len(said) >= count

    await until(there, 60, f"only {said} was said")


def sentence(key: str, language: str, **facts: Any) -> str:
    return words(Say(f"standing-{key}", facts), Look(language, "plain", 1000))


def discord_settings(fake: FakeDiscord, **more: Any) -> dict[str, Any]:
    return {"token": fake.token, "api_base": fake.api_base, "gateway_url": fake.gateway_url, **more}


async def test_it_says_who_is_online(sqlite_url: str):
    async with FakeTelegram() as telegram, FakeDiscord() as discord:
        sections = {"telegram": telegram_settings(telegram), "discord": discord_settings(discord)}
        async with serving(sqlite_url, **sections) as (said, ready):
            await lines(said, 2)
            assert "✓ @usher_test_bot is online: https://t.me/usher_test_bot" in said
            app = (await discord.place())["app"]
            [other] = [line for line in said if "usher_test_bot is" not in line]
            assert f"is online: https://discord.com/oauth2/authorize?client_id={app}&scope=bot" in other
            await until(ready, 60, "the web server did not start")
            assert await ready() == {"status": "ready"}


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize("platform", ["telegram", "discord"])
async def test_a_token_that_is_not_accepted_is_said_with_what_to_do(sqlite_url: str, platform: str, language: str):
    async with FakeTelegram() as telegram, FakeDiscord() as discord:
        wrong = {
            "telegram": {**telegram_settings(telegram), "token": "424242:another-token"},
            "discord": discord_settings(discord, token="another.token.entirely"),
        }
        async with serving(sqlite_url, language=language, **{platform: wrong[platform]}) as (said, ready):
            await lines(said, 1)
            told = sentence(f"{platform}-token", language)
            assert said == [f"✗ {told}"]

            async def degraded() -> bool:
                return await ready() == {"status": "degraded", "bots": {platform: [told]}}

            await until(degraded, 60, "it calls itself ready")


@pytest.mark.parametrize("platform", ["telegram", "discord"])
async def test_a_platform_that_cannot_be_reached_at_the_start_is_said_once(sqlite_url: str, platform: str):
    async with FakeTelegram() as telegram, FakeDiscord() as discord:
        nobody = f"http://127.0.0.1:{free_port()}"
        sections = {
            "telegram": {**telegram_settings(telegram), "api_base": nobody},
            "discord": discord_settings(discord, api_base=nobody),
        }
        async with serving(sqlite_url, language="zh-CN", **{platform: sections[platform]}) as (said, _):
            await lines(said, 1)
            assert len(said) == 1
            assert said[0].startswith(f"⏳ 从这里连接不上 {platform.capitalize()}（")
            assert "network.proxy" in said[0]


async def test_a_token_that_is_revoked_while_it_runs(sqlite_url: str):
    async with (
        FakeTelegram() as telegram,
        serving(sqlite_url, telegram=telegram_settings(telegram)) as (said, ready),
    ):
        await lines(said, 1)
        known = telegram.token
        await telegram.set_token("424242:the-next-one")

        async def told() -> bool:
            return "bots" in await ready()

        await until(told, 60, "the revoked token was not noticed")
        assert said[1:] == [f"✗ {sentence('telegram-token', 'en')}"]
        await telegram.set_token(known)

        async def well() -> bool:
            return await ready() == {"status": "ready"}

        await until(well, 60, "it does not get well")


async def test_another_program_that_polls_with_the_same_token(sqlite_url: str):
    async with FakeTelegram() as telegram:
        await telegram.fault("getUpdates", "409", count=-1)
        async with serving(sqlite_url, telegram=telegram_settings(telegram)) as (said, ready):
            await lines(said, 2)
            told = sentence("telegram-conflict", "en")
            assert said[1:] == [f"✗ {told}"]

            async def degraded() -> bool:
                return await ready() == {"status": "degraded", "bots": {"telegram": [told]}}

            await until(degraded, 60, "it calls itself ready")


async def test_commands_that_are_refused_are_sent_again_and_said(sqlite_url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(registration, "FIRST_REFUSED", 0.2)
    async with FakeDiscord() as discord:
        await discord.fault("PUT /applications/*", "error", count=2, code=50035)
        async with serving(sqlite_url, discord=discord_settings(discord)) as (said, ready):
            await lines(said, 2)
            assert said[1].startswith("✗ Discord rejected the bot's commands (")

            async def well() -> bool:
                return await ready() == {"status": "ready"} and bool(await discord.commands())

            await until(well, 60, "they were not sent again")
            assert len(await discord.recorded_calls("PUT /applications/")) == 3


async def test_intents_that_are_granted_while_it_runs(sqlite_url: str, monkeypatch: pytest.MonkeyPatch):
    """Its gateway is refused for good, and is asked again; it writes meanwhile."""
    monkeypatch.setattr(discord_app, "LONGEST_PAUSE", 0.5)
    async with FakeDiscord() as discord:
        await discord.act("set_privileged_intents", intents=0)
        settings = discord_settings(discord, message_content=True)
        async with serving(sqlite_url, discord=settings) as (said, ready):
            await lines(said, 2)
            told = sentence("discord-intents", "en")
            assert said[1] == f"✗ {told}"

            async def degraded() -> bool:
                return await ready() == {"status": "degraded", "bots": {"discord": [told]}}

            await until(degraded, 60, "it calls itself ready")
            await asyncio.sleep(1.2)  # refused a second and a third time
            assert await degraded()
            await discord.act("set_privileged_intents", intents=1 << 15)

            async def well() -> bool:
                return await ready() == {"status": "ready"}

            await until(well, 60, "it does not get well")
            asked = await discord.dm("hello?")
            answer = await discord.wait_message(lambda message: int(message["id"]) > int(asked["id"]), dm=True)
            assert answer


async def test_one_answer_of_a_discord_that_stumbles_is_no_trouble_for_ever(sqlite_url: str):
    async with FakeDiscord() as discord, serving(sqlite_url, discord=discord_settings(discord)) as (said, ready):
        await lines(said, 1)
        await discord.fault("POST /channels/*", "401")
        await discord.dm("hello?")

        async def told() -> bool:
            return any(one.startswith("✗") for one in said)

        # It is over with the next answer, which may come before anybody has asked how the bot stands.
        await until(told, 60, "the refused token was not noticed")
        assert await discord.ask("hello?", user=8)

        async def well() -> bool:
            return await ready() == {"status": "ready"}

        await until(well, 60, "it does not get well")


async def test_a_server_without_the_bot_keeps_no_other_from_its_commands(sqlite_url: str):
    async with FakeDiscord() as discord:
        here = int((await discord.place())["guild"])
        async with serving(sqlite_url, discord=discord_settings(discord, guild_ids=[999, here])) as (said, _):
            await lines(said, 2)

            async def registered() -> bool:
                return bool(await discord.commands(str(here)))

            await until(registered, 60, "the server has no commands")


async def test_a_webhook_that_telegram_does_not_take_is_said(sqlite_url: str):
    hook = {
        "mode": "webhook",
        "webhook_url": "http://127.0.0.1:1/telegram",
        "webhook_secret": "s",
        "local_server": True,
    }
    async with (
        FakeTelegram() as telegram,
        serving(sqlite_url, telegram={**telegram_settings(telegram), **hook}) as (said, _),
    ):
        await lines(said, 2)
        assert said[1].startswith("✗ Telegram does not accept the webhook (")
        assert "HTTPS URL" in said[1]


def test_a_trouble_is_said_once_until_it_is_over():
    said: list[str] = []
    board = StandingBoard("en", said.append)
    for _ in range(3):
        board.trouble("telegram", "token")
    assert len(said) == 1
    assert list(board.troubles()) == ["telegram"]
    board.well("telegram", "token", "conflict")
    assert board.troubles() == {}
    board.trouble("telegram", "token")
    assert len(said) == 2
