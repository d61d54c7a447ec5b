"""Processor time of an answered `/verify`, against a bare bot before the same emulator, each in a process of its own.

The bare bot has no database, keeps nothing and knows nobody. Usher keeps the update before it acknowledges it, knows
the person, counts the guess, looks the code up, keeps the button below the answer, and notes that it has answered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.benchmarks.figures import report
from tests.benchmarks.watching import peak_of, settle
from tests.support.discord.emulator import TOKEN as DISCORD_TOKEN
from tests.support.discord.emulator import RemoteDiscord
from tests.support.house import KEY
from tests.support.postgres import migrated
from tests.support.processes import Processes, Running
from tests.support.telegram.emulator import RemoteTelegram

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]

ROUNDS, UPDATES, AT_ONCE = 5, 320, 16
TELEGRAM_TOKEN = "424242:TEST-telegram-token-0123456789abcdef"
SAID = "is good"
WATCHED = {"WEB__ENABLED": "true", "WEB__PORT": "0", "LOG__LEVEL": "info", "LOG__JSON_LINES": "true"}
UNWATCHED = {"WEB__ENABLED": "false", "LOG__LEVEL": "error"}
FAST = 100_000
"""Messages a second that the bots may send here: what they cost is measured, not how they wait."""


@dataclass
class Measured:
    """A bot's process, and how one person asks it something and has the answer."""

    bot: Running
    ask: Callable[[int], Awaitable[None]]
    costs: list[float]

    async def round(self, at_once: int) -> None:
        """Let so many people at a time ask; note the milliseconds of processor time for each answer."""
        await asyncio.sleep(0.5)
        process, people = psutil.Process(self.bot.pid), iter(range(UPDATES))
        before = process.cpu_times()
        async with asyncio.TaskGroup() as group:
            for _ in range(at_once):
                group.create_task(self._ask_on(people))
        await asyncio.sleep(0.5)  # what is left to be noted after the last answer
        after = process.cpu_times()
        self.costs.append((after.user + after.system - before.user - before.system) * 1000 / UPDATES)

    async def _ask_on(self, people: Iterator[int]) -> None:
        for person in people:
            await self.ask(person)


async def measure(bots: Sequence[Measured], at_once: int) -> None:
    """A first round that does not count, and then the rounds in turn."""
    for round_ in range(ROUNDS + 1):
        for one in bots:
            await one.round(at_once)
            if round_ == 0:
                one.costs.clear()


def emulator(processes: Processes, platform: str) -> str:
    """The address of another process that plays the platform."""
    served = processes.start_python("-m", f"tests.support.{platform}.emulator")
    return served.wait_for_line("^ready ").split()[1]


def prepared(processes: Processes, url: str) -> str:
    """A code to ask about."""
    wish = ("code", "generate", "--count", "1", "--override")
    settle(processes, url, KEY)
    made: list[str] = processes.json(*wish)["codes"]
    return made[0]


def telegram_of(telegram: RemoteTelegram, bot: Running, code: str, wanted: str) -> Measured:
    async def ask(person: int) -> None:
        asked = await telegram.say(f"/verify {code}", user_id=1000 + person)
        await telegram.answer_to(asked, wanted)

    return Measured(bot, ask, [])


def usher_on_telegram(processes: Processes, base: str, **more: str) -> Running:
    """`usher run` with the Telegram bot only, as it comes but for the pace of sending."""
    given = {"TELEGRAM__TOKEN": TELEGRAM_TOKEN, "TELEGRAM__API_BASE": base, "TELEGRAM__PER_SECOND": FAST, **more}
    environment = {f"USHER_{name}": str(value) for name, value in given.items()}
    return processes.start("run", "--only", "telegram", feed="", **environment)


@pytest.mark.parametrize("at_once", [AT_ONCE, 1])
async def test_telegram(database_url: str, backend: str, at_once: int, processes: Processes) -> None:
    code = await asyncio.to_thread(prepared, processes, database_url)
    mine, other = emulator(processes, "telegram"), emulator(processes, "telegram")
    usher = usher_on_telegram(processes, mine)
    bare = processes.start_python("-m", "tests.benchmarks.bare_bots", "telegram", other, TELEGRAM_TOKEN)
    bare.wait_for_line("^ready")
    async with RemoteTelegram(mine) as telegram, RemoteTelegram(other) as plain:
        bots = (
            telegram_of(telegram, usher, code, SAID),
            telegram_of(plain, bare, code, code),
        )
        await measure(bots, at_once)
        assert not await telegram.rejections()
    name = f"telegram_update_{backend}" + ("_one_at_a_time" if at_once == 1 else "")
    report(name, bots[0].costs, "CPU ms", bots[1].costs, floor_name="a bare aiogram bot")
    report(f"{name}_memory", [peak_of(usher.pid)], "MB", [peak_of(bare.pid)], floor_name="the bare bot's")


async def test_discord(database_url: str, backend: str, processes: Processes) -> None:
    code = await asyncio.to_thread(prepared, processes, database_url)
    bases = [emulator(processes, "discord") for _ in range(3)]
    settle(
        processes,
        database_url,
        KEY,
        DISCORD__TOKEN=DISCORD_TOKEN,
        DISCORD__API_BASE=f"{bases[0]}/api/v10",
        DISCORD__GATEWAY_URL=f"{bases[0].replace('http', 'ws', 1)}/gateway",
    )
    usher = processes.start("run", "--only", "discord")
    bare = [
        processes.start_python("-m", "tests.benchmarks.bare_bots", what, base, DISCORD_TOKEN)
        for what, base in zip(("discord-once", "discord-twice"), bases[1:], strict=True)
    ]
    async with RemoteDiscord(bases[0]) as first, RemoteDiscord(bases[1]) as second, RemoteDiscord(bases[2]) as third:
        people = (first, second, third)
        for one in people:
            await one.wait_ready()
            await one.wait_call("PUT /applications/")
        bots = [
            discord_of(one, bot, code, said)
            for one, bot, said in zip(people, (usher, *bare), (SAID, code, code), strict=True)
        ]
        await measure(bots, AT_ONCE)
        assert not await first.rejections()
    name = f"discord_interaction_{backend}"
    costs = [one.costs for one in bots]
    report(name, costs[0], "CPU ms", costs[1], floor_name="a bare discord.py command that responds")
    report(f"{name}_deferred", costs[0], "CPU ms", costs[2], floor_name="a bare one that defers, then answers")
    report(f"{name}_memory", [peak_of(usher.pid)], "MB", [peak_of(bare[0].pid)], floor_name="the bare bot's")


def discord_of(discord: RemoteDiscord, bot: Running, code: str, wanted: str) -> Measured:
    async def ask(person: int) -> None:
        asked = await discord.slash("verify", {"code": code}, user=1000 + person)
        await discord.wait_answer(asked, wanted)

    return Measured(bot, ask, [])


async def test_what_watching_costs(tmp_path: Path, processes: Processes) -> None:
    """The same with metrics kept and the usual log, against neither."""
    bots = []
    async with AsyncExitStack() as stack:
        for name, given in (("watched", WATCHED), ("unwatched", UNWATCHED)):
            url = await asyncio.to_thread(migrated, f"sqlite+aiosqlite:///{tmp_path / name}.db")
            code = await asyncio.to_thread(prepared, processes, url)
            base = emulator(processes, "telegram")
            telegram = await stack.enter_async_context(RemoteTelegram(base))
            bots.append(telegram_of(telegram, usher_on_telegram(processes, base, **given), code, SAID))
        await measure(bots, AT_ONCE)
    floor_name = "no metrics, errors only"
    report("telegram_update_watched", bots[0].costs, "CPU ms", bots[1].costs, floor_name=floor_name)
