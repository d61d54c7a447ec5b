"""A hundred people talk at once with one process, fifty tokens a second each: who waits, and what a token costs.

The emulated Telegram and the simulated account are processes of their own, and so is the relay that looks at nothing.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

from tests.benchmarks import test_models as relays
from tests.benchmarks.figures import report
from tests.benchmarks.test_bots import SAID, emulator, prepared, usher_on_telegram
from tests.support.processes import Processes
from tests.support.telegram.emulator import RemoteTelegram, text_of

pytestmark = pytest.mark.bench

PEOPLE = range(1000, 1100)
SIGNED = range(2000, 2015)
"""Who ask one after the other, and see when they are first told that there will be an answer."""
ASKING = range(3000, 3020)
"""Who ask about a code in turn: one person who asks that often is told that it was a lot at once."""
EVERY = 0.4
"""Seconds from one of their questions to the next, so that they are spread over the whole time of talking."""
SPEED, TOKENS = 50.0, 500
MODEL = "sandbox-english"
WITHIN = 300
"""Milliseconds in which a command is answered at the median, however many answers are being written, and in which
whoever asks is told that there will be an answer.
"""


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    processes = Processes(tmp_path, fresh=True)
    yield processes
    processes.close()


async def verified(telegram: RemoteTelegram, code: str) -> list[float]:
    """Milliseconds from each person's message to the answer that the emulated Telegram has."""
    found = []
    for person in ASKING:
        began = time.perf_counter()
        answer = await telegram.answer_to(await telegram.say(f"/verify {code}", user_id=person))
        took = time.perf_counter() - began
        assert SAID in text_of(answer)
        found.append(1000 * took)
        await asyncio.sleep(max(0.0, EVERY - took))
    return found


async def signed(telegram: RemoteTelegram, person: int) -> float:
    """Milliseconds from a person's question to the first draft, which says that there will be an answer."""
    began = time.perf_counter()
    await telegram.say("english 5", user_id=person)
    await telegram.wait_call("sendMessageDraft", where=lambda call: int(call.fields["chat_id"]) == person)
    return 1000 * (time.perf_counter() - began)


async def test_a_hundred_people_at_once(sqlite_url: str, processes: Processes) -> None:
    code = await asyncio.to_thread(prepared, processes, sqlite_url)
    key, upstream = await asyncio.to_thread(relays._upstream, processes, SPEED)
    source = {"name": "one", "base_url": upstream, "api_key": key, "concurrency": len(PEOPLE), "models": [MODEL]}
    (processes.directory / "mine.jsonl").write_text(json.dumps(source))
    for wish in (
        ("model", "add", MODEL, "--input", "0", "--output", "0"),
        ("source", "import", "mine.jsonl", "--yes"),
    ):
        await asyncio.to_thread(processes.json, *wish)
    relay, address = await asyncio.to_thread(relays._relay, processes, "bytes", upstream)
    base = emulator(processes, "telegram")
    usher = usher_on_telegram(processes, base)
    async with RemoteTelegram(base) as telegram:
        await verified(telegram, code)
        quiet = await verified(telegram, code)
        await signed(telegram, SIGNED.start - 1)
        signs = [await signed(telegram, person) for person in SIGNED]

        before = relays._cpu(relay)
        await relays._played(address, key, len(PEOPLE))
        bare = (relays._cpu(relay) - before) / (len(PEOPLE) * relays.CHUNKS)

        before = relays._cpu(usher.pid)
        for person in PEOPLE:
            await telegram.say(f"english {TOKENS}", user_id=person)
        talking = await verified(telegram, code)
        for person in PEOPLE:
            # The answer, and not a picture of it: it has buttons.
            await telegram.wait_message(
                person, lambda message: "reply_markup" in message and len(text_of(message)) > TOKENS
            )
        whole = (relays._cpu(usher.pid) - before) / (len(PEOPLE) * TOKENS)
        assert not await telegram.rejections()
    report("talk.cpu_per_token", [1e6 * whole], "µs of CPU a token", 1e6 * bare, floor_name="a bare relay")
    report("talk.verify_while_talking", talking, "ms to the answer", quiet, floor_name="nobody talks")
    report("talk.first_sign", signs, "ms to the first sign of life", quiet, floor_name="a command answered")
    assert median(talking) <= WITHIN
    assert median(signs) <= WITHIN
