"""Several processes at work while they are killed, frozen and cut off, and their database with them."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from core import holds
from core.actors import SYSTEM
from core.clock import Clock, MovedClock
from core.codes import codes
from core.errors import UsherError
from core.leases import expiry, recovery
from core.people import privacy
from core.sandbox.dialect import Call
from core.sandbox.faults import Drawn
from core.sandbox.server import Sandbox
from core.service import Core, open_core
from core.storage import guards, migrate
from core.sync import health_sweep as health
from core.sync import sync
from core.teams import teams
from core.transfers import sweep as transfer_sweep
from core.upkeep import clock_watch
from core.waitlist import sweep as waitlist_sweep
from tests.support.house import KEY, settings_for
from tests.support.postgres import PostgresServer
from tests.support.processes import Processes, Running
from tests.torture.checker import History, breaches
from tests.torture.proxy import CuttingProxy
from tests.torture.schedule import DATABASE, Schedule, Strike, strikes
from tests.torture.worker import HOUSE, lagging

STEP = 2.0
"""Seconds by which the clock is moved between two rounds of settling."""
LONG_STEP = 30.0
"""The same for what did not settle within `PROMPT`: an invite that became unclear while the clock was an hour behind
looks an hour old ever after, and is looked at every ten minutes."""
PROMPT = 90.0


class Upstream(Sandbox):
    """The sandbox, counting the faults that struck."""

    struck: Counter[str]

    def _draw(self, call: Call, header: str | None) -> Drawn:
        drawn = super()._draw(call, header)
        # A lag strikes every list, and small pages are none: what is counted is what went wrong.
        self.struck.update([drawn.event] if drawn.event else [])
        return drawn


@dataclass
class Report:
    """What a run did and what it found."""

    seed: int
    database: str
    operations: Counter[str] = field(default_factory=Counter)
    blows: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    breaches: list[str] = field(default_factory=list)
    settled_after: float = 0.0

    def totals(self) -> dict[str, int]:
        """How many operations had an outcome, and how many of each kind of blow there were."""
        blows = self.blows
        return {
            "operations": sum(count for end, count in self.operations.items() if not end.endswith("sweep_failed")),
            "kills": blows["processes killed"],
            "stops": blows["processes stopped"],
            "restarts": blows["database restarted"] + blows["database crashed"],
            "cuts": blows["connections cut"],
            "steps": blows["clock stepped"],
            "faults": self.faults.total(),
        }

    def __str__(self) -> str:
        done = ", ".join(f"{count} {what}" for what, count in self.totals().items())
        return (
            f"SEED={self.seed} on {self.database}: {done}; settled after {self.settled_after:.0f} s; "
            f"{self.breaches or 'no breach'}"
        )

    def as_json(self) -> str:
        """Everything in one line."""
        return json.dumps(
            {
                "seed": self.seed,
                "database": self.database,
                **self.totals(),
                "settled_after": round(self.settled_after, 1),
                "breaches": self.breaches,
                "outcomes": dict(sorted(self.operations.items())),
                "blows": dict(sorted(self.blows.items())),
                "faults_struck": dict(sorted(self.faults.items())),
            }
        )


class Torture:
    """One run. `server` is None on SQLite; `without` names guards that every process goes without.

    `open_line` are statements that take the database's own constraints away.
    """

    def __init__(
        self,
        folder: Path,
        server: PostgresServer | None,
        schedule: Schedule,
        *,
        seed: int,
        without: Sequence[str] = (),
        open_line: Sequence[str] = (),
    ) -> None:
        self.folder = folder
        self.server = server
        self.schedule = schedule
        self.report = Report(seed, "SQLite" if server is None else "PostgreSQL")
        self._without = list(without)
        self._open_line = open_line
        self._started = 0
        self._running: list[Running] = []
        self._numbers: list[int] = []
        self.lost: tuple[float, float] | None = None
        """Between which moments of the monotonic clock whatever happened was lost with the database."""

    async def run(self) -> Report:
        """Raises nothing for a breach: it stands in the report."""
        wanted = self.schedule
        with Processes(self.folder) as starting, ExitStack() as stack:
            for name in self._without:
                stack.enter_context(guards.without(name))
            async with (
                self._database() as (direct, through, proxy),
                # More room than the books know of: what is sold too often shall be seen, not refused.
                Upstream(wanted.workspaces, wanted.seats * 3, 20) as sandbox,
            ):
                sandbox.struck = self.report.faults
                settings = settings_for(direct, **HOUSE, **self.sections())
                async with open_core(settings, open_upstream=lagging) as core:
                    await self._furnish(core, sandbox)
                sandbox.set_faults(wanted.faults)
                for _ in range(wanted.processes):
                    self._start(starting, through, sandbox)
                await self._torment(starting, direct, through, sandbox, proxy)
                for worker in self._running:
                    if not worker.alive:
                        self.report.breaches.append(f"ended by itself: {worker.so_far()[-500:]}")
                    worker.thaw()
                    await asyncio.to_thread(worker.kill)
                sandbox.set_faults([])
                clock = MovedClock(Clock().now())
                async with open_core(settings, clock=clock, open_upstream=lagging) as core:
                    await self._settle(core, clock)
                    history = History.read(sorted(self.folder.glob("history-*.jsonl")))
                    self.report.operations += history.counts()
                    if self.lost is not None:
                        history.forget(*self.lost)
                    ledger = sandbox.ledger()
                    self.report.breaches += await breaches(
                        core, history, ledger, wanted.seats, restored=self.lost is not None
                    )
        return self.report

    def sections(self) -> dict[str, dict[str, Any]]:
        """What the house's settings are beside the ordinary ones."""
        return {}

    async def meanwhile(self, passed: float, url: str, sandbox: Upstream, start: Callable[[], None]) -> None:
        """Between two blows: `passed` is how much of the time is over, 0 to 1."""

    @asynccontextmanager
    async def _database(self) -> AsyncIterator[tuple[str, str, CuttingProxy | None]]:
        """The database's own address, the one that the processes use, and the proxy between the two."""
        if self.server is None:
            url = f"sqlite+aiosqlite:///{self.folder / 'usher.db'}"
            await migrate.upgrade_database(url)
            await self._open_last_line(url)
            yield url, url, None
            return
        url = await asyncio.to_thread(self.server.create_database)
        await self._open_last_line(url)
        async with CuttingProxy(self.server.port, self.report.seed) as proxy:
            through = sa.make_url(url).set(port=proxy.port).render_as_string(hide_password=False)
            yield url, through, proxy
            self.report.blows["connections cut"] = proxy.cuts
        await asyncio.to_thread(self.server.drop_database, url)

    async def _open_last_line(self, url: str) -> None:
        from sqlalchemy.ext.asyncio import create_async_engine

        engine = create_async_engine(url, poolclass=sa.NullPool)
        async with engine.begin() as connection:
            for statement in self._open_line:
                await connection.execute(sa.text(statement))
        await engine.dispose()

    async def _furnish(self, core: Core, sandbox: Sandbox) -> None:
        lines = "\n".join(json.dumps({**session, "seats": self.schedule.seats}) for session in sandbox.sessions())
        await teams.import_teams(core, SYSTEM, await teams.preview_teams(core, SYSTEM, lines))
        made = []
        for count, uses in ((self.schedule.single_codes, 1), (self.schedule.triple_codes, 3)):
            if count:
                _, texts = await codes.generate_list(
                    core, SYSTEM, codes.BatchPlan(count=count, uses=uses, override=True)
                )
                made += texts
        (self.folder / "codes.txt").write_text("".join(f"{text}\n" for text in made))

    def _start(self, starting: Processes, url: str, sandbox: Upstream) -> None:
        number = self._started
        self._started += 1
        plan = {
            "name": f"w{number}",
            "seed": self.report.seed * 1000 + number,
            "hands": self.schedule.hands,
            "people": self.schedule.people,
            "doings": self.schedule.doings,
            "url": url,
            "key": KEY,
            "sandbox": sandbox.root,
            "codes": str(self.folder / "codes.txt"),
            "clock": str(self.folder / "clock"),
            "seats": self.schedule.seats,
            "workspaces": self.schedule.workspaces,
            "spaces": list(sandbox.world.spaces),
            "history": str(self.folder / f"history-{number}.jsonl"),
            "without": self._without,
            "sections": self.sections(),
        }
        self._numbers.append(number)
        self._running.append(starting.start_python("-m", "tests.torture.worker", json.dumps(plan)))

    async def _torment(
        self, starting: Processes, direct: str, url: str, sandbox: Upstream, proxy: CuttingProxy | None
    ) -> None:
        possible = tuple(blow for blow in self.schedule.blows if self.server is not None or blow not in DATABASE)
        coming = strikes(self.report.seed, possible, self.schedule.processes)
        await self._all_at_work()
        end = time.monotonic() + self.schedule.seconds
        while (left := end - time.monotonic()) > 0:
            passed = 1 - left / self.schedule.seconds
            await self.meanwhile(passed, direct, sandbox, lambda: self._start(starting, url, sandbox))
            strike = next(coming, None)
            if strike is None:
                await asyncio.sleep(left)
                return
            await asyncio.sleep(strike.pause)
            await self._strike(strike, proxy, lambda: self._start(starting, url, sandbox))
            await self._all_at_work()

    async def _strike(self, strike: Strike, proxy: CuttingProxy | None, start: Callable[[], None]) -> None:
        done = self.report.blows
        if strike.blow in {"kill", "kill all"}:
            for each in [strike.victim] if strike.blow == "kill" else range(self.schedule.processes):
                await asyncio.to_thread(self._running[each].kill)
                self.in_its_place(each, start)
                done["processes killed"] += 1
        elif strike.blow == "stop":
            self._running[strike.victim].freeze()
            await asyncio.sleep(strike.lasting)
            self._running[strike.victim].thaw()
            done["processes stopped"] += 1
        elif strike.blow == "clock":
            await self._step_the_clock(strike.lasting)
        elif strike.blow == "cut" and proxy is not None:
            proxy.cut_all()
        elif strike.blow == "cut commits" and proxy is not None:
            proxy.cut_commits = 0.2
            await asyncio.sleep(strike.lasting)
            proxy.cut_commits = 0.0
        elif strike.blow in {"restart", "crash"} and self.server is not None:
            gently = strike.blow == "restart"
            await asyncio.to_thread(self.server.restart, "fast" if gently else "immediate")
            done["database restarted" if gently else "database crashed"] += 1

    def in_its_place(self, each: int, start: Callable[[], None]) -> None:
        """A process is started where another one was killed."""
        start()
        self._running[each] = self._running.pop()
        self._numbers[each] = self._numbers.pop()

    async def _step_the_clock(self, lasting: float) -> None:
        """Every process's clock is wrong by an hour for a while, one way or the other, and then right again."""
        clock = self.folder / "clock"
        ahead = self.report.blows["clock stepped"] % 4 == 0
        for wrong in (3600.0 if ahead else -3600.0, 0.0):
            (self.folder / "clock.new").write_text(str(wrong))
            (self.folder / "clock.new").replace(clock)
            self.report.blows["clock stepped"] += 1
            await asyncio.sleep(lasting / 2)

    async def _all_at_work(self) -> None:
        """Starting takes longer than striking: whoever was killed gets to work before the next blow."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            files = [self.folder / f"history-{number}.jsonl" for number in self._numbers]
            if all(file.exists() and file.stat().st_size > 400 for file in files):
                return
            await asyncio.sleep(0.1)

    async def _settle(self, core: Core, clock: MovedClock) -> None:
        """One process is left, and no fault: everything that is under way comes to its end. Nobody waits for it."""
        began = clock.now()
        # The first wrong clock is ahead, and only one that is behind leaves what looks an hour old.
        behind = self.report.blows["clock stepped"] > 2
        limit = timedelta(seconds=self.schedule.settled_within if behind else min(PROMPT, self.schedule.settled_within))
        await clock_watch.look(core)  # a clock that went back while nobody was looking
        await core.write(holds.lift, holds.CLOCK)
        bodies = (
            recovery.recover,
            transfer_sweep.advance_transfers,
            expiry.expire,
            health.check_health,
            waitlist_sweep.serve,
            privacy.forget_ended,
        )
        while clock.now() - began < limit and await core.read(_under_way):
            await clock_watch.look(core)
            for body in bodies:
                try:
                    async with asyncio.timeout(60):
                        await body(core)
                except UsherError as error:
                    self.report.operations[f"settling {error.key}"] += 1
                except TimeoutError:
                    self.report.breaches.append(f"stuck: {body.__module__}.{body.__name__}")
            if "recovery" in self._without:
                break  # nothing will come to its end
            clock.move(seconds=STEP if (clock.now() - began).total_seconds() < PROMPT else LONG_STEP)
            await asyncio.sleep(0.1)
        # Until then no reading counts as a miss: how long ago the one before it was is not known.
        doubt = core.clock.at_latest(clock.now()) - clock.now()
        clock.move(seconds=doubt.total_seconds())
        # Who is there without a lease is known to the books once two readings have shown it.
        for _ in range(3):
            clock.move(seconds=10 * STEP)
            await sync.sync_all(core, SYSTEM)
        self.report.settled_after = (clock.now() - began).total_seconds()


def _under_way(tx: sa.Connection) -> bool:
    statement = (
        "SELECT (SELECT count(*) FROM leases WHERE status = 'held')"
        " + (SELECT count(*) FROM redemptions WHERE state IN ('sending', 'unclear'))"
        " + (SELECT count(*) FROM removals WHERE state = 'planned')"
        " + (SELECT count(*) FROM transfers WHERE state IN ('inviting', 'waiting', 'removing'))"
    )
    return bool(tx.exec_driver_sql(statement).scalar_one())
