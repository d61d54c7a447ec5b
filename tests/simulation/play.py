"""One seed: a handful of people, codes and teams, two processes, a slow upstream, and everything going wrong.

At the end the faults stop, and some time later everything must be settled, the books must agree with each other,
with what the upstream truly has, and with what people were told.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import structlog

from core.actors import SYSTEM, Actor
from core.clock import Clock
from core.codes import codes
from core.errors import UsherError
from core.leases import expiry, leases, recovery
from core.leases.receipts import Receipt
from core.providers.http import HttpClient, Limits
from core.redemptions import redemptions
from core.redemptions.orders import Order
from core.reports import doctor_checks
from core.reports.doctor import EVERY, moments
from core.rules.addresses import read_address
from core.rules.codes import CodeText, read_code
from core.service import Core
from core.sync import health_sweep as health
from core.sync import sync
from core.teams import teams
from core.transfers import sweep as transfer_sweep
from core.transfers import transfers
from core.vault import Vault
from tests.simulation.inline import InlineDatabase, Memory
from tests.simulation.loop import SimulatedLoop, Stuck
from tests.simulation.upstream import Adapter, Upstream
from tests.support.house import KEY, settings_for

START = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
WORKSPACES, SEATS = 3, 2
PEOPLE = 6
STORM = 40.0
"""Seconds of faults; whatever begins, begins in the first half of them."""
SETTLED_WITHIN = 100
"""Rounds after the storm until nothing may be under way any more."""


@dataclass
class Outcome:
    """`breaches` is empty if every promise was kept; `trace` is all that happened, in order."""

    seed: int
    breaches: list[str] = field(default_factory=list)
    trace: list[str] = field(default_factory=list)

    @property
    def digest(self) -> str:
        return hashlib.sha256("\n".join(self.trace).encode()).hexdigest()


class SimulatedTime(Clock):
    """The loop's own time."""

    def __init__(self, loop: SimulatedLoop) -> None:
        super().__init__()
        self._loop = loop

    def now(self) -> datetime:
        return START + timedelta(seconds=self._loop.time())

    def set(self, moment: datetime) -> None:
        """There is only one time."""


@dataclass(frozen=True)
class Stage:
    """What every seed begins with: a memory, and the picture of a house with teams and codes in it."""

    memory: Memory
    picture: bytes
    made: list[CodeText]
    short: list[CodeText]


@cache
def stage() -> Stage:
    """Built once a process, by the product's own actions."""
    memory = Memory()
    loop = SimulatedLoop(0)
    upstream = Upstream(loop, SEATS, lambda: START, lambda _: None, calm=True)
    core, database = _open(memory, loop, upstream, lambda _: None)
    database.calm = True

    async def furnish() -> tuple[list[CodeText], list[CodeText]]:
        lines = [
            {"accessToken": "x", "account": {"id": f"ws-{n}", "name": f"Workspace {n + 1}"}, "seats": SEATS}
            for n in range(WORKSPACES)
        ]
        text = "\n".join(json.dumps(line) for line in lines)
        await teams.import_teams(core, SYSTEM, await teams.preview_teams(core, SYSTEM, text))
        _, single = await codes.generate_list(core, SYSTEM, codes.BatchPlan(count=3, override=True))
        _, several = await codes.generate_list(core, SYSTEM, codes.BatchPlan(count=1, uses=3, override=True))
        _, short = await codes.generate_list(
            core, SYSTEM, codes.BatchPlan(count=4, term="24h", override=True, auto_transfer=False)
        )
        shapes = await core.shapes()
        return [read_code(each, shapes) for each in single + several], [read_code(each, shapes) for each in short]

    made, short = loop.play(furnish())
    return Stage(memory, memory.picture(), made, short)


def play(seed: int, *, moving: bool = False, constraints: bool = True) -> Outcome:
    """Play one seed to its end. `moving` adds transfers, ends, expiry, acceptance and sync.

    Without `constraints` the last line, the schema's checks, is open: a negative control wants to see what comes through.
    """
    return perform(Run, seed, moving=moving, constraints=constraints)


def perform(
    kind: Callable[[Outcome, SimulatedLoop, Stage], Run], seed: int, *, moving: bool, constraints: bool = True
) -> Outcome:
    """A play from its stage to its checker."""
    begun = stage()
    begun.memory.fill(begun.picture)
    begun.memory.driver.execute(f"PRAGMA ignore_check_constraints={'OFF' if constraints else 'ON'}")
    loop = SimulatedLoop(seed)
    run = kind(Outcome(seed), loop, begun)
    structlog.configure(processors=[run.hear])
    try:
        loop.play(run.all(moving=moving))
    except Stuck:
        run.outcome.breaches.append("stuck: somebody waits for what nobody does")
    finally:
        structlog.reset_defaults()
    run.check(moving=moving)
    return run.outcome


def _open(memory: Memory, loop: SimulatedLoop, upstream: Upstream, say: Any) -> tuple[Core, InlineDatabase]:
    time = SimulatedTime(loop)
    return open_process(InlineDatabase(memory, loop, time.now, say), time, upstream)


def open_process(database: InlineDatabase, time: Clock, upstream: Upstream) -> tuple[Core, InlineDatabase]:
    """The core of one process."""
    http = HttpClient(Limits(connect=1, total=1))  # never asked: the adapters below know no network
    core = Core(_settings(), database, simulated_vault(), http, time, lambda workspace, _: Adapter(upstream, workspace))
    return core, database


@cache
def _settings() -> Any:
    return settings_for("sqlite+aiosqlite:///simulated", transfers={"grace_hours": 1})


@cache
def simulated_vault() -> Vault:
    """Made once a process."""
    return Vault({"k1": KEY}, "k1")


class Simulated:
    """What every play has: a voice, an ear for what is logged, acts side by side, and one that strikes."""

    def __init__(self, outcome: Outcome, loop: SimulatedLoop) -> None:
        self.outcome = outcome
        self.loop = loop
        self.random = loop.random

    def say(self, line: str) -> None:
        self.outcome.trace.append(f"{self.loop.time():.6f} {line}")

    def hear(self, _: Any, method: str, event: Any) -> Any:
        """What the product logs: an exception that a sweep survived is still one that should not have been."""
        slow = isinstance(sys.exc_info()[1], TimeoutError)  # a look that takes too long is broken off by design
        stepped = event["event"] in {"clock_stepped_back", "clock_stepped_ahead"}  # the play itself sets the clock
        if method in {"exception", "error"} and not slow and not stepped:
            self.outcome.breaches.append(f"logged: {event['event']}: {sys.exc_info()[1]!r}")
        raise structlog.DropEvent

    def voice(self, name: str) -> Any:
        return lambda line: self.say(f"{name} {line}")

    async def beside(self, acts: list[Coroutine[Any, Any, None]], *, until: float) -> None:
        tasks = [self.loop.create_task(act) for act in acts]
        await asyncio.wait(tasks, timeout=until)
        for task in tasks:
            if task.done() and not task.cancelled() and (error := task.exception()) is not None:
                self.outcome.breaches.append(f"fault: {type(error).__name__}: {error}")

    async def _strike(self, database: InlineDatabase) -> None:
        """A process is killed or frozen, at any line."""
        await asyncio.sleep(self.random.uniform(0, STORM))
        if self.random.random() < 0.5:
            self.say("a is killed")
            database.dead = True
        else:
            seconds = self.random.choice([3.0, 12.0, 40.0])
            self.say(f"a is frozen for {seconds}")
            database.frozen_until = self.loop.time() + seconds

    async def tried(self, doing: Awaitable[Any]) -> Any:
        """A refusal or a busy database is an answer; anything else is a fault."""
        with contextlib.suppress(UsherError):
            return await doing
        return None

    def doctor(self, memory: Memory, checks: Iterable[doctor_checks.Check]) -> list[str]:
        now = START + timedelta(seconds=self.loop.time())
        measures = {
            name: (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
            for name, at in moments(now).items()
        }
        found = []
        for check in checks:
            if check.severity == "breach":
                offenders = memory.driver.execute(check.offenders, measures).fetchall()
                if offenders:
                    found.append(f"doctor: {check.name} {[row[0] for row in offenders[:5]]}")
        return found


class Run(Simulated):
    """Redeeming and, where things are `moving`, transfers, ends, expiry, acceptance and sync."""

    def __init__(self, outcome: Outcome, loop: SimulatedLoop, begun: Stage) -> None:
        super().__init__(outcome, loop)
        self.begun = begun
        self.upstream = Upstream(loop, SEATS, lambda: START + timedelta(seconds=loop.time()), self.say)
        self.told: list[tuple[str, Receipt]] = []
        self.processes = [_open(begun.memory, loop, self.upstream, self.voice(name)) for name in "ab"]

    async def all(self, *, moving: bool) -> None:
        acts = self.acts(moving=moving)
        await self.beside(acts, until=STORM)
        self.say("calm")
        self.upstream.calm = True
        for _, database in self.processes:
            database.calm = True
        await self.calm_down()
        await self._calm(moving=moving)

    def acts(self, *, moving: bool) -> list[Coroutine[Any, Any, None]]:
        """What happens in the storm."""
        acts = [self._wish(number) for number in range(self.random.randint(2, 5))]
        acts += [self._sweep(core, moving=moving) for core, _ in self.processes]
        acts += [self._strike(self.processes[0][1])]
        if self.random.random() < 0.3:
            acts.append(self._switch_code())
        if moving:
            acts += [self._move() for _ in range(self.random.randint(1, 4))]
            acts += [self._accept() for _ in range(2)]
        return acts

    async def calm_down(self) -> None:
        """What happens after the storm, before what is under way comes to its end."""

    async def _wish(self, number: int) -> None:
        """Somebody redeems; perhaps twice, perhaps in another process, perhaps a code that others have as well."""
        begun = self.begun
        code = self.random.choice(begun.made if self.random.random() < 0.6 else begun.short)
        person = read_address(f"p{self.random.randrange(PEOPLE)}@example.com")
        await asyncio.sleep(self.random.uniform(0, STORM / 2))
        await self.redeem(Order(person, code, f"wish-{number}"))

    async def redeem(self, order: Order) -> None:
        """Ask once or twice, here or there, and hear what comes of it."""
        for _ in range(2 if self.random.random() < 0.3 else 1):
            core, database = self.random.choice(self.processes)
            wait = self.random.choice([0.0, 5.0, 20.0])
            receipt = await self.tried(redemptions.redeem(core, self.owner(order), order, wait=wait))
            if receipt is not None and not database.dead:
                self.say(f"told {order.request_key} {receipt.state} {receipt.reason}")
                self.tell(order, receipt)

    def owner(self, order: Order) -> Actor:
        """Who asks."""
        return SYSTEM

    def tell(self, order: Order, receipt: Receipt) -> None:
        """Somebody has heard that."""
        self.told.append((order.request_key, receipt))

    async def _sweep(self, core: Core, *, moving: bool) -> None:
        while not self.upstream.calm:
            await asyncio.sleep(self.random.uniform(8, 30))
            await self.tried(self._round(core, moving=moving))

    async def _round(self, core: Core, *, moving: bool) -> None:
        await recovery.recover(core)
        if moving:
            await expiry.expire(core)
            await transfer_sweep.advance_transfers(core)
            await sync.read_due(core)
            await health.check_health(core)

    async def _switch_code(self) -> None:
        await asyncio.sleep(self.random.uniform(0, STORM))
        core, _ = self.random.choice(self.processes)
        code = self.random.choice(self.begun.made)
        await self.tried(codes.set_code_status(core, SYSTEM, code, "disabled"))

    async def _move(self) -> None:
        await asyncio.sleep(self.random.uniform(STORM / 4, STORM))
        core, _ = self.random.choice(self.processes)
        person = f"p{self.random.randrange(PEOPLE)}@example.com"
        if self.random.random() < 0.7:
            forced = self.random.random() < 0.7
            await self.tried(transfers.transfer(core, SYSTEM, person, forced=forced))
        else:
            await self.tried(leases.end(core, SYSTEM, person))

    async def _accept(self) -> None:
        await asyncio.sleep(self.random.uniform(STORM / 4, STORM))
        pending = [
            (workspace, address)
            for workspace in sorted(self.upstream.people)
            for address, kind in self.upstream.there(workspace).items()
            if kind == "pending"
        ]
        if pending:
            self.upstream.accept(*self.random.choice(pending))

    async def _calm(self, *, moving: bool) -> None:
        """Whoever is alive goes on sweeping until nothing is under way."""
        core, _ = self.processes[1]
        pause = 15.0
        for _ in range(SETTLED_WITHIN):
            await asyncio.sleep(pause)
            await self._round(core, moving=moving)
            if self._open_work() == 0:
                if not moving:
                    return
                # Three complete readings, so that whoever left is known to have left.
                for _ in range(4):
                    await asyncio.sleep(400)
                    await self._round(core, moving=moving)
                if self._open_work() == 0:
                    return
            if moving:
                pause = min(pause * 2, 2400.0)

    def _open_work(self) -> int:
        asked = self.begun.memory.driver.execute(
            "SELECT (SELECT count(*) FROM leases WHERE status = 'held')"
            " + (SELECT count(*) FROM redemptions WHERE state IN ('sending', 'unclear'))"
            # Whoever waits for a seat elsewhere has one, and is looked at again when that is due.
            " + (SELECT count(*) FROM transfers WHERE state IN ('inviting', 'waiting', 'removing')"
            "    OR (state = 'planned' AND coalesce(reason, '') <> 'no_seats'))"
            " + (SELECT count(*) FROM removals WHERE state = 'planned')"
        )
        return int(asked.fetchone()[0])

    # -- the checker ---------------------------------------------------------------------------------------

    def check(self, *, moving: bool) -> None:
        breaches = self.outcome.breaches
        ask = self.begun.memory.driver.execute
        if self._open_work():
            breaches.append("liveness: something is still under way")
        breaches += self.doctor(self.begun.memory, EVERY if moving else doctor_checks.CHECKS)
        breaches += [f"oversold upstream: {workspace}" for workspace in self.upstream.oversold]
        for number in range(WORKSPACES):
            ours = {
                row[0]
                for row in ask(
                    "SELECT l.address_key FROM leases l JOIN teams t ON t.id = l.team_id WHERE t.external_id = ?"
                    " AND l.status IN ('held', 'invited', 'active', 'transferring')"
                    " UNION SELECT s.occupant FROM seats s JOIN teams t ON t.id = s.team_id"
                    " WHERE t.external_id = ? AND s.occupant IS NOT NULL",
                    (f"ws-{number}", f"ws-{number}"),
                )
            }
            theirs = set(self.upstream.there(f"ws-{number}"))
            if ours != theirs:
                breaches.append(f"ledger: ws-{number} has {sorted(theirs)}, the books say {sorted(ours)}")
        used = ask("SELECT sum(used) FROM codes").fetchone()[0]
        if not moving and len(self.upstream.created) != used:
            breaches.append(f"{used} uses, but {len(self.upstream.created)} invites")
        for key, receipt in self.told:
            # Who redeems a code twice for one address is told of the first time, under whatever key.
            row = ask("SELECT state FROM redemptions WHERE id = ?", (receipt.redemption_id,)).fetchone()
            if row is None:
                breaches.append(f"{key} was told {receipt.state}, and is lost")
            elif receipt.state != "unclear" and row[0] != receipt.state:
                breaches.append(f"{key} was told {receipt.state}, and is {row[0]}")
