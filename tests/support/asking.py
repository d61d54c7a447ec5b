"""An Usher whose models are the sandbox's, asked by real processes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from core.actors import SYSTEM
from core.sandbox.server import Sandbox
from core.service import open_core
from core.sources import models, sources
from tests.support.credit import Bank, Desk
from tests.support.house import KEY, settings_for

MODEL = "sandbox-english"
FAST = {
    "USHER_VAULT__KEYS__k1": KEY,
    "USHER_SWEEPS__RECOVERY": "1",
    "USHER_TALK__CLAIM": "3",  # seconds, instead of 10: how long a dead owner is waited for
    "USHER_TALK__CHECKPOINT": "0.2",
}


@dataclass
class Asked(Bank):
    """`environment` is for processes that work on the same database; `sandbox` keeps the providers' bill."""

    sandbox: Sandbox

    @property
    def environment(self) -> dict[str, str]:
        return {**FAST, "USHER_DATABASE__URL": self.url}

    def bill(self) -> list[dict[str, Any]]:
        """What the accounts would bill, call by call."""
        return list(self.sandbox.models.house.statement()["calls"])

    def peak(self) -> dict[str, int]:
        """The most calls that ran at once, by account."""
        return dict(self.sandbox.models.house.statement()["peak_parallel"])


@asynccontextmanager
async def open_asked(
    url: str,
    *,
    accounts: int = 1,
    slots: int = 4,
    speed: float = 0.0,
    faults: Iterable[str] = (),
    price_input: int = 1_000_000,
    price_output: int = 2_000_000,
    **sections: Any,
) -> AsyncIterator[Asked]:
    """An Usher over the sandbox's accounts, with one model that answers in English."""
    async with (
        Sandbox(workspaces=0, seats=0, model_accounts=accounts, tokens_per_second=speed) as sandbox,
        open_core(settings_for(url, **sections)) as core,
    ):
        await models.add_model(
            core, SYSTEM, MODEL, models.NewModel(price_input=price_input, price_output=price_output, context=32_000)
        )
        lines = [
            json.dumps({**line, "concurrency": slots, "models": [MODEL]})
            for line in sandbox.models.house.source_lines(f"http://127.0.0.1:{sandbox.port}/v1")
        ]
        await sources.import_sources(core, SYSTEM, lines, apply=True)
        sandbox.set_faults(faults)
        yield Asked(core, Desk(), url, sandbox)
