"""What a process of its own cost: seconds, processor seconds, and the most memory it held."""

from __future__ import annotations

import contextlib
import json
import resource
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.processes import Processes

LONGEST = 900.0


@dataclass(frozen=True)
class Cost:
    """Of one process, from its start to its end; `peak` in MB, `said` is its one JSON document."""

    seconds: float
    cpu: float
    peak: float
    said: Any


def cost_of(processes: Processes, *arguments: str | Path, python: bool = False) -> Cost:
    """Run `usher ARGUMENTS --json`, or this interpreter with them, to its end. No other child may end meanwhile."""
    before, began, peak = _children(), time.perf_counter(), 0.0
    start = processes.start_python if python else processes.start
    running = start(*arguments, *(() if python else ("--json",)))
    while running.alive:
        peak = max(peak, peak_of(running.pid))
        time.sleep(0.02)
        assert time.perf_counter() - began < LONGEST, running.so_far()
    seconds = time.perf_counter() - began
    said = running.finish().expect().json()
    return Cost(seconds, _children() - before, peak, said)


def peak_of(pid: int) -> float:
    """The most memory that a living process has held, in MB; 0 when it is gone."""
    # Not `ru_maxrss`: that one begins with what the process that started it held.
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return 0.0


def settle(processes: Processes, url: str, key: str, **settings: Any) -> None:
    """Let every process that is started from now on have these settings."""
    given = {"DATABASE__URL": url, "VAULT__ACTIVE": "k1", "VAULT__KEYS": json.dumps({"k1": key}), **settings}
    for name, value in given.items():
        processes.environment[f"USHER_{name}"] = str(value)


def _children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
