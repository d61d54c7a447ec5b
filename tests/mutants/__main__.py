"""Make mutants of the rules and of what claims and settles, and see whether the tests notice.

Each one is tried in a process of its own, forked from this one, which has the libraries loaded and nothing of ours.
`SEED` draws the sample, `SAMPLE` is its size (0: all), `ONLY` a part of the paths.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import os
import random
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from types import ModuleType

from tests.mutants.mutating import Mutant, mutants_of
from tests.mutants.targets import is_noise, tests_of

REPOSITORY = Path(__file__).resolve().parents[2]
WANTED = 0.9
"""Share of the sample that has to be noticed."""
CPU_SECONDS = 120
"""What a mutant that never ends may use."""
LEFT_OUT = ("postgresql", "invites_nobody_else", "no_faster", "a_million_codes")
"""Words in the names of tests that take long, or time something, and see little that others do not."""
_WANTED_TESTS = " and ".join(f"not {word}" for word in LEFT_OUT)


class _Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module with another source than the file has."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant
        self.source = mutant.source(_source(mutant.path))
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
        exec(compile(self.source, self.mutant.path, "exec"), module.__dict__)


def _try(tests: Sequence[str], mutant: Mutant | None) -> bool:
    """Run tests in a child; True if they all pass, and so have not noticed."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.setsid()
            resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
            quiet = os.open(os.devnull, os.O_WRONLY)
            os.dup2(quiet, 1)
            os.dup2(quiet, 2)
            if mutant is not None:
                sys.meta_path.insert(0, _Changed(mutant))
            import pytest

            # The libraries are loaded already, and their assertions are nobody's here.
            options = ["-W", "ignore::pytest.PytestAssertRewriteWarning", "-k", _WANTED_TESTS]
            plugins = [word for name in ("randomly", "cacheprovider", "xdist") for word in ("-p", f"no:{name}")]
            code = int(pytest.main(["-x", "-q", *options, *plugins, *tests]))
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == 0


def main() -> int:
    """Print who survived, and the share that was noticed. Fails below nine in ten."""
    seed, size, only = (
        int(os.environ.get("SEED", "1")),
        int(os.environ.get("SAMPLE", "150")),
        os.environ.get("ONLY", ""),
    )
    made = [
        mutant
        for path in tests_of()
        if only in path
        for mutant in mutants_of(REPOSITORY / path, path)
        if not is_noise(_source(path).splitlines()[mutant.line - 1])
    ]
    sample = sorted(
        random.Random(seed).sample(made, min(size or len(made), len(made))), key=lambda one: (one.path, one.line)
    )
    print(f"{len(made)} mutants, {len(sample)} drawn with seed {seed}", flush=True)
    _load()
    began = time.monotonic()
    sound = {path: _try(tests_of()[path], None) for path in {one.path for one in sample}}
    if not all(sound.values()):
        print("the tests fail without any mutant:", *(path for path, passed in sound.items() if not passed))
        return 2
    tally: Counter[str] = Counter()
    for mutant in sample:
        survived = _try(tests_of()[mutant.path], mutant)
        tally["survived" if survived else "noticed"] += 1
        if survived:
            print(f"survived  {mutant.told(_source(mutant.path))}", flush=True)
    share = tally["noticed"] / max(1, len(sample))
    print(f"{tally['noticed']} of {len(sample)} noticed ({share:.1%}) in {time.monotonic() - began:.0f} s")
    return 0 if share >= WANTED else 1


@cache
def _source(path: str) -> str:
    return (REPOSITORY / path).read_text(encoding="utf-8")


def _load() -> None:
    """Import what costs time and is not under test."""
    import hypothesis  # noqa: F401 - loaded for the children
    import pytest  # noqa: F401
    import pytest_asyncio  # noqa: F401
    import sqlalchemy.ext.asyncio  # noqa: F401


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    sys.exit(main())
