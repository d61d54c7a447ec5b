"""The other process of a meeting on SQLite, as the one that halts sees it.

It opens the same file and runs the operation that a pipe names. The upstream that both of them ask stays on this side;
its answers go back through the pipe, and so does every statement of the thread that writes, before it is made.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Pipe
from pathlib import Path
from typing import Any

from core.settings import Settings
from core.storage import guards
from tests.races.world import World

REPOSITORY = Path(__file__).resolve().parents[2]
MODULE = "tests.races.neighbour_process"
SIDE = "b"


@dataclass(frozen=True)
class Wish:
    """One operation of a situation, at a moment, without the guards that are `off`."""

    situation: str
    operation: str
    notes: dict[str, Any]
    now: datetime
    off: tuple[str, ...]


@dataclass(frozen=True)
class Asked:
    """The other process asks the upstream for something, and waits for what it says."""

    name: str
    arguments: tuple[Any, ...]


@dataclass(frozen=True)
class Ended:
    """The operation has come to its end and the file is closed; `heard` is what should not have happened."""

    heard: list[str]


class Neighbour:
    """A Python process of its own; it lives until `close`, and does one thing at a time.

    `statements` are those of the present operation's writing thread, each as it is about to be made.
    """

    def __init__(self, settings: Settings) -> None:
        self.statements: list[str] = []
        self._pipe, theirs = Pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-m", MODULE, str(theirs.fileno())], cwd=REPOSITORY, pass_fds=[theirs.fileno()]
        )
        theirs.close()
        self._pipe.send(settings)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def ended(self) -> bool:
        return self._process.returncode is not None

    async def run(self, world: World, situation: str, operation: str) -> list[str]:
        """Run an operation over there and return what should not have happened to it."""
        off = tuple(name for name in guards.NAMES if not guards.guard(name, True))
        self._pipe.send(Wish(situation, operation, world.notes, world.clock.now(), off))
        while True:
            said = await asyncio.to_thread(self._pipe.recv)
            if isinstance(said, Asked):
                self._pipe.send(getattr(world.upstream, said.name)(*said.arguments))
            elif isinstance(said, Ended):
                return said.heard
            else:
                self.statements.append(said)

    def close(self) -> None:
        """End the process, whatever it is at: the file that it has open is nobody's any more."""
        self._process.kill()
        self._process.wait()
        self._pipe.close()
