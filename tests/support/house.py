"""A whole Usher over a real database and the real sandbox server, ready to redeem."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from core.actors import SYSTEM, Actor
from core.clock import Clock
from core.codes import codes
from core.leases.receipts import Receipt
from core.providers.registry import open_provider
from core.redemptions import redemptions
from core.redemptions.orders import RedeemWish
from core.reports.doctor import examine
from core.rules.codes import read_code
from core.sandbox.server import Sandbox
from core.service import Core, OpenModel, OpenProvider, open_core
from core.settings import Settings
from core.teams import teams
from core.vault import fresh_key

KEY = fresh_key()
"""One key for the whole run: several processes of one test read one another's rows."""


def settings_for(url: str, **sections: Any) -> Settings:
    """Settings of a test; each section given is merged over quick defaults, anything else is a setting of its own."""
    given: dict[str, Any] = {
        "database": {"url": url, "slow_statement": 60.0},  # a busy machine is no finding
        "backups": {"enabled": False},  # a test that is about them switches them on
        "vault": {"active": "k1", "keys": {"k1": KEY}},
        # Long enough for a machine that stands still; a test whose upstream hangs gives a time that it can wait for.
        "upstream": {"timeout": 20.0, "connect_timeout": 20.0, "private_hosts": ["127.0.0.1", "localhost", "::1"]},
    }
    for name, values in sections.items():
        given[name] = {**given.get(name, {}), **values} if isinstance(values, dict) else values
    return Settings(**given)


async def rows(url: str, statement: str, **values: Any) -> list[Any]:
    """What is committed there now. It is asked for over and over, so no thread is begun where a file is read."""
    asked = sa.text(statement)
    if url.startswith("sqlite"):
        await asyncio.sleep(0.001)  # whoever asks until it is so lets others make it so
        with _reader(url).connect() as reading:
            return list(reading.execute(asked, values))
    engine = create_async_engine(url, poolclass=sa.NullPool)
    try:
        async with engine.connect() as connection:
            return list(await connection.execute(asked, values))
    finally:
        await engine.dispose()


@lru_cache(maxsize=4)
def _reader(url: str) -> sa.Engine:
    return sa.create_engine(sa.make_url(url).set(drivername="sqlite+pysqlite"), poolclass=sa.NullPool)


@dataclass
class House:
    """`core` works on a database with the sandbox's workspaces as teams of one pool."""

    core: Core
    sandbox: Sandbox
    url: str

    async def make_codes(self, count: int = 1, **plan: Any) -> list[str]:
        _, made = await codes.generate_list(self.core, SYSTEM, codes.BatchPlan(count=count, override=True, **plan))
        return made

    async def redeem(
        self, address: str, code: str, *, key: str, actor: Actor = SYSTEM, wait: float = 5.0, core: Core | None = None
    ) -> Receipt:
        core = core or self.core
        text = read_code(code, await core.shapes())
        receipts = await redemptions.redeem_all(core, actor, RedeemWish(address, [text], request_key=key), wait=wait)
        return receipts[0]

    async def rows(self, statement: str, **values: Any) -> list[Any]:
        """Ask through a connection of its own, so that only committed data counts."""
        return await rows(self.url, statement, **values)

    async def value(self, statement: str, **values: Any) -> Any:
        return (await self.rows(statement, **values))[0][0]

    async def execute(self, statement: str) -> None:
        engine = create_async_engine(self.url, poolclass=sa.NullPool)
        try:
            async with engine.begin() as connection:
                await connection.execute(sa.text(statement))
        finally:
            await engine.dispose()

    async def breaches(self) -> list[str]:
        """What the doctor finds broken, with the rows."""
        return [f"{one.name}: {one.detail}" for one in await examine(self.core, SYSTEM) if one.breaches]

    def invited(self) -> list[tuple[str, str]]:
        """(workspace, address) of every invite the upstream applied, in order."""
        return [(entry["workspace"], entry["email"]) for entry in self.sandbox.ledger()["invites"] if entry["applied"]]


@asynccontextmanager
async def open_house(
    url: str,
    *,
    workspaces: int = 1,
    seats: int = 4,
    latency_ms: int = 0,
    faults: Iterable[str] = (),
    clock: Clock | None = None,
    open_upstream: OpenProvider = open_provider,
    open_model: OpenModel | None = None,
    policy: str = "fill_first",
    kinds: Sequence[str] = ("chatgpt",),
    **sections: Any,
) -> AsyncIterator[House]:
    """A house with `workspaces` teams of `seats` seats; `faults` begin after the teams are in.

    `kinds` are the protocols that the teams speak, in turn.
    """
    async with (
        Sandbox(workspaces=workspaces, seats=seats, latency_ms=latency_ms, faults=[]) as sandbox,
        open_core(
            settings_for(url, **sections), clock=clock, open_upstream=open_upstream, open_model=open_model
        ) as core,
    ):
        from core.teams import pools

        if policy != "fill_first":
            await pools.create_pool(core, SYSTEM, "default", pools.NewPool(policy=policy))
        sessions = [sandbox.sessions(kinds[place % len(kinds)])[place] for place in range(workspaces)]
        text = "\n".join(json.dumps({**session, "seats": seats}) for session in sessions)
        await teams.import_teams(core, SYSTEM, await teams.preview_teams(core, SYSTEM, text))
        sandbox.set_faults(list(faults))
        yield House(core, sandbox, url)
