"""No upstream makes an answer last for ever, hold memory, or go on when nobody listens."""

from __future__ import annotations

import asyncio
import tracemalloc
from contextlib import aclosing

from aiohttp import web

from core.models.protocol import (
    Bounds,
    Broke,
    CallUnclear,
    Event,
    Finished,
    Sent,
    Text,
    Upstream,
)
from tests.models.asking import ask, ending, question
from tests.models.speaking import HELLO, STREAM, answered, chunk, serving


async def test_an_endless_answer_is_cut_at_its_size_and_held_nowhere(http):
    async def endless(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers=STREAM)
        await response.prepare(request)
        while True:
            await response.write(chunk({"content": "x" * 1000}).encode())

    bounds = Bounds(connect=20, first_token=60, silence=60, total=120, answer=2**21)
    async with serving(http, endless, bounds) as (upstream, _):
        await _listened(upstream)  # whatever is made at the first use is not the answer's
        tracemalloc.start()
        last, length = await _listened(upstream)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert last == Broke("answer too large")
    assert 1_500_000 < length < 2**21
    assert peak < 2**21


async def _listened(upstream: Upstream) -> tuple[Event | None, int]:
    """How it ended and how much text there was, without keeping any."""
    last: Event | None = None
    length = 0
    async with aclosing(upstream.ask(question())) as events:
        async for event in events:
            last = event
            length += len(event.text) if isinstance(event, Text) else 0
    return last, length


async def test_a_packed_answer_that_swells_is_never_held_whole(sandbox, upstream):
    sandbox.set_faults(["gzip-bomb"])
    await ask(upstream)  # the server packs its 64 MiB once
    tracemalloc.start()
    found = ending(await ask(upstream))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == CallUnclear("answer too large")
    assert peak < 4 * 2**20


async def test_an_upstream_that_only_keeps_the_connection_alive_is_silent(http):
    async def patient(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers=STREAM)
        await response.prepare(request)
        await response.write(HELLO.encode() if began else b"")
        while True:
            await response.write(b": still here\n\n")
            await asyncio.sleep(0.02)

    began = False
    first = await answered(http, patient, Bounds(connect=20, first_token=1, silence=60, total=120))
    assert ending(first) == CallUnclear("timed out")
    began = True
    later = await answered(http, patient, Bounds(connect=20, first_token=60, silence=1, total=120))
    assert ending(later) == Broke("timed out")
    whole = await answered(http, patient, Bounds(connect=20, first_token=60, silence=60, total=1))
    assert ending(whole) == Broke("timed out")


async def test_an_answer_that_was_called_finished_is_whole_though_figures_never_come(http):
    async def hangs(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers=STREAM)
        await response.prepare(request)
        await response.write((HELLO + chunk({}, "stop")).encode())
        await asyncio.Event().wait()
        return response

    events = await answered(http, hangs, Bounds(connect=20, first_token=60, silence=60, total=120, tail=0.2))
    assert ending(events) == Finished("stop")


async def test_leaving_closes_the_connection_before_it_returns(http):
    gone = asyncio.Event()

    async def speaks(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers=STREAM)
        await response.prepare(request)
        await response.write(HELLO.encode())
        try:
            await asyncio.Event().wait()
        finally:
            gone.set()
        return response

    async def says_nothing(request: web.BaseRequest) -> web.StreamResponse:
        try:
            await asyncio.Event().wait()
        finally:
            gone.set()
        return web.Response()

    for answer, until in ((speaks, Text), (says_nothing, Sent)):
        gone.clear()
        async with serving(http, answer) as (upstream, _):
            async with aclosing(upstream.ask(question())) as events:
                async for event in events:
                    if isinstance(event, until):
                        break
            async with asyncio.timeout(240):
                await gone.wait()


async def test_a_document_that_never_comes_to_its_end(http):
    async def trickles(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        while True:
            await response.write(b" ")
            await asyncio.sleep(0.02)

    events = await answered(http, trickles, Bounds(connect=20, first_token=60, silence=1, total=600))
    assert ending(events) == CallUnclear("timed out")
