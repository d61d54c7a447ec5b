"""A real Redis for tests: started in a moment, holding nothing but what is in its memory.

The server comes with a wheel of the tests' environment and listens on a free loopback port. It is gone when the test
process ends, however that ends: a small shell waits on a pipe for it.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.ports import free_port

START_SECONDS = 60.0
# What is dumped is not compressed: a test that looks for a word in it must find it.
SETTINGS = ("--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--rdbcompression", "no")

# Waits until the pipe to the test process closes, then kills the server, also one that was stopped.
REAPER = """
trap '' INT TERM HUP
read _ || true
pid=$(cat "$1/pid" 2>/dev/null) && kill -KILL "$pid" 2>/dev/null
rm -rf "$1"
"""


class RedisServer:
    """One server, to be started, stopped, frozen and killed at will. Each start finds it empty, on the same port."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="usher-redis-"))
        self._reaper = subprocess.Popen(
            ["/bin/sh", "-c", REAPER, "reaper", str(self.home)], stdin=subprocess.PIPE, start_new_session=True
        )
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> Self:
        """Start it unless it runs, and return once it answers."""
        if self._process is None:
            with (self.home / "log").open("ab") as log:
                self._process = subprocess.Popen(
                    [_program(), "--port", str(self.port), *SETTINGS],
                    cwd=self.home,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            (self.home / "pid").write_text(str(self._process.pid))
            deadline = time.monotonic() + START_SECONDS
            while not self._answers():
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"redis-server did not start: {(self.home / 'log').read_text()}")
                time.sleep(0.02)
        return self

    def kill(self) -> None:
        """End it at once, with all it holds."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait(START_SECONDS)
            self._process = None
        (self.home / "pid").unlink(missing_ok=True)

    def freeze(self) -> None:
        """From now on it takes connections and says nothing."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def close(self) -> None:
        self.kill()
        if self._reaper.stdin is not None:
            self._reaper.stdin.close()
        self._reaper.wait(START_SECONDS)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as line:
                line.sendall(b"PING\r\n")
                return line.recv(7) == b"+PONG\r\n"
        except OSError:
            return False


def _program() -> str:
    # Beside this Python, where the wheel puts it; its module, which takes the place of others' clients, stays out.
    beside = str(Path(sys.executable).parent)
    found = shutil.which("redis-server", path=os.pathsep.join([beside, os.environ.get("PATH", os.defpath)]))
    if found is None:
        raise RuntimeError("redis-server is not installed: `make test` installs it")
    return found
