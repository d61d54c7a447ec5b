"""How long a connection may take to say what it wants: whoever sends a letter a minute does not keep a place."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final, cast

import structlog
from aiohttp import web

from bots.gateway.problems import invalid

log = structlog.get_logger(__name__)

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

    def log_exception(self, *_: Any, **kwargs: Any) -> None:
        """A body that cannot be read to its end is its sender's affair, and no traceback of ours."""
        log.info("connection_broke_off", kind=type(kwargs.get("exc_info")).__name__)

    def handle_error(
        self, request: Any, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """What could not be read as a request is told so in the same shape as everything else."""
        log.info(
            "request_unreadable",
            status=status,
            kind=type(exc).__name__,
            known=message is not None,
            method=request.method,
        )
        problem = invalid("bad_request", "The request could not be read.", status=status)
        head = {"Server": "usher", "Cache-Control": "no-store"}
        response = web.json_response(problem.body(), status=status, headers=head)
        response.force_close()
        return response

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
        # Not every loop's connections are asyncio's by birth: uvloop's only behave as such.
        self._late = asyncio.get_running_loop().call_later(self._within, cast("asyncio.Transport", transport).abort)


def patient(server: web.Server, within: float = HEAD_WITHIN) -> Callable[[], PatientHandler]:
    """What makes connections of a server, as `create_server` wants it."""

    def connect() -> PatientHandler:
        loop = asyncio.get_running_loop()
        return PatientHandler(server, within=within, loop=loop, **server._kwargs)  # noqa: SLF001 - nothing public has them

    return connect
