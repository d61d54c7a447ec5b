"""A TCP proxy before PostgreSQL that counts what a client waits for: its round trips, and which of them were commits.

It can be as far away as another machine is.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Self

QUERY, SYNC = b"Q", b"S"
ASKS_FOR_TLS = (80877103).to_bytes(4, "big")


class CountingProxy:
    """`trips` counts the simple queries and the synchronisations of all connections since `forget`.

    Each question takes `way` seconds to the server, and each answer as long back.
    """

    def __init__(self, host: str, port: int, *, way: float = 0.0) -> None:
        self._there = host, port
        self._way = way
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        self.trips = 0
        self.commits = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def forget(self) -> None:
        """Begin to count anew."""
        self.trips = self.commits = 0

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            from_server, to_server = await asyncio.open_connection(*self._there)
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._ask(reader, to_server))
                    group.create_task(self._answer(from_server, writer))
            finally:
                to_server.close()
                writer.close()

    async def _ask(self, reader: asyncio.StreamReader, to_server: asyncio.StreamWriter) -> None:
        """Pass the messages of a client on, one by one: the first of a connection have no kind."""
        with contextlib.suppress(asyncio.IncompleteReadError):
            body = ASKS_FOR_TLS
            while body == ASKS_FOR_TLS:
                length = await reader.readexactly(4)
                body = await reader.readexactly(int.from_bytes(length, "big") - 4)
                to_server.write(length + body)
            while True:
                kind = await reader.readexactly(1)
                length = await reader.readexactly(4)
                body = await reader.readexactly(int.from_bytes(length, "big") - 4)
                if kind in {QUERY, SYNC}:
                    self.trips += 1
                    await self._travel()
                self.commits += kind == QUERY and body.startswith(b"COMMIT")
                to_server.write(kind + length + body)
        to_server.close()

    async def _answer(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while chunk := await source.read(65536):
            await self._travel()
            target.write(chunk)
            await target.drain()
        target.close()

    async def _travel(self) -> None:
        if self._way:
            await asyncio.sleep(self._way)
