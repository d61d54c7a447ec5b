"""Processes ask, are killed, frozen and asked again, while staff grant, take, pause and suspend. The books must hold."""

from __future__ import annotations

import asyncio
import os
import random
import sys
import time
from collections import Counter

import pytest

from core.actors import SYSTEM
from core.credit import grants
from core.reports.doctor import examine
from core.sources import sources
from tests.support.asking import MODEL, Asked, open_asked
from tests.support.processes import Processes

pytestmark = pytest.mark.torture

SECONDS = float(os.environ.get("DURATION", "60"))
SEED = int(os.environ.get("SEED", "1"))
AT_ONCE, PEOPLE = 4, 3
FAULTS = ("429=0.05", "500=0.05", "reset=0.05", "cut=7*0.1", "no-usage=0.1", "usage-huge=0.05", "hang-first=0.02")
SETTLED_WITHIN = 60.0


async def asker(asked: Asked, processes: Processes, dice: random.Random, until: float, done: Counter[str]) -> None:
    number = 0
    while time.monotonic() < until:
        number += 1
        who = f"telegram:{dice.randint(1, PEOPLE)}"
        key = f"{dice.random()}" if number % 3 else f"again-{number // 6}"
        wish = (
            "ask",
            "--as",
            who,
            "-m",
            MODEL,
            f"Question {key}",
            "--request-key",
            f"{who}:{key}",
            "--most",
            "200",
            "--json",
        )
        process = processes.start(*wish, **asked.environment, USHER_TALK__FIRST_TOKEN="3", USHER_TALK__SILENCE="3")
        if dice.random() < 0.4:
            await asyncio.sleep(dice.uniform(0.5, 6.0))
            if process.alive:
                await asyncio.to_thread(process.kill)
                done["killed"] += 1
                continue
        finished = await asyncio.to_thread(process.finish, timeout=120)
        assert finished.code in {0, 1, 3}, str(finished)
        answer = finished.json()
        assert "error" not in answer, str(finished)
        done[answer["finish"] or answer["reason"]] += 1


async def staff(asked: Asked, dice: random.Random, until: float, done: Counter[str]) -> None:
    accounts = [row.name for row in await asked.rows("SELECT name FROM sources")]
    while time.monotonic() < until:
        who = grants.read_identity(f"telegram:{dice.randint(1, PEOPLE)}")
        wish = dice.choice(["grant", "grant", "take", "pause", "suspend"])
        if wish == "grant":
            await grants.give(asked.core, SYSTEM, who, "0.001", reason="torture")
        elif wish == "take":
            await grants.give(asked.core, SYSTEM, who, "-0.0004", reason="torture")
        elif wish == "pause":
            await sources.change_source(asked.core, SYSTEM, dice.choice(accounts), enabled=dice.random() < 0.8)
        else:
            standing = dice.choice(["active", "active", "suspended"])
            await grants.set_standing(asked.core, SYSTEM, who, standing, reason="torture")
        done[wish] += 1
        await asyncio.sleep(dice.uniform(0.1, 1.0))


async def test_the_books_hold(postgres_url: str, processes: Processes) -> None:
    dice = random.Random(SEED)
    done: Counter[str] = Counter()
    async with open_asked(postgres_url, accounts=3, slots=2, speed=60.0, faults=FAULTS) as asked:
        for number in range(1, PEOPLE + 1):
            await asked.grant("0.002", f"telegram:{number}")
        until = time.monotonic() + SECONDS
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(asker(asked, processes, random.Random(dice.random()), until, done))
            group.create_task(staff(asked, random.Random(dice.random()), until, done))
        asked.sandbox.set_faults([])
        worker = processes.start("run", "--only", "worker", **asked.environment)
        waited = time.monotonic()
        while await asked.value("SELECT count(*) FROM calls WHERE state IN ('claimed', 'sending', 'streaming')"):
            assert time.monotonic() - waited < SETTLED_WITHIN, "a call is never settled"
            await asyncio.sleep(0.5)
        await asyncio.to_thread(worker.terminate)
        assert await asked.value("SELECT count(*) FROM source_slots WHERE state = 'busy'") == 0
        await asked.books_balance()
        assert [finding for finding in await examine(asked.core, SYSTEM) if finding.breaches] == []
        assert max(asked.peak().values()) <= 2
        billed = sum(call["input"] + 2 * call["output"] for call in asked.bill())
        charged = await asked.value("SELECT COALESCE(sum(charged), 0) FROM calls WHERE NOT estimated")
        assert charged <= billed
        sys.stdout.write(f"\nSEED={SEED}: {dict(sorted(done.items()))}; {len(asked.bill())} calls billed; no breach\n")
