"""A process that moves one address by force and ends: what a crash test kills at a point of its choice."""

from __future__ import annotations

import asyncio
import sys

from core.actors import SYSTEM
from core.service import open_core
from core.settings import load_settings
from core.transfers import transfers


async def main(address: str) -> None:
    """Read the settings from the environment, as every command does."""
    async with open_core(load_settings()) as core:
        for moved in await transfers.transfer(core, SYSTEM, address, forced=True):
            sys.stdout.write(f"{moved.state}\n")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
