"""Two processes run all sweeps: none overlaps itself, and none is missed when one process is killed."""

from __future__ import annotations

import time
from collections import defaultdict
from pathlib import Path

from tests.support.house import KEY
from tests.support.processes import Processes, Running

SWEEPS = {"one", "two", "three"}


def _read(path: Path) -> list[tuple[float, str, int, str]]:
    lines = path.read_text().splitlines() if path.exists() else []
    parts = [line.split() for line in lines]
    return [(float(moment), what, int(process), name) for moment, what, process, name in parts]


def _wait(path: Path, rounds: int, after: float = 0.0) -> None:
    """Until each sweep has ended so many rounds since `after`."""
    deadline = time.monotonic() + 240
    while True:
        ended: dict[str, int] = defaultdict(int)
        for moment, what, _, name in _read(path):
            ended[name] += what == "end" and moment > after
        if all(ended[name] >= rounds for name in SWEEPS):
            return
        assert time.monotonic() < deadline, f"missed: {dict(ended)}"
        time.sleep(0.1)


def test_killing_one_of_two_processes_misses_no_sweep_and_overlaps_none(
    database_url: str, processes: Processes, tmp_path: Path
) -> None:
    path = tmp_path / "rounds"
    environment = {"USHER_DATABASE__URL": database_url, "USHER_VAULT__KEYS__k1": KEY}

    def start() -> Running:
        return processes.start_python("-m", "tests.support.sweep_somewhere", path, **environment)

    workers = [start(), start()]
    _wait(path, 3)
    busy = _read(path)[-1][2]  # whoever wrote last is in the middle of something, or was a moment ago
    victim = next(worker for worker in workers if worker.pid == busy)
    victim.kill()
    killed_at = time.monotonic()
    _wait(path, 3, after=killed_at)
    for worker in workers:
        worker.kill()
    running: dict[str, tuple[float, int]] = {}
    for moment, what, process, name in sorted(_read(path)):
        if what == "end":
            assert running.pop(name)[1] == process
            continue
        before = running.get(name)
        # A round that was begun by the killed process is the only one that may never have ended.
        assert before is None or before[1] == busy, f"{name} overlaps itself"
        running[name] = (moment, process)
