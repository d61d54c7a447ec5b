"""Servers that answer one thing to every question, for what the simulated upstream does not play."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from core.models.protocol import (
    Account,
    Bounds,
    Event,
    Upstream,
)
from core.models.registry import open_upstream
from core.providers.http import HttpClient
from tests.models.asking import PATIENT, ask

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
STREAM = {"Content-Type": "text/event-stream"}


@asynccontextmanager
async def listening(answer: Handler) -> AsyncIterator[tuple[str, list[web.BaseRequest]]]:
    """The address of a server that gives every request to `answer`, and the requests that it got."""
    seen: list[web.BaseRequest] = []

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        seen.append(request)
        return await answer(request)

    runner = web.ServerRunner(web.Server(handle, access_log=None, handler_cancellation=True), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", seen
    finally:
        await runner.cleanup()


@asynccontextmanager
async def serving(
    http: HttpClient, answer: Handler, bounds: Bounds = PATIENT
) -> AsyncIterator[tuple[Upstream, list[web.BaseRequest]]]:
    """An upstream that is answered by `answer`, and the requests that it got."""
    async with listening(answer) as (root, seen):
        yield open_upstream(Account("openai_compatible", f"{root}/v1", "sk-secret"), http, bounds), seen


def fixed(body: bytes | str, status: int = 200, **headers: str) -> Handler:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        await request.read()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        raw = body.encode() if isinstance(body, str) else body
        return web.Response(status=status, body=raw, headers=named or STREAM)

    return answer


def said(status: int, error: Any, **headers: str) -> Handler:
    return fixed(json.dumps(error), status, Content_Type="application/json", **headers)


def chunk(delta: Any = None, reason: Any = None, **more: Any) -> str:
    choices = [{"index": 0, "delta": delta or {}, "finish_reason": reason}]
    return f"data: {json.dumps({'id': 'c-1', 'model': 'm', 'choices': choices, **more})}\n\n"


async def answered(http: HttpClient, answer: Handler, bounds: Bounds = PATIENT) -> list[Event]:
    async with serving(http, answer, bounds) as (upstream, _):
        return await ask(upstream)


HELLO = chunk({"role": "assistant"}) + chunk({"content": "hello"})
DONE = "data: [DONE]\n\n"
