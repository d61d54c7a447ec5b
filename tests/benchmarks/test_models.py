"""What reading a model's stream costs, beside a relay that looks at nothing, in the same run."""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from core.sandbox import chat_texts
from tests.benchmarks.figures import report
from tests.benchmarks.watching import peak_of
from tests.support.processes import Processes

pytestmark = pytest.mark.bench

CHUNKS = 100
SPEED = 10
"""Tokens a second of each stream, so that chunks come one by one, as they do from a model."""
ROUNDS = 3
QUESTION: dict[str, Any] = {
    "model": "sandbox-small",
    "messages": [{"role": "user", "content": f"english {CHUNKS}"}],
    "max_tokens": 500,
    "stream": True,
    "stream_options": {"include_usage": True},
}
ANSWER = "".join(chat_texts.answer(QUESTION["model"], QUESTION["messages"], 1))


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    processes = Processes(tmp_path, fresh=True)
    yield processes
    processes.close()


@pytest.mark.parametrize("streams", [100, 500])
async def test_a_relay_that_understands_what_it_passes_on(processes, streams):
    speed = SPEED if streams == 100 else SPEED / 2.5
    key, upstream = await asyncio.to_thread(_upstream, processes, speed)
    relays = {kind: await asyncio.to_thread(_relay, processes, kind, upstream) for kind in ("bytes", "events")}
    await _played(upstream, key, 10)
    rates: dict[str, list[float]] = {kind: [] for kind in relays}
    firsts: dict[str, list[float]] = {kind: [] for kind in relays}
    gaps: dict[str, list[float]] = {kind: [] for kind in relays}
    for _ in range(ROUNDS):
        for kind, (pid, address) in relays.items():
            before = _cpu(pid)
            waited, gap = await _played(address, key, streams)
            rates[kind].append(streams * CHUNKS / (_cpu(pid) - before))
            firsts[kind].append(waited)
            gaps[kind].append(gap)
    held = {kind: peak_of(pid) * 1024 / streams for kind, (pid, _) in relays.items()}
    name = f"models.relay.{streams}"
    ratio = report(f"{name}.chunks", rates["events"], "chunks per CPU second", rates["bytes"], floor_name="bytes")
    report(f"{name}.first_token", firsts["events"], "ms to the first token (p50)", firsts["bytes"], floor_name="bytes")
    report(f"{name}.gap", gaps["events"], "ms longest gap", gaps["bytes"], floor_name="bytes")
    report(f"{name}.memory", [held["events"]], "kB of the process a stream", held["bytes"], floor_name="bytes")
    assert ratio >= 0.45


def _upstream(processes: Processes, speed: float) -> tuple[str, str]:
    served = processes.start(
        "sandbox", "--port", "0", "--latency-ms", "1", "--models", "--accounts", "1",
        "--tokens-per-second", str(speed), "--sources", "sources.jsonl",
    )  # fmt: skip
    root = served.wait_for_line("^ready ").split()[1]
    return json.loads((processes.directory / "sources.jsonl").read_text())["api_key"], f"{root}/v1"


def _relay(processes: Processes, kind: str, upstream: str) -> tuple[int, str]:
    path = str(Path(__file__).resolve().parents[2])
    relay = processes.start_python("-m", "tests.benchmarks.bare_relay", kind, upstream, PYTHONPATH=path)
    return relay.pid, relay.wait_for_line("^ready ").split()[1]


async def _played(address: str, key: str, streams: int) -> tuple[float, float]:
    """The median wait for a first token and the longest gap between two chunks, in milliseconds."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session, asyncio.TaskGroup() as group:
        tasks = [group.create_task(_listened(session, address, key)) for _ in range(streams)]
    waits, gaps = zip(*(task.result() for task in tasks), strict=True)
    return statistics.median(waits) * 1000, max(gaps) * 1000


async def _listened(session: aiohttp.ClientSession, address: str, key: str) -> tuple[float, float]:
    begun = last = time.perf_counter()
    wait = gap = 0.0
    body = b""
    headers = {"Authorization": f"Bearer {key}"}
    async with session.post(f"{address}/chat/completions", json=QUESTION, headers=headers) as answer:
        async for piece in answer.content.iter_any():
            now = time.perf_counter()
            if wait:
                gap = max(gap, now - last)
            elif b'"content": "' in piece.replace(b'"content": ""', b""):
                wait = now - begun
            last = now
            body += piece
    assert body.endswith(b"data: [DONE]\n\n")
    chunks = [json.loads(line[6:]) for line in body.splitlines() if line.startswith(b"data: {")]
    text = "".join(choice["delta"].get("content", "") for chunk in chunks for choice in chunk["choices"])
    assert text == ANSWER
    return wait, gap


def _cpu(pid: int) -> float:
    """Processor seconds of a living process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
