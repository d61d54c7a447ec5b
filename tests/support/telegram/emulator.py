"""A Telegram Bot API server on loopback, as strict as Telegram's, with people behind it.

    async with FakeTelegram() as telegram:
        ...  # point the bot at telegram.base with telegram.token
        answer = await telegram.ask("/start", user_id=7, lang="zh")

Long polling is acknowledged by offset and a second poller gets 409; webhooks carry the secret. Nothing a bot has not
acknowledged is ever lost, so a bot may be killed and started again. `python -m tests.support.telegram.emulator --port N`
serves the same as a process of its own; `RemoteTelegram(base)` then speaks for the people.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal, Self

from aiohttp import web

from tests.support.emulator_control import DeskError, control_handler, cut, perform, until_told_to_stop
from tests.support.telegram import rules
from tests.support.telegram.desk import Desk
from tests.support.telegram.methods import BotApi
from tests.support.telegram.people import People, RemoteTelegram, buttons_of, text_of
from tests.support.telegram.rules import ApiError, Json, Upload
from tests.support.telegram.state import Call, Fault, Line, World, too_many_requests
from tests.support.telegram.webhook import WebhookDelivery, secret_headers

__all__ = ["Call", "DeskError", "FakeTelegram", "Line", "RemoteTelegram", "Upload", "buttons_of", "text_of"]

REQUEST_BYTES = 80 * 2**20
INJECTED = {
    "400": (400, "Bad Request: injected"),
    "401": (401, "Unauthorized"),
    "409": (409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"),
    "403": (403, "Forbidden: bot was blocked by the user"),
    "500": (500, "Internal Server Error"),
    "502": (502, "Bad Gateway"),
}


class FakeTelegram(People):
    """The emulator inside the test's own process. `privacy` hides plain group messages from the bot.

    `local` is a self-hosted server in local mode, which takes webhooks by plain http, at any port of any machine.
    """

    def __init__(
        self,
        token: str = "424242:TEST-telegram-token-0123456789abcdef",
        username: str = "usher_test_bot",
        *,
        port: int = 0,
        flood_control: bool = False,
        privacy: bool = False,
        local: bool = False,
    ) -> None:
        self.base = ""
        self.world = World(token, username, flood_control=flood_control, privacy=privacy, local=local)
        self._port = port
        self._api = BotApi(self.world)
        self._desk = Desk(self.world)
        self._webhook = WebhookDelivery(self.world, self._execute)
        self._delivery: asyncio.Task[None] | None = None
        self._closing = False
        app = web.Application(client_max_size=REQUEST_BYTES)
        app.router.add_route("*", "/bot{token}/{method}", self._serve_method)
        app.router.add_get("/file/bot{token}/{path:.*}", self._serve_file)
        app.router.add_post("/_control/{action}", control_handler(self._desk, self.world))
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self.base = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._delivery = asyncio.create_task(self._webhook.run())
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._closing = True
        self.world.touch()
        if self._delivery is not None:
            self._delivery.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._delivery
        await self._runner.cleanup()

    @property
    def token(self) -> str:
        """The token that is accepted now."""
        return self.world.token

    @property
    def calls(self) -> list[Call]:
        """Every call except getUpdates, oldest first."""
        return self.world.calls

    async def act(self, action: str, **arguments: Any) -> Any:
        return perform(self._desk, action, arguments)

    async def changed(self, revision: int, timeout: float) -> None:
        await self.world.changed(revision, timeout)

    # -- the Bot API -----------------------------------------------------------------------------------------------
    async def _serve_method(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        raw, uploads = await _read(request)
        if request.match_info["token"] != self.world.token:
            return _answer(ApiError(401, "Unauthorized"))
        fault = self.world.take_fault(method, raw.get("chat_id"))
        if fault is not None and fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        elif fault is not None and fault.kind != "drop_after":
            error = _injected(fault)
            self._record(method, raw, uploads, error.code if error else 0, error.description if error else "dropped")
            return _answer(error) if error else cut(request)
        result = await self._execute(method, raw, uploads, request)
        return cut(request) if fault is not None and fault.kind == "drop_after" else _answer(result)

    def _record(self, method: str, raw: Json, uploads: dict[str, Upload], status: int, description: str) -> None:
        """Record a call that an injected fault answered."""
        if method != "getUpdates":
            self.world.calls.append(Call(method, raw, uploads, status, description, injected=True))
            self.world.touch()

    async def _execute(
        self, method: str, raw: Json, uploads: dict[str, Upload] | None = None, request: web.Request | None = None
    ) -> Json | ApiError:
        """Carry out one call; return the body of a success, or the refusal."""
        call = Call(method, raw, uploads or {}, 200)
        if method != "getUpdates":
            self.world.calls.append(call)
        try:
            call.fields = rules.read_fields(method, raw, call.uploads)
            if method == "getUpdates":
                result = await self._get_updates(call.fields, request)
            else:
                result = self._api.handlers[method](call.fields)
            return {"ok": True, "result": result}
        except ApiError as error:
            call.status, call.description = error.code, error.description
            return error
        finally:
            if method != "getUpdates":
                self.world.touch()

    async def _get_updates(self, fields: Json, request: web.Request | None) -> list[Json]:
        """Wait for updates; a newer request ends this one with 409, as two running bots find out.

        A killed bot's request gets nothing: what it would be handed nobody reads.
        """
        me = object()
        if self.world.poller is not None:
            self.world.conflicts += 1
        self.world.poller = me
        limit, timeout = self._api.poll_fields(fields)
        self.world.touch()
        deadline = time.monotonic() + timeout
        try:
            while not self.world.queue and not self._closing and time.monotonic() < deadline:
                revision = self.world.revision
                await self.world.changed(revision, deadline - time.monotonic())
                if self.world.poller is not me:
                    raise ApiError(
                        409,
                        "Conflict: terminated by other getUpdates request; "
                        "make sure that only one bot instance is running",
                    )
            gone = request is not None and (request.transport is None or request.transport.is_closing())
            return [] if gone else self.world.hand_out(limit)
        finally:
            if self.world.poller is me:
                self.world.poller = None

    async def _serve_file(self, request: web.Request) -> web.StreamResponse:
        upload = self.world.files.get(request.match_info["path"].removeprefix("documents/"))
        if request.match_info["token"] != self.world.token or upload is None:
            return _answer(ApiError(404, "Not Found"))
        return web.Response(body=upload.data)

    # -- the tester's side -----------------------------------------------------------------------------------------
    async def post_webhook(
        self,
        body: Json | bytes,
        *,
        secret: Literal["right", "wrong", "missing", "non_ascii"] = "right",
        headers: dict[str, str] | None = None,
    ) -> int:
        """Send any body to the bot's webhook at once, past the queue; return the HTTP status.

        Bytes go as they are: `b" " * 2**21` is an oversized body.
        """
        webhook = self.world.webhook
        if webhook is None:
            raise DeskError("the bot has set no webhook")
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self._webhook.post(webhook, data, secret_headers(secret, webhook.secret) | (headers or {}))

    @asynccontextmanager
    async def outage(self, kind: Literal["500", "502", "drop_before"] = "502") -> AsyncIterator[None]:
        """Let Telegram be down inside the block, getUpdates included."""
        await self.fault("**", kind, count=-1)
        try:
            yield
        finally:
            await self.clear_faults()


async def _read(request: web.Request) -> tuple[Json, dict[str, Upload]]:
    """Return the raw fields of a call, from query, form or JSON body, and its uploaded files."""
    raw: Json = dict(request.query)
    uploads: dict[str, Upload] = {}
    if request.content_type == "application/json":
        body = await request.json()
        return raw | (body if isinstance(body, dict) else {}), uploads
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            uploads[name] = Upload(value.filename, value.file.read())
            value.file.close()
        elif isinstance(value, bytes | bytearray):
            uploads[name] = Upload(name, bytes(value))
        else:
            raw[name] = value
    return raw, uploads


def _injected(fault: Fault) -> ApiError | None:
    """Return the error that a fault stands for, or None where it cuts the connection."""
    if fault.kind == "drop_before":
        return None
    if fault.kind == "429":
        return too_many_requests(fault.retry_after)
    code, description = INJECTED[fault.kind]
    return ApiError(code, fault.text or description)


def _answer(result: Json | ApiError) -> web.StreamResponse:
    if isinstance(result, ApiError):
        return web.json_response(result.body(), status=result.code)
    return web.json_response(result)


async def _serve(arguments: argparse.Namespace) -> None:
    telegram = FakeTelegram(
        arguments.token,
        arguments.username,
        port=arguments.port,
        flood_control=arguments.flood_control,
        privacy=arguments.privacy,
        local=arguments.local,
    )
    async with telegram:
        print(f"ready {telegram.base}", flush=True)
        await until_told_to_stop()


def main() -> None:
    """Serve until SIGTERM or SIGINT; print one line `ready URL` when listening."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--token", default="424242:TEST-telegram-token-0123456789abcdef")
    parser.add_argument("--username", default="usher_test_bot")
    parser.add_argument("--flood-control", action="store_true")
    parser.add_argument("--privacy", action="store_true")
    parser.add_argument("--local", action="store_true")
    asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
