"""Make mutants of the rules and of what claims and settles, and see whether the tests notice.

`SEED` draws the sample, `SAMPLE` is its size (0: all), `ONLY` names parts of the paths, with commas between, or lines
(`leases/invites.py:146:`), and `JOBS` says how many are tried at a time (d 2: many tests mostly wait). First it is
measured which test runs which line; that is kept in `.mutants.json` and measured again for what has changed. A mutant
is then tried by the tests that run its line, the quickest first, and by the others of its module's that run its
statement: nobody else can notice it. Databases are SQLite's here. `tests.mutants.alike` lists those that change nothing.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from functools import partial

import pytest

from tests.mutants.alike import changes_nothing
from tests.mutants.mutating import Mutant, mutants_of
from tests.mutants.reaching import OPTIONS, Reach, Reached, chosen, measure
from tests.mutants.targets import is_noise, tests_of
from tests.mutants.trying import (
    REPOSITORY,
    Order,
    Trials,
    asked_of,
    can_be_put_in,
    from_the_start,
    put_in_and_run,
    source_of,
)

WANTED = 0.9
"""Share of the sample that has to be noticed."""


class Tally:
    """Who was noticed and who lives, room by room."""

    def __init__(self) -> None:
        self.noticed: Counter[str] = Counter()
        self.alive: dict[str, list[Mutant]] = defaultdict(list)
        self.noticed_by: set[str] = set()
        self.unsound = "nobody has tried the tests without a fault"

    def take(self, mutant: Mutant | None, noticed: bool, by: str) -> None:
        """The end of a trial, and the test that was running then. Without a mutant, nobody should notice anything."""
        if mutant is None:
            self.unsound = f"{by} fails without a fault" if noticed else ""
        elif noticed:
            self.noticed[room_of(mutant)] += 1
            self.noticed_by.add(by)
        else:
            self.alive[room_of(mutant)].append(mutant)
            print(f"alive  {mutant.told(source_of(mutant.path))}", flush=True)

    def share(self, rooms: Sequence[str]) -> float:
        killed, alive = sum(self.noticed[room] for room in rooms), sum(len(self.alive[room]) for room in rooms)
        return killed / max(1, killed + alive)

    def table(self) -> None:
        """Print a line for each room and one for all of them."""
        rooms = sorted({*self.noticed, *self.alive})
        print(f"{'room':<14}{'played':>8}{'killed':>8}{'alive':>8}{'killed':>9}")
        for name, part in [*((room, [room]) for room in rooms), ("together", rooms)]:
            killed, alive = sum(self.noticed[one] for one in part), sum(len(self.alive[one]) for one in part)
            print(f"{name:<14}{killed + alive:>8}{killed:>8}{alive:>8}{self.share(part):>9.1%}")


def room_of(mutant: Mutant) -> str:
    return mutant.path.split("/")[1]


def drawn(seed: int, size: int, only: Sequence[str]) -> list[Mutant]:
    """The sample, in the order of the files."""
    made = [
        mutant
        for path in tests_of()
        if not only or any(part.partition(":")[0] in path for part in only)
        for mutant in mutants_of(REPOSITORY / path, path)
        if (not only or any(part in f"{mutant.path}:{mutant.line}:" for part in only))
        and not is_noise(source_of(path).splitlines()[mutant.line - 1])
    ]
    played = [one for one in made if not changes_nothing(one, source_of(one.path))]
    sample = random.Random(seed).sample(played, min(size or len(played), len(played)))
    told = f"{len(made)} mutants, {len(made) - len(played)} of them change nothing"
    print(f"{told}; {len(sample)} drawn with seed {seed}", flush=True)
    return sorted(sample, key=lambda one: (one.path, one.line))


class Player:
    """Plays the faults that can be put into functions, as a plugin of a pytest that has collected every test."""

    def __init__(self, mutants: Sequence[Mutant], reached: Reached, tally: Tally, jobs: int) -> None:
        self.mutants = mutants
        self.reached = reached
        self.tally = tally
        self.jobs = jobs

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = {item.nodeid: item for item in session.items}

        def work(mutant: Mutant | None, reaches: Sequence[Reach]) -> Callable[[], bool]:
            return lambda: put_in_and_run(mutant, [items[one.test] for one in reaches], Order(reaches))

        trials = Trials(self.jobs, self.tally.take)
        for mutant in self.mutants:
            trials.begin(mutant, work(mutant, asked_of(mutant, self.reached)))
        trials.end()
        # Whoever noticed a fault has to pass without one, in the same kind of copy.
        noticed_by = [one for file in self.reached.tests.values() for one in file if one.test in self.tally.noticed_by]
        trials.begin(None, work(None, noticed_by))
        trials.end()
        return True


def main() -> int:
    """Print who lives and how many were noticed in each room. Fails below nine in ten."""
    seed, size, jobs = (int(os.environ.get(name, given)) for name, given in (("SEED", 1), ("SAMPLE", 150), ("JOBS", 2)))
    sample = drawn(seed, size, [part for part in os.environ.get("ONLY", "").split(",") if part])
    _load()
    began = time.monotonic()
    files = list(dict.fromkeys(file for mutant in sample for file in tests_of()[mutant.path]))
    reached = measure(files, jobs)
    print(f"measured in {time.monotonic() - began:.0f} s", flush=True)
    tally = Tally()
    inside = [one for one in sample if can_be_put_in(one, reached.loading.get(one.path, frozenset()))]
    trials = Trials(jobs, tally.take)
    for mutant in [one for one in sample if one not in set(inside)]:
        trials.begin(mutant, partial(from_the_start, mutant, asked_of(mutant, reached)))
    trials.end()
    pytest.main([*OPTIONS, *chosen("sqlite"), *files], plugins=[Player(inside, reached, tally, jobs)])
    tally.table()
    print(f"in {time.monotonic() - began:.0f} s")
    if tally.unsound:
        print(tally.unsound)
        return 2
    return 0 if tally.share([*{*tally.noticed, *tally.alive}]) >= WANTED else 1


def _load() -> None:
    """Import what costs time and is not under test."""
    import coverage  # noqa: F401 - loaded for the children
    import hypothesis  # noqa: F401
    import pytest_asyncio  # noqa: F401
    import sqlalchemy.ext.asyncio  # noqa: F401


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    sys.exit(main())
