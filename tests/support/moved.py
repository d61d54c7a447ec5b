"""A house where time stands still until a test moves it, for Usher and for the upstream alike."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from core.actors import SYSTEM
from core.clock import MovedClock
from core.sync import sync
from core.sync.readings import Reading
from tests.support.house import House, open_house

START = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


@dataclass
class MovedHouse(House):
    """`clock` is the only time there is."""

    clock: MovedClock

    async def seat(self, address: str, *, accept: bool = True, **plan: Any) -> int:
        """Let somebody redeem a fresh code, and join; returns the lease."""
        code = (await self.make_codes(**plan))[0]
        receipt = await self.redeem(address, code, key=f"seat {address} {code}")
        assert receipt.state == "invited", receipt
        if accept:
            self.sandbox.accept(address)
            await self.sync()
        return int(await self.value("SELECT max(id) FROM leases WHERE address = :a", a=address))

    async def sync(self) -> list[Reading]:
        """Read every team."""
        return await sync.sync_all(self.core, SYSTEM)

    async def lease(self, lease_id: int) -> Any:
        return (await self.rows("SELECT * FROM leases WHERE id = :i", i=lease_id))[0]

    async def leases(self, address: str) -> list[tuple[str, int]]:
        """(status, team) of every lease of an address, oldest first."""
        found = await self.rows("SELECT status, team_id FROM leases WHERE address = :a ORDER BY id", a=address)
        return [tuple(row) for row in found]

    async def seats(self, team_id: int = 1) -> list[str]:
        found = await self.rows("SELECT state FROM seats WHERE team_id = :t ORDER BY number", t=team_id)
        return [row[0] for row in found]

    async def notices(self, template: str) -> int:
        return int(await self.value("SELECT count(*) FROM notices WHERE template = :t", t=template))

    async def open_alerts(self) -> list[tuple[str, str]]:
        """(subject, title) of every open alert."""
        found = await self.rows("SELECT subject, title FROM alerts WHERE resolved_at IS NULL ORDER BY id")
        return [tuple(row) for row in found]

    def where(self, address: str) -> dict[str, str]:
        """Workspace → member or pending, as the upstream has it."""
        ledger = self.sandbox.ledger()
        found = {row["workspace"]: "pending" for row in ledger["pending"] if row["email"] == address}
        return found | {row["workspace"]: "member" for row in ledger["members"] if row["email"] == address}


@asynccontextmanager
async def open_moved_house(url: str, **options: Any) -> AsyncIterator[MovedHouse]:
    """As `open_house`, at noon of the last day of January."""
    clock = MovedClock(START)
    async with open_house(url, clock=clock, **options) as house:
        house.sandbox.world.clock = clock
        yield MovedHouse(house.core, house.sandbox, house.url, clock)
