"""What a run of torture consists of; what strikes when is drawn from the seed and nothing else."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Blow = Literal["kill", "kill all", "stop", "cut", "cut commits", "restart", "crash", "clock"]

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
PROCESSES: tuple[Blow, ...] = ("kill",) * 5 + ("stop",) * 3 + ("kill all", "clock")
DATABASE: tuple[Blow, ...] = ("cut",) * 3 + ("cut commits",) * 3 + ("restart", "crash")
"""Only where the database is a server of its own."""
DOINGS = {
    "redeem": 46,
    "repeat": 14,
    "generate": 8,
    "disable": 2,
    "end": 14,
    "transfer": 8,
    "age": 4,
    "accept": 6,
    "erase": 2,
    "join": 4,
    "leave": 1,
    "resize": 2,
    "stranger": 2,
    "link": 1,
    "grant": 1,
    "revoke": 1,
    "ban": 1,
}
"""What a hand does, and how often. Expiry, sync and recovery run beside it in every process."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """`seconds` of blows on `processes`, each with `hands` at work.

    A negative control asks for one that provokes what it wants to see, and gives up settling after `settled_within`.
    """

    seconds: float
    processes: int = 3
    hands: int = 3
    workspaces: int = 6
    seats: int = 4
    people: int = 40
    single_codes: int = 12
    triple_codes: int = 2
    faults: tuple[str, ...] = FAULTS
    blows: tuple[Blow, ...] = PROCESSES + DATABASE
    doings: tuple[tuple[str, int], ...] = tuple(DOINGS.items())
    settled_within: float = 900.0


@dataclass(frozen=True, slots=True)
class Strike:
    """One blow after a `pause`; `lasting` is how long a stop, a cutting of commits or a wrong clock goes on."""

    pause: float
    blow: Blow
    victim: int
    lasting: float


def strikes(seed: int, blows: tuple[Blow, ...], processes: int) -> Iterator[Strike]:
    """Without end, and the same for the same seed."""
    drawn = random.Random(seed)
    while blows:
        pause, blow, victim = drawn.uniform(0.2, 1.2), drawn.choice(blows), drawn.randrange(processes)
        long = blow in {"stop", "clock"}
        yield Strike(pause, blow, victim, drawn.uniform(1, 6) if long else drawn.uniform(0.5, 2))
