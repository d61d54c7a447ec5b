"""Usher as an operator runs it: real processes, which can be stopped, frozen and killed at any line.

Everything here blocks. A test whose emulators live in its own event loop waits beside it:
`await asyncio.to_thread(process.wait_for_line, "ready")`.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from tests.support.forking import CAN_COPY, MODULES, Forked, forker, set_up

REPOSITORY = Path(__file__).resolve().parents[2]
PATIENCE = 240.0
"""Seconds until a wait gives up; generous, because several suites may share the machine."""


@dataclass(frozen=True)
class Finished:
    """What a process left behind."""

    arguments: tuple[str, ...]
    code: int
    out: str
    err: str

    def json(self) -> Any:
        """The one JSON document on standard output."""
        try:
            return json.loads(self.out)
        except ValueError as error:
            raise AssertionError(f"not one JSON document: {error}\n{self}") from error

    def expect(self, code: int = 0) -> Finished:
        """Return the process if it ended with `code`, else fail with everything it said."""
        assert self.code == code, f"expected exit code {code}\n{self}"
        return self

    def __str__(self) -> str:
        return f"{' '.join(self.arguments)} → {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


class Running:
    """A process at work. Both of its outputs are read all the time, so that it never waits for us."""

    def __init__(
        self,
        arguments: tuple[str, ...],
        environment: Mapping[str, str],
        directory: Path,
        feed: str | None,
        *,
        copied: bool = False,
    ) -> None:
        self.arguments = arguments
        self._process = _begun(arguments, environment, directory, copied=copied)
        self._news = threading.Condition()
        self._out: list[str] = []
        self._err: list[str] = []
        self._readers = [
            threading.Thread(target=self._read, args=(pipe, lines), daemon=True)
            for pipe, lines in ((self._process.stdout, self._out), (self._process.stderr, self._err))
        ]
        for reader in self._readers:
            reader.start()
        if feed is not None:
            self.write(feed, close=True)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def out(self) -> str:
        """Standard output so far."""
        with self._news:
            return "".join(self._out)

    @property
    def err(self) -> str:
        """Standard error so far."""
        with self._news:
            return "".join(self._err)

    def write(self, text: str, *, close: bool = False) -> None:
        """Type `text`; nothing happens if nobody reads any more."""
        stdin = self._process.stdin
        if stdin is None or stdin.closed:
            return
        with contextlib.suppress(BrokenPipeError):
            stdin.write(text)
            stdin.flush()
        if close:
            with contextlib.suppress(BrokenPipeError):
                stdin.close()

    def wait_for_line(self, pattern: str, *, timeout: float = PATIENCE) -> str:
        """Return the first line of either output that contains the regular expression `pattern`.

        Raises: AssertionError with all output if the process ends or `timeout` seconds pass before.
        """
        wanted = re.compile(pattern)
        deadline = time.monotonic() + timeout
        with self._news:
            while True:
                for line in (*self._out, *self._err):
                    if wanted.search(line):
                        return line.rstrip("\n")
                left = deadline - time.monotonic()
                if left <= 0 or not any(reader.is_alive() for reader in self._readers):
                    break
                self._news.wait(min(left, 0.2))
        raise AssertionError(f"no line like {pattern!r} within {timeout} s\n{self.so_far()}")

    def finish(self, *, timeout: float = PATIENCE) -> Finished:
        """Wait for the end and return it; a process that does not come to one is killed and fails the test."""
        try:
            code = self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"still running after {timeout} s\n{self.so_far()}") from None
        for reader in self._readers:
            reader.join(PATIENCE)
        return Finished(self.arguments, code, self.out, self.err)

    def kill(self) -> Finished:
        """SIGKILL: no clean-up, no last words."""
        self._send(signal.SIGKILL)
        return self.finish()

    def terminate(self, *, timeout: float = PATIENCE) -> Finished:
        """SIGTERM, and wait for the orderly end."""
        self._send(signal.SIGTERM)
        return self.finish(timeout=timeout)

    def freeze(self) -> None:
        """SIGSTOP: alive, holding all it holds, and doing nothing."""
        self._send(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT: go on as if no time had passed."""
        self._send(signal.SIGCONT)

    def close(self) -> None:
        """Kill what is left, children included, and give the pipes back."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(PATIENCE)
        for reader in self._readers:
            reader.join(PATIENCE)
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        if isinstance(self._process, Forked):
            self._process.close()

    def so_far(self) -> str:
        """All output up to now, for messages."""
        return str(Finished(self.arguments, self._process.poll() or 0, self.out, self.err))

    def _send(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)

    def _read(self, pipe: IO[str] | None, lines: list[str]) -> None:
        if pipe is None:
            return
        for line in pipe:
            with self._news:
                lines.append(line)
                self._news.notify_all()
        with self._news:
            self._news.notify_all()


def _begun(
    arguments: tuple[str, ...], environment: Mapping[str, str], directory: Path, *, copied: bool
) -> subprocess.Popen[str] | Forked:
    if copied:
        return forker(environment).start(arguments[2], arguments[3:], environment, directory)
    return subprocess.Popen(
        arguments,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(environment),
        cwd=directory,
        text=True,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )


class Processes:
    """Starts Usher processes in one directory with one environment; whatever is left at the end is killed.

    Usher begins as a copy of a process that has loaded it, where the system can do that; with `fresh` everything begins
    with an interpreter of its own, as for an operator: what starting costs, and what a process keeps, shows only there.
    """

    def __init__(self, directory: Path, environment: Mapping[str, str] | None = None, *, fresh: bool = False) -> None:
        self.directory = directory
        self.environment = _bare_environment(directory) | dict(environment or {})
        self.fresh = fresh
        self._started: list[Running] = []

    def start(self, *arguments: str | Path, feed: str | None = "", **environment: str) -> Running:
        """Start `usher ARGUMENTS` and return at once; keywords are added to its environment.

        `feed` is typed into it, followed by the end of input; with None the input stays open for `write`.
        """
        return self.start_python("-m", "admin_cli", *arguments, feed=feed, **environment)

    def start_python(self, *arguments: str | Path, feed: str | None = "", **environment: str) -> Running:
        """Start this interpreter with any arguments."""
        command = (sys.executable, *(str(argument) for argument in arguments))
        given = self.environment | environment
        usual = set_up(given) == set_up(_bare_environment(self.directory))
        copied = usual and not self.fresh and command[1] == "-m" and command[2] in MODULES and CAN_COPY
        running = Running(command, given, self.directory, feed, copied=copied)
        self._started.append(running)
        return running

    def run(self, *arguments: str | Path, feed: str = "", timeout: float = PATIENCE, **environment: str) -> Finished:
        """Run `usher ARGUMENTS` to its end."""
        return self.start(*arguments, feed=feed, **environment).finish(timeout=timeout)

    def json(self, *arguments: str | Path, code: int = 0, timeout: float = PATIENCE, **environment: str) -> Any:
        """Run `usher ARGUMENTS --json`, expect the exit code `code` and return the document it printed."""
        return self.run(*arguments, "--json", timeout=timeout, **environment).expect(code).json()

    def close(self) -> None:
        """End everything that was started here, and only that."""
        for running in self._started:
            running.close()
        self._started.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _bare_environment(home: Path) -> dict[str, str]:
    """What a fresh login has: no setting of the machine that runs the tests reaches the process."""
    kept = {name: os.environ[name] for name in ("PATH", "TZ", "TMPDIR") if name in os.environ}
    return kept | {
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(REPOSITORY),
        "PYTHONUNBUFFERED": "1",
        "USHER_UPSTREAM__PRIVATE_HOSTS": '["127.0.0.1", "localhost"]',
        # Compiled once for all processes of all tests, and nothing is written beside the source.
        "PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / f"usher-pycache-{os.getuid()}"),
    }
