"""A real PgBouncer between a test and its PostgreSQL, where the machine has one.

It is a program of the distribution and comes with no wheel. Where it is missing, what is told of poolers is tried on
PostgreSQL itself, and the end of the test run says so (`tests/conftest.py`).
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.support.ports import free_port
from tests.support.postgres import SUPERUSER, PostgresServer

START_SECONDS = 60.0
CONFIGURATION = """
[databases]
* = host=127.0.0.1 port={server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {home}/users
admin_users = {admin}
pool_mode = {mode}
default_pool_size = {connections}
max_client_conn = 200
"""


def program() -> str | None:
    """Where PgBouncer is, or None."""
    return shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


class PgBouncer:
    """One pooler before `server`, in `mode`, with so few connections to it that the clients have to share them."""

    def __init__(self, server: PostgresServer, mode: str, connections: int = 4) -> None:
        self.server, self.mode, self.connections = server, mode, connections
        self.there = program() is not None

    def url(self, direct: str, *, pooler: str | None = None) -> str:
        """The URL by which the database `direct` is reached through the pooler."""
        direct = direct.replace(f":{self.server.port}/", f":{self._port}/") if self.there else direct
        return f"{direct}?pooler={pooler or self.mode}"

    def reconnect(self) -> None:
        """Let it make its connections to the server anew."""
        if self.there:
            self.server.psql("RECONNECT", "pgbouncer", port=self._port)

    def __enter__(self) -> Self:
        if self.there:
            self._start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.there:
            self._process.kill()
            self._process.wait(START_SECONDS)
            shutil.rmtree(self._home)

    def _start(self) -> None:
        self._home = Path(tempfile.mkdtemp(prefix="usher-pgbouncer-"))
        self._port = free_port()
        (self._home / "users").write_text(f'"{SUPERUSER}" ""\n"usher_app" ""\n')
        (self._home / "ini").write_text(
            CONFIGURATION.format(
                server=self.server.port, port=self._port, home=self._home, admin=SUPERUSER, mode=self.mode,
                connections=self.connections,
            )
        )  # fmt: skip
        user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None  # it refuses to run as root
        if user is not None:
            for path in (self._home, *self._home.iterdir()):
                os.chown(path, user.pw_uid, user.pw_gid)
        identity: dict[str, Any] = {}
        if user is not None:
            identity = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        with (self._home / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(program()), "-q", self._home / "ini"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **identity,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PgBouncer did not start: {(self._home / 'log').read_text()}")
            time.sleep(0.02)

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self._port)) == 0
