"""What the emulated chat platforms share: change marks to wait for, and a control side over HTTP.

A platform's desk holds the actions of people and testers as plain methods with JSON arguments. In the test's process
they are called; behind HTTP `POST /_control/ACTION` calls them for a `RemoteControl`.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import Any, Self

import aiohttp
from aiohttp import web

LONGEST_WAIT = 10.0
PATIENCE = 240.0
"""Seconds until a wait gives up. It only ends a hang: a machine that runs tests may stand still for a while."""


async def until_told_to_stop() -> None:
    """Wait for SIGTERM or SIGINT, also where a shell in the background has SIGINT ignored."""
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    await told.wait()


class DeskError(AssertionError):
    """The test asked for something that a person could not do."""


class Changes:
    """A counter of changes that can be waited for."""

    def __init__(self) -> None:
        self.revision = 0
        self._changed = asyncio.Event()

    def touch(self) -> int:
        """Mark a change, wake the waiting and return its number."""
        self.revision += 1
        self._changed.set()
        self._changed = asyncio.Event()
        return self.revision

    async def changed(self, revision: int, timeout: float | None = None) -> int:
        """Wait until something changed after `revision`, at most `timeout` seconds; return the present revision."""
        if self.revision <= revision:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), timeout)
        return self.revision


class Controlled(ABC):
    """The two things that every typed vocabulary of a platform builds on."""

    @abstractmethod
    async def act(self, action: str, **arguments: Any) -> Any:
        """Perform one action of the desk.

        Raises: DeskError when a person could not do it.
        """

    @abstractmethod
    async def changed(self, revision: int, timeout: float) -> None:
        """Return once something happened after `revision`, or after `timeout` seconds."""


class RemoteControl(Controlled):
    """Controls an emulator that runs as a process of its own."""

    def __init__(self, base: str) -> None:
        self.base = base
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def act(self, action: str, **arguments: Any) -> Any:
        if self._session is None:
            raise RuntimeError("enter the context first")
        async with self._session.post(f"{self.base}/_control/{action}", json=arguments) as response:
            answer = await response.json()
        if "error" in answer:
            raise DeskError(answer["error"])
        return answer["result"]

    async def changed(self, revision: int, timeout: float) -> None:
        await self.act("changed", revision=revision, timeout=timeout)


def perform(desk: object, action: str, arguments: dict[str, Any]) -> Any:
    """Run a desk's public method by name.

    Raises: DeskError when there is none or a person could not do it.
    """
    method = None if action.startswith("_") else vars(type(desk)).get(action)
    if method is None:
        raise DeskError(f"unknown action {action!r}")
    return method(desk, **arguments)


def control_handler(desk: object, changes: Changes) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Return the handler of `POST /_control/{action}`: a JSON object in, `{"result"}` or `{"error"}` out."""

    async def handle(request: web.Request) -> web.StreamResponse:
        action, arguments = request.match_info["action"], await request.json()
        try:
            if action == "changed":
                result: Any = await changes.changed(arguments["revision"], min(LONGEST_WAIT, arguments["timeout"]))
            else:
                result = perform(desk, action, arguments)
        except (DeskError, TypeError, KeyError) as error:
            return web.json_response({"error": f"{type(error).__name__}: {error}"})
        return web.json_response({"result": result})

    return handle


def cut(request: web.Request) -> web.StreamResponse:
    """Cut the connection of `request` without a byte of answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
