"""A house with a Discord bot, on SQLite unless a test asks for both databases."""

import pytest

from tests.support.discord.house import open_discord_house


@pytest.fixture
async def usher(sqlite_url):
    async with open_discord_house(sqlite_url) as opened:
        yield opened


@pytest.fixture
def discord(usher):
    return usher.discord


@pytest.fixture
async def code(usher):
    return (await usher.house.make_codes())[0]
