"""What a server is set to that loses rows, or that waits for ever, is told of."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.actors import SYSTEM
from core.reports.doctor import examine
from core.reports.server_checks import ENDS, KEEPS
from core.service import open_core
from tests.support.house import settings_for
from tests.support.postgres import PostgresServer

REPLICATED = ("wal_level=replica", "max_wal_senders=4")


async def told(url: str, check: tuple[str, str] = KEEPS) -> str:
    async with open_core(settings_for(url)) as core:
        [found] = [one for one in await examine(core, SYSTEM) if one.name == check[0]]
    assert (found.breaches, bool(found.warnings)) == (0, bool(found.detail))
    return found.detail


async def test_what_a_power_cut_may_take_is_named(postgres: PostgresServer, postgres_url: str) -> None:
    assert await told(postgres_url) == "fsync is off; full_page_writes is off"
    postgres.psql(f"ALTER DATABASE {postgres_url.rpartition('/')[2]} SET synchronous_commit = off")
    assert await told(postgres_url) == "fsync is off; full_page_writes is off; synchronous_commit is off"
    assert await told(postgres_url, ENDS) == ""


async def test_a_replica_that_no_commit_waits_for_is_named() -> None:
    with PostgresServer(durable=True, settings=REPLICATED) as server:
        url = server.create_database()
        assert await told(url) == ""
        with receiving(server, "elsewhere"):
            assert await told(url) == (
                "1 replicas and none is synchronous: set synchronous_standby_names, or Patroni's synchronous_mode"
            )
            server.psql("CREATE ROLE plain LOGIN; GRANT pg_read_all_data TO plain")
            assert "1 replicas" in await told(url.replace("//postgres@", "//plain@")), (
                "also to who may not look closely"
            )
            server.psql("ALTER SYSTEM SET synchronous_standby_names = 'elsewhere'")
            server.psql("SELECT pg_reload_conf()")
            wait_until(server, "SHOW synchronous_standby_names", "elsewhere")
            assert await told(url) == ""
            server.psql(f"ALTER DATABASE {url.rpartition('/')[2]} SET synchronous_commit = local")
            assert await told(url) == "synchronous_commit is local, which waits for no replica"


@contextmanager
def receiving(server: PostgresServer, name: str) -> Iterator[None]:
    """Somebody to whom everything is sent, and who says when it is on the disk."""
    place = server.home / "received"
    address = f"host=127.0.0.1 port={server.port} user=postgres application_name={name}"
    asked: list[str | Path] = [
        server.programs / "pg_receivewal",
        "-D",
        place,
        "-d",
        address,
        "--synchronous",
        "--no-loop",
    ]
    subprocess.run(["mkdir", place], check=True, **server.identity)
    receiver = subprocess.Popen(asked, **server.identity)
    try:
        wait_until(server, "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'", "1")
        yield
    finally:
        receiver.kill()
        receiver.wait(60)


def wait_until(server: PostgresServer, asked: str, answer: str) -> None:
    deadline = time.monotonic() + 240
    while server.psql(asked) != answer:
        assert time.monotonic() < deadline, asked
        time.sleep(0.05)
