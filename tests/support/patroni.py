"""A real cluster: two PostgreSQL nodes under Patroni, one leading, and an arbiter, so that one node may die.

Everything comes with wheels: Patroni, its consensus (raft, between the three), and the programs of PostgreSQL that the
other tests use as well. It is gone with its data when the test process ends, however it ends.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil

from tests.support.ports import free_ports
from tests.support.postgres import SUPERUSER, PostgresServer

PATIENCE = 240.0
TTL = 20
"""Seconds without a word after which a leader counts as dead: the least that Patroni takes."""
NODES = ("one", "two")
ARBITER = "arbiter"

# Waits until the pipe to the test process closes, then ends whatever was started here.
REAPER = """
trap '' INT TERM HUP
read _ || true
for file in "$1"/*.pid "$1"/*/data/postmaster.pid; do
  [ -f "$file" ] && kill -KILL "$(head -n 1 "$file")" 2>/dev/null
done
sleep 0.3
rm -rf "$1"
"""


class Cluster:
    """Two nodes; what `synchronous` says decides what a commit waits for. `server` lends its programs and its user."""

    def __init__(self, server: PostgresServer, *, synchronous: bool) -> None:
        self._programs, self._identity = server.programs, server.identity
        self._synchronous = synchronous
        self.home = Path(tempfile.mkdtemp(prefix="usher-cluster-"))
        self._reaper = subprocess.Popen(
            ["/bin/sh", "-c", REAPER, "reaper", str(self.home)], stdin=subprocess.PIPE, start_new_session=True
        )
        ports = iter(free_ports(1 + 3 * len(NODES)))
        self._rafts = {name: f"127.0.0.1:{next(ports)}" for name in (*NODES, ARBITER)}
        self._ports = {name: next(ports) for name in NODES}
        self._doors = {name: next(ports) for name in NODES}
        self._started: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def hosts(self) -> str:
        """Both nodes, as a database URL lists them."""
        return ",".join(f"127.0.0.1:{port}" for port in self._ports.values())

    def leader(self) -> str | None:
        """The name of the node that leads and is known to by one that lives; None in between."""
        return next((name for name, role in self.roles().items() if role == "leader"), None)

    def roles(self) -> dict[str, str]:
        """Node → leader, sync_standby, replica …, of those that run, as any node tells it."""
        for name in NODES:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self._doors[name]}/cluster", timeout=5) as answer:
                    members = json.load(answer)["members"]
            except (OSError, ValueError):
                continue
            return {one["name"]: one["role"] for one in members if one.get("state") in {"running", "streaming"}}
        return {}

    def wait_for(self, wanted: Any, what: str) -> None:
        """Until `wanted` of the roles is true. Raises: AssertionError."""
        deadline = time.monotonic() + PATIENCE
        while not wanted(self.roles()):
            assert time.monotonic() < deadline, f"{what}: {self.roles()}\n{self._said()}"
            time.sleep(0.1)

    def wait_until_whole(self) -> None:
        """Until one leads and the other follows as it should."""
        other = "sync_standby" if self._synchronous else "replica"
        self.wait_for(lambda roles: sorted(roles.values()) == sorted(("leader", other)), "the cluster is not whole")

    def kill(self, name: str) -> None:
        """End a node as a power cut does: Patroni, PostgreSQL and all of its children."""
        self._started[name].kill()
        self._started.pop(name).wait(PATIENCE)
        try:
            postmaster = psutil.Process(self._pid_of(name))
            processes = [postmaster, *postmaster.children(recursive=True)]
        except (FileNotFoundError, psutil.NoSuchProcess):
            return
        for process in processes:
            _end(process)

    def switch_over(self) -> None:
        """Let the other one lead, in good order; returns when it does."""
        before = self.leader()
        assert before is not None
        asked = urllib.request.Request(
            f"http://127.0.0.1:{self._doors[before]}/switchover",
            json.dumps({"leader": before}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(asked, timeout=PATIENCE):
            pass
        self.wait_for(lambda roles: "leader" in roles.values() and roles.get(before) != "leader", "nobody took over")

    def cut_off(self) -> psutil.Process:
        """Freeze what a follower receives with: what is committed from now on does not reach it.

        Returns the process. Resumed it ends first, so that it does not read what was sent to it meanwhile.
        """
        [follower] = [name for name in NODES if name != self.leader()]
        children = psutil.Process(self._pid_of(follower)).children()
        [receiver] = [child for child in children if "walreceiver" in " ".join(child.cmdline())]
        receiver.suspend()
        receiver.terminate()
        return receiver

    def psql(self, sql: str, database: str = SUPERUSER) -> str:
        """Ask the leader."""
        name = self.leader()
        assert name is not None
        done = subprocess.run(
            [self._programs / "psql", "-h", "127.0.0.1", "-p", str(self._ports[name]), "-U", SUPERUSER, "-d", database,
             "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql],
            capture_output=True, text=True, check=True, **self._identity,
        )  # fmt: skip
        return done.stdout.strip()

    def __enter__(self) -> Self:
        for name in (ARBITER, *NODES):
            place = self.home / name
            place.mkdir()
            (self.home / f"{name}.json").write_text(json.dumps(self._configuration(name)))
        if "user" in self._identity:
            for path in (self.home, *self.home.rglob("*")):
                os.chown(path, self._identity["user"], self._identity["group"])
        for name in (ARBITER, *NODES):
            self._start(name)
        try:
            self.wait_until_whole()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in [name for name in NODES if name in self._started]:
            self.kill(name)
        self._started[ARBITER].kill()
        self._started[ARBITER].wait(PATIENCE)
        if self._reaper.stdin is not None:
            self._reaper.stdin.close()
        self._reaper.wait(PATIENCE)
        shutil.rmtree(self.home, ignore_errors=True)

    def _start(self, name: str) -> None:
        module = "patroni.raft_controller" if name == ARBITER else "patroni"
        call = f"from {module}{'' if name == ARBITER else '.__main__'} import main; main()"
        with (self.home / f"{name}.log").open("ab") as log:
            self._started[name] = subprocess.Popen(
                [*self._as_somebody(), sys.executable, "-c", call, str(self.home / f"{name}.json")],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={"PATH": os.environ["PATH"], "HOME": str(self.home), "LANG": "C.UTF-8"},
                start_new_session=True,
                cwd=self.home,
            )
        (self.home / f"{name}.pid").write_text(str(self._started[name].pid))

    def _as_somebody(self) -> list[str]:
        """PostgreSQL refuses to run as root; whoever runs instead must still reach the interpreter in root's home."""
        if "user" not in self._identity:
            return []
        who = [f"--reuid={self._identity['user']}", f"--regid={self._identity['group']}", "--clear-groups"]
        return ["setpriv", *who, "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search", "--"]

    def _configuration(self, name: str) -> dict[str, Any]:
        place = self.home / name
        partners = [address for other, address in self._rafts.items() if other != name]
        common = {
            "scope": "usher",
            "name": name,
            "raft": {"data_dir": str(place), "self_addr": self._rafts[name], "partner_addrs": partners},
        }
        if name == ARBITER:
            return common
        address, door = f"127.0.0.1:{self._ports[name]}", f"127.0.0.1:{self._doors[name]}"
        return common | {
            "restapi": {"listen": door, "connect_address": door},
            "bootstrap": {
                "dcs": {
                    "ttl": TTL,
                    "loop_wait": 2,
                    "retry_timeout": 9,
                    "maximum_lag_on_failover": 1 << 30,
                    "synchronous_mode": self._synchronous,
                    "postgresql": {"use_pg_rewind": False, "parameters": {"shared_buffers": "32MB", "max_connections": 100}},
                },
                "initdb": [{"encoding": "UTF8"}, {"locale": "C"}, {"auth": "trust"}],
            },
            "postgresql": {
                "listen": address,
                "connect_address": address,
                "data_dir": str(place / "data"),
                "bin_dir": str(self._programs),
                "pgpass": str(place / "pgpass"),
                "authentication": {"superuser": {"username": SUPERUSER}, "replication": {"username": SUPERUSER}},
                "parameters": {"unix_socket_directories": str(place)},
                "pg_hba": ["local all all trust", "host all all 127.0.0.1/32 trust", "host replication all 127.0.0.1/32 trust"],
            },
        }  # fmt: skip

    def _pid_of(self, name: str) -> int:
        return int((self.home / name / "data" / "postmaster.pid").read_text().split()[0])

    def _said(self) -> str:
        return "\n".join(
            f"--- {log.name}\n{log.read_text(errors='replace')[-1500:]}" for log in self.home.glob("*.log")
        )


def _end(process: psutil.Process) -> None:
    try:
        process.send_signal(signal.SIGKILL)
    except psutil.NoSuchProcess:
        return
