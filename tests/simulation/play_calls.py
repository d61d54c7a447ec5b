"""One seed of credit: people ask, staff give, take, pause and suspend, accounts fail, and a process is killed or frozen.

At the end the faults stop; some time later every call must be settled, and the books must agree with each other, with
what the accounts bill, and with what people were told.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from functools import partial
from typing import Any

import structlog

from core.actors import SYSTEM, Actor
from core.calls import calls
from core.calls.orders import Answer, CallOrder, CallProgress, Gone, Listener
from core.credit import grants
from core.models.protocol import Account, Bounds, Text
from core.providers.http import HttpClient, Limits
from core.reports.credit_checks import CREDIT
from core.sandbox.chat_accounts import ModelHouse
from core.sandbox.chat_direct import DIRECT_FAULTS, DirectUpstream
from core.service import Core
from core.sources import models, sources
from tests.simulation.inline import InlineDatabase, Memory
from tests.simulation.loop import SimulatedLoop, Stuck
from tests.simulation.play import STORM, Outcome, Simulated, SimulatedTime, simulated_vault
from tests.support.house import settings_for

MODEL = "sandbox-english"
PEOPLE, ACCOUNTS, SLOTS = 3, 2, 2
PRICES = (1_000_000, 2_000_000)
GIVEN = 2_000
"""Micro-credits that everybody begins with: a few questions."""
MOST = 120
QUESTION = ({"role": "user", "content": "What do the lanterns say?"},)
SETTLED_WITHIN = 20
STANDINGS = ("active", "active", "suspended")


def play(seed: int) -> Outcome:
    """Play one seed to its end."""
    loop = SimulatedLoop(seed)
    run = _Run(Outcome(seed), loop)
    structlog.configure(processors=[run.hear])
    try:
        loop.play(run.all())
    except Stuck:
        run.outcome.breaches.append("stuck: somebody waits for what nobody does")
    finally:
        structlog.reset_defaults()
    run.check()
    return run.outcome


class _Run(Simulated):
    def __init__(self, outcome: Outcome, loop: SimulatedLoop) -> None:
        super().__init__(outcome, loop)
        self.memory = Memory()
        time = SimulatedTime(loop)
        self.faults = dict.fromkeys(DIRECT_FAULTS, 0.03)
        self.house = ModelHouse(ACCOUNTS, 1, time, tokens_per_second=20.0, first_token_ms=300.0)
        self.told: dict[str, Answer] = {}
        self.processes = [self._open(time, self.voice(name)) for name in "ab"]

    def _open(self, time: SimulatedTime, say: Any) -> tuple[Core, InlineDatabase]:
        database = InlineDatabase(self.memory, self.loop, time.now, say)
        http = HttpClient(Limits(connect=1, total=1))  # never asked: the accounts below know no network

        def open_model(account: Account, client: HttpClient, bounds: Bounds) -> DirectUpstream:
            return DirectUpstream(account, self.house, self.random, self.faults, bounds.silence)

        settings = settings_for("sqlite+aiosqlite:///simulated", talk={"silence": 10.0})
        return Core(settings, database, simulated_vault(), http, time, open_model=open_model), database

    async def all(self) -> None:
        await self._furnish()
        acts = [self._ask(number) for number in range(self.random.randint(6, 12))]
        acts += [self._staff(), self._strike(self.processes[0][1]), *(self._sweep(core) for core, _ in self.processes)]
        await self.beside(acts, until=STORM)
        self.faults.clear()
        for _, database in self.processes:
            database.calm = True
        for _ in range(SETTLED_WITHIN):
            await asyncio.sleep(15)
            await calls.recover(self.processes[1][0])
            if self._open_work() == 0:
                return

    async def _furnish(self) -> None:
        core, database = self.processes[0]
        database.calm = True
        await models.add_model(
            core, SYSTEM, MODEL, models.NewModel(price_input=PRICES[0], price_output=PRICES[1], context=32_000)
        )
        lines = [{**one, "concurrency": SLOTS, "models": [MODEL]} for one in self.house.source_lines("https://x.test")]
        await sources.import_sources(core, SYSTEM, map(json.dumps, lines), apply=True)
        for number in range(PEOPLE):
            await grants.give(core, SYSTEM, Actor("telegram", f"{number}"), f"0.00{GIVEN}", reason="to begin with")
        database.calm = False

    async def _ask(self, number: int) -> None:
        """Somebody asks; perhaps again with the same key in another process, and perhaps nobody waits for the end."""
        await asyncio.sleep(self.random.uniform(0, STORM / 2))
        who = Actor("telegram", f"{self.random.randrange(PEOPLE)}")
        order = CallOrder(f"wish-{number}", QUESTION, "simulation", MODEL, most_output=MOST)
        for _ in range(2 if self.random.random() < 0.3 else 1):
            core, database = self.random.choice(self.processes)
            leaves = self.random.randrange(30) if self.random.random() < 0.2 else None
            heard = 0

            async def deliver(progress: CallProgress, leaves: int | None = leaves) -> None:
                nonlocal heard
                heard += isinstance(progress, Text)
                if leaves is not None and heard >= leaves:
                    raise Gone

            answer = await self.tried(calls.ask(core, who, order, listener=Listener(deliver)))
            if answer is not None and not database.dead and answer.state in {"settled", "refused"}:
                self.say(f"told {order.request_key} {answer.finish} {answer.charged}")
                before = self.told.setdefault(order.request_key, answer)
                if answer.call_id is not None and before.call_id not in {None, answer.call_id}:
                    self.outcome.breaches.append(f"{order.request_key} was answered twice")
                if answer.call_id is not None:
                    self.told[order.request_key] = answer

    async def _staff(self) -> None:
        core, _ = self.processes[1]
        for _ in range(self.random.randint(2, 6)):
            await asyncio.sleep(self.random.uniform(0, STORM / 4))
            who = Actor("telegram", f"{self.random.randrange(PEOPLE)}")
            account = f"account-{self.random.randint(1, ACCOUNTS)}"
            wishes: list[Callable[[], Any]] = [
                partial(grants.give, core, SYSTEM, who, "0.001", reason="more"),
                partial(grants.give, core, SYSTEM, who, "-0.0005", reason="less"),
                partial(sources.change_source, core, SYSTEM, account, enabled=self.random.random() < 0.7),
                partial(grants.set_standing, core, SYSTEM, who, self.random.choice(STANDINGS), reason="-"),
            ]
            await self.tried(self.random.choice(wishes)())

    async def _sweep(self, core: Core) -> None:
        while True:
            await asyncio.sleep(self.random.uniform(4, 15))
            await self.tried(calls.recover(core))

    def _open_work(self) -> int:
        asked = self.memory.driver.execute(
            "SELECT (SELECT count(*) FROM calls WHERE state IN ('claimed', 'sending', 'streaming'))"
            " + (SELECT count(*) FROM source_slots WHERE state = 'busy')"
        )
        return int(asked.fetchone()[0])

    # -- the checker ---------------------------------------------------------------------------------------

    def check(self) -> None:
        breaches, ask = self.outcome.breaches, self.memory.driver.execute
        if self._open_work():
            breaches.append("liveness: a call or a place is never over")
        breaches += self.doctor(self.memory, CREDIT)
        billed = sum(entry.input * PRICES[0] + entry.output * PRICES[1] for entry in self.house.bill) // 1_000_000
        exact = ask("SELECT COALESCE(sum(charged), 0) FROM calls WHERE NOT estimated").fetchone()[0]
        if exact > billed:
            breaches.append(f"charged {exact} by usage, and the accounts bill {billed}")
        for key, answer in self.told.items():
            row = ask("SELECT charged, state FROM calls WHERE request_key = ?", (key,)).fetchone()
            if answer.call_id is None:
                continue  # a refusal that time alone ends is not remembered
            if row is None or (row[0], row[1]) != (answer.charged, answer.state):
                breaches.append(f"{key} was told {answer.state} for {answer.charged}, and is {row}")
