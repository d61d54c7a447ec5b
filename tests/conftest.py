"""What every test stands on: databases of its own, no way off the machine, nothing left running."""

from __future__ import annotations

import asyncio
import gc
import inspect
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support import loopback, pgbouncer
from tests.support.postgres import PostgresServer, memory, migrated
from tests.support.processes import Processes

BACKENDS = ("sqlite", "postgresql")

loopback.install()

for name in [name for name in os.environ if name.startswith("USHER_")]:
    del os.environ[name]  # settings of the shell that runs the tests are nobody's test data

# SQLite waits for its disk at every commit; what is tried is that it asks for it, and not how long that takes.
if (quick := memory()) is not None:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(quick))

# The gate must not fall over by luck, so it draws the same examples every time; `thorough` looks for new ones.
settings.register_profile(
    "gate",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("thorough", deadline=None, max_examples=2000, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "gate"))


# A tenth of the suite's time went to looking through what is never let go of: the modules and the collected tests.
gc.set_threshold(100_000, 50, 50)


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A running PostgreSQL of this test run. Whoever stops or kills it starts it again."""
    with PostgresServer() as server:
        yield server


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file at head, to be copied."""
    path = tmp_path_factory.mktemp("template") / "usher.db"
    migrated(_sqlite(path))
    return path


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """Each test that asks for a database runs once on "sqlite" and once on "postgresql"."""
    return str(request.param)


@pytest.fixture
def database_url(backend: str, request: pytest.FixtureRequest) -> str:
    """The URL of a database of the test's own, migrated to head, on each backend in turn."""
    return str(request.getfixturevalue("sqlite_url" if backend == "sqlite" else "postgres_url"))


@pytest.fixture
def empty_database_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The same without any table."""
    if backend == "sqlite":
        yield _sqlite(tmp_path / "empty.db")
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    url = server.create_database(empty=True)
    yield url
    server.drop_database(url)


@pytest.fixture
def sqlite_url(migrated_file: Path, tmp_path: Path) -> str:
    """A migrated SQLite file of the test's own."""
    return _sqlite(Path(shutil.copy(migrated_file, tmp_path / "usher.db")))


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """A migrated PostgreSQL database of the test's own."""
    url = postgres.create_database()
    yield url
    postgres.start()  # a crash test may have left it down
    postgres.drop_database(url)


@pytest.fixture
def processes(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Processes]:
    """Starts real `usher` processes in `tmp_path`, and ends them; for measurements each is one of its own."""
    measures = request.node.get_closest_marker("bench") is not None
    with Processes(tmp_path, fresh=measures) as started:
        yield started


@pytest.fixture(autouse=True)
def _stays_on_this_machine() -> Iterator[None]:
    loopback.attempts.clear()
    yield
    assert not loopback.attempts, f"the test tried to leave the machine: {loopback.attempts}"


@pytest.fixture
async def _leaves_no_task() -> AsyncIterator[None]:
    """Whatever a test starts, it ends; a task that outlives it would run into the next one's database."""
    before = asyncio.all_tasks()
    yield
    for _ in range(5):  # tasks that were cancelled a moment ago need a turn of the loop to end
        await asyncio.sleep(0)
    left = [task for task in asyncio.all_tasks() - before if not task.done() and task is not asyncio.current_task()]
    assert not left, f"tasks still running after the test: {left}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Only tests with a loop pay for the look at its tasks, and it comes first, so that it looks last."""
    for item in items:
        if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj):
            item.fixturenames.insert(0, "_leaves_no_task")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What this machine could not try is said, where everybody looks."""
    if pgbouncer.program() is None:
        said = "PgBouncer is not on this machine: what is told of poolers was tried on PostgreSQL itself."
        terminalreporter.write_line(said, yellow=True)


def _sqlite(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"
