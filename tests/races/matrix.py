"""Every pair of operations, with the first one halted at each statement where it matters that the other comes there.

What A has to be halted before follows from what the two do alone: a statement of A that touches nothing which B writes
and writes nothing which B touches may as well come before or after the whole of B, so only one of the two is played.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
import structlog

from core.errors import UsherError
from tests.races.all_operations import SITUATIONS
from tests.races.halting import Gate, is_beginning, until_done_or_blocked
from tests.races.neighbour import SIDE as B
from tests.races.neighbour import Neighbour
from tests.races.operations import Operation
from tests.races.world import Stage, World, breaches, broken_promises, picture, settle

SHARED = frozenset(
    "bans batches code_requests codes extension_requests identities job_items jobs leases links people pools redemptions removals"
    " repeated_requests seats staff_tokens teams transfers waitlist".split()
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
        locked = tables if " FOR " in statement.upper() else frozenset()
        # Writes that are sent together are the parts of one statement.
        parts = frozenset(table for word, table in named if first == "WITH" and word in {"update", "into"})
        return Touched(tables, locked | parts)
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
    committed: bool = False
    """B had committed something before it waited."""


@dataclass(frozen=True)
class End:
    """What every oracle says of a state when all is settled, and which redemptions have a seat then."""

    found: list[str]
    served: frozenset[int]


class Matrix:
    """All meetings on one stage."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.neighbour: Neighbour | None = None
        self._alone: dict[tuple[str, str], Alone] = {}
        self._ends: dict[tuple[str, int], End] = {}

    async def prepare(self, chosen: Mapping[str, Collection[str]] | None = None) -> None:
        """Build the situations and see what each operation does alone; of `chosen`, situation → operations, only those.

        Raises: AssertionError if one breaks a promise.
        """
        for name in SITUATIONS if chosen is None else chosen:
            await self.stage.keep(name, SITUATIONS[name].build)
            for operation in SITUATIONS[name].operations:
                if chosen is not None and chosen[name] and operation.name not in chosen[name]:
                    continue
                async with self.stage.put_back(name) as world, listening() as heard:
                    gate = Gate(world.cores["a"].database)
                    heard.extend(await tried(operation, world, "a"))
                    gate.leave()
                    found = [*heard, *(await self._end(name, world)).found]
                    assert not found, f"{name}: {operation.name} alone: {found}"
                    self._alone[name, operation.name] = Alone(gate.statements, self.stage.is_sqlite)

    def meetings(self) -> Iterator[Meeting]:
        """Every schedule, in one order. Those of one `pair` stand together."""
        for name, situation in SITUATIONS.items():
            there = [each for each in situation.operations if (name, each.name) in self._alone]
            for a in there:
                for b in there:
                    alone, other = self._alone[name, a.name], self._alone[name, b.name].whole
                    for number in alone.halts(other):
                        unit = alone.statements[:number].count("COMMIT")
                        yield Meeting(name, a, b, number, unit, " ".join(alone.statements[number].split()))

    async def play_all(self, meetings: Iterable[Meeting]) -> AsyncIterator[Outcome]:
        """Play them, but for those that are the same: once B waits for A within a unit of A, and has committed nothing
        before, it waits until the end of that unit, wherever A is halted in it afterwards, and A sees nothing of it."""
        waits: set[tuple[str, str, str, int]] = set()
        for meeting in meetings:
            unit = (meeting.situation, meeting.a.name, meeting.b.name, meeting.unit)
            if unit in waits:
                continue
            outcome = await self.play(meeting)
            if outcome.blocked and not outcome.committed:
                waits.add(unit)
            yield outcome

    async def play(self, meeting: Meeting) -> Outcome:
        """Let the two meet, let everything settle, and ask every oracle."""
        outcome = Outcome(meeting)
        async with self.stage.put_back(meeting.situation) as world, listening() as heard:
            served = await _served(world)
            gate = Gate(world.cores["a"].database, meeting.at)
            first = asyncio.create_task(tried(meeting.a, world, "a"))
            reached = asyncio.create_task(gate.reached.wait())
            await asyncio.wait([first, reached], return_when=asyncio.FIRST_COMPLETED)
            async with self._beside(meeting, world) as (second, statements):
                if reached.done():
                    outcome.blocked = not await until_done_or_blocked(second, lambda: self._blocked(gate, statements))
                    outcome.committed = "COMMIT" in statements
                gate.open()
                heard.extend([*await first, *await second])
            reached.cancel()
            gate.leave()
            end = await self._end(meeting.situation, world)
            heard.extend(end.found)
            names = set(SITUATIONS[meeting.situation].lost)
            if meeting.a.ends or meeting.b.ends:
                names.add(world.notes["who"])
            lost = {world.notes.get(f"redemption of {name}") for name in names}
            nowhere = served.keys() - end.served - lost
            heard.extend(f"{served[one]} is nowhere" for one in sorted(nowhere))
        outcome.found = heard
        return outcome

    async def _end(self, situation: str, world: World) -> End:
        """What becomes of the present state; many schedules lead to the same one, and it is asked only once."""
        state = (situation, await picture(world))
        if state not in self._ends:
            # At once as well: what the sweeps mend should not have been broken.
            found = [f"at once: {one}" for one in await broken_promises(world)]
            async with listening() as heard:
                try:
                    await settle(world)
                except Exception as fault:  # noqa: BLE001 - whatever it is, it is a finding
                    heard.append(f"settling: {fault!r}")
                found += [*heard, *await breaches(world)]
            self._ends[state] = End(found, frozenset(await _served(world)))
        return self._ends[state]

    @asynccontextmanager
    async def _beside(self, meeting: Meeting, world: World) -> AsyncIterator[tuple[asyncio.Task[list[str]], list[str]]]:
        """The second operation, begun, and the statements that it has come to so far.

        PostgreSQL sees two processes by their connections. On SQLite a process has locks of its own, so it is one.
        """
        if self.stage.is_sqlite:
            self.neighbour = self.neighbour or Neighbour(self.stage.settings)
            self.neighbour.statements = []
            second = asyncio.create_task(self.neighbour.run(world, meeting.situation, meeting.b.name))
            yield second, self.neighbour.statements
            return
        gate = Gate(world.cores[B].database)
        yield asyncio.create_task(tried(meeting.b, world, B)), gate.statements
        gate.leave()

    def close(self) -> None:
        """Let the other process end."""
        if self.neighbour is not None:
            self.neighbour.close()

    async def _blocked(self, halted: Gate, other: Sequence[str]) -> bool:
        if self.stage.is_sqlite:
            return halted.inside and is_beginning(other)
        return await self.stage.blocked()


async def tried(operation: Operation, world: World, side: str) -> list[str]:
    """What should not have happened to whoever asked: a refusal is an answer, anything else a fault."""
    try:
        await operation.act(world, world.cores[side], side)
    except UsherError as refusal:
        return [] if refusal.key != "busy" else [f"{operation.name}: the database is busy"]
    except Exception as fault:  # noqa: BLE001 - whatever it is, it is a finding
        return [f"{operation.name}: {fault!r}"]
    return []


async def _served(world: World) -> dict[int, str]:
    """Redemption → address, of those who have a seat by it, wherever and under whatever address it is by now."""
    return dict(await world.core.read(_live))


def _live(tx: sa.Connection) -> list[tuple[int, str]]:
    live = "l.status IN ('held', 'invited', 'active', 'transferring')"
    asked = sa.text(
        f"SELECT r.id, r.address FROM redemptions r JOIN leases l ON l.id = r.lease_id WHERE {live}"
        " UNION SELECT r.id, r.address FROM redemptions r JOIN transfers t ON t.lease_id = r.lease_id"
        f" JOIN leases l ON l.id = t.target_lease_id WHERE {live}"
    )
    return [(int(row[0]), str(row[1])) for row in tx.execute(asked)]


@asynccontextmanager
async def listening() -> AsyncIterator[list[str]]:
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
