"""An Usher with models that programs reach over HTTP, on a port of the test's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from bots.gateway.app import Gateway
from core.actors import SYSTEM, Actor
from core.calls import keys
from core.credit import grants
from core.service import Core
from tests.support.chats import until
from tests.support.credit import Bank, open_bank

PERSON = Actor("telegram", "1")


@dataclass
class Door:
    """A served gateway; `bank` is behind it."""

    bank: Bank
    base: str
    session: aiohttp.ClientSession
    gateway: Gateway
    stop: asyncio.Event

    @property
    def core(self) -> Core:
        return self.bank.core

    async def key(
        self, name: str = "test", scopes: Iterable[str] = ("chat",), of: Actor = PERSON, **limits: Any
    ) -> str:
        """A new key of a person."""
        shown, _ = await keys.make_key(self.core, SYSTEM, name, keys.KeyRights(list(scopes), **limits), of=of)
        return shown

    async def ask(
        self, method: str, path: str, key: str | None = None, *, headers: dict[str, str] | None = None, **given: Any
    ) -> tuple[int, Any, Any]:
        """Status, document (or text), and the head of an answer."""
        head = {**({"Authorization": f"Bearer {key}"} if key else {}), **(headers or {})}
        async with self.session.request(method, self.base + path, headers=head, **given) as response:
            is_json = response.content_type == "application/json"
            return response.status, await (response.json() if is_json else response.text()), response.headers

    async def post(self, key: str | None, **body: Any) -> tuple[int, Any, Any]:
        """Ask for a completion."""
        head = body.pop("headers", None)
        asked = {"model": "small", "messages": [{"role": "user", "content": "Hello there, who are you?"}], **body}
        return await self.ask("POST", "/v1/chat/completions", key, json=asked, headers=head)


@asynccontextmanager
async def open_door(url: str, *, credit: str = "1", **sections: Any) -> AsyncIterator[Door]:
    """A gateway in front of a bank; the person has so much credit and the plan that has keys."""
    gateway = {"enabled": True, "port": 0, **sections.pop("gateway", {})}
    async with open_bank(url, gateway=gateway, **sections) as bank, aiohttp.ClientSession() as session:
        await bank.grant(credit)
        await grants.give(bank.core, SYSTEM, PERSON, "vip", reason="a test")
        stop = asyncio.Event()
        served = Gateway(bank.core)
        async with asyncio.TaskGroup() as group:
            group.create_task(served.run(stop))
            await until(lambda: _listens(served), 60, "the gateway did not start")
            try:
                yield Door(bank, f"http://127.0.0.1:{served.port}", session, served, stop)
            finally:
                stop.set()


async def _listens(gateway: Gateway) -> bool:
    return gateway.port != 0
