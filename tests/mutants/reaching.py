"""Which test runs which lines, and how long it takes: measured once, and kept until the code it ran has changed.

A test that never runs a line cannot notice a fault in it, so a trial asks only those that do, the quickest first.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
KEPT = REPOSITORY / ".mutants.json"
LEFT_OUT = ("invites_nobody_else", "no_faster", "a_million_codes")
"""Words in the names of tests that take long, or time something, and see little that others do not."""
PLUGINS = [word for name in ("randomly", "cacheprovider", "xdist") for word in ("-p", f"no:{name}")]
OPTIONS = [
    *("-q", "-s", "-o", "timeout=0"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning", *PLUGINS),
]
"""The libraries are loaded already, and their assertions are nobody's here."""


@dataclass(frozen=True, slots=True)
class Reach:
    """One test: its seconds, and the lines of each module that it runs."""

    test: str
    seconds: float
    lines: Mapping[str, frozenset[int]]


@dataclass(frozen=True, slots=True)
class Reached:
    """What was measured: the tests, and the lines that are run while modules are loaded, before any test."""

    tests: Mapping[str, Sequence[Reach]]
    loading: Mapping[str, frozenset[int]]

    def of(self, files: Sequence[str]) -> list[Reach]:
        """The tests of these files, the quickest first."""
        return sorted((reach for file in files for reach in self.tests[file]), key=lambda one: one.seconds)


def chosen(backend: str) -> list[str]:
    """The option of pytest that leaves out what is not tried on this database."""
    words = (*LEFT_OUT, *(("postgresql",) if backend == "sqlite" else ("sqlite",)))
    return ["-k", " and ".join(f"not {word}" for word in words)]


def measure(files: Sequence[str], modules: Sequence[str], jobs: int) -> Reached:
    """Run the tests of `files` and see which lines of `modules` they run; what is known already is not run again.

    Raises: RuntimeError if one of them fails without any fault.
    """
    known: dict[str, Any] = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    missing = [file for file in files if _key(file) not in known]
    parts = [missing[number::jobs] for number in range(jobs) if missing[number::jobs]]
    with tempfile.TemporaryDirectory() as place:
        children = []
        for number, part in enumerate(parts):
            child = os.fork()
            if child == 0:
                try:
                    _run(part, modules, Path(place) / str(number))
                finally:
                    os._exit(1)
            children.append(child)
        for child in children:
            if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
                raise RuntimeError(f"the tests fail without any fault, in one of: {' '.join(missing)}")
        for number, part in enumerate(parts):
            found = json.loads((Path(place) / str(number)).read_text(encoding="utf-8"))
            known |= {_key(file): {"tests": found["tests"].get(file, []), "loading": found["loading"]} for file in part}
    kept = {_key(file): known[_key(file)] for file in files}
    KEPT.write_text(json.dumps(known | kept), encoding="utf-8")
    loading: dict[str, set[int]] = defaultdict(set)
    for one in kept.values():
        for module, lines in one["loading"].items():
            loading[module].update(lines)
    tests = {
        file: [
            Reach(test, seconds, {module: frozenset(lines) for module, lines in ran.items()})
            for test, seconds, ran in kept[_key(file)]["tests"]
        ]
        for file in files
    }
    return Reached(tests, {module: frozenset(lines) for module, lines in loading.items()})


class _Watch:
    """Tells the measurement which test is running."""

    def __init__(self, coverage: Any) -> None:
        self.coverage = coverage
        self.seconds: dict[str, float] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self.coverage.switch_context(item.nodeid)
        began = time.monotonic()
        result = yield
        self.seconds[item.nodeid] = time.monotonic() - began
        self.coverage.switch_context("")
        return result


def _run(files: Sequence[str], modules: Sequence[str], into: Path) -> None:
    """Measure in this process, which ends with 0 if every test passed."""
    import coverage

    quiet = os.open(os.devnull, os.O_WRONLY)
    said = os.dup(2)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    places = [str(REPOSITORY / module) for module in modules]
    watched = coverage.Coverage(data_file=None, config_file=False, include=places, concurrency=["thread", "greenlet"])
    watched.start()
    watch = _Watch(watched)
    code = int(pytest.main(["-x", *OPTIONS, *chosen("sqlite"), *files], plugins=[watch]))
    watched.stop()
    if code not in {0, 5}:
        os.write(said, b"a test fails without any fault\n")
        os._exit(1)
    data = watched.get_data()
    lines: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for place in data.measured_files():
        module = str(Path(place).relative_to(REPOSITORY))
        for line, tests in data.contexts_by_lineno(place).items():
            for test in tests:
                lines[test][module].append(line)
    ran: dict[str, list[Any]] = defaultdict(list)
    for test, seconds in watch.seconds.items():
        ran[test.partition("::")[0]].append((test, seconds, lines[test]))
    into.write_text(json.dumps({"tests": ran, "loading": lines[""]}), encoding="utf-8")
    os._exit(0)


@cache
def _code() -> str:
    """A digest of everything that tests run: what is measured with other code is of no use."""
    whole = hashlib.sha256()
    for place in ("core", "tests/support", "tests/conftest.py", "tests/mutants/targets.py"):
        found = REPOSITORY / place
        for file in sorted(found.rglob("*.py")) if found.is_dir() else [found]:
            whole.update(file.read_bytes())
    return whole.hexdigest()[:16]


@cache
def _key(file: str) -> str:
    return f"{file} {_code()} {hashlib.sha256((REPOSITORY / file).read_bytes()).hexdigest()[:16]}"
