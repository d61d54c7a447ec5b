"""A whole Usher for other people's clients: seats and models over simulated upstreams, served by the gateway."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from core.actors import SYSTEM, Actor
from core.credit import grants
from core.sandbox import Sandbox
from core.sources import models, sources
from core.storage import migrate
from tests.bots.gateway.test_shop import Counter, open_counter

MODEL = "sandbox-english"
PERSON = Actor("telegram", "1")


@dataclass
class Stage:
    """`models` is the simulated provider of models; `codes` are unused and give a seat each."""

    counter: Counter
    models: Sandbox
    key: str
    codes: list[str]

    @property
    def base(self) -> str:
        return self.counter.base

    async def breaches(self) -> list[str]:
        """What the doctor finds broken."""
        return await self.counter.house.breaches()


@asynccontextmanager
async def open_stage(url: str) -> AsyncIterator[Stage]:
    """Bring a database up and serve it."""
    await migrate.upgrade_database(url)
    gateway = {"redeem_page": True, "keepalive": 1.0}
    limits = {"attempts": 1000, "wrong_codes": 1000}
    async with (
        Sandbox(workspaces=0, seats=0, model_accounts=2, tokens_per_second=0) as provider,
        open_counter(url, seats=50, gateway=gateway, limits=limits) as counter,
    ):
        core = counter.house.core
        await models.add_model(
            core, SYSTEM, MODEL, price_input=1_000_000, price_output=2_000_000, context=32_000, sees=["text", "image"]
        )
        lines = [
            json.dumps({**line, "concurrency": 8, "models": [MODEL]})
            for line in provider.models.house.source_lines(f"http://127.0.0.1:{provider.port}/v1")
        ]
        await sources.import_sources(core, SYSTEM, lines, apply=True)
        await grants.give(core, SYSTEM, PERSON, "100", reason="clients")
        await grants.give(core, SYSTEM, PERSON, "vip", reason="clients")
        key = await counter.key("chat", of=PERSON)
        yield Stage(counter, provider, key, await counter.house.make_codes(8))
