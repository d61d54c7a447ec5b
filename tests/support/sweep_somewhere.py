"""A process that runs three sweeps and writes down, line by line, when each round begins and ends."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from datetime import timedelta

from core.rounds import Round
from core.service import Core, open_core
from core.settings import load_settings
from core.sweeps import locks, runner
from core.sweeps.schedule import Body, Sweep

locks.HOLD = timedelta(seconds=2)  # instead of 10: how long a dead process is waited for


def body(name: str, file: int) -> Body:
    """A round of half a second that leaves its traces in `file`, which is opened for appending."""

    async def write(core: Core) -> Round:
        mark = f"{os.getpid()} {name}"
        os.write(file, f"{time.monotonic()} begin {mark}\n".encode())
        await asyncio.sleep(0.5)
        os.write(file, f"{time.monotonic()} end {mark}\n".encode())
        return Round()

    return write


async def main(path: str) -> None:
    """Run until killed."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    sweeps = [Sweep(name, lambda _: 0.7, body(name, file)) for name in ("one", "two", "three")]
    async with open_core(load_settings()) as core:
        await runner.run(core, sweeps=sweeps)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
