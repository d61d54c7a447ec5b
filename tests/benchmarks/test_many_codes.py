"""Codes by the million through the command line, against rows that are ready made and need only be written.

The floor does no cryptography, draws nothing and writes no file; what it would cost more with these is in the
figure `cryptography`. It is also taken with its rows in the order of their digests, the order in which Usher writes.
"""

from __future__ import annotations

import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import pytest

from core.rules.codes import DEFAULT_SHAPE, canonical, generate_many
from core.service import code_row
from core.vault import Vault
from tests.benchmarks.figures import report
from tests.benchmarks.watching import Cost, cost_of, settle
from tests.support.house import KEY
from tests.support.postgres import PostgresServer, migrated
from tests.support.processes import Processes

pytestmark = pytest.mark.bench

ROUNDS, FEW, MANY = 5, 50_000, 1_000_000
BARE = ("-m", "tests.benchmarks.bare_codes")
LOOK_EVERY, LOOK_AGAIN = 0.02, 0.001


class Waiter:
    """Somebody else who wants to write on the same SQLite file, over and over.

    The `patient` one waits as SQLite does, looking again after up to 0.1 s, and so misses moments when nobody writes;
    the other looks all the time, and sees how long one lock lasts. `longest` is the longest wait.
    """

    def __init__(self, path: Path, *, patient: bool) -> None:
        self.longest = 0.0
        self._path = path
        self._patient = patient
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        connection = sqlite3.connect(self._path, isolation_level=None, timeout=60 if self._patient else 0)
        while not self._stop.wait(LOOK_EVERY if self._patient else LOOK_AGAIN):
            began = time.perf_counter()
            while not self._locked(connection):
                time.sleep(LOOK_AGAIN)
            self.longest = max(self.longest, time.perf_counter() - began)
            connection.execute("ROLLBACK")
        connection.close()

    @staticmethod
    def _locked(connection: sqlite3.Connection) -> bool:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        return True


class Databases:
    """Migrated databases, each for one measurement."""

    def __init__(self, directory: Path, server: PostgresServer | None) -> None:
        self._directory = directory
        self._server = server
        self._template = directory / "template.db"
        if server is None:
            migrated(f"sqlite+aiosqlite:///{self._template}")

    @contextmanager
    def fresh(self) -> Iterator[str]:
        if self._server is not None:
            url = self._server.create_database()
            yield url
            self._server.drop_database(url)
            return
        yield f"sqlite+aiosqlite:///{shutil.copy(self._template, self._directory / 'fresh.db')}"
        for path in self._directory.glob("fresh.db*"):
            path.unlink()


def path_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite+aiosqlite:///"))


def generate(processes: Processes, url: str, count: int, out: Path) -> tuple[Cost, float, float]:
    """Through the command line; on SQLite with the longest lock, and the longest wait of another writer."""
    wish = ("code", "generate", "--count", str(count), "--override", "--out", out)
    if not url.startswith("sqlite"):
        return cost_of(processes, *wish), 0.0, 0.0
    with Waiter(path_of(url), patient=False) as watcher, Waiter(path_of(url), patient=True) as waiter:
        cost = cost_of(processes, *wish)
    return cost, watcher.longest, waiter.longest


def bare(processes: Processes, *arguments: str | Path) -> dict[str, float]:
    said: dict[str, float] = cost_of(processes, *BARE, *arguments, python=True).said
    return said


def cryptography(count: int) -> float:
    """CPU seconds of drawing, digesting and sealing so many codes."""
    vault = Vault({"k1": KEY}, "k1")
    began = time.process_time()
    for text in generate_many(DEFAULT_SHAPE, count):
        digest = vault.digest(canonical(text))
        vault.encrypt(text, row=code_row(digest))
    return time.process_time() - began


@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("count", "rounds"), [(FEW, ROUNDS), (MANY, 1)])
def test_one_batch(
    backend: str, count: int, rounds: int, processes: Processes, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    server: PostgresServer | None = None
    if backend == "postgresql":
        server = PostgresServer(durable=True)
        server.__enter__()
        request.addfinalizer(server.close)
    databases = Databases(tmp_path, server)
    settle(processes, "", KEY)
    costs: list[Cost] = []
    reads: list[Cost] = []
    locks: list[float] = []
    waits: list[float] = []
    floors: dict[str, list[dict[str, float]]] = {"write": [], "write-ordered": [], "read": []}
    out, again, bare_out = (tmp_path / name for name in ("out.txt", "again.txt", "bare.txt"))
    for _ in range(rounds):
        for order in ("write", "write-ordered"):
            with databases.fresh() as url:
                floors[order].append(bare(processes, order, url, str(count)))
        with databases.fresh() as url:
            settle(processes, url, KEY)
            cost, lock, wait = generate(processes, url, count, out)
            costs.append(cost)
            locks.append(lock)
            waits.append(wait)
            floors["read"].append(bare(processes, "read", url, bare_out))
            export = ("code", "export", "--batch", str(cost.said["batch"]), "--out", again)
            reads.append(cost_of(processes, *export))
            assert reads[-1].said["written"] == count
            assert out.read_bytes() == again.read_bytes() == bare_out.read_bytes()
    sealing = cryptography(count)
    plain, ordered, read = floors["write"], floors["write-ordered"], floors["read"]
    name = f"codes_{count}_{backend}"
    driver = "one executemany" if backend == "sqlite" else "one COPY"
    report(name, [cost.seconds for cost in costs], "s", [one["seconds"] for one in plain], floor_name=driver)
    report(
        f"{name}_ordered", [cost.seconds for cost in costs], "s", [one["seconds"] for one in ordered],
        floor_name=f"{driver}, rows in the order of their digests",
    )  # fmt: skip
    if backend == "sqlite":  # a server's work is not in the processes that are watched here
        report(f"{name}_cpu", [cost.cpu for cost in costs], "CPU s", [one["cpu"] for one in plain], floor_name=driver)
    report(f"{name}_cryptography", [sealing], "CPU s", [cost.cpu for cost in costs], floor_name="all of the command")
    report(f"{name}_peak", [cost.peak for cost in costs], "MB", 200.0, floor_name="most that is allowed")
    if backend == "sqlite":
        report(f"{name}_lock", locks, "s", 0.5, floor_name="longest lock that is allowed")
        report(f"{name}_wait", waits, "s", locks, floor_name="longest lock")
    report(
        f"{name}_export", [cost.seconds for cost in reads], "s", [one["seconds"] for one in read],
        floor_name="bare SELECT, decrypted and written",
    )  # fmt: skip
    report(f"{name}_export_peak", [cost.peak for cost in reads], "MB", 200.0, floor_name="most that is allowed")
    assert max(cost.peak for cost in costs + reads) <= 200
