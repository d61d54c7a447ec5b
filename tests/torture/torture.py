"""Several processes at work while they are killed, frozen and cut off, and their database with them."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from core.actions import codes, teams
from core.actors import SYSTEM
from core.errors import UsherError
from core.sandbox.server import Sandbox
from core.service import Core, open_core
from core.storage import guards, migrate
from core.sweeps import expiry, health, recovery
from core.sweeps import transfers as transfer_sweep
from tests.support.house import KEY, settings_for
from tests.support.postgres import PostgresServer
from tests.support.processes import Processes, Running
from tests.torture.checker import History, breaches
from tests.torture.proxy import CuttingProxy
from tests.torture.worker import HOUSE, lagging

WORKSPACES, SEATS = 6, 4
SETTLED_WITHIN = 90.0
"""Seconds after the last fault until nothing may be under way any more."""
FAULTS = (
    "applied-then-timeout=0.04",
    "applied-then-reset=0.05",
    "applied-then-500=0.04",
    "reset=0.04",
    "503=0.04",
    "429=0.04",
    "empty-invites=0.03",
    "html-200=0.02",
    "truncated=0.02",
    "list-lag=2",
    "cancel:reset=0.05",
    "remove:applied-then-reset=0.05",
    "members:500=0.03",
    "page-cut=0.03",
)


@dataclass
class Report:
    """What a run did and what it found."""

    seed: int
    counts: Counter[str] = field(default_factory=Counter)
    breaches: list[str] = field(default_factory=list)
    settled_after: float = 0.0

    def __str__(self) -> str:
        done = ", ".join(f"{count} {what}" for what, count in sorted(self.counts.items()))
        return f"seed {self.seed}: {done}; settled after {self.settled_after:.0f} s; {self.breaches or 'no breach'}"


class Torture:
    """One run. `server` is None on SQLite; `without` names guards that every process goes without."""

    def __init__(
        self,
        folder: Path,
        server: PostgresServer | None,
        *,
        seed: int,
        duration: float,
        processes: int = 3,
        without: Sequence[str] = (),
        open_line: Sequence[str] = (),
    ) -> None:
        self.folder = folder
        self.server = server
        self.duration = duration
        self.report = Report(seed)
        self.random = random.Random(seed)
        self._wanted = processes
        self._without = list(without)
        self._open_line = open_line
        self._started = 0
        self._running: list[Running] = []
        self._numbers: list[int] = []

    async def run(self) -> Report:
        """Raises nothing for a breach: it stands in the report."""
        with Processes(self.folder) as starting, ExitStack() as stack:
            for name in self._without:
                stack.enter_context(guards.without(name))
            async with self._database() as (direct, through, proxy), Sandbox(WORKSPACES, SEATS * 3, 20) as sandbox:
                settings = settings_for(direct, **HOUSE)
                async with open_core(settings, open_upstream=lagging) as core:
                    await self._furnish(core, sandbox)
                sandbox.set_faults(FAULTS)
                for _ in range(self._wanted):
                    self._start(starting, through, sandbox)
                await self._torment(starting, through, sandbox, proxy)
                for worker in self._running:
                    worker.thaw()
                    await asyncio.to_thread(worker.kill)
                sandbox.set_faults([])
                async with open_core(settings, open_upstream=lagging) as core:
                    await self._settle(core)
                    history = History.read(sorted(self.folder.glob("history-*.jsonl")))
                    self.report.counts += history.counts()
                    self.report.breaches += await breaches(core, history, sandbox.ledger(), SEATS)
        return self.report

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
            self.report.counts["connections cut"] = proxy.cuts
        await asyncio.to_thread(self.server.drop_database, url)

    async def _open_last_line(self, url: str) -> None:
        from sqlalchemy.ext.asyncio import create_async_engine

        engine = create_async_engine(url, poolclass=sa.NullPool)
        async with engine.begin() as connection:
            for statement in self._open_line:
                await connection.execute(sa.text(statement))
        await engine.dispose()

    async def _furnish(self, core: Core, sandbox: Sandbox) -> None:
        lines = "\n".join(json.dumps({**session, "seats": SEATS}) for session in sandbox.sessions())
        await teams.import_teams(core, SYSTEM, await teams.preview_teams(core, SYSTEM, lines))
        _, single = await codes.generate_list(core, SYSTEM, codes.Plan(count=40, override=True))
        _, several = await codes.generate_list(core, SYSTEM, codes.Plan(count=6, uses=3, override=True))
        (self.folder / "codes.txt").write_text("".join(f"{text}\n" for text in single + several))

    def _start(self, starting: Processes, url: str, sandbox: Sandbox) -> None:
        number = self._started
        self._started += 1
        plan = {
            "name": f"w{number}",
            "seed": self.report.seed * 1000 + number,
            "hands": 3,
            "url": url,
            "key": KEY,
            "sandbox": sandbox.root,
            "codes": str(self.folder / "codes.txt"),
            "history": str(self.folder / f"history-{number}.jsonl"),
            "without": self._without,
        }
        self._numbers.append(number)
        self._running.append(starting.start_python("-m", "tests.torture.worker", json.dumps(plan)))

    async def _torment(self, starting: Processes, url: str, sandbox: Sandbox, proxy: CuttingProxy | None) -> None:
        """What strikes when is drawn from the seed alone."""
        counts = self.report.counts
        end = time.monotonic() + self.duration
        blows = ["kill"] * 5 + ["freeze"] * 3 + ["kill all"]
        if proxy is not None:
            blows += ["cut"] * 3 + ["cut commits"] * 3 + ["restart"] * 2
        while time.monotonic() < end:
            await self._all_at_work()
            await asyncio.sleep(self.random.uniform(0.2, 1.2))
            blow = self.random.choice(blows)
            victim = self.random.randrange(self._wanted)
            counts[f"blow {blow}"] += 1
            if blow in {"kill", "kill all"}:
                for each in [victim] if blow == "kill" else range(self._wanted):
                    await asyncio.to_thread(self._running[each].kill)
                    self._start(starting, url, sandbox)
                    self._running[each] = self._running.pop()
                    self._numbers[each] = self._numbers.pop()
            elif blow == "freeze":
                self._running[victim].freeze()
                await asyncio.sleep(self.random.uniform(1, 6))
                self._running[victim].thaw()
            elif blow == "cut" and proxy is not None:
                proxy.cut_all()
            elif blow == "cut commits" and proxy is not None:
                proxy.cut_commits = 0.2
                await asyncio.sleep(self.random.uniform(0.5, 2))
                proxy.cut_commits = 0.0
            elif blow == "restart" and self.server is not None:
                gently = self.random.random() < 0.3
                await asyncio.to_thread(self.server.restart, "fast" if gently else "immediate")

    async def _all_at_work(self) -> None:
        """Starting takes longer than striking: whoever was killed gets to work before the next blow."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            files = [self.folder / f"history-{number}.jsonl" for number in self._numbers]
            if all(file.exists() and file.stat().st_size > 400 for file in files):
                return
            await asyncio.sleep(0.1)

    async def _settle(self, core: Core) -> None:
        """One process is left, and no fault: everything that is under way comes to its end."""
        began = time.monotonic()
        statement = (
            "SELECT (SELECT count(*) FROM leases WHERE status = 'held')"
            " + (SELECT count(*) FROM redemptions WHERE state IN ('sending', 'unclear'))"
            " + (SELECT count(*) FROM removals WHERE state = 'planned')"
            " + (SELECT count(*) FROM transfers WHERE state IN ('inviting', 'waiting', 'removing'))"
        )
        while time.monotonic() - began < SETTLED_WITHIN:
            for body in (recovery.recover, transfer_sweep.advance_transfers, expiry.expire, health.check_health):
                try:
                    async with asyncio.timeout(SETTLED_WITHIN / 4):
                        await body(core)
                except UsherError as error:
                    self.report.counts[f"settling {error.key}"] += 1
                except TimeoutError:
                    self.report.breaches.append(f"stuck: {body.__module__}.{body.__name__}")
            if not await core.read(lambda tx: tx.exec_driver_sql(statement).scalar_one()):
                break
            if "recovery" in self._without and time.monotonic() - began > 10:
                break
            await asyncio.sleep(0.5)
        self.report.settled_after = time.monotonic() - began


def describe(report: Report) -> dict[str, Any]:
    """The report as one JSON document."""
    return {
        "seed": report.seed,
        "counts": dict(report.counts),
        "settled_after": round(report.settled_after, 1),
        "breaches": report.breaches,
    }
