"""A whole Usher for other people's clients: seats and models over simulated upstreams, served by the gateway."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from core.actors import SYSTEM, Actor
from core.credit import grants
from core.credit.plans import set_plan
from core.sandbox import Sandbox
from core.sources import models, own, sources, subaccount_sweep, subaccounts
from core.sources.report import source_list
from core.storage import migrate
from tests.bots.gateway.test_shop import Counter, open_counter
from tests.clients.relay import Relay, Seen, relaying
from tests.support.parents import line

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

    @asynccontextmanager
    async def tight(self, status: int) -> AsyncIterator[tuple[Relay, str]]:
        """A relay before the gateway and a key, so that those who ask too much get `status`: 429 or 503."""
        core = self.counter.house.core
        names = [one.name for one in await source_list(core, SYSTEM)]
        if status == 503:
            for name in names:
                await sources.change_source(core, SYSTEM, name, concurrency=1)
        else:
            await set_plan(core, SYSTEM, "vip", at_once=3)
        key = await self.counter.key("chat", of=PERSON)
        try:
            async with relaying(self.base) as relay:
                yield relay, key
        finally:
            await set_plan(core, SYSTEM, "vip", at_once=20)
            for name in names:
                await sources.change_source(core, SYSTEM, name, concurrency=8)

    async def keys_made(self) -> list[Seen]:
        """A parent of litellm's kind makes an account for somebody, is asked for it by name, and ends it."""
        core, subaccounts_of = self.counter.house.core, self.models.subaccounts
        async with relaying(self.models.root) as relay:
            written = line(self.models, "litellm") | {"name": "proxy", "models": [MODEL]}
            written["subaccounts"]["base_url"] = relay.base
            await sources.add_source(core, SYSTEM, written)
            subaccounts_of.faults.set(["applied-then-500=1"])
            unclear = await subaccounts.give(core, PERSON, "proxy")
            assert unclear.state == "unclear"
            await sources.remove_source(core, SYSTEM, "proxy")
            await subaccount_sweep.recover(core)
            await sources.add_source(core, SYSTEM, written | {"name": "again"})
            given = await subaccounts.give(core, PERSON, "again")
            await own.remove_own(core, PERSON, given.source or "")
            await subaccount_sweep.recover(core)
            return [one for one in relay.seen if one.status == 200]

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
            core,
            SYSTEM,
            MODEL,
            models.NewModel(price_input=1_000_000, price_output=2_000_000, context=32_000, sees=["text", "image"]),
        )
        lines = [
            json.dumps({**line, "concurrency": 8, "models": [MODEL]})
            for line in provider.models.house.source_lines(f"http://127.0.0.1:{provider.port}/v1")
        ]
        await sources.import_sources(core, SYSTEM, lines, apply=True)
        await grants.give(core, SYSTEM, PERSON, "100", reason="clients")
        await grants.give(core, SYSTEM, PERSON, "vip", reason="clients")
        # What a key or an account allows is looked at, and not what the plan does.
        await set_plan(core, SYSTEM, "vip", questions=1000, at_once=20)
        key = await counter.key("chat", of=PERSON)
        yield Stage(counter, provider, key, await counter.house.make_codes(8))
