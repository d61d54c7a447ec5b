"""How long a connection may take to say what it wants: whoever sends a letter a minute does not keep a place."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

from aiohttp import web

HEAD_WITHIN: Final = 15.0
"""Seconds from the first byte (or from connecting) to the end of a request's head."""


class PatientHandler(web.RequestHandler):
    """A connection that is closed when a request's head does not come in time."""

    __slots__ = ("_late", "_within", "busy")

    def __init__(self, manager: Any, *, within: float, **given: Any) -> None:
        super().__init__(manager, **given)
        self._within = within
        self._late: asyncio.TimerHandle | None = None
        self.busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait."""
        super().connection_made(transport)
        self._wait(transport)

    def data_received(self, data: bytes) -> None:
        """Something came: of the request under way, or the beginning of another one."""
        if not self.busy and self._late is None and self.transport is not None:
            self._wait(self.transport)
        super().data_received(data)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Nobody is waited for any more."""
        self.begin()
        super().connection_lost(exc)

    def begin(self) -> None:
        """A whole head is here."""
        self.busy = True
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def end(self) -> None:
        """The request is answered; the next one may take its time to begin."""
        self.busy = False

    def _wait(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self._late = asyncio.get_running_loop().call_later(self._within, transport.abort)


def patient(server: web.Server, within: float = HEAD_WITHIN) -> Callable[[], PatientHandler]:
    """What makes connections of a server, as `create_server` wants it."""

    def connect() -> PatientHandler:
        loop = asyncio.get_running_loop()
        return PatientHandler(server, within=within, loop=loop, **server._kwargs)  # noqa: SLF001 - nothing public has them

    return connect
