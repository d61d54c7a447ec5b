"""A source that makes accounts for people, over the simulated parents of every protocol."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from core.actors import SYSTEM
from core.clock import Clock, MovedClock
from core.models.protocol import Offers
from core.reports.doctor import examine
from core.rounds import Round
from core.sandbox import Sandbox
from core.service import open_core
from core.sources import models, sources, subaccount_sweep
from tests.support.credit import Bank, Desk
from tests.support.house import settings_for


@dataclass
class Parents:
    """`bank` has the source `main`, which makes accounts at the sandbox; its clock is moved by hand."""

    bank: Bank
    sandbox: Sandbox
    clock: MovedClock

    async def later(self, seconds: float = 0.0) -> Round:
        """So much later, the sweep comes round."""
        self.clock.move(seconds=seconds)
        return await subaccount_sweep.recover(self.bank.core)

    def there(self) -> list[str]:
        """The references of what stands at the parent."""
        made = self.sandbox.subaccounts.statement()["subaccounts"]
        return [one["reference"] for one in made if not one["revoked"]]

    def asked(self) -> int:
        """How many were ever made there."""
        return len(self.sandbox.subaccounts.statement()["subaccounts"])

    async def states(self) -> list[str]:
        return [row.state for row in await self.bank.rows("SELECT state FROM subaccounts ORDER BY id")]

    async def works(self, name: str) -> bool:
        """Is an account answered with the key that is kept of it here?"""
        row = await self.bank.core.read(sources.source_named, name)
        return isinstance(await self.bank.core.source(row).offers(), Offers)

    async def breaches(self) -> list[str]:
        return [f"{one.name}: {one.detail}" for one in await examine(self.bank.core, SYSTEM) if one.breaches]


def line(sandbox: Sandbox, kind: str, **more: Any) -> dict[str, Any]:
    """The source that is a parent, as it is written down."""
    found = next(one for one in sandbox.subaccounts.parents(sandbox.root) if one["adapter"] == kind)
    how = {"adapter": kind, "base_url": found["base_url"], "admin_key": found["admin_key"], "for_all": True, **more}
    base = {
        "name": "main",
        "base_url": f"{sandbox.root}/v1",
        "api_key": "sk-main",
        "models": {"small": "sandbox-english"},
    }
    return {**base, "subaccounts": how}


@asynccontextmanager
async def open_parents(
    url: str, kind: str = "litellm", *, timeout: float = 20.0, **more: Any
) -> AsyncIterator[Parents]:
    """A house with one parent of a kind; `more` says what each account may do."""
    clock = MovedClock(Clock().now())
    settings = settings_for(url, upstream={"timeout": timeout}, redemption={"claim": 5.0}, sources={"lending": True})
    async with (
        Sandbox(workspaces=0, seats=0, model_accounts=1) as sandbox,
        open_core(settings, clock=clock) as core,
    ):
        await models.add_model(
            core, SYSTEM, "small", models.NewModel(price_input=1_000_000, price_output=2_000_000, context=8000)
        )
        await sources.add_source(core, SYSTEM, line(sandbox, kind, **more))
        yield Parents(Bank(core, Desk(), url), sandbox, clock)
