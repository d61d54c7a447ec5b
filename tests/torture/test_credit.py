"""Processes ask, are killed, frozen and asked again, while staff grant, take, pause and suspend. The books must hold."""

from __future__ import annotations

import asyncio
import os
import random
import sys
import time
from collections import Counter

import pytest
import sqlalchemy as sa

from core.actors import SYSTEM, Actor
from core.credit import grants
from core.people.people import person_of
from core.reports.doctor import examine
from core.sources import sources
from core.storage.talk_tables import calls, keys
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
        if dice.random() < 0.15:
            # Longer than a claim lasts: whoever takes over settles, and the sleeper must not do so again.
            await asyncio.sleep(dice.uniform(0.5, 4.0))
            process.freeze()
            await asyncio.sleep(dice.uniform(4.0, 7.0))
            process.thaw()
            done["frozen"] += 1
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


async def keyed(asked: Asked, dice: random.Random, until: float, done: Counter[str], revoked: dict[int, int]) -> None:
    """Programs ask with keys, which are revoked in the middle of it, and new ones are made."""
    who = Actor("telegram", "1")

    def make(tx: sa.Connection) -> int:
        now = asked.core.now()
        person = {"person_id": person_of(tx, who.platform, who.identity, now), "created_at": now}
        row = {"digest": dice.randbytes(32), "last4": "abcd", "name": "k", **person}
        return int(tx.execute(sa.insert(keys).values(**row).returning(keys.c.id)).scalar_one())

    def revoke(tx: sa.Connection, key: int) -> None:
        tx.execute(sa.update(keys).where(keys.c.id == key).values(state="revoked"))
        # Whoever claims with a key holds its row until the commit, so every call with it has a number by now.
        revoked[key] = int(tx.execute(sa.select(sa.func.coalesce(sa.func.max(calls.c.id), 0))).scalar_one())

    async def ask(key: int, number: int) -> None:
        while time.monotonic() < until:
            number += 1
            answer = await asked.ask(f"key {key}: {number}", who.key, key_id=key, model=MODEL, most_output=50)
            done[f"keyed {answer.finish or answer.reason}"] += 1
            if answer.reason == "key_revoked":
                return
            await asyncio.sleep(0.2)

    while time.monotonic() < until:
        key = await asked.core.write(make)
        async with asyncio.TaskGroup() as group:
            for number in (0, 10**6):
                group.create_task(ask(key, number))
            await asyncio.sleep(dice.uniform(2.0, 10.0))
            await asked.core.write(revoke, key)
            done["revoked"] += 1


async def test_the_books_hold(postgres_url: str, processes: Processes) -> None:
    dice = random.Random(SEED)
    done: Counter[str] = Counter()
    revoked: dict[int, int] = {}
    async with open_asked(postgres_url, accounts=3, slots=2, speed=60.0, faults=FAULTS) as asked:
        for number in range(1, PEOPLE + 1):
            await asked.grant("0.002", f"telegram:{number}")
        until = time.monotonic() + SECONDS
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(asker(asked, processes, random.Random(dice.random()), until, done))
            group.create_task(staff(asked, random.Random(dice.random()), until, done))
            group.create_task(keyed(asked, random.Random(dice.random()), until, done, revoked))
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
        for key, last in revoked.items():
            late = f"SELECT count(*) FROM calls WHERE key_id = {key} AND id > {last} AND state <> 'refused'"
            assert await asked.value(late) == 0, f"a call began with key {key} after it was revoked"
        billed = sum(call["input"] + 2 * call["output"] for call in asked.bill())
        charged = await asked.value("SELECT COALESCE(sum(charged), 0) FROM calls WHERE NOT estimated")
        assert charged <= billed
        sys.stdout.write(f"\nSEED={SEED}: {dict(sorted(done.items()))}; {len(asked.bill())} calls billed; no breach\n")
