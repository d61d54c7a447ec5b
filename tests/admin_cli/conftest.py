"""An installed Usher as a script meets it: a configuration, a database, a simulated upstream, and commands."""

from __future__ import annotations

import json
import shutil
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from admin_cli.app import run_command
from tests.support.processes import Finished, Processes, Running

Call = Callable[..., Any]


@dataclass
class Installed:
    """`usher` with a configuration; `sandbox` is set by `open_sandbox`."""

    processes: Processes
    directory: Path
    sandbox: str = ""

    def json(self, *arguments: str | Path, code: int = 0, **environment: Any) -> Any:
        return self.processes.json(*arguments, code=code, **environment)

    def run(self, *arguments: str | Path, feed: str = "", **environment: Any) -> Finished:
        return self.processes.run(*arguments, feed=feed, **environment)

    def start(self, *arguments: str | Path, **environment: Any) -> Running:
        return self.processes.start(*arguments, **environment)

    def open_sandbox(self, *arguments: str, workspaces: int = 1, seats: int = 4) -> Running:
        """Start the simulated upstream and import its workspaces as teams."""
        sessions = self.directory / "sessions.jsonl"
        served = self.start(
            "sandbox", "--port", "0", "--workspaces", str(workspaces), "--seats", str(seats), "--latency-ms", "5",
            "--sessions", sessions, *arguments,
        )  # fmt: skip
        self.sandbox = served.wait_for_line("^ready ").split()[1]
        lines = [{**json.loads(line), "seats": seats} for line in sessions.read_text().splitlines()]
        sessions.write_text("".join(json.dumps(line) + "\n" for line in lines))
        imported = self.json("team", "import", sessions, "--yes")
        assert imported["created"] == workspaces
        return served

    def ledger(self) -> Any:
        with urllib.request.urlopen(f"{self.sandbox}/_sandbox/ledger") as answer:
            return json.load(answer)

    def set_faults(self, *faults: str) -> None:
        body = json.dumps({"faults": faults}).encode()
        urllib.request.urlopen(f"{self.sandbox}/_sandbox/faults", body).close()

    def accept(self, address: str) -> None:
        body = json.dumps({"email": address}).encode()
        urllib.request.urlopen(f"{self.sandbox}/_sandbox/accept", body).close()

    def codes(self, count: int, *arguments: str) -> list[str]:
        made: list[str] = self.json("code", "generate", "--count", str(count), "--override", *arguments)["codes"]
        return made


@pytest.fixture
def install(processes: Processes, tmp_path: Path) -> Callable[..., Installed]:
    """Run `usher init` and point every later command at what it wrote."""

    # What `init` writes has to be enough for a sandbox: nobody's environment helps it.
    processes.environment.pop("USHER_UPSTREAM__PRIVATE_HOSTS", None)

    def init(*arguments: str) -> Installed:
        written = processes.json("init", "--dir", tmp_path / "usher", *arguments)
        processes.environment["USHER_CONFIG"] = written["config"]
        return Installed(processes, tmp_path)

    return init


@pytest.fixture
def usher(install: Callable[..., Installed], migrated_file: Path, tmp_path: Path) -> Installed:
    """On a SQLite file of its own, which is there already: making the schema is nine tenths of what `init` costs."""
    (tmp_path / "usher").mkdir()
    shutil.copy(migrated_file, tmp_path / "usher" / "usher.db")
    return install()


@pytest.fixture
def usher_on_each(install: Callable[..., Installed], database_url: str) -> Installed:
    """On SQLite and on PostgreSQL in turn."""
    return install("--database", database_url)


@pytest.fixture
def call(usher: Installed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Run a command in this process and return its JSON document."""
    for name, value in usher.processes.environment.items():
        if name.startswith("USHER_"):
            monkeypatch.setenv(name, value)

    def run(*arguments: str, code: int = 0) -> Any:
        capsys.readouterr()
        assert run_command([*arguments, "--json"]) == code, capsys.readouterr()
        return json.loads(capsys.readouterr().out)

    return run
