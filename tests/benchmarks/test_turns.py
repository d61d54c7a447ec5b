"""A whole turn on Telegram while it answers 429, and how soon `/stop` ends one, here and in another process.

The emulated Telegram, the simulated account and Usher are processes of their own.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from statistics import median

import aiohttp
import pytest

from core.calls import calls
from core.service import open_core
from tests.benchmarks import test_models as relays
from tests.benchmarks.figures import report
from tests.benchmarks.test_bots import emulator, prepared, usher_on_telegram
from tests.support.chats import until
from tests.support.house import rows, settings_for
from tests.support.processes import Processes, Running
from tests.support.telegram.emulator import RemoteTelegram, text_of
from tests.support.telegram.state import Call

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]

MODEL = "sandbox-english"
SPEED, TOKENS, TURNS = 50.0, 300, 5
RESTS = 30
"""Seconds of each 429: longer than the turn."""
FACTOR, SLACK = 1.1, 1000.0
"""A turn may take so many times what the account takes, and so many milliseconds."""
STOPS, HERE, ELSEWHERE = 7, 1000.0, 3000.0
"""Milliseconds from `/stop` to the end of the call: where it runs, and where another process was told."""


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    processes = Processes(tmp_path, fresh=True)
    yield processes
    processes.close()


@asynccontextmanager
async def talking(processes: Processes, url: str) -> AsyncIterator[tuple[RemoteTelegram, Running, str, str]]:
    """An Usher whose account serves `MODEL`, for nothing; with the account's address and key."""
    await asyncio.to_thread(prepared, processes, url)
    key, upstream = await asyncio.to_thread(relays._upstream, processes, SPEED)
    source = {"name": "one", "base_url": upstream, "api_key": key, "concurrency": 100, "models": [MODEL]}
    (processes.directory / "mine.jsonl").write_text(json.dumps(source))
    for wish in (
        ("model", "add", MODEL, "--input", "0", "--output", "0"),
        ("source", "import", "mine.jsonl", "--yes"),
    ):
        await asyncio.to_thread(processes.json, *wish)
    base = emulator(processes, "telegram")
    usher = usher_on_telegram(processes, base)
    async with RemoteTelegram(base) as telegram:
        yield telegram, usher, upstream, key


async def own_time(address: str, key: str) -> float:
    """Milliseconds that the account takes for the same answer."""
    asked = {**relays.QUESTION, "model": MODEL, "messages": [{"role": "user", "content": f"english {TOKENS}"}]}
    began = time.perf_counter()
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{address}/chat/completions", json=asked, headers=headers) as answer,
    ):
        assert (await answer.read()).endswith(b"data: [DONE]\n\n")
    return 1000 * (time.perf_counter() - began)


async def turn(telegram: RemoteTelegram, person: int) -> float:
    """Milliseconds from a person's question to the whole answer, which has buttons."""
    began = time.perf_counter()
    await telegram.say(f"english {TOKENS}", user_id=person)
    await telegram.wait_message(person, lambda one: "reply_markup" in one and len(text_of(one)) > TOKENS)
    return 1000 * (time.perf_counter() - began)


async def test_a_turn_while_telegram_has_had_enough(database_url: str, backend: str, processes: Processes) -> None:
    async with talking(processes, database_url) as (telegram, _, address, key):
        await turn(telegram, 999)
        refused, quiet, floors = [], [], []
        for number in range(TURNS):
            floors.append(await own_time(address, key))
            quiet.append(await turn(telegram, 1000 + number))
            for method in ("sendMessageDraft", "sendChatAction", "editMessageText"):
                await telegram.fault(method, "429", count=-1, retry_after=RESTS)
            refused.append(await turn(telegram, 2000 + number))
            await telegram.clear_faults()
        assert any(call.injected for call in await telegram.recorded_calls("sendMessageDraft"))
    report(f"talk.turn.{backend}", quiet, "ms for a whole turn", floors, floor_name="the account's own time")
    report(f"talk.turn_429.{backend}", refused, "ms with 429s", floors, floor_name="the account's own time")
    assert median(refused) <= FACTOR * median(floors) + SLACK


async def test_how_soon_an_answer_is_stopped(database_url: str, backend: str, processes: Processes) -> None:
    """Measured from the word of whoever stops it to the moment when the call is settled, by the same clock."""
    here: list[float] = []
    elsewhere: list[float] = []
    async with talking(processes, database_url) as (telegram, _, _, _), open_core(settings_for(database_url)) as core:
        for number in range(STOPS):
            for taken, person in ((here, 3000 + number), (elsewhere, 4000 + number)):
                await telegram.say("english 5000", user_id=person)
                await telegram.wait_call("sendMessageDraft", where=_words_for(person))
                [(call_id,)] = await rows(database_url, "SELECT max(id) FROM calls")
                began = time.perf_counter()
                if taken is here:
                    await telegram.say("/stop", user_id=person)
                else:
                    assert await calls.stop(core, call_id)
                await until(partial(_over, database_url, call_id), 60, "not stopped")
                taken.append(1000 * (time.perf_counter() - began))
    report(f"talk.stop_here.{backend}", here, "ms to the end", HERE, floor_name="the promise")
    report(f"talk.stop_elsewhere.{backend}", elsewhere, "ms to the end", ELSEWHERE, floor_name="the promise")
    assert max(here) <= HERE
    assert max(elsewhere) <= ELSEWHERE


async def _over(url: str, call_id: int) -> bool:
    return bool(await rows(url, f"SELECT 1 FROM calls WHERE id = {call_id} AND state = 'settled'"))


def _words_for(person: int) -> Callable[[Call], bool]:
    return lambda call: int(call.fields["chat_id"]) == person and "text" in call.fields
