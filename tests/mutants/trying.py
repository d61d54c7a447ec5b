"""Try one fault in a copy of a process: which tests, in which order, how long at most.

A fault inside a function is tried in a copy of a process that has imported everything and collected every test: the
function gets another body, and only the tests are paid for. A fault in what runs while a module is loaded (a constant,
a default, a statement that is built once) is tried in a copy that has loaded libraries alone.
"""

from __future__ import annotations

import ast
import contextlib
import gc
import importlib.abc
import importlib.machinery
import os
import shutil
import signal
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

import pytest

from tests.mutants.mutating import Mutant
from tests.mutants.reaching import OPTIONS, Reach, Reached
from tests.mutants.targets import tests_of
from tests.support.postgres import memory

REPOSITORY = Path(__file__).resolve().parents[2]
SLOWER = 20
"""How many times longer than measured a test may take before it counts as one that never ends."""
WAITING, WORKING = 120.0, 15.0
"""Seconds that a test may take in any case, on a machine that has other work, and those in which it works itself."""
NOTICED, BROKEN = 1, 3
LAST, WENT_WRONG = "last-test", "went-wrong"
"""Files of a trial: the test it is at, and why it could not be made."""
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@cache
def source_of(path: str) -> str:
    return (REPOSITORY / path).read_text(encoding="utf-8")


@cache
def _functions(path: str) -> list[tuple[str, int, int, bool]]:
    """The outermost functions of a module: name, first and last line of the body, and whether it makes others."""
    found = []

    def look(nodes: Iterable[ast.AST], prefix: str) -> None:
        for node in nodes:
            if isinstance(node, ast.ClassDef):
                look(node.body, f"{prefix}{node.name}.")
            elif isinstance(node, _FUNCTIONS):
                makes = any(isinstance(inner, _FUNCTIONS) for inner in ast.walk(node) if inner is not node)
                found.append((f"{prefix}{node.name}", node.body[0].lineno, node.end_lineno or 0, makes))

    look(ast.parse(source_of(path)).body, "")
    return found


def place_of(mutant: Mutant) -> tuple[str, int, int] | None:
    """The function a fault is in, with the first and the last line of its body; None if it is in none."""
    return next(
        ((name, first, last) for name, first, last, _ in _functions(mutant.path) if first <= mutant.line <= last),
        None,
    )


def can_be_put_in(mutant: Mutant, loading: frozenset[int]) -> bool:
    """May the function simply get another body? Not if it has run, or made others, while modules were loaded."""
    place = place_of(mutant)
    if place is None:
        return False
    name, first, last = place
    alike = [makes for other, *_, makes in _functions(mutant.path) if other == name]
    return alike == [False] and loading.isdisjoint(range(first, last + 1))


def put_in(mutant: Mutant) -> None:
    """Give the function of a loaded module the body with the fault."""
    place = place_of(mutant)
    assert place is not None
    file = str(REPOSITORY / mutant.path)
    code = _code_of(compile(mutant.source(source_of(mutant.path)), file, "exec"), place[0])
    gc.unfreeze()
    found = 0
    for one in gc.get_objects():
        if isinstance(one, FunctionType) and one.__code__.co_filename == file and one.__qualname__ == place[0]:
            one.__code__ = code
            found += 1
    assert found, f"nothing loaded is {place[0]} of {mutant.path}"


def _code_of(code: CodeType, name: str) -> CodeType:
    inside = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    for one in inside:
        if one.co_qualname == name:
            return one
        if name.startswith(f"{one.co_qualname}."):
            return _code_of(one, name)
    raise LookupError(name)


@cache
def statement_of(path: str, line: int) -> range:
    """The lines of the statement that a line is in; of one that holds others, those before them."""
    around = [
        node
        for node in ast.walk(ast.parse(source_of(path)))
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or 0)
    ]
    inmost = max(around, key=lambda node: (node.lineno, -(node.end_lineno or 0)))
    first, last = inmost.lineno, inmost.end_lineno or 0
    head = range(first, inmost.body[0].lineno) if isinstance(getattr(inmost, "body", None), list) else range(0)  # type: ignore[attr-defined]
    return head if line in head else range(first, last + 1)


def asked_of(mutant: Mutant, reached: Reached) -> list[Reach]:
    """The tests that can notice a fault: those that run its line, then the others that run its statement.

    What is built once in a process, like a prepared statement, is run by the first test of a file and used by all the
    others: where only one test of a file comes by, they are asked as well.
    """
    every = reached.of(tests_of()[mutant.path])
    place = place_of(mutant)
    statement = statement_of(mutant.path, mutant.line)
    ran = [(one, one.lines.get(mutant.path, frozenset())) for one in every]
    at_the_line = [one for one, lines in ran if mutant.line in lines]
    beside = [one for one, lines in ran if mutant.line not in lines and not lines.isdisjoint(statement)]
    asked = [*at_the_line, *beside]
    if place is None or not reached.loading.get(mutant.path, frozenset()).isdisjoint(range(place[1], place[2] + 1)):
        return list(dict.fromkeys([*asked, *every]))  # what is run while modules are loaded is there for all of them
    came = Counter(one.test.partition("::")[0] for one in asked)
    alone = [one for one in every if came[one.test.partition("::")[0]] == 1]
    return list(dict.fromkeys([*asked, *alone]))


class Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module with another source than the file has."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant
        self.source = mutant.source(source_of(mutant.path))
        self.name = mutant.path.removesuffix(".py").replace("/", ".")

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self.name:
            return None
        spec = importlib.machinery.ModuleSpec(fullname, self, origin=str(REPOSITORY / self.mutant.path))
        spec.has_location = True
        return spec

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self.source, str(REPOSITORY / self.mutant.path), "exec"), module.__dict__)


class Trials:
    """Copies of this process, so many at a time; each tells by its end whether its tests noticed something."""

    def __init__(self, jobs: int, told: Callable[[Mutant | None, bool, str], None]) -> None:
        self.jobs = jobs
        self._told = told
        self._running: dict[int, tuple[Mutant | None, Path]] = {}

    def begin(self, mutant: Mutant | None, work: Callable[[], bool]) -> None:
        """Run `work` in a copy, once there is room for it: it answers whether the fault was noticed."""
        while len(self._running) >= self.jobs:
            self._await_one()
        place = Path(tempfile.mkdtemp(prefix="usher-mutant-", dir=memory()))
        child = os.fork()
        if child == 0:
            code = BROKEN
            try:
                os.setsid()
                os.environ["PYTEST_DEBUG_TEMPROOT"] = str(place)
                quiet = os.open(os.devnull, os.O_RDWR)
                for standard in range(3):
                    os.dup2(quiet, standard)
                code = NOTICED if work() else 0
            except BaseException:  # noqa: BLE001 - it is told to whoever waits for the trial
                (place / WENT_WRONG).write_text(traceback.format_exc())
            finally:
                os._exit(code)
        self._running[child] = mutant, place

    def end(self) -> None:
        """Wait for all of them."""
        while self._running:
            self._await_one()

    def _await_one(self) -> None:
        child, status = os.waitpid(-1, 0)
        if child in self._running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child, signal.SIGKILL)  # what it has begun and left
            mutant, place = self._running.pop(child)
            code = os.waitstatus_to_exitcode(status)
            wrong, last = place / WENT_WRONG, place / LAST
            if code == BROKEN:
                raise RuntimeError(f"{mutant}: {wrong.read_text() if wrong.exists() else 'no reason given'}")
            by = last.read_text() if code and last.exists() else ""
            shutil.rmtree(place, ignore_errors=True)
            self._told(mutant, code != 0, by)


class Order:
    """A plugin of pytest that runs these tests alone, in this order, and gives each its time."""

    def __init__(self, reaches: Sequence[Reach]) -> None:
        self.limits = {one.test: (WAITING + SLOWER * one.seconds, WORKING + SLOWER * one.working) for one in reaches}
        self.noticed = False

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        place = {test: number for number, test in enumerate(self.limits)}
        items[:] = sorted((item for item in items if item.nodeid in place), key=lambda item: place[item.nodeid])

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        (Path(os.environ["PYTEST_DEBUG_TEMPROOT"]) / LAST).write_text(item.nodeid)
        waiting, working = self.limits[item.nodeid]
        signal.setitimer(signal.ITIMER_REAL, waiting)
        signal.setitimer(signal.ITIMER_PROF, working)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.noticed = self.noticed or report.failed


def from_the_start(mutant: Mutant, reaches: Sequence[Reach]) -> bool:
    """Import everything with the fault in it and run these tests; was it noticed?"""
    sys.meta_path.insert(0, Changed(mutant))
    files = list(dict.fromkeys(one.test.partition("::")[0] for one in reaches))
    code = pytest.main(["-x", *OPTIONS, *files], plugins=[Order(reaches)]) if files else pytest.ExitCode.OK
    if code == pytest.ExitCode.NO_TESTS_COLLECTED:
        raise RuntimeError(f"none of the tests is there: {files}")
    return code != pytest.ExitCode.OK


def put_in_and_run(mutant: Mutant | None, items: Sequence[pytest.Item], order: Order) -> bool:
    """Run collected tests with the fault in its function, until the first that fails; was it noticed?"""
    if not items:
        return False
    if mutant is not None:
        put_in(mutant)
    items[0].config.pluginmanager.register(order)
    items[0].config._tmp_path_factory._basetemp = Path(os.environ["PYTEST_DEBUG_TEMPROOT"])  # type: ignore[attr-defined]
    for item, following in zip(items, [*items[1:], None], strict=True):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if order.noticed:
            return True
    return False
