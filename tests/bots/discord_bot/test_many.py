"""Many at once: acknowledged (within how many seconds, tests/benchmarks measures), answered right; several shards and processes serve one bot."""

import asyncio

from tests.support.chats import until
from tests.support.discord.emulator import text_of
from tests.support.discord.house import open_discord_house, running


async def test_a_hundred_interactions_at_once(database_url):
    async with open_discord_house(database_url, workspaces=5, seats=10, latency_ms=20) as usher:
        codes = await usher.house.make_codes(40)
        asked = []
        for number in range(100):
            user = 1000 + number
            if number < 40:
                options = {"address": f"p{number}@example.com", "codes": codes[number]}
                asked.append((await usher.discord.slash("redeem", options, user=user), "Done"))
            elif number < 70:
                asked.append((await usher.discord.slash("myseat", user=user), "no seat"))
            else:
                asked.append((await usher.discord.slash("help", user=user), "redeem"))
        for one, wanted in asked:
            assert await usher.discord.wait_answer(one, wanted)
        assert len(usher.house.invited()) == 40
        assert not await usher.discord.rejections()


async def test_one_code_pressed_by_twenty_at_once(database_url):
    async with open_discord_house(database_url, seats=10) as usher:
        code = (await usher.house.make_codes())[0]
        asked = [
            await usher.discord.slash("redeem", {"address": f"p{number}@example.com", "codes": code}, user=100 + number)
            for number in range(20)
        ]

        async def answered():
            return await usher.house.value("SELECT count(*) FROM inbox WHERE state = 'done'") == 20

        await until(answered, 60, "not all were answered")
        texts = [text_of(await usher.discord.wait_answer(one)) for one in asked]
        assert sum("Done" in text for text in texts) == 1
        assert len(usher.house.invited()) == 1


async def test_each_process_serves_its_shards(postgres_url):
    """Two processes, a shard each: what comes to one may be answered by the other, and once."""
    shards = {"shard_count": 2, "shard_ids": [0]}
    async with open_discord_house(postgres_url, shards=2, connected=False, discord=shards) as usher:
        discord = usher.discord
        other_settings = usher.core.settings.model_copy(
            update={"discord": usher.core.settings.discord.model_copy(update={"shard_ids": [1]})}
        )
        from core.service import open_core

        async with (
            open_core(other_settings) as other,
            running(usher.core, discord),
            running(other, discord),
        ):
            await discord.wait_connected(2)
            assert (await discord.status())["connected"] == [0, 1]
            second = await discord.add_guild()
            codes = await usher.house.make_codes(2)
            first = (await discord.place())["guild"]
            asked = [
                await discord.slash("redeem", {"address": f"p{n}@example.com", "codes": code}, guild=guild, user=20 + n)
                for n, (code, guild) in enumerate(zip(codes, (first, second["guild"]), strict=True))
            ]
            for one in asked:
                await discord.wait_answer(one, "Done")
            assert len(usher.house.invited()) == 2
            registered = [call for call in await discord.recorded_calls("/commands") if call.method == "PUT"]
            assert len(registered) == 1
            assert not await discord.rejections()


async def test_two_processes_on_one_database_answer_each_event_once(postgres_url):
    async with open_discord_house(postgres_url, workspaces=3, seats=10, connected=False) as usher:
        async with running(usher.core, usher.discord), running(usher.core, usher.discord):
            await usher.discord.wait_connected(2)
            codes = await usher.house.make_codes(20)
            asked = [
                await usher.discord.slash("redeem", {"address": f"p{n}@example.com", "codes": code}, user=20 + n)
                for n, code in enumerate(codes)
            ]
            await asyncio.gather(*(usher.discord.wait_answer(one, "Done") for one in asked))
        assert len(usher.house.invited()) == 20
