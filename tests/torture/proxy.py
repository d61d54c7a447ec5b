"""A TCP proxy before the database that cuts connections, on a COMMIT too: carried out and never answered, or lost."""

from __future__ import annotations

import asyncio
import random
from types import TracebackType
from typing import Self


class CuttingProxy:
    """Forwards to `port` on this machine. `cut_commits` is the share of commits whose answer is lost.

    With `lose_commits` such a commit does not even arrive. `cut_next` cuts that many more, whatever the share is, after
    `spare` have passed; once `away`, no new connection is accepted. `cut` is set when a commit is lost, or carried out.
    """

    def __init__(self, port: int, seed: int) -> None:
        self.target = port
        self.port = 0
        self.cut_commits = 0.0
        self.cut_next = 0
        self.spare = 0
        self.lose_commits = False
        self.away = False
        self.cuts = 0
        self.cut = asyncio.Event()
        self._random = random.Random(seed)
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        self.cut_all()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut_all(self) -> int:
        """Reset every connection there is; returns how many that were."""
        several = list(self._open)
        for writer in several:
            writer.transport.abort()
        self._open.clear()
        self.cuts += len(several) // 2
        return len(several) // 2

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.away:
            writer.transport.abort()
            return
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        try:
            there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        pair = {writer, there_writer}
        self._open |= pair
        deaf = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._forward(reader, there_writer, deaf, listening=True))
                group.create_task(self._forward(there_reader, writer, deaf, listening=False))
        except* (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self._open -= pair
            for each in pair:
                each.transport.abort()

    async def _forward(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, deaf: asyncio.Event, *, listening: bool
    ) -> None:
        while data := await reader.read(65536):
            if listening and b"COMMIT;" in data and self._cuts_this_one():
                deaf.set()  # what the database answers to this is never heard
                self.cuts += 1
                if self.lose_commits:
                    self.cut.set()
                    break
            if not listening and deaf.is_set():
                self.cut.set()
                break
            writer.write(data)
            await writer.drain()
        raise ConnectionResetError

    def _cuts_this_one(self) -> bool:
        if not self.cut_next:
            return self._random.random() < self.cut_commits
        if self.spare:
            self.spare -= 1
            return False
        self.cut_next -= 1
        return True
