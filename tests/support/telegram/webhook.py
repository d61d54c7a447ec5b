"""Telegram's webhook deliveries: parallel, with the secret, repeated until the bot answers 2xx."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp

from tests.support.telegram.rules import Json
from tests.support.telegram.state import Pending, Webhook, World

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
RETRY_SECONDS = 0.2
Caller = Callable[[str, dict[str, Any]], Awaitable[object]]


def secret_headers(mode: str, secret: str) -> dict[str, str]:
    """Return the header that carries the secret: the right one, a wrong one, none, or one beyond ASCII."""
    if mode == "missing" or (mode == "right" and not secret):
        return {}
    return {SECRET_HEADER: {"right": secret, "wrong": "not-the-secret", "non_ascii": "gehéim"}[mode]}


class WebhookDelivery:
    """Brings queued updates to the webhook; a method in the response's body is called, as Telegram does."""

    def __init__(self, world: World, call: Caller) -> None:
        self.world = world
        self._call = call
        self._session: aiohttp.ClientSession | None = None
        self._flying: dict[int, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Deliver until cancelled."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as self._session:
            try:
                async with asyncio.TaskGroup() as group:
                    while True:
                        revision = self.world.revision
                        self._take_off(group)
                        await self.world.changed(revision)
            finally:
                self._flying.clear()

    def _take_off(self, group: asyncio.TaskGroup) -> None:
        webhook = self.world.webhook
        if webhook is None:
            return
        for pending in self.world.queue:
            if len(self._flying) >= webhook.max_connections:
                return
            if id(pending) not in self._flying:
                self._flying[id(pending)] = group.create_task(self._deliver(webhook, pending))

    async def _deliver(self, webhook: Webhook, pending: Pending) -> None:
        try:
            status = await self.post(webhook, json.dumps(pending.update).encode())
            fault = "" if 200 <= status < 300 else f"Wrong response from the webhook: {status}"
        except aiohttp.ClientError as error:
            fault = f"Connection failed: {type(error).__name__}"
        if not fault:
            if pending in self.world.queue:
                self.world.queue.remove(pending)
        else:
            webhook.last_error = fault
            await asyncio.sleep(RETRY_SECONDS)
        self._flying.pop(id(pending), None)
        self.world.touch()

    async def post(self, webhook: Webhook, body: bytes, headers: dict[str, str] | None = None) -> int:
        """Send one body to the webhook and return the status of the answer."""
        assert self._session is not None
        if headers is None:
            headers = secret_headers(self.world.webhook_secret_mode, webhook.secret)
        headers = {"Content-Type": "application/json", **headers}
        async with self._session.post(webhook.url, data=io.BytesIO(body), headers=headers) as response:
            if response.status == 200:
                await self._obey(response)
            return response.status

    async def _obey(self, response: aiohttp.ClientResponse) -> None:
        answer: Json = {}
        if response.content_type == "multipart/form-data":
            async for part in aiohttp.MultipartReader.from_response(response):
                if isinstance(part, aiohttp.BodyPartReader) and part.name:
                    answer[part.name] = await part.text()
        elif response.content_type == "application/json":
            answer = await response.json() or {}
        if isinstance(answer, dict) and "method" in answer:
            await self._call(str(answer.pop("method")), answer)
