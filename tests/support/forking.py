"""Processes of Usher that begin as copies of one that has imported everything.

Loading takes a command ten times as long as its work. A copy has a number, an environment, a directory, pipes and a
session of its own; it is stopped, frozen and killed like any other, and runs what `python -m` would run. What a fresh
interpreter does on its way there is left out, so tests of starting begin one (`Processes(fresh=True)`).
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import importlib
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Final

MODULES: Final = frozenset(
    {"admin_cli", "tests.torture.worker", "tests.support.move_somebody", "tests.support.sweep_somewhere"}
)
"""What may run in a copy: nothing here looks at how its interpreter came about."""
CAN_COPY: Final = sys.platform == "linux"
"""Elsewhere system libraries forbid it to whoever has loaded them."""
WORD: Final = 8
"""Bytes of a number on the line between the one who asks, the one who is copied, and the copy."""
LIBRARIES: Final = (
    "aiosqlite", "alembic.command", "alembic.ddl.sqlite", "asyncpg", "httpx_aiohttp", "rich.table",
    "sqlalchemy.dialects.postgresql.asyncpg", "sqlalchemy.dialects.sqlite.aiosqlite", "sqlalchemy.ext.asyncio", "uvloop",
)  # fmt: skip
"""What commands load late; charts stay out, because NumPy begins threads, which no copy would have."""


class Forked:
    """A running copy, with as much of `subprocess.Popen` as is asked of it."""

    def __init__(self, line: socket.socket, pipes: tuple[IO[str], IO[str], IO[str]]) -> None:
        self._line = line
        self._lock = threading.Lock()
        self._code: int | None = None
        self.stdin, self.stdout, self.stderr = pipes
        self.pid = _read_number(line)

    def poll(self) -> int | None:
        """The exit code, negative for a signal, or None while it runs."""
        with self._lock:
            if self._code is None and select.select([self._line], [], [], 0)[0]:
                self._code = os.waitstatus_to_exitcode(_read_number(self._line))
            return self._code

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the exit code. Raises: subprocess.TimeoutExpired after `timeout` seconds."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            select.select([self._line], [], [], left)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def close(self) -> None:
        """Give the line back, once nothing more is asked."""
        with self._lock:
            self._line.close()


class Forker:
    """The process that is copied. It and its copies end with the one that started it, however that ends."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._lock = threading.Lock()
        self._control, other = socket.socketpair()
        with other:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(other.fileno())],
                stdin=subprocess.DEVNULL,
                env=dict(environment),
                pass_fds=[other.fileno()],
                start_new_session=True,
            )
        atexit.register(self.close)

    def start(self, module: str, arguments: Sequence[str], environment: Mapping[str, str], directory: Path) -> Forked:
        """Begin `python -m module arguments` as a copy."""
        mine, theirs = socket.socketpair()
        reads, writes = zip(os.pipe(), os.pipe(), os.pipe(), strict=True)
        given = [reads[0], writes[1], writes[2]]
        asked = json.dumps([module, list(arguments), dict(environment), str(directory)]).encode()
        with self._lock:
            socket.send_fds(self._control, [b"?"], [theirs.fileno(), *given])
        theirs.close()
        for end in given:
            os.close(end)
        mine.sendall(len(asked).to_bytes(WORD) + asked)
        pipes = [
            open(end, how, encoding="utf-8", errors="replace")  # noqa: PTH123, SIM115 - a pipe, closed by its owner
            for end, how in ((writes[0], "w"), (reads[1], "r"), (reads[2], "r"))
        ]
        return Forked(mine, (pipes[0], pipes[1], pipes[2]))

    def close(self) -> None:
        self._control.close()
        self._process.wait()


_starting = threading.Lock()


def forker(environment: Mapping[str, str]) -> Forker:
    """The one of this process, started when it is first asked for."""
    with _starting:
        return _only(tuple(sorted(set_up(environment).items())))


@functools.cache
def _only(environment: tuple[tuple[str, str], ...]) -> Forker:
    return Forker(dict(environment))


def set_up(environment: Mapping[str, str]) -> dict[str, str]:
    """What an interpreter reads when it begins: a copy comes too late for it."""
    return {name: value for name, value in environment.items() if name.startswith(("PYTHON", "LC_", "LANG"))}


def _serve(control: socket.socket) -> tuple[socket.socket, list[int]] | None:
    """Copy this process for whoever asks; in a copy return its line and its three pipes, at the end None."""
    woken, waking = os.pipe()
    for end in (woken, waking):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(waking, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    lines: dict[int, socket.socket] = {}
    while True:
        ready, _, _ = select.select([control.fileno(), woken], [], [])
        if woken in ready:
            os.read(woken, 4096)
            _tell_ends(lines)
        if control.fileno() not in ready:
            continue
        asked, found, _, _ = socket.recv_fds(control, 1, 4)
        if not asked:
            for number in lines:  # not waited for yet, so the number is still the copy's
                os.kill(number, signal.SIGKILL)
            return None
        line = socket.socket(fileno=found[0])
        number = os.fork()
        if not number:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for other in (control, *lines.values()):
                other.close()
            os.close(woken)
            os.close(waking)
            return line, found[1:]
        lines[number] = line
        for end in found[1:]:
            os.close(end)


def _tell_ends(lines: dict[int, socket.socket]) -> None:
    while lines:
        number, status = os.waitpid(-1, os.WNOHANG)
        if not number:
            return
        with lines.pop(number) as line, contextlib.suppress(OSError):
            line.sendall(status.to_bytes(WORD))


def _become(line: socket.socket, pipes: list[int]) -> None:
    """Be what was asked for, to the end."""
    os.setsid()
    module, arguments, environment, directory = json.loads(_read(line, _read_number(line)))
    for standard, pipe in enumerate(pipes):
        os.dup2(pipe, standard)
        os.close(pipe)
    os.chdir(directory)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    importlib.reload(importlib.import_module("core.crashpoints"))  # where to die is read when it is loaded
    sys.argv[1:] = arguments
    sys.orig_argv[:] = [sys.executable, "-m", module, *arguments]
    line.sendall(os.getpid().to_bytes(WORD))
    line.close()
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as leaving:
        _exit_codes.append(leaving.code)
        raise


_exit_codes: list[object] = []


def _leave_at_once() -> None:
    """Take nothing apart: that would copy all that is shared, and the threads and whoever asked have been seen to."""
    if _exit_codes and isinstance(_exit_codes[0], int):
        os._exit(_exit_codes[0])


def _read_number(line: socket.socket) -> int:
    return int.from_bytes(_read(line, WORD))


def _read(line: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        more = line.recv(count - len(found))
        if not more:
            raise RuntimeError("the process that is copied has ended")
        found += more
    return found


def _load() -> None:
    import gc

    gc.disable()
    for package in ("core", "bots", "admin_cli"):
        for found in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            if not found.name.endswith(".__main__") and ".migrations." not in found.name:
                importlib.import_module(found.name)
    for name in LIBRARIES:
        importlib.import_module(name)
    gc.enable()
    gc.freeze()  # a look for garbage would copy every page that is shared
    assert threading.active_count() == 1, "a copy would miss the others"


if __name__ == "__main__":
    atexit.register(_leave_at_once)  # before all others, so it comes after all others
    _load()
    begun = _serve(socket.socket(fileno=int(sys.argv[1])))
    if begun is not None:
        _become(*begun)
