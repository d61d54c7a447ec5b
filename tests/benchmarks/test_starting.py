"""What a command costs before it does anything, and what a process that only waits keeps in memory.

CPU seconds are those that the system counted for the process, its end included; files are compiled beforehand, as an
installation does it. Memory is the highest that was resident since the start, after everything was used once.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from statistics import median

import psutil
import pytest

from tests.benchmarks.figures import report
from tests.support.discord.emulator import FakeDiscord, text_of
from tests.support.house import KEY, House, open_house
from tests.support.processes import Processes, Running
from tests.support.telegram.emulator import FakeTelegram

pytestmark = pytest.mark.bench

ROUNDS = 7
LIBRARIES = "sqlalchemy, pydantic_settings, cyclopts, rich"
BOT_LIBRARIES = "aiogram, discord"
WORKER_MEGABYTES = 120.0
GATEWAY_SECONDS, GATEWAY_MEGABYTES = 0.3, 10.0
SOME_SWEEPS = 8.0
"""Seconds in which the frequent sweeps have run several times."""


def cpu_seconds(processes: Processes, *arguments: str, code: int = 0) -> float:
    """What one Python process costs from start to end."""
    started = processes.start_python(*arguments)
    # Taken from the one process: what other children used meanwhile is none of it.
    _, status, usage = os.wait4(started.pid, 0)
    assert os.waitstatus_to_exitcode(status) == code, started.so_far()
    return usage.ru_utime + usage.ru_stime


def test_a_command(processes: Processes) -> None:
    written = processes.json("init", "--dir", processes.directory / "usher")
    processes.environment["USHER_CONFIG"] = written["config"]
    [known] = processes.json("code", "generate", "--count", "1", "--override")["codes"]
    floor = ("-c", f"import {LIBRARIES}")
    commands = {
        "help": (("--help",), 0),
        "verify": (("verify", known, "--json"), 0),
        "verify_unknown": (("verify", "TEAM-5XPS-WPSZ-3ENH-4JME", "--json"), 1),
    }
    floors: list[float] = []
    costs: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(ROUNDS + 1):
        bare = cpu_seconds(processes, *floor)
        found = {
            name: cpu_seconds(processes, "-m", "admin_cli", *arguments, code=code)
            for name, (arguments, code) in commands.items()
        }
        if number:  # the first round compiles
            floors.append(bare)
            for name, seconds in found.items():
                costs[name].append(seconds)
    for name, spent in costs.items():
        report(f"usher_{name}", spent, "CPU s", floors, floor_name=f"importing {LIBRARIES}")


async def test_a_worker(sqlite_url: str, processes: Processes) -> None:
    """One that sends to no platform, as was asked; and one that sends notices to both, which has to know them."""
    alone: list[float] = []
    both: list[float] = []
    async with FakeTelegram() as telegram, FakeDiscord() as discord, open_house(sqlite_url, workspaces=3) as house:
        for _ in range(5):
            for highest, more in ((alone, {}), (both, bots(telegram, discord))):
                worker = processes.start("run", "--only", "worker", **environment(house), **more)
                await asyncio.to_thread(worker.wait_for_line, "serving")
                await asyncio.sleep(SOME_SWEEPS)
                highest.append(megabytes(worker))
                (await asyncio.to_thread(worker.terminate)).expect(0)
    report("worker_memory", alone, "MB", WORKER_MEGABYTES, floor_name="what was allowed")
    report("worker_for_both_memory", both, "MB", WORKER_MEGABYTES, floor_name="what was allowed to one without bots")
    assert max(alone) <= WORKER_MEGABYTES


async def test_the_gateway_beside_the_bot(sqlite_url: str, processes: Processes) -> None:
    """What an interface for programs adds to a process that serves a bot, from its start until both serve."""
    costs: dict[bool, list[tuple[float, float]]] = {False: [], True: []}
    async with FakeTelegram() as telegram, open_house(sqlite_url, workspaces=3) as house:
        bot = {"USHER_TELEGRAM__TOKEN": telegram.token, "USHER_TELEGRAM__API_BASE": telegram.base}
        for number in range(ROUNDS + 1):
            for gateway, taken in costs.items():
                on = {"USHER_GATEWAY__ENABLED": str(gateway).lower(), "USHER_GATEWAY__PORT": "0"}
                served = processes.start("run", **environment(house), **bot, **on)
                await asyncio.to_thread(served.wait_for_line, "telegram_polling")
                if gateway:
                    await asyncio.to_thread(served.wait_for_line, "gateway")
                spent = psutil.Process(served.pid).cpu_times()
                if number:  # the first round compiles
                    taken.append((spent.user + spent.system, megabytes(served)))
                (await asyncio.to_thread(served.terminate)).expect(0)
    without, beside = ([list(values) for values in zip(*costs[gateway], strict=True)] for gateway in (False, True))
    report("gateway_start_cpu", beside[0], "CPU s with a gateway", without[0], floor_name="without it")
    report("gateway_start_memory", beside[1], "MB with a gateway", without[1], floor_name="without it")
    assert median(beside[0]) <= median(without[0]) + GATEWAY_SECONDS
    assert median(beside[1]) <= median(without[1]) + GATEWAY_MEGABYTES


async def test_everything(sqlite_url: str, processes: Processes) -> None:
    highest, floors = [], []
    async with FakeTelegram() as telegram, FakeDiscord() as discord, open_house(sqlite_url, workspaces=3) as house:
        for number in range(5):
            bare = processes.start_python("-c", f"import {BOT_LIBRARIES}; print('ready'); input()", feed=None)
            await asyncio.to_thread(bare.wait_for_line, "ready")
            floors.append(megabytes(bare))
            bare.kill()
            everything = processes.start("run", **environment(house), **bots(telegram, discord))
            await discord.forget_sessions()
            await discord.wait_ready()
            await discord.wait_call("PUT /applications/")
            one, other = await house.make_codes(2)
            who = 1000 + number
            said = await telegram.say(f"t{number}@example.com {one}", user_id=who)
            await telegram.answer_to(said, f"t{number}@example.com")
            asked = await discord.slash("redeem", {"address": f"d{number}@example.com", "codes": other}, user=who)
            assert "Done" in text_of(await discord.wait_answer(asked, "Done"))
            await asyncio.sleep(SOME_SWEEPS)
            highest.append(megabytes(everything))
            (await asyncio.to_thread(everything.terminate)).expect(0)
    report("everything_memory", highest, "MB", floors, floor_name=f"importing {BOT_LIBRARIES}")


def environment(house: House) -> dict[str, str]:
    return {"USHER_DATABASE__URL": house.url, "USHER_VAULT__KEYS__k1": KEY}


def bots(telegram: FakeTelegram, discord: FakeDiscord) -> Mapping[str, str]:
    return {
        "USHER_TELEGRAM__TOKEN": telegram.token,
        "USHER_TELEGRAM__API_BASE": telegram.base,
        "USHER_DISCORD__TOKEN": discord.token,
        "USHER_DISCORD__API_BASE": discord.api_base,
        "USHER_DISCORD__GATEWAY_URL": discord.gateway_url,
    }


def megabytes(running: Running) -> float:
    """The most that was ever resident. Not from the parent's accounts: there a child begins at its parent's size."""
    for line in Path(f"/proc/{running.pid}/status").read_text(encoding="ascii").splitlines():
        name, _, value = line.partition(":")
        if name == "VmHWM":
            return int(value.split()[0]) / 1024
    raise AssertionError(f"no such line about {running.pid}")
