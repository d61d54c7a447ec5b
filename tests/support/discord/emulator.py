"""A Discord REST and gateway server on loopback, as strict as Discord's, with people behind it.

    async with FakeDiscord() as discord:
        ...  # point the bot at discord.api_base and discord.gateway_url with discord.token
        answer = await discord.run("redeem", {"address": "a@b.example", "code": "TEAM-…"}, user=7, locale="zh-CN")

Interactions want an answer within three seconds, once; bodies are checked field by field; a cut gateway session is
resumed with the events it missed. `python -m tests.support.discord.emulator --port N` serves the same as a process of its
own; `RemoteDiscord(base)` then speaks for the people.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from types import CoroutineType
from typing import TYPE_CHECKING, Any, Protocol, Self

from aiohttp import web

from tests.support.discord.desk import Desk
from tests.support.discord.form import DiscordError, Json
from tests.support.discord.gateway import Gateway
from tests.support.discord.limits import RateLimited
from tests.support.discord.messages import Messages
from tests.support.discord.people import People, RemoteDiscord, attached
from tests.support.discord.rest import Rest
from tests.support.discord.state import ANSWER_SECONDS, Call, Fault, Line, Upload, World, buttons_of, text_of
from tests.support.emulator_control import DeskError, control_handler, cut, perform, until_told_to_stop

if TYPE_CHECKING:
    import discord

__all__ = [
    "PATIENT",
    "Call",
    "DeskError",
    "FakeDiscord",
    "Line",
    "RemoteDiscord",
    "Upload",
    "attached",
    "buttons_of",
    "close_client",
    "patched_discord",
    "text_of",
]

REQUEST_BYTES = 40 * 2**20
TOKEN = "TEST-discord-token.abcdef.0123456789"
PATIENT = 30.0
"""Seconds for a first answer where Discord's three are not the matter."""


class FakeDiscord(People):
    """The emulator inside the test's own process.

    `shards` is what it recommends to an auto-sharded bot. `answer_seconds` is how long it takes a first answer; a test
    about something else gives `PATIENT`, or a machine that stands still for three seconds fails it.
    """

    def __init__(
        self,
        token: str = TOKEN,
        *,
        port: int = 0,
        shards: int = 1,
        rate_limits: bool = False,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self.token = token
        self.base = ""
        self.world = World(token, shards=shards, rate_limits=rate_limits)
        self.world.answer_seconds = answer_seconds
        self.gateway = Gateway(self.world)
        messages = Messages(self.world)
        self._port = port
        self._rest = Rest(self.world, self.gateway, messages)
        self._desk = Desk(self.world, self.gateway, messages)
        app = web.Application(client_max_size=REQUEST_BYTES)
        app.router.add_get("/gateway", self.gateway.serve)
        app.router.add_get("/gateway/", self.gateway.serve)
        app.router.add_route("*", "/api/v10/{path:.*}", self._serve_rest)
        app.router.add_get("/attachments/{id}/{filename}", self._serve_attachment)
        app.router.add_post("/_control/{action}", control_handler(self._desk, self.world))
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self.base = self.world.base = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self.gateway.url = self.gateway_url
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.gateway.close()
        await self._runner.cleanup()

    @property
    def api_base(self) -> str:
        """What `discord.http.Route.BASE` should be."""
        return f"{self.base}/api/v10"

    @property
    def gateway_url(self) -> str:
        """What `DiscordWebSocket.DEFAULT_GATEWAY` should be."""
        return f"{self.base.replace('http', 'ws', 1)}/gateway"

    @property
    def calls(self) -> list[Call]:
        """Every REST request, oldest first."""
        return self.world.calls

    async def act(self, action: str, **arguments: Any) -> Any:
        return perform(self._desk, action, arguments)

    async def changed(self, revision: int, timeout: float) -> None:
        await self.world.changed(revision, timeout)

    # -- REST ------------------------------------------------------------------------------------------------------
    async def _serve_rest(self, request: web.Request) -> web.StreamResponse:
        path = "/" + request.match_info["path"].strip("/")
        call = Call(request.method, path, None, [])
        self.world.calls.append(call)
        try:
            call.json, call.files = await _read(request)
            fault = self.world.take_fault(call.method, path)
            if fault is not None and fault.kind == "slow":
                await asyncio.sleep(fault.seconds)
            elif fault is not None and fault.kind != "drop_after":
                call.injected = True
                return _injected(request, fault, call)
            response = self._answer(request, call)
            if fault is not None and fault.kind == "drop_after":
                call.injected = True
                return cut(request)
            return response
        except DiscordError as error:
            return _refusal(error, call)
        finally:
            self.world.touch()

    def _answer(self, request: web.Request, call: Call) -> web.StreamResponse:
        parts = call.path.strip("/").split("/")
        public = parts[0] == "interactions" or (parts[0] == "webhooks" and len(parts) > 2)
        headers: dict[str, str] = {}
        try:
            if not public and request.headers.get("Authorization") != f"Bot {self.world.token}":
                raise DiscordError(0, status=401, message="401: Unauthorized")
            if self.world.limits is not None:
                headers = self.world.limits.take(call.method, parts)
            result = self._rest.route(call.method, parts, call.json, call.files, request.query)
        except DiscordError as error:
            return _refusal(error, call)
        except RateLimited as limited:
            return _too_many(call, limited.scope, limited.retry_after)
        call.status = 204 if result is None else 200
        return web.Response(status=204, headers=headers) if result is None else _json(result, 200, headers)

    async def _serve_attachment(self, request: web.Request) -> web.StreamResponse:
        upload = self.world.attachments.get(request.match_info["id"])
        if upload is None:
            raise web.HTTPNotFound
        return web.Response(body=upload.data)


class Addresses(Protocol):
    """Where an emulator listens: `FakeDiscord` and `RemoteDiscord` are such."""

    @property
    def api_base(self) -> str: ...

    @property
    def gateway_url(self) -> str: ...


@contextlib.contextmanager
def patched_discord(emulator: Addresses) -> Iterator[None]:
    """Point discord.py, process-wide, at an emulator inside the block, for bots that have no settings for it."""
    import discord.gateway
    import discord.http
    import yarl

    route, socket = discord.http.Route, discord.gateway.DiscordWebSocket
    before = route.BASE, socket.DEFAULT_GATEWAY
    route.BASE, socket.DEFAULT_GATEWAY = emulator.api_base, yarl.URL(emulator.gateway_url)
    try:
        yield
    finally:
        route.BASE, socket.DEFAULT_GATEWAY = before


async def close_client(client: discord.Client) -> None:
    """Close a discord.py client together with the clocks of views and of readiness that it would leave running."""
    import discord

    await client.close()
    home = str(Path(discord.__file__).parent)
    left = [
        task
        for task in asyncio.all_tasks()
        if isinstance(coroutine := task.get_coro(), CoroutineType) and coroutine.cr_code.co_filename.startswith(home)
    ]
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


async def _read(request: web.Request) -> tuple[Any, list[Upload]]:
    """Return the JSON body and the uploaded files, `files[0]` first."""
    try:
        if request.content_type == "multipart/form-data":
            body: Any = None
            files: dict[int, Upload] = {}
            for name, value in (await request.post()).items():
                if name == "payload_json":
                    body = json.loads(str(value))
                elif isinstance(value, web.FileField):
                    files[int(name.removeprefix("files[").removesuffix("]"))] = Upload(
                        value.filename, value.file.read()
                    )
                    value.file.close()
            return body, [files[number] for number in sorted(files)]
        text = await request.text()
        return (json.loads(text) if text else None), []
    except ValueError:
        raise DiscordError(50109) from None


def _json(data: Any, status: int, headers: dict[str, str] | None = None) -> web.Response:
    # discord.py parses a body only when Content-Type is exactly this; aiohttp's own would name a character set.
    content = {"Content-Type": "application/json"}
    return web.Response(body=json.dumps(data).encode(), status=status, headers={**(headers or {}), **content})


def _refusal(error: DiscordError, call: Call) -> web.Response:
    call.status, call.error = error.status, error.body()
    return _json(error.body(), error.status)


def _too_many(call: Call, scope: str, retry_after: float) -> web.Response:
    """Answer 429. discord.py takes one without a Via header for a ban by the proxy before Discord."""
    body: Json = {
        "message": "You are being rate limited.",
        "retry_after": retry_after,
        "global": scope == "global",
    }
    call.status, call.error = 429, body
    headers = {"Via": "1.1 google", "Retry-After": str(retry_after), "X-RateLimit-Scope": scope}
    if scope == "global":
        headers["X-RateLimit-Global"] = "true"
    return _json(body, 429, headers)


def _injected(request: web.Request, fault: Fault, call: Call) -> web.StreamResponse:
    if fault.kind == "drop_before":
        return cut(request)
    if fault.kind == "401":
        return _refusal(DiscordError(0, status=401, message="401: Unauthorized"), call)
    if fault.kind == "error":
        return _refusal(DiscordError(fault.code, status=400, message="Injected"), call)
    if fault.kind == "cloudflare":
        call.status = 429
        return web.Response(status=429, text="<html>You are banned</html>", content_type="text/html")
    if fault.kind.startswith("429"):
        scope = {"429": "user", "429_shared": "shared", "429_global": "global"}[fault.kind]
        return _too_many(call, scope, fault.retry_after)
    status = int(fault.kind)
    return _refusal(DiscordError(0, status=status, message=f"{status}: Injected"), call)


async def _serve(arguments: argparse.Namespace) -> None:
    discord = FakeDiscord(
        arguments.token, port=arguments.port, shards=arguments.shards, rate_limits=arguments.rate_limits
    )
    async with discord:
        print(f"ready {discord.base}", flush=True)
        await until_told_to_stop()


def main() -> None:
    """Serve until SIGTERM or SIGINT; print one line `ready URL` when listening."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--token", default=TOKEN)
    parser.add_argument("--shards", type=int, default=1)
    parser.add_argument("--rate-limits", action="store_true")
    asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
