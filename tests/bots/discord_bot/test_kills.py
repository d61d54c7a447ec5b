"""The bot's process is killed at every point between Discord and the answer; the next one puts things right."""

import asyncio
import signal

import pytest

from tests.support.chats import until
from tests.support.discord.emulator import FakeDiscord, text_of
from tests.support.house import KEY, open_house

ME = "me@example.com"
KEPT = ("K1", "K2", "K3", "K4", "K5", "K6", "K7", "K8")


def environment(house, discord):
    return {
        "USHER_DATABASE__URL": house.url,
        "USHER_VAULT__KEYS__k1": KEY,
        "USHER_UPSTREAM__TIMEOUT": "20",
        "USHER_SWEEPS__RECOVERY": "1",
        "USHER_REDEMPTION__CLAIM": "2",
        "USHER_DISCORD__TOKEN": discord.token,
        "USHER_DISCORD__API_BASE": discord.api_base,
        "USHER_DISCORD__GATEWAY_URL": discord.gateway_url,
    }


async def redeem(discord, code):
    await discord.wait_ready()

    async def registered():
        return bool(await discord.commands())

    await until(registered, 60, "the commands were not registered")
    return await discord.slash("redeem", {"address": ME, "codes": code})


async def wait_invited(discord, interaction):
    """It stands below the interaction, or in the direct messages where that could not be answered any more."""

    async def told():
        here = await discord.answers(interaction)
        there = await discord.messages(dm=True)
        return any(
            ME in text_of(one) and "invit" in text_of(one).lower() and "✅" in text_of(one) for one in here + there
        )

    await until(told, 60, "nobody was told")


@pytest.mark.slow
@pytest.mark.parametrize("point", KEPT)
async def test_killed_there_the_person_is_invited_once_and_told(sqlite_url, processes, point):
    async with FakeDiscord() as discord, open_house(sqlite_url, workspaces=2) as house:
        await discord.open_dm(7)
        [code] = await house.make_codes()
        given = environment(house, discord)
        killed = processes.start("run", **given, USHER_CRASH_AT=point)
        asked = await redeem(discord, code)
        end = await asyncio.to_thread(killed.finish)
        assert end.code == -signal.SIGKILL, str(end)
        follower = processes.start("run", **given)
        await wait_invited(discord, asked)

        async def done():
            return await house.value("SELECT count(*) FROM inbox WHERE state != 'done'") == 0

        await until(done, 60, "the inbox was not worked off")
        assert (await asyncio.to_thread(follower.terminate)).code == 0
        assert [address for _, address in house.invited()] == [ME]
        assert await house.value("SELECT used FROM codes") == 1


@pytest.mark.slow
async def test_killed_before_it_is_kept_nothing_is_used_and_asking_again_works(sqlite_url, processes):
    """Discord shows the asker that nothing answered."""
    async with FakeDiscord() as discord, open_house(sqlite_url) as house:
        [code] = await house.make_codes()
        given = environment(house, discord)
        killed = processes.start("run", **given, USHER_CRASH_AT="K0")
        await redeem(discord, code)
        assert (await asyncio.to_thread(killed.finish)).code == -signal.SIGKILL
        assert await house.value("SELECT used + reserved FROM codes") == 0
        follower = processes.start("run", **given)
        # The session that the killed process had is gone: wait for one of the follower's own.
        await discord.forget_sessions()
        await wait_invited(discord, await redeem(discord, code))
        assert (await asyncio.to_thread(follower.terminate)).code == 0
        assert [address for _, address in house.invited()] == [ME]
