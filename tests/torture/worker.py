"""One process under torture: it does what chats and sweeps do, at random, and writes down every wish and outcome.

Started as `python -m tests.torture.worker PLAN`, where PLAN is a JSON document; it ends by a signal.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import time
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from core import holds
from core.actors import SYSTEM
from core.clock import SteppedClock
from core.codes import codes
from core.errors import UsherError
from core.leases import expiry, leases, recovery
from core.people import privacy
from core.providers.registry import open_provider
from core.redemptions import redemptions
from core.redemptions.orders import RedeemWish
from core.rules.codes import read_code
from core.service import Core, open_core
from core.storage import guards
from core.storage import tables as t
from core.sweeps import schedule
from core.sync import health_sweep as health
from core.sync import sync
from core.transfers import sweep as transfer_sweep
from core.transfers import transfers
from core.upkeep import clock_watch
from core.waitlist import sweep as waitlist_sweep
from tests.support.house import settings_for
from tests.torture.living import Living, owner_of

LIST_LAG = 4.0
"""Seconds that this upstream's lists may lag, instead of the adapter's own minute."""
HOUSE = {
    "redemption": {"claim": 2.0, "recovery_interval": 2.0, "seat_hold": 5.0},
    "upstream": {"timeout": 1.5, "connect_timeout": 1.0},
    "transfers": {"grace_hours": 0.001, "first_retry": 5.0},
    "sync": {"interval": 10.0},
    "time": {"step": 60.0, "second_look": 3.0},
    "health": {"failures": 50, "members_failures": 50, "breaker_pause": 1.0, "longest_breaker_pause": 3.0},
}


SWEEPS = {
    "clock": clock_watch.look,
    "recovery": recovery.recover,
    "transfers": transfer_sweep.advance_transfers,
    "expiry": expiry.expire,
    "sync": sync.read_due,
    "health": health.check_health,
    "waitlist": waitlist_sweep.serve,
    "forgetting": privacy.forget_ended,
}
"""What every process does by itself, in this order; each waits for what its name says in the schedule."""


class History:
    """Lines that survive a SIGKILL: each is one write to a file opened for appending."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_APPEND | os.O_CREAT | os.O_WRONLY, 0o600)

    def add(self, **line: Any) -> None:
        os.write(self._file, (json.dumps({"at": time.monotonic(), **line}) + "\n").encode())


def lagging(workspace: Any, client: Any) -> Any:
    """The real adapter, believing in shorter lags."""
    adapter: Any = open_provider(workspace, client)
    adapter.properties = replace(adapter.properties, list_lag=LIST_LAG)
    return adapter


class TornClock(SteppedClock):
    """Its source is wrong by as many seconds as stand in a file, for all processes at once."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def wrong_by(self) -> float:
        return float(self._path.read_text() or 0) if self._path.exists() else 0.0

    def seen(self, moment: Any) -> Any:
        self._off = timedelta(seconds=self.wrong_by())
        return super().seen(moment)


class Worker(Living):
    def __init__(self, core: Core, plan: dict[str, Any], history: History) -> None:
        self.core = core
        self.plan = plan
        self.history = history
        self.random = random.Random(plan["seed"])
        self.codes_file = Path(plan["codes"])
        self.number = 0
        self.wishes: list[tuple[str, str, str]] = []

    async def work(self) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(self.plan["hands"]):
                group.create_task(self._hand())
            group.create_task(self._sweeps())

    async def _hand(self) -> None:
        names, weights = zip(*self.plan["doings"], strict=True)
        while True:
            [name] = self.random.choices(names, weights)
            await self._done(getattr(self, f"_{name}"))
            await asyncio.sleep(self.random.uniform(0, 0.05))

    async def _done(self, doing: Any) -> None:
        self.number += 1
        line = {"id": f"{self.plan['name']}:{self.number}", "op": doing.__name__.strip("_")}
        try:
            outcome = await doing(line)
            self.history.add(**line, type="ok", **(outcome or {}))
        except UsherError as refused:
            self.history.add(**line, type="refused", reason=refused.key)
        except Exception as error:  # noqa: BLE001 - as the comment says
            # A database that is away in the middle of an action is a fault that was asked for; its outcome is unknown.
            self.history.add(**line, type="info", error=f"{type(error).__name__}: {error}"[:300])

    async def _sweeps(self) -> None:
        core = self.core
        while True:
            for name, body in SWEEPS.items():
                try:
                    sweep = schedule.named(name)
                    if sweep is None or not sweep.waits_for & await core.read(holds.names):
                        await body(core)
                except Exception as error:  # noqa: BLE001 - the runner of sweeps survives everything, too
                    self.history.add(
                        op=body.__name__, type="sweep_failed", error=f"{type(error).__name__}: {error}"[:300]
                    )
            await asyncio.sleep(1.0)

    def _anybody(self) -> str:
        return f"p{self.random.randrange(self.plan['people'])}@example.com"

    def _some_code(self) -> str:
        """Rather one of the newest, and often the same one as somebody else."""
        return self.random.choice(self.codes_file.read_text().split()[-60:])

    async def _redeem(self, line: dict[str, Any]) -> Any:
        text = self._some_code()
        person = self._anybody()
        return await self._wish(line, person, text, f"{self.plan['name']}/{self.number}")

    async def _repeat(self, line: dict[str, Any]) -> Any:
        if not self.wishes:
            return None
        person, text, key = self.random.choice(self.wishes[-50:])
        return await self._wish(line, person, text, key)

    async def _wish(self, line: dict[str, Any], person: str, text: str, key: str) -> Any:
        self.history.add(**line, type="invoke", key=key, person=person, last4=text[-4:])
        self.wishes.append((person, text, key))
        code = read_code(text, await self.core.shapes())
        wait = self.random.choice([0.0, 1.0, 5.0])
        [receipt] = await redemptions.redeem_all(
            self.core, owner_of(person), RedeemWish(person, [code], request_key=key), wait=wait
        )
        return {"key": key, "redemption": receipt.redemption_id, "state": receipt.state, "reason": receipt.reason}

    async def _generate(self, line: dict[str, Any]) -> Any:
        plan = codes.BatchPlan(count=self.random.randint(1, 4), uses=self.random.choice([1, 1, 1, 3]))
        self.history.add(**line, type="invoke", count=plan.count, uses=plan.uses)
        _, made = await codes.generate_list(self.core, SYSTEM, plan)
        descriptor = os.open(self.codes_file, os.O_APPEND | os.O_WRONLY)
        try:
            os.write(descriptor, "".join(f"{text}\n" for text in made).encode())
        finally:
            os.close(descriptor)
        return {"made": len(made)}

    async def _disable(self, line: dict[str, Any]) -> Any:
        code = read_code(self.random.choice(self.codes_file.read_text().split()), await self.core.shapes())
        self.history.add(**line, type="invoke")
        await codes.set_code_status(self.core, SYSTEM, code, self.random.choice(["active", "disabled"]))

    async def _end(self, line: dict[str, Any]) -> Any:
        self.history.add(**line, type="invoke")
        ended = await leases.end(self.core, SYSTEM, self._anybody())
        return {"ended": len(ended)}

    async def _transfer(self, line: dict[str, Any]) -> Any:
        self.history.add(**line, type="invoke")
        person = self._anybody()
        moved = await transfers.transfer(self.core, SYSTEM, person, forced=self.random.random() < 0.7)
        return {"moved": len(moved)}

    async def _age(self, line: dict[str, Any]) -> Any:
        """A membership's term is over sooner than anybody thought."""
        self.history.add(**line, type="invoke")
        await self.core.write(_age, self._anybody(), self.core.now())

    async def _accept(self, line: dict[str, Any]) -> Any:
        self.history.add(**line, type="invoke")
        async with httpx.AsyncClient(timeout=2.0) as client:
            body = {"email": self._anybody()}
            await client.post(f"{self.plan['sandbox']}/_sandbox/accept", json=body)


def _age(tx: sa.Connection, address: str, now: Any) -> None:
    """The seats that the person had before go with it: whoever was moved was promised no more than they had."""
    until = sa.or_(t.leases.c.status == "active", t.leases.c.expires_at > now)
    mine = sa.and_(t.leases.c.address_key == address, t.leases.c.status.in_(("active", "transferring", "ended")))
    tx.execute(sa.update(t.leases).where(mine, until).values(expires_at=now))


async def main(plan: dict[str, Any]) -> None:
    """Work until killed."""
    history = History(Path(plan["history"]))
    settings = settings_for(
        plan["url"], **{**HOUSE, **plan["sections"], "vault": {"active": "k1", "keys": {"k1": plan["key"]}}}
    )
    while True:
        try:
            async with open_core(settings, open_upstream=lagging, clock=TornClock(Path(plan["clock"]))) as core:
                history.add(op="start", type="ok")
                await Worker(core, plan, history).work()
        except UsherError:
            await asyncio.sleep(0.2)  # the database is away: an operator's supervisor would start it again


if __name__ == "__main__":
    chosen = json.loads(sys.argv[1])
    with ExitStack() as stack:
        for name in chosen["without"]:
            stack.enter_context(guards.without(name))
        asyncio.run(main(chosen))
