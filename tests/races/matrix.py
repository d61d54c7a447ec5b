"""Every pair of operations, with the first one halted at each statement where it matters that the other comes there.

What A has to be halted before follows from what the two do alone: a statement of A that touches nothing which B writes
and writes nothing which B touches may as well come before or after the whole of B, so only one of the two is played.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import sys
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
import structlog

from core.errors import UsherError
from tests.races.halting import Gate, until_done_or_blocked
from tests.races.operations import SITUATIONS, Operation
from tests.races.world import Stage, World, breaches, settle

SHARED = frozenset(
    "batches codes identities job_items jobs leases people pools redemptions removals repeated_requests seats"
    " staff_tokens teams transfers waitlist".split()
)
"""Tables in which two operations can meet. The others are only added to."""

_NAMED = re.compile(r"\b(from|join|update|into)\s+\"?(\w+)", re.IGNORECASE)


@dataclass(frozen=True)
class Touched:
    """What a statement reads and what it writes or locks, of the shared tables."""

    reads: frozenset[str]
    writes: frozenset[str]


def touched(statement: str) -> Touched:
    """By its words: a locking SELECT counts as a writer of what it names."""
    named = {(word.lower(), table) for word, table in _NAMED.findall(statement) if table in SHARED}
    tables = frozenset(table for _, table in named)
    first = statement.lstrip().split(" ", 1)[0].upper()
    if first in {"SELECT", "WITH"}:
        return Touched(tables, tables if " FOR " in statement.upper() else frozenset())
    if first in {"UPDATE", "INSERT", "DELETE"}:
        target = _NAMED.search(statement)
        written = frozenset({target[2]} & SHARED) if target else frozenset()
        return Touched(tables, written)
    return Touched(frozenset(), frozenset())


@dataclass(frozen=True)
class Alone:
    """What an operation does when nobody else is there."""

    statements: list[str]
    sqlite: bool

    @property
    def whole(self) -> Touched:
        each = [touched(text) for text in self.statements]
        return Touched(
            frozenset().union(*(one.reads for one in each)), frozenset().union(*(one.writes for one in each))
        )

    def meets(self, number: int, other: Touched) -> bool:
        mine = touched(self.statements[number])
        return bool((mine.reads | mine.writes) & other.writes or mine.writes & (other.reads | other.writes))

    def halts(self, other: Touched) -> list[int]:
        """The statements before which it matters whether the other has been there."""
        found = []
        begun: int | None = None
        written = False
        for number, text in enumerate(self.statements):
            if text.startswith("BEGIN"):
                begun, written = number, False
            elif text == "COMMIT":
                if written:
                    found.append(number)
                begun, written = None, False
            elif self.meets(number, other):
                mine = touched(text).writes & (other.reads | other.writes)
                if self.sqlite and begun is not None and text.lstrip().split(" ", 1)[0] != "BEGIN":
                    # Inside a writing transaction nobody else comes in: before it, and once within.
                    if not written and begun not in found:
                        found.append(begun)
                    written = True
                    continue
                found.append(number)
                written = written or bool(mine)
        return sorted(set(found))


@dataclass(frozen=True)
class Meeting:
    """One schedule: `a` is halted before its statement `at`, `b` comes, `a` goes on."""

    situation: str
    a: Operation
    b: Operation
    at: int
    unit: int
    text: str

    def __str__(self) -> str:
        return f"{self.situation}: {self.a.name} before {self.at} ({self.text[:60]!r}) meets {self.b.name}"


@dataclass
class Outcome:
    """`found` is empty when every promise was kept."""

    meeting: Meeting
    found: list[str] = field(default_factory=list)
    blocked: bool = False


class Matrix:
    """All meetings on one stage."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._alone: dict[tuple[str, str], Alone] = {}

    async def prepare(self, situations: list[str] | None = None) -> None:
        """Build the situations and see what each operation does alone. Raises: AssertionError if one breaks a promise."""
        for name, situation in SITUATIONS.items():
            if situations is not None and name not in situations:
                continue
            await self.stage.keep(name, situation.build)
            for operation in situation.operations:
                async with self.stage.put_back(name) as world, _listening() as heard:
                    gate = Gate(world.cores["a"].database)
                    heard.extend(await _tried(operation, world, "a"))
                    gate.leave()
                    await settle(world)
                    found = [*heard, *await breaches(world)]
                    assert not found, f"{name}: {operation.name} alone: {found}"
                    self._alone[name, operation.name] = Alone(gate.statements, self.stage.is_sqlite)

    def meetings(self) -> Iterator[Meeting]:
        """Every schedule, in one order. Those of one `pair` stand together."""
        for name, situation in SITUATIONS.items():
            for a in situation.operations:
                for b in situation.operations:
                    if (name, a.name) not in self._alone:
                        continue
                    alone, other = self._alone[name, a.name], self._alone[name, b.name].whole
                    for number in alone.halts(other):
                        unit = alone.statements[:number].count("COMMIT")
                        yield Meeting(name, a, b, number, unit, " ".join(alone.statements[number].split()))

    async def play_all(self, meetings: Iterable[Meeting]) -> AsyncIterator[Outcome]:
        """Play them, but for those that are the same: once B waits for A within a unit of A, it waits there until the
        end of that unit, wherever A is halted in it afterwards, and has seen nothing of it before."""
        waits: set[tuple[str, str, str, int]] = set()
        for meeting in meetings:
            unit = (meeting.situation, meeting.a.name, meeting.b.name, meeting.unit)
            if unit in waits:
                continue
            outcome = await self.play(meeting)
            if outcome.blocked:
                waits.add(unit)
            yield outcome

    async def play(self, meeting: Meeting) -> Outcome:
        """Let the two meet, let everything settle, and ask every oracle."""
        outcome = Outcome(meeting)
        async with self.stage.put_back(meeting.situation) as world, _listening() as heard:
            served = await _served(world)
            gate = Gate(world.cores["a"].database, meeting.at)
            first = asyncio.create_task(_tried(meeting.a, world, "a"))
            reached = asyncio.create_task(gate.reached.wait())
            await asyncio.wait([first, reached], return_when=asyncio.FIRST_COMPLETED)
            other = Gate(world.cores["b"].database)
            second = asyncio.create_task(_tried(meeting.b, world, "b"))
            if reached.done():
                outcome.blocked = not await until_done_or_blocked(second, lambda: self._blocked(gate, other))
            gate.open()
            heard.extend([*await first, *await second])
            reached.cancel()
            gate.leave()
            other.leave()
            try:
                await settle(world)
            except Exception as fault:  # noqa: BLE001 - whatever it is, it is a finding
                heard.append(f"settling: {fault!r}")
            outcome.found = [*heard, *await breaches(world)]
            if not (meeting.a.ends or meeting.b.ends or SITUATIONS[meeting.situation].lost):
                missing = served - await _served(world)
                outcome.found += [f"{person} is nowhere" for person in sorted(missing)]
        return outcome

    async def _blocked(self, halted: Gate, other: Gate) -> bool:
        if self.stage.is_sqlite:
            return halted.inside and other.beginning
        return await self.stage.blocked()


async def _tried(operation: Operation, world: World, side: str) -> list[str]:
    """What should not have happened to whoever asked: a refusal is an answer, anything else a fault."""
    try:
        await operation.act(world, world.cores[side], side)
    except UsherError as refusal:
        return [] if refusal.key != "busy" else [f"{operation.name}: the database is busy"]
    except Exception as fault:  # noqa: BLE001 - whatever it is, it is a finding
        return [f"{operation.name}: {fault!r}"]
    return []


async def _served(world: World) -> set[str]:
    """Addresses that have a seat for a code they used, under whatever address that is by now."""
    return set(await world.core.read(_live))


def _live(tx: sa.Connection) -> list[str]:
    live = "status IN ('held', 'invited', 'active', 'transferring')"
    moved = f"SELECT s.address FROM leases l JOIN transfers t ON t.target_lease_id = l.id JOIN leases s ON s.id = t.lease_id WHERE l.{live}"
    return list(tx.execute(sa.text(f"SELECT address FROM leases WHERE {live} UNION {moved}")).scalars())


@contextlib.asynccontextmanager
async def _listening() -> Any:
    """What the product logs meanwhile: an exception that was survived is still one that should not have been."""
    heard: list[str] = []

    def hear(_: Any, method: str, event: Any) -> Any:
        if method in {"exception", "error"}:
            heard.append(f"logged: {event['event']}: {sys.exc_info()[1]!r}")
        raise structlog.DropEvent

    structlog.configure(processors=[hear])
    try:
        yield heard
    finally:
        structlog.reset_defaults()
