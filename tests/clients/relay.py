"""Passes everything on, and notes what was asked and answered: what the other side saw, told by neither of the two."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

KEPT = ("Authorization", "Content-Type", "Accept")


@dataclass(frozen=True)
class Seen:
    """One request and its answer; bodies as they are in JSON, or None. `wait` is the answer's Retry-After."""

    method: str
    path: str
    body: Any
    status: int
    answer: Any
    wait: str | None


@dataclass
class Relay:
    """Listens at `base`, and passes on what it is asked."""

    base: str
    seen: list[Seen] = field(default_factory=list)

    def statuses(self) -> list[int]:
        """In the order of the answers."""
        return [one.status for one in self.seen]


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        return None


@asynccontextmanager
async def relaying(target: str) -> AsyncIterator[Relay]:
    """In front of `target`. Answers are passed on in one piece."""
    relay = Relay("")

    async with aiohttp.ClientSession(auto_decompress=False) as session:

        async def handle(request: web.Request) -> web.Response:
            raw = await request.read()
            headers = {name: request.headers[name] for name in KEPT if name in request.headers}
            async with session.request(
                request.method, f"{target}{request.rel_url}", data=raw or None, headers=headers
            ) as answer:
                body = await answer.read()
                passed = {
                    name: value
                    for name, value in answer.headers.items()
                    if name.lower() not in {"transfer-encoding", "content-length", "connection"}
                }
                wait = answer.headers.get("Retry-After")
                seen = Seen(request.method, str(request.rel_url), _json(raw), answer.status, _json(body), wait)
                relay.seen.append(seen)
                return web.Response(status=answer.status, body=body, headers=passed)

        app = web.Application(client_max_size=2**20)
        app.router.add_route("*", "/{path:.*}", handle)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            host, port = runner.addresses[0][:2]
            relay.base = f"http://{host}:{port}"
            yield relay
        finally:
            await runner.cleanup()
