"""200 codes, 50 workspaces of 4 seats, 50 ms upstream, 20 at a time, over real HTTP to another process."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from pathlib import Path

import aiohttp
import pytest

from core.actors import SYSTEM
from core.codes import codes
from core.redemptions import redemptions
from core.redemptions.orders import RedeemWish
from core.rules.codes import read_code
from core.service import open_core
from core.storage import migrate
from core.teams import teams
from tests.benchmarks.figures import report
from tests.support.house import settings_for
from tests.support.postgres import PostgresServer
from tests.support.processes import Processes

pytestmark = pytest.mark.bench

PEOPLE, AT_ONCE, LATENCY = 200, 20, 0.05
IDEAL = AT_ONCE / LATENCY
ROUNDS = 5


async def everybody(one: object, count: int = PEOPLE) -> float:
    """Run `one(number)` for everybody, AT_ONCE at a time; returns how many a second."""
    numbers = iter(range(count))

    async def worker() -> None:
        for number in numbers:
            await one(number)  # type: ignore[operator]

    start = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    return count / (time.perf_counter() - start)


async def bare(root: str, sessions: list[dict]) -> float:
    """The same calls by aiohttp, with no database and nothing to be right about."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=100)) as client:

        async def call(number: int) -> None:
            session = sessions[number // 4]
            account = session["account"]["id"]
            async with client.post(
                f"{session['base_url']}/accounts/{account}/invites",
                json={"email_addresses": [f"p{number}@example.com"], "role": "standard-user", "resend_emails": True},
                headers={"Authorization": f"Bearer {session['accessToken']}", "chatgpt-account-id": account},
            ) as answer:
                assert answer.status in (200, 201)
                await answer.json()

        return await everybody(call)


async def ours(url: str, root: str, sessions: list[dict]) -> float:
    """The whole redemption. All 200 must be invited, and no workspace may hold more than its four."""
    async with open_core(settings_for(url, upstream={"timeout": 10.0})) as core, aiohttp.ClientSession() as client:
        text = "\n".join(json.dumps({**session, "seats": 4}) for session in sessions)
        await teams.import_teams(core, SYSTEM, await teams.preview_teams(core, SYSTEM, text))
        _, made = await codes.generate_list(core, SYSTEM, codes.BatchPlan(count=PEOPLE))
        shapes = await core.shapes()
        states: Counter[str] = Counter()

        async def redeem(number: int) -> None:
            code = read_code(made[number], shapes)
            [receipt] = await redemptions.redeem_all(
                core, SYSTEM, RedeemWish(f"p{number}@example.com", [code], request_key=f"bench:{number}")
            )
            states[receipt.state] += 1

        rate = await everybody(redeem)
        assert states == {"invited": PEOPLE}, states
        async with client.get(f"{root}/_sandbox/ledger") as answer:
            ledger = await answer.json()
        fullest = max(Counter(entry["workspace"] for entry in ledger["pending"]).values())
        assert fullest == 4, fullest
        return rate


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
async def test_two_hundred_people_over_http(
    backend: str, tmp_path: Path, postgres: PostgresServer, processes: Processes
) -> None:
    sessions_file = tmp_path / "sessions.jsonl"
    server = processes.start(
        "sandbox",
        "--port",
        "0",
        "--workspaces",
        "50",
        "--seats",
        "4",
        "--latency-ms",
        "50",
        "--sessions",
        sessions_file,
    )
    root = (await asyncio.to_thread(server.wait_for_line, r"^ready")).split()[1].removesuffix("/backend-api")
    sessions = [json.loads(line) for line in sessions_file.read_text().splitlines()]
    rates, floors = [], []
    async with aiohttp.ClientSession() as client:
        for number in range(ROUNDS):
            url = f"sqlite+aiosqlite:///{tmp_path / f'{number}.db'}"
            if backend == "postgresql":
                url = postgres.create_database()
            else:
                await migrate.upgrade_database(url)
            await (await client.post(f"{root}/_sandbox/reset")).read()
            floors.append(await bare(root, sessions))
            await (await client.post(f"{root}/_sandbox/reset")).read()
            rates.append(await ours(url, root, sessions))
    report(f"redeem_http_{backend}", rates, "redemptions/s", IDEAL, floor_name="ideal 20 / 0.05 s")
    report(f"redeem_http_{backend}_bare", rates, "redemptions/s", floors, floor_name="bare aiohttp, no database")
