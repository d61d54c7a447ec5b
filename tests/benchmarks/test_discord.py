"""500 interactions at once over a real gateway socket and real HTTP: each acknowledged in time and answered right.

The emulated Discord runs in the same process and on the same cores, so the figures hold its work as well.
"""

from __future__ import annotations

import time

import pytest

from tests.benchmarks.figures import report
from tests.support.discord.emulator import text_of
from tests.support.discord.house import DiscordHouse, open_discord_house

pytestmark = pytest.mark.bench

EVERYBODY, REDEEMING, LOOKING = 500, 200, 150
DEADLINE = 3.0


async def test_five_hundred_at_once(database_url: str, backend: str):
    async with open_discord_house(database_url, workspaces=50, seats=4, latency_ms=50, answer_seconds=3.0) as usher:
        codes = await usher.house.make_codes(REDEEMING)
        start = time.perf_counter()
        asked = [await _ask(usher, number, codes) for number in range(EVERYBODY)]
        delays = []
        for interaction, wanted in asked:
            delays.append(await usher.discord.acknowledged_after(interaction, timeout=30))
            answer = await usher.discord.wait_answer(interaction, wanted, timeout=120)
            assert (f"p{interaction['member']['user']['id']}@" in text_of(answer)) == (wanted == "Done")
        all_answered = time.perf_counter() - start
        assert len(usher.house.invited()) == REDEEMING
        assert not await usher.discord.rejections()
    delays.sort()
    name = f"discord, {EVERYBODY} interactions at once, {backend}"
    report(f"{name}: slowest first answer", [delays[-1]], "s", DEADLINE, floor_name="Discord's deadline")
    report(f"{name}: median first answer", [delays[EVERYBODY // 2]], "s", DEADLINE, floor_name="Discord's deadline")
    report(f"{name}: all answered", [all_answered], "s", EVERYBODY * 0.05 / 64, floor_name="64 at a time, 50 ms each")
    assert delays[-1] < DEADLINE


async def test_the_first_answer_of_an_idle_bot(database_url: str, backend: str):
    async with open_discord_house(database_url, workspaces=10, seats=4, answer_seconds=3.0) as usher:
        codes = await usher.house.make_codes(30)
        delays = []
        for number, code in enumerate(codes):
            options = {"address": f"p{number}@example.com", "codes": code}
            asked = await usher.discord.slash("redeem", options, user=1000 + number)
            delays.append(await usher.discord.acknowledged_after(asked))
            await usher.discord.wait_answer(asked, "Done")
    report(f"discord, first answer when idle, {backend}", delays, "s", 0.1, floor_name="what was promised")


async def _ask(usher: DiscordHouse, number: int, codes: list[str]) -> tuple[dict, str]:
    user = 10_000 + number
    if number < REDEEMING:
        options = {"address": f"p{user}@example.com", "codes": codes[number]}
        return await usher.discord.slash("redeem", options, user=user), "Done"
    if number < REDEEMING + LOOKING:
        return await usher.discord.slash("myseat", user=user), "no seat"
    return await usher.discord.slash("help", user=user), "/redeem"
