"""One seed in which people also forget, join, wait and are banned, the clock is wrong, and a backup is restored.

What they do is what torture does (`tests.torture.living`); who is where is asked by the same oracles, and of every
person who is taken out upstream, in that instant, whether somebody meant that.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from core import holds
from core.actors import SYSTEM, Actor
from core.errors import UsherError
from core.leases.receipts import Receipt
from core.providers.protocol import ProviderAnswer
from core.redemptions.orders import Order
from core.restores import marks
from core.restores.reconcile import reconcile
from core.rules.addresses import read_address
from core.service import Core
from core.storage.journal import Journal
from core.sweeps import schedule
from core.upkeep import clock_watch
from tests.simulation.inline import InlineDatabase
from tests.simulation.loop import SimulatedLoop
from tests.simulation.play import (
    PEOPLE,
    SEATS,
    START,
    STORM,
    WORKSPACES,
    Outcome,
    Run,
    SimulatedTime,
    Stage,
    open_process,
    perform,
    simulated_vault,
)
from tests.simulation.upstream import Upstream
from tests.torture.checker import History, roles_given, seats_there, somewhere
from tests.torture.living import Living, owner_of
from tests.torture.worker import SWEEPS

DOINGS = (
    *("erase", "join", "join", "leave", "resize", "resize", "stranger", "stranger"),
    *("link", "grant", "grant", "revoke", "ban"),
)
WRONG = (3600.0, -3600.0)
"""Seconds by which the clock is set wrong."""
HURTS = "SELECT l.id FROM leases l JOIN teams t ON t.id = l.team_id WHERE t.external_id = ? AND l.address_key = ?"
IS_SERVED = f"{HURTS} AND l.status IN ('invited', 'active') AND l.end_reason IS NULL"


def play(seed: int, *, reconciling: bool = True) -> Outcome:
    """Play one seed to its end. Not `reconciling`, a negative control restores a backup and goes on."""
    return perform(partial(LivingRun, reconciling=reconciling), seed, moving=True)


class Lines(Journal):
    """A journal that outlives the database, and is no file."""

    def __init__(self) -> None:
        super().__init__(Path("nowhere"), simulated_vault())
        self.lines: list[str] = []

    def append(self, lines: Any) -> None:
        self.lines += [json.dumps(line, default=_plain) for line in lines]
        self.last = lines[-1] if lines else self.last

    def read(self) -> Any:
        for text in self.lines:
            line = json.loads(text)
            yield {**line, "at": datetime.fromisoformat(line["at"])}


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else bytes(value).hex()


class WrongTime(SimulatedTime):
    """A process's clock, which notices that the machine's is wrong when it is next set."""

    def __init__(self, loop: SimulatedLoop) -> None:
        super().__init__(loop)
        self._off = self._trusted_off = timedelta(0)
        self._trusted_at = 0.0

    def now(self) -> datetime:
        return super().now() + self._off

    def set(self, moment: datetime) -> None:
        self._off = moment - super().now()

    def skew(self, moment: datetime) -> timedelta:
        return timedelta(0)

    def trust(self) -> None:
        self._trusted_off, self._trusted_at = self._off, self._loop.time()

    def trusted_for(self) -> timedelta:
        return timedelta(seconds=self._loop.time() - self._trusted_at)

    def drift(self) -> timedelta:
        return self._off - self._trusted_off


class WatchedUpstream(Upstream):
    """Says who is taken out though nobody meant them."""

    run: LivingRun

    def leave(self, workspace: str, address: str) -> ProviderAnswer:
        served = self.run.begun.memory.driver.execute(IS_SERVED, (workspace, address)).fetchall()
        if served and address in self.there(workspace):
            self.run.outcome.breaches.append(f"taken out: {address} of {workspace} is served by lease {served[0][0]}")
        return super().leave(workspace, address)


class LivingRun(Run, Living):
    """`history` holds what was asked and answered, as torture writes it down."""

    def __init__(self, outcome: Outcome, loop: SimulatedLoop, begun: Stage, *, reconciling: bool) -> None:
        super().__init__(outcome, loop, begun)
        self.reconciling = reconciling
        self.wrong = timedelta(0)
        self.journal = Lines()
        self.history: Any = History()
        self.plan: dict[str, Any] = {
            "workspaces": WORKSPACES,
            "seats": SEATS,
            "spaces": [f"ws-{n}" for n in range(WORKSPACES)],
        }
        self.upstream = WatchedUpstream(loop, SEATS, self._real, self.say)
        self.upstream.run = self
        self.processes = [self._open(name) for name in "ab"]
        self.backup: tuple[float, bytes] | None = None
        self.number = 0

    @property
    def core(self) -> Core:
        """Somebody's who lives."""
        return self.random.choice([core for core, database in self.processes if not database.dead])

    def acts(self, *, moving: bool) -> list[Coroutine[Any, Any, None]]:
        some = [self._doing(self.random.choice(DOINGS)) for _ in range(self.random.randint(4, 8))]
        looks = [self._look(core) for core, _ in self.processes]
        acts = [*super().acts(moving=moving), *some, *looks]
        if self.random.random() < 0.4:
            acts.append(self._set_wrong())
        if self.random.random() < 0.4:
            acts.append(self._back_up())
        return acts

    def owner(self, order: Order) -> Actor:
        return owner_of(str(order.address.key))

    def tell(self, order: Order, receipt: Receipt) -> None:
        line = {"op": "redeem", "id": f"w{self._next()}", "at": self.loop.time()}
        self.history.add(**line, type="invoke", key=order.request_key, person=order.address.key)
        if receipt.redemption_id is not None:  # of a wish that is forgotten nothing is known under its key
            self.history.add(**line, type="ok", redemption=receipt.redemption_id, state=receipt.state)
            super().tell(order, receipt)

    def _next(self) -> int:
        self.number += 1
        return self.number

    def _real(self) -> datetime:
        return START + timedelta(seconds=self.loop.time())

    def _open(self, name: str) -> tuple[Core, InlineDatabase]:
        time = WrongTime(self.loop)
        database = InlineDatabase(
            self.begun.memory, self.loop, lambda: self._real() + self.wrong, self.voice(name), self.journal
        )
        return open_process(database, time, self.upstream)

    async def _doing(self, name: str) -> None:
        await asyncio.sleep(self.random.uniform(0, STORM))
        line = {"id": f"d{self._next()}", "op": name, "at": self.loop.time()}
        await self.tried(getattr(self, f"_{name}")(line))

    async def _stranger(self, line: dict[str, Any]) -> None:
        """Somebody is let in, or goes, whom Usher never heard of."""
        workspace, address = self.random.choice(self.plan["spaces"]), f"stranger{self.random.randrange(2)}@example.com"
        if address in self.upstream.there(workspace):
            Upstream.leave(self.upstream, workspace, address)
        elif len(self.upstream.there(workspace)) < SEATS:
            self.upstream.invite(workspace, address)
            self.upstream.accept(workspace, address)

    async def _set_wrong(self) -> None:
        await asyncio.sleep(self.random.uniform(0, STORM / 2))
        self.wrong = timedelta(seconds=self.random.choice(WRONG))
        self.say(f"the clock is wrong by {self.wrong}")
        await asyncio.sleep(self.random.uniform(1, STORM / 4))
        self.wrong = timedelta(0)

    async def _look(self, core: Core) -> None:
        while not self.upstream.calm:
            await self.tried(clock_watch.look(core))
            await asyncio.sleep(clock_watch.EVERY)

    async def _round(self, core: Core, *, moving: bool) -> None:
        for name, body in SWEEPS.items():
            sweep = schedule.named(name)
            if sweep is None or not sweep.waits_for & await core.read(holds.names):
                await body(core)

    async def _back_up(self) -> None:
        await asyncio.sleep(self.random.uniform(0, STORM))
        self.backup = self.loop.time(), self.begun.memory.picture()

    async def calm_down(self) -> None:
        self.wrong = timedelta(0)
        if self.backup is None:
            return
        # What was on its way to the upstream arrives; then both processes are stopped.
        await asyncio.sleep(120)
        for _, database in self.processes:
            database.dead = True
        at, picture = self.backup
        self.say(f"the backup of {at} is restored")
        self.begun.memory.fill(picture)
        self.history.forget(at, self.loop.time())
        lost = {line["redemption"] for line in self.history.redeemed if line["type"] == "ok"}
        self.told = [(key, one) for key, one in self.told if one.state == "invited" and one.redemption_id in lost]
        self.processes = [self._open(name) for name in "cd"]
        for _, database in self.processes:
            database.calm = True
        core = self.core
        if self.reconciling:
            await core.write(marks.mark_restored, SYSTEM, core.now())
            await reconcile(core, SYSTEM, do=True)
        for number, code in enumerate(self.begun.made):
            # Whoever comes now with a code that was used may not have another one's seat.
            await self.redeem(Order(read_address(f"p{PEOPLE - 1}@example.com"), code, f"after-{number}"))

    async def _calm(self, *, moving: bool) -> None:
        await super()._calm(moving=moving)
        core, _ = self.processes[1]
        there = [{"email": address} for workspace in self.plan["spaces"] for address in self.upstream.there(workspace)]
        try:
            found = await seats_there(core)
            found += await roles_given(core, self.history)
            found += await somewhere(core, self.history, {"pending": there, "members": []})
        except UsherError as error:
            found = [f"fault: {error}"]
        self.outcome.breaches += found

    def _anybody(self) -> str:
        return f"p{self.random.randrange(PEOPLE)}@example.com"

    def _some_code(self) -> str:
        return self.random.choice(self.begun.made).display
