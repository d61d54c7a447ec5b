"""Whole journeys under a fault: what becomes of a redemption, a transfer and a sync in the end.

Each fault has a pool and workspaces of its own, so that forty of them strike side by side in one database. Time
stands still until it is moved, for Usher and for the upstream alike.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from core.actors import SYSTEM
from core.clock import MovedClock
from core.leases import leases, recovery
from core.sandbox import Sandbox
from core.sandbox.faults import CATALOGUE, STANDING
from core.service import Core, open_core
from core.settings import Settings
from core.sync import sync
from core.sync.readings import Reading
from core.teams import pools, teams
from core.transfers import sweep as transfer_sweep
from core.transfers import transfers
from tests.support.house import House, settings_for
from tests.support.moved import START

MEASURED: Final = {"list-lag": "list-lag=30", "slow": "slow=50"}
FAULTS: Final = tuple(CATALOGUE)
NEVER_ANSWERED: Final = frozenset({"applied-then-timeout", "hang"})
"""Only these are cut off by Usher's own time limit; all other answers are waited for, however slow the machine is."""
TOGETHER: Final = 12
WORKSPACES: Final = {"redemption": 2, "transfer": 3, "removal": 1, "sync": 1}
"""How many workspaces each journey needs; the second one of a transfer is struck, of the others the first one."""


@dataclass
class Journeys(House):
    """One database, one upstream, a pool for each fault."""

    clock: MovedClock
    each: int
    hurried: Core

    def core_for(self, fault: str) -> Core:
        """Which process meets the fault: the one in a hurry meets those that are never answered."""
        return self.hurried if fault in NEVER_ANSWERED else self.core

    async def read_all(self, place: int, *, well: bool = False) -> list[Reading]:
        """Read the workspaces of all faults; while they are well nobody is in a hurry."""
        if well:
            return await sync.read_many(self.core, [self.team_id(fault, place) for fault in FAULTS])
        found: list[Reading] = []
        for core in (self.core, self.hurried):
            mine = [self.team_id(fault, place) for fault in FAULTS if self.core_for(fault) is core]
            found += await sync.read_many(core, mine)
        return found

    def space(self, fault: str, place: int) -> str:
        return f"ws-{FAULTS.index(fault) * self.each + place + 1}"

    def team_id(self, fault: str, place: int) -> int:
        return FAULTS.index(fault) * self.each + place + 1

    def strike(self, place: int, scoped: Callable[[str], list[str]]) -> None:
        # The last one asked for freezes the members that a stale list goes on showing.
        for fault in sorted(FAULTS, key=lambda name: name == "stale-members"):
            self.sandbox.set_faults(scoped(MEASURED.get(fault, fault)), self.space(fault, place))

    def heal(self, place: int) -> None:
        for fault in FAULTS:
            self.sandbox.set_faults([], self.space(fault, place))

    async def health(self, fault: str, place: int) -> str:
        return str(await self.value("SELECT health FROM teams WHERE id = :t", t=self.team_id(fault, place)))

    def places_of(self, address: str, fault: str) -> dict[int, str]:
        """Which of the fault's workspaces have the person, as what."""
        numbers = {self.space(fault, place): place for place in range(self.each)}
        ledger = self.sandbox.ledger()
        rows = [("pending", row) for row in ledger["pending"]] + [("member", row) for row in ledger["members"]]
        return {numbers[row["workspace"]]: what for what, row in rows if row["email"] == address}


@asynccontextmanager
async def open_journeys(url: str, provider: str, journey: str) -> AsyncIterator[Journeys]:
    """The pools and teams of one adapter, all well."""
    clock, each = MovedClock(START), WORKSPACES[journey]

    def settings(seconds: float) -> Settings:
        more: dict[str, Any] = {"sync": {"concurrency": 20}, "redemption": {"recovery_interval": 30.0}}
        return settings_for(url, upstream={"timeout": seconds}, **more)

    async with (
        Sandbox(workspaces=each * len(FAULTS), seats=8, latency_ms=0, clock=clock) as sandbox,
        open_core(settings(120.0), clock=clock) as core,
        open_core(settings(2.0), clock=clock) as hurried,
    ):
        sessions = sandbox.sessions(provider)
        for number, fault in enumerate(FAULTS):
            await pools.create_pool(core, SYSTEM, fault)
            # The team that a transfer shall choose first has the most free seats.
            seats = [4, 8, 6] if journey == "transfer" else [4] * each
            mine = sessions[number * each : (number + 1) * each]
            text = json.dumps([{**session, "seats": count} for session, count in zip(mine, seats, strict=True)])
            await teams.import_teams(
                core, SYSTEM, await teams.preview_teams(core, SYSTEM, text, provider=provider), pool=fault
            )
        yield Journeys(core, sandbox, url, clock, each, hurried)


def person(fault: str, name: str = "ann") -> str:
    return f"{name}.{fault}@people.example"


async def for_each_fault(work: Callable[[str], Awaitable[Any]]) -> dict[str, Any]:
    """Do it for every fault, several at once."""
    places = asyncio.Semaphore(TOGETHER)

    async def one(fault: str) -> Any:
        async with places:
            return await work(fault)

    results = await asyncio.gather(*(one(fault) for fault in FAULTS))
    return dict(zip(FAULTS, results, strict=True))


async def redemption_endings(url: str, provider: str) -> dict[str, str]:
    """Ann redeems a code while the first of two teams is struck; then the fault passes."""
    async with open_journeys(url, provider, "redemption") as stage:
        codes = {fault: (await stage.make_codes(pool=fault))[0] for fault in FAULTS}
        stage.strike(0, lambda fault: [fault])

        async def begin(fault: str) -> str:
            core = stage.core_for(fault)
            receipt = await stage.redeem(person(fault), codes[fault], key=f"redeem {fault}", wait=0, core=core)
            return receipt.state

        at_first = await for_each_fault(begin)
        healths = {fault: await stage.health(fault, 0) for fault in FAULTS}
        stage.heal(0)
        await _let_it_settle(stage)

        async def end(fault: str) -> str:
            again = await stage.redeem(person(fault), codes[fault], key=f"redeem {fault}", wait=0)
            found = stage.places_of(person(fault), fault)
            sent = [entry for entry in stage.sandbox.ledger()["invites"] if entry["email"] == person(fault)]
            used = await stage.value(
                "SELECT used FROM codes WHERE id = (SELECT code_id FROM redemptions WHERE address = :a)",
                a=person(fault),
            )
            assert used == len(found) == (again.state == "invited"), (fault, used, found, again)
            assert len(found) <= 1, "never in two places for one use"
            assert sum(entry["applied"] for entry in sent) == len(found), "never invited twice"
            words = {0: "invited", 1: "elsewhere"}[next(iter(found))] if found else again.state
            return _told(words, at_first[fault] == "unclear", healths[fault])

        endings = await for_each_fault(end)
        assert await stage.value("SELECT count(*) FROM seats WHERE state = 'held'") == 0
        return endings


async def transfer_endings(url: str, provider: str) -> dict[str, str]:
    """Ann, a member of a team that is well, is moved; the team that is chosen first is struck."""
    async with open_journeys(url, provider, "transfer") as stage:
        await _let_ann_join(stage)
        stage.strike(1, lambda fault: [fault])

        async def begin(fault: str) -> tuple[int, str]:
            (moving,) = await transfers.transfer(stage.core_for(fault), SYSTEM, person(fault), forced=True)
            return moving.id, moving.state

        begun = await for_each_fault(begin)
        healths = {fault: await stage.health(fault, 1) for fault in FAULTS}
        for fault in FAULTS:
            assert 0 in stage.places_of(person(fault), fault) or begun[fault][1] == "done", "nowhere at no time"
        stage.heal(1)
        await _let_it_settle(stage)

        async def end(fault: str) -> str:
            moved = await stage.core.read(transfers.read_transfer, begun[fault][0])
            found = stage.places_of(person(fault), fault)
            assert len(found) == 1, (fault, moved, found)
            invited = [space for space, address in stage.invited() if address == person(fault)]
            assert len(invited) == len(set(invited)), "never invited twice"
            (place,) = found
            assert (moved.state == "done") == (place != 0), (fault, moved, found)
            words = {0: "stays", 1: "moved", 2: "elsewhere"}[place]
            return _told(words, begun[fault][1] == "inviting", healths[fault])

        return await for_each_fault(end)


async def removal_endings(url: str, provider: str) -> dict[str, str]:
    """Ann's membership is ended by hand while her team is struck."""
    async with open_journeys(url, provider, "removal") as stage:
        await _let_ann_join(stage)
        stage.strike(0, lambda fault: _aimed(fault, ["remove"]))

        async def begin(fault: str) -> str:
            ended = await leases.end(stage.core_for(fault), SYSTEM, person(fault))
            return ended[0].state

        begun = await for_each_fault(begin)
        healths = {fault: await stage.health(fault, 0) for fault in FAULTS}
        stage.heal(0)
        await _let_it_settle(stage)

        async def end(fault: str) -> str:
            still = bool(stage.places_of(person(fault), fault))
            states = await stage.rows("SELECT status FROM leases WHERE address = :a", a=person(fault))
            if healths[fault] != "gone":  # of a workspace that is no more, nobody can be taken out
                status = "active" if still else "ended"
                assert [row[0] for row in states] == [status], (fault, "the lease says where the person is")
            words = "stays" if still else "gone later"
            return _told("at once" if begun[fault] == "done" and not still else words, False, healths[fault])

        return await for_each_fault(end)


async def sync_endings(url: str, provider: str) -> dict[str, str]:
    """A team with a member and a pending invite is read four times under the fault, and once without it."""
    async with open_journeys(url, provider, "sync") as stage:
        for fault in FAULTS:
            for name in ("ann", "bob"):
                code = (await stage.make_codes(pool=fault))[0]
                await stage.redeem(person(fault, name), code, key=f"redeem {name} {fault}", wait=0)
            stage.sandbox.accept(person(fault))
        stage.clock.move(minutes=5)
        assert all(reading.complete for reading in await stage.read_all(0, well=True))
        stage.strike(0, lambda fault: _aimed(fault, ["members", "pending"]))
        for fault in FAULTS:
            stage.sandbox.world.join(stage.sandbox.world.spaces[stage.space(fault, 0)], person(fault, "late"))
        seen: Mapping[int, list[str]] = {stage.team_id(fault, 0): [] for fault in FAULTS}
        for _ in range(4):
            stage.clock.move(minutes=5)
            for reading in await stage.read_all(0):
                waits = reading.reason in {"paused", "rate_limited"}
                seen[reading.team_id].append("read" if reading.complete else "waits" if waits else "unread")
        healths = {fault: await stage.health(fault, 0) for fault in FAULTS}
        for fault in FAULTS:
            assert await _leases(stage, fault) == [("active", 0), ("invited", 0)], (fault, "nobody is gone")
        stage.heal(0)
        stage.clock.move(hours=2)
        assert all(reading.complete for reading in await stage.read_all(0, well=True))

        async def end(fault: str) -> str:
            assert await _leases(stage, fault) == [("active", 0), ("invited", 0)]
            assert await stage.health(fault, 0) == "healthy", "a good reading restores"
            strangers = await stage.rows(
                "SELECT occupant FROM seats WHERE team_id = :t AND occupant IS NOT NULL ORDER BY 1",
                t=stage.team_id(fault, 0),
            )
            assert person(fault, "late") in [row[0] for row in strangers], "whoever came by hand has a seat"
            words = list(dict.fromkeys(seen[stage.team_id(fault, 0)]))
            return _told(", then ".join(words), False, healths[fault])

        return await for_each_fault(end)


async def _let_ann_join(stage: Journeys) -> None:
    for fault in FAULTS:
        code = (await stage.make_codes(pool=fault))[0]
        await stage.redeem(person(fault), code, key=f"redeem {fault}", wait=0)
        stage.sandbox.accept(person(fault))
    await stage.read_all(0)
    stage.clock.move(hours=1)


def _aimed(fault: str, calls: list[str]) -> list[str]:
    """Shapes and standing faults strike where they always do, everything else strikes these calls."""
    name = fault.partition("=")[0]
    own_place = CATALOGUE[name].stage == "shape" or name in STANDING or name == "hang"
    return [fault] if own_place else [f"{call}:{fault}" for call in calls]


async def _let_it_settle(stage: Journeys) -> None:
    """The time passes that lists, pauses and breakers take, with the sweeps going on."""
    for minutes in (2, 5, 30, 60):
        stage.clock.move(minutes=minutes)
        await recovery.recover(stage.core)
        await transfer_sweep.advance_transfers(stage.core)


async def _leases(stage: Journeys, fault: str) -> list[tuple[str, int]]:
    rows = await stage.rows(
        "SELECT status, absent_reads FROM leases WHERE team_id = :t ORDER BY id", t=stage.team_id(fault, 0)
    )
    return [(row[0], row[1]) for row in rows]


def _told(words: str, unclear: bool, health: str) -> str:
    first = "unclear, then " if unclear else ""
    return f"{first}{words}" + ("" if health == "healthy" else f" ({health})")
