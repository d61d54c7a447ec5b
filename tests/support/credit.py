"""An Usher with models, sources and wallets, whose upstreams do what a test says."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from core.actors import SYSTEM, Actor
from core.calls import calls
from core.calls.orders import Answer, CallOrder, Listener
from core.clock import Clock
from core.credit import grants
from core.models.protocol import (
    Account,
    Began,
    Bounds,
    CallUnavailable,
    CallUnclear,
    Event,
    Finished,
    Offer,
    Offers,
    Question,
    Sent,
    Tally,
    Text,
    Usage,
)
from core.providers.http import HttpClient
from core.service import Core, open_core
from core.sources import models, sources
from tests.support.house import rows, settings_for

HELLO = ({"role": "user", "content": "Hello there, who are you?"},)

Answering = Callable[[Question], AsyncGenerator[Event, None]]


def saying(*words: str, usage: Usage | None = None, ending: Event | None = None, pause: float = 0.0) -> Answering:
    """An upstream that answers with these words; without `ending` it finishes. Usage counts a token a word."""

    async def answer(question: Question) -> AsyncGenerator[Event, None]:
        yield Sent()
        await asyncio.sleep(pause)
        yield Began()
        for word in words:
            yield Text(word)
            await asyncio.sleep(pause)
        if usage is not None:
            yield usage
        yield ending or Finished("stop")

    return answer


def failing(ending: Event, *, sent: bool = False) -> Answering:
    """An upstream that ends before the first token."""

    async def answer(question: Question) -> AsyncGenerator[Event, None]:
        if sent:
            yield Sent()
        yield ending

    return answer


@dataclass
class Scripted:
    """One account. `answer` is what it does when it is asked; `credential` whether it knows its key."""

    desk: Desk
    account: Account

    def ask(self, question: Question) -> AsyncGenerator[Event, None]:
        return self.desk.asked(self.account.api_key, question)

    async def offers(self) -> Offers | CallUnavailable | CallUnclear:
        return self.desk.offers.get(self.account.api_key, Offers((Offer("small"),)))

    async def tally(self, since: datetime) -> Tally | None:
        return self.desk.tallies.get(self.account.api_key)


@dataclass
class Desk:
    """What all accounts do: by key, or `usual`. It counts calls and how many ran at once."""

    usual: Answering = field(default_factory=lambda: saying("Hello", " you", usage=Usage(input=10, output=2)))
    by_key: dict[str, Answering] = field(default_factory=dict)
    offers: dict[str, Offers | CallUnavailable | CallUnclear] = field(default_factory=dict)
    tallies: dict[str, Tally] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    running: Counter[str] = field(default_factory=Counter)
    peak: Counter[str] = field(default_factory=Counter)
    questions: list[Question] = field(default_factory=list)

    def open(self, account: Account, client: HttpClient, bounds: Bounds) -> Scripted:
        return Scripted(self, account)

    async def asked(self, key: str, question: Question) -> AsyncGenerator[Event, None]:
        self.calls[key] += 1
        self.running[key] += 1
        self.peak[key] = max(self.peak[key], self.running[key])
        self.questions.append(question)
        events = self.by_key.get(key, self.usual)(question)
        try:
            async for event in events:
                yield event
        finally:
            await events.aclose()
            self.running[key] -= 1


@dataclass
class Bank:
    """`core` has the model `small` (1 credit a million tokens in, 2 out) and the sources that were asked for."""

    core: Core
    desk: Desk
    url: str

    async def ask(self, key: str, who: str = "telegram:1", *, actor: Actor | None = None, **given: Any) -> Answer:
        asked = {
            name: given.pop(name) for name in ("model", "most_output", "messages", "wait", "key_id") if name in given
        }
        order = CallOrder(key, asked.pop("messages", HELLO), "test", **asked)
        core = given.pop("core", self.core)
        listener = Listener(**{name: given.pop(name) for name in ("deliver", "stop", "leave") if name in given})
        return await calls.ask(
            core, actor or SYSTEM, order, payer=grants.read_identity(who), listener=listener, **given
        )

    async def grant(self, amount: str, who: str = "telegram:1", **given: Any) -> None:
        await grants.give(self.core, SYSTEM, grants.read_identity(who), amount, reason="a test", **given)

    async def add_source(self, name: str, *, owner: str | None = None, **line: Any) -> int:
        given = {
            "name": name,
            "base_url": "http://127.0.0.1:1/v1",
            "api_key": f"sk-{name}",
            "models": ["small"],
            **line,
        }
        person = None if owner is None else grants.read_identity(owner)
        return await sources.add_source(self.core, SYSTEM, given, owner=person)

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

    async def plant(self, statements: Sequence[str]) -> None:
        """Run statements on one connection, one after the other."""
        engine = create_async_engine(self.url, poolclass=sa.NullPool)
        try:
            async with engine.begin() as connection:
                for statement in statements:
                    await connection.exec_driver_sql(statement)
        finally:
            await engine.dispose()

    async def left(self, who: str = "telegram:1") -> int:
        """Micro-credits in all wallets of a person."""
        platform, identity = who.split(":")
        return int(
            await self.value(
                'SELECT COALESCE(sum(w."left"), 0) FROM wallets w JOIN identities i ON i.person_id = w.person_id '
                "WHERE i.platform = :platform AND i.identity = :identity",
                platform=platform,
                identity=identity,
            )
        )

    async def books_balance(self) -> None:
        """The ledger alone reproduces every wallet, and open calls hold exactly what wallets have claimed."""
        off = await self.rows(
            """SELECT w.id, w."left", w.claimed, l.put_in, l.on_hold FROM wallets w LEFT JOIN (
                 SELECT wallet_id,
                   sum(CASE WHEN kind IN ('grant', 'refill', 'adjust', 'release') THEN amount
                            WHEN kind IN ('expiry', 'claim') THEN -amount ELSE 0 END) AS put_in,
                   sum(CASE WHEN kind = 'claim' THEN amount
                            WHEN kind IN ('release', 'charge') THEN -amount ELSE 0 END) AS on_hold
                 FROM ledger GROUP BY wallet_id) l ON l.wallet_id = w.id
               WHERE w."left" <> COALESCE(l.put_in, 0) OR w.claimed <> COALESCE(l.on_hold, 0)"""
        )
        assert off == []
        open_claims = await self.value(
            "SELECT COALESCE(sum(claimed), 0) FROM calls WHERE state IN ('claimed', 'sending', 'streaming')"
        )
        assert open_claims == await self.value("SELECT COALESCE(sum(claimed), 0) FROM wallets")


@asynccontextmanager
async def open_bank(
    url: str, *, accounts: Sequence[str] = ("main",), slots: int = 4, clock: Clock | None = None, **sections: Any
) -> AsyncIterator[Bank]:
    """A bank with the house's `accounts`, each with so many slots."""
    desk = Desk()
    async with open_core(settings_for(url, **sections), clock=clock, open_model=desk.open) as core:
        await models.add_model(
            core,
            SYSTEM,
            "small",
            models.NewModel(price_input=1_000_000, price_output=2_000_000, max_output=1000, context=8000),
        )
        bank = Bank(core, desk, url)
        lines = [
            json.dumps(
                {
                    "name": name,
                    "base_url": "http://127.0.0.1:1/v1",
                    "api_key": f"sk-{name}",
                    "models": ["small"],
                    "concurrency": slots,
                }
            )
            for name in accounts
        ]
        await sources.import_sources(core, SYSTEM, lines, apply=True)
        yield bank
