"""Which test runs which lines, and how long it takes: measured once, and kept until the test or a module that
it tries has changed.

A test that never runs a line cannot notice a fault in it, so a trial asks only those that do, the quickest first.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import shutil
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.mutants.targets import tests_of
from tests.support.postgres import memory

REPOSITORY = Path(__file__).resolve().parents[2]
KEPT = REPOSITORY / ".mutants.json"
BETWEEN = "between"
"""The name under which is noted what is run by no test: the ends of sessions, and tasks that go on."""
CPU_SECONDS, TRIES = 30, 5
"""What the tests of one file may use. The measuring itself turns in a circle now and then, where a thread ends that
had several stacks: then the file is measured again.
"""
LEFT_OUT = ("invites_nobody_else", "no_faster", "a_million_codes")
"""Words in the names of tests that take long, or time something, and see little that others do not."""
PLUGINS = [word for name in ("randomly", "cacheprovider", "xdist") for word in ("-p", f"no:{name}")]
OPTIONS = [
    *("-q", "-s", "-o", "timeout=0"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning", *PLUGINS),
]
"""The libraries are loaded already, and their assertions are nobody's here."""


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """One test: the seconds it takes, those in which it works, and the lines of each module that it runs."""

    test: str
    seconds: float
    working: float
    lines: Mapping[str, frozenset[int]]


@dataclass(frozen=True, slots=True)
class Reached:
    """What was measured: the tests, and the lines that are run while modules are loaded, before any test."""

    tests: Mapping[str, Sequence[Reach]]
    loading: Mapping[str, frozenset[int]]

    def of(self, files: Sequence[str]) -> list[Reach]:
        """The tests of these files, the quickest first: work counts, and waiting a little."""
        found = [reach for file in files for reach in self.tests[file]]
        return sorted(found, key=lambda one: one.working + one.seconds / 10)


def chosen(backend: str) -> list[str]:
    """The option of pytest that leaves out what is not tried on this database."""
    words = (*LEFT_OUT, *(("postgresql",) if backend == "sqlite" else ("sqlite",)))
    return ["-k", " and ".join(f"not {word}" for word in words)]


def measure(files: Sequence[str], jobs: int) -> Reached:
    """Run the tests of `files` and see which lines they run; each file's are kept, and not run again.

    Raises: RuntimeError if one of them fails without any fault.
    """
    missing = [file for file in files if _key(file) not in _kept()]
    if missing:
        child = os.fork()
        if child == 0:
            try:
                _measure_here(missing, jobs)
            finally:
                os._exit(1)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
            left = [file for file in missing if _key(file) not in _kept()]
            raise RuntimeError(f"these could not be measured, do they pass? {' '.join(left)}")
    known = _kept()
    loading: dict[str, set[int]] = defaultdict(set)
    for file in files:
        for module, lines in known[_key(file)]["loading"].items():
            loading[module].update(lines)
    tests = {
        file: [
            Reach(test, took[0], took[1], {module: frozenset(lines) for module, lines in ran.items()})
            for test, took, ran in known[_key(file)]["tests"]
        ]
        for file in files
    }
    return Reached(tests, {module: frozenset(lines) for module, lines in loading.items()})


def _kept() -> dict[str, Any]:
    return dict(json.loads(KEPT.read_text(encoding="utf-8"))) if KEPT.exists() else {}


def _measure_here(files: Sequence[str], jobs: int) -> None:
    """Collect in this process, which then ends: with 0 if every test passed."""
    import coverage

    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    places = [str(REPOSITORY / module) for module in tests_of()]
    watched = coverage.Coverage(data_file=None, config_file=False, include=places, concurrency=["thread", "greenlet"])
    watched.start()
    measuring = _Measuring(watched, jobs)
    pytest.main([*OPTIONS, *chosen("sqlite"), *files], plugins=[measuring])
    os._exit(0 if measuring.passed else 1)


class _Measuring:
    """A plugin that runs each file's tests in a copy of the process that has collected them all."""

    def __init__(self, coverage: Any, jobs: int) -> None:
        self.coverage = coverage
        self.jobs = jobs
        self.passed = False
        self.took: dict[str, tuple[float, float]] = {}
        self.failed = False
        self.loading: dict[str, list[int]] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.coverage.switch_context(BETWEEN)
        self.loading = self._lines()[""]
        by_file: dict[str, list[pytest.Item]] = defaultdict(list)
        for item in session.items:
            by_file[item.nodeid.partition("::")[0]].append(item)
        self.passed = True
        with tempfile.TemporaryDirectory(dir=memory()) as place:
            running: dict[int, tuple[str, Path]] = {}
            waiting = list(by_file)
            tried: Counter[str] = Counter()
            while waiting or running:
                if not waiting or len(running) >= self.jobs:
                    again = self._end_one(running)
                    if again is not None and tried[again] < TRIES:
                        waiting.append(again)
                    self.passed = self.passed and (again is None or tried[again] < TRIES)
                    continue
                file = waiting.pop(0)
                tried[file] += 1
                own = Path(tempfile.mkdtemp(dir=place))
                child = os.fork()
                if child == 0:
                    try:
                        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
                        self._run(by_file[file], own)
                    finally:
                        os._exit(1)
                running[child] = file, own
        return True

    def _end_one(self, running: dict[int, tuple[str, Path]]) -> str | None:
        """Wait for one of them; returns its file where that has to be tried again."""
        child, status = os.waitpid(-1, 0)
        if child not in running:
            return None
        file, own = running.pop(child)
        if os.waitstatus_to_exitcode(status) < 0:
            shutil.rmtree(own, ignore_errors=True)
            return file
        if status:
            self.passed = False
        else:
            found = json.loads((own / "found").read_text(encoding="utf-8"))
            others = {key: known for key, known in _kept().items() if not key.startswith(f"{file} ")}
            KEPT.write_text(json.dumps(others | {_key(file): found}), encoding="utf-8")
        shutil.rmtree(own, ignore_errors=True)
        return None

    def _run(self, items: Sequence[pytest.Item], own: Path) -> None:
        items[0].config._tmp_path_factory._basetemp = own  # type: ignore[attr-defined]
        for item, following in zip(items, [*items[1:], None], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self.failed:
                os._exit(1)
        self.coverage.stop()
        lines = self._lines()
        ran = [(test, took, lines[test]) for test, took in self.took.items()]
        (own / "found").write_text(json.dumps({"tests": ran, "loading": self.loading}), encoding="utf-8")
        os._exit(0)

    def _lines(self) -> dict[str, dict[str, list[int]]]:
        """What was run, in this process: while modules were loaded (an empty name), by each test, and between them."""
        data = self.coverage.get_data()
        lines: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for place in data.measured_files():
            module = str(Path(place).relative_to(REPOSITORY))
            for line, tests in data.contexts_by_lineno(place).items():
                for test in tests:
                    lines[test][module].append(line)
        return lines

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self.coverage.switch_context(item.nodeid)
        began, working = time.monotonic(), time.process_time()
        result = yield
        self.took[item.nodeid] = time.monotonic() - began, time.process_time() - working
        self.coverage.switch_context(BETWEEN)
        return result

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.failed = self.failed or report.failed


@cache
def _key(file: str) -> str:
    """What the lines stand for: this content of the file, and of the modules that it has to notice faults in."""
    of = [file, *(module for module, tests in tests_of().items() if file in tests)]
    whole = hashlib.sha256(b"".join((REPOSITORY / one).read_bytes() for one in of))
    return f"{file} {whole.hexdigest()[:16]}"
