"""Two relays of a model's stream: one that passes bytes on, and one that asks through the adapter and writes anew.

`python -m tests.benchmarks.bare_relay bytes|events UPSTREAM` serves until it is ended; the key comes with the request.
"""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import aclosing
from typing import Any

import aiohttp
from aiohttp import web

from core.models.protocol import Account, Broke, Event, Finished, Question, Text, Usage
from core.models.registry import open_upstream
from core.providers.http import HttpClient

_STREAM = {"Content-Type": "text/event-stream"}


async def pass_bytes_on(request: web.Request, session: aiohttp.ClientSession, upstream: str) -> web.StreamResponse:
    """The least that a relay can be: nothing is looked at."""
    response = web.StreamResponse(headers=_STREAM)
    key = {"Authorization": request.headers["Authorization"]}
    async with session.post(f"{upstream}/chat/completions", json=await request.json(), headers=key) as answer:
        await response.prepare(request)
        async for piece in answer.content.iter_any():
            await response.write(piece)
    return response


async def write_anew(request: web.Request, client: HttpClient, upstream: str) -> web.StreamResponse:
    """Every chunk is read, understood, and written in other words."""
    response = web.StreamResponse(headers=_STREAM)
    asked = await request.json()
    key = request.headers["Authorization"].removeprefix("Bearer ")
    source = open_upstream(Account("openai_compatible", upstream, key), client)
    question = Question(asked["model"], asked["messages"], asked["max_tokens"])
    await response.prepare(request)
    async with aclosing(source.ask(question)) as events:
        async for event in events:
            for part in _written(event):
                await response.write(part)
    return response


def _written(event: Event) -> list[bytes]:
    match event:
        case Text(text):
            return [_chunk([{"index": 0, "delta": {"content": text}, "finish_reason": None}])]
        case Usage(used, made):
            return [_chunk([], usage={"prompt_tokens": used, "completion_tokens": made})]
        case Finished(reason):
            return [_chunk([{"index": 0, "delta": {}, "finish_reason": reason}]), b"data: [DONE]\n\n"]
        case Broke(detail):
            raise AssertionError(detail)
    return []


def _chunk(choices: list[Any], **more: Any) -> bytes:
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": choices, **more}
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


async def serve(kind: str, upstream: str) -> None:
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session, HttpClient() as client:

        async def handle(request: web.Request) -> web.StreamResponse:
            if kind == "bytes":
                return await pass_bytes_on(request, session, upstream)
            return await write_anew(request, client, upstream)

        app = web.Application()
        app.router.add_post("/v1/chat/completions", handle)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
        sys.stdout.write(f"ready http://127.0.0.1:{runner.addresses[0][1]}/v1\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    import uvloop

    uvloop.run(serve(*sys.argv[1:]))
