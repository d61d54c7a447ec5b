"""A house with a history: people come, move, stay longer and leave; a backup is made somewhere on the way."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from core.actors import SYSTEM
from core.errors import Refusal
from core.leases import leases
from core.restores import marks
from core.service import Core, open_core
from core.storage.copying import copy_database
from core.storage.migrate import upgrade_database
from core.sweeps import runner
from core.sync import strangers
from core.transfers import transfers
from tests.support.house import settings_for
from tests.support.moved import MovedHouse

SWEEPS = ("recovery", "sync", "expiry", "transfers", "abnormal", "waitlist", "unauthorised", "jobs")


@dataclass
class History:
    """What has really happened. `used` maps a code to those who have used it."""

    house: MovedHouse
    random: random.Random
    codes: list[str]
    used: dict[str, set[str]] = field(default_factory=dict)
    people: int = 0
    stays: bool = True
    """Whether somebody's term is made longer: that no reading can show, only the journal."""

    @property
    def core(self) -> Core:
        return self.house.core

    async def step(self) -> None:
        """One thing happens."""
        await self.random.choice((self.come, self.come, self.come, self.leave, self.move, self.stay, self.time))()

    async def come(self) -> None:
        left = [code for code in self.codes if code not in self.used]
        if not left:
            return
        code = self.random.choice(left)
        self.people += 1
        address = f"person{self.people}@example.com"
        receipt = await self.house.redeem(address, code, key=f"history {self.people}")
        if receipt.state != "invited":
            return
        self.used.setdefault(code, set()).add(address)
        if self.random.random() < 0.7:
            self.house.sandbox.accept(address)
            await self.house.sync()

    async def leave(self) -> None:
        for address in await self.somebody():
            await leases.end(self.core, SYSTEM, address)

    async def move(self) -> None:
        for address in await self.somebody():
            await transfers.transfer(self.core, SYSTEM, address, forced=True)

    async def stay(self) -> None:
        for address in await self.somebody() if self.stays else []:
            await leases.extend(self.core, SYSTEM, address, "30d")

    async def time(self) -> None:
        self.house.clock.move(hours=self.random.choice((1, 5, 20)))
        for name in SWEEPS:
            await runner.run_now(self.core, name)

    async def somebody(self) -> list[str]:
        """One person with a seat, or nobody; whatever is refused to them is no event."""
        found = await self.paying()
        return [self.random.choice(sorted(found))] if found else []

    async def paying(self) -> dict[str, set[int]]:
        """Address → teams, of everybody who has a seat."""
        rows = await self.house.rows(
            "SELECT address, team_id FROM leases WHERE status IN ('invited', 'active', 'transferring')"
        )
        found: dict[str, set[int]] = {}
        for row in rows:
            found.setdefault(row[0], set()).add(row[1])
        return found

    async def go_on(self, steps: int) -> None:
        for _ in range(steps):
            try:
                await self.step()
            except Refusal:
                continue
            self.house.clock.move(minutes=3)

    async def back_up(self, file: Path) -> str:
        url = f"sqlite+aiosqlite:///{file}"
        await upgrade_database(url)
        await copy_database(self.house.url, url)
        return url


@asynccontextmanager
async def restored(
    history: History, backup: str, url: str, journal: Path | None, **sections: Any
) -> AsyncIterator[MovedHouse]:
    """The same world, with the database of the backup, marked as `usher db restore` does."""
    await upgrade_database(url)
    await copy_database(backup, url)
    directory = {"enabled": journal is not None, "directory": str(journal) if journal else None}
    settings = settings_for(
        url, journal=directory, unauthorised={"enabled": True, "active_from": "00:00", "active_to": "23:59"}, **sections
    )
    async with open_core(settings, clock=history.house.clock) as core:
        house = MovedHouse(core, history.house.sandbox, url, history.house.clock)
        await core.write(mark, core)
        await strangers.dry_run(core, SYSTEM)  # somebody has looked, so that its sweep may take people out
        yield house


def mark(tx: sa.Connection, core: Core) -> None:
    marks.mark(tx, SYSTEM, marks.last_known(tx), "restored", core.now())
