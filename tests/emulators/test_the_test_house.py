"""The tools that other tests trust: a helper that lets a fault through makes every test above it lie."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import asyncpg
import psutil
import pytest

from tests.mutants import targets
from tests.support import loopback
from tests.support.postgres import PostgresServer
from tests.support.processes import Processes


async def _value(url: str, sql: str) -> object:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


@pytest.mark.slow
async def test_a_killed_server_keeps_what_was_committed_and_answers_at_the_same_address(postgres: PostgresServer):
    url = postgres.create_database(empty=True)
    await _value(url, "CREATE TABLE kept (n int)")
    await _value(url, "INSERT INTO kept VALUES (7)")

    postgres.kill()
    with pytest.raises(OSError):  # noqa: PT011 — which one depends on how far the kernel has come
        await _value(url, "SELECT 1")
    postgres.start()

    assert await _value(url, "SELECT n FROM kept") == 7
    postgres.drop_database(url)


@pytest.mark.slow
async def test_connections_to_one_database_can_be_cut_without_touching_the_others(postgres: PostgresServer):
    ours, theirs = postgres.create_database(empty=True), postgres.create_database(empty=True)
    cut = await asyncpg.connect(ours.replace("+asyncpg", ""))
    kept = await asyncpg.connect(theirs.replace("+asyncpg", ""))

    assert postgres.terminate_connections(ours) == 1

    with pytest.raises((asyncpg.PostgresError, OSError)):
        await cut.fetchval("SELECT 1")
    assert await kept.fetchval("SELECT 1") == 1
    await kept.close()
    for url in (ours, theirs):
        postgres.drop_database(url)


@pytest.mark.slow
def test_a_server_leaves_nothing_behind_when_its_owner_is_killed(processes: Processes):
    owner = (
        "from tests.support.postgres import PostgresServer\n"
        "server = PostgresServer().start()\n"
        "print('at', server.port, server.home, server.data, flush=True)\n"
        "input()\n"
    )
    running = processes.start_python("-c", owner, feed=None)
    _, port, *places = running.wait_for_line("^at ").split()
    with socket.create_connection(("127.0.0.1", int(port))):
        assert all(Path(place).exists() for place in places)

    running.kill()

    _until(lambda: not any(Path(place).exists() for place in places))
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(port)))


def test_leaving_the_machine_is_stopped_and_noted():
    with socket.socket() as wanderer, pytest.raises(loopback.LeftTheMachine):
        wanderer.connect(("192.0.2.1", 80))
    with pytest.raises(loopback.LeftTheMachine):
        socket.getaddrinfo("example.org", 443)

    assert len(loopback.attempts) == 2
    loopback.attempts.clear()


@pytest.mark.slow
def test_a_forgotten_task_fails_the_test_that_started_it(tmp_path: Path):
    (tmp_path / "test_forgets.py").write_text(
        "import asyncio\n"
        "async def test_forgets():\n"
        "    globals()['kept'] = asyncio.get_running_loop().create_task(asyncio.sleep(60))\n"
    )
    arguments = ["-p", "tests.conftest", "-p", "no:cacheprovider", "-c", "pyproject.toml", str(tmp_path)]
    done = subprocess.run([sys.executable, "-m", "pytest", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "tasks still running after the test" in done.stdout


@pytest.mark.slow
def test_a_copied_process_is_one_of_its_own(processes: Processes, tmp_path: Path):
    """Its directory, its environment, its streams, its session and its end; a fresh one answers the same."""
    fresh = Processes(tmp_path, fresh=True)
    wrong = [each.run("status", "--json", USHER_CONFIG="nowhere.toml").expect(3) for each in (processes, fresh)]
    assert wrong[0].out == wrong[1].out
    said = [each.run("reedem").expect(2) for each in (processes, fresh)]
    assert (said[0].out, said[0].err) == (said[1].out, said[1].err)
    fresh.close()

    made = processes.json("init", "--dir", "here")
    assert made["config"] == str(tmp_path / "here" / "config.toml")
    running = [processes.start("run", "--only", "worker", USHER_CONFIG=made["config"]) for _ in range(2)]
    for one in running:
        one.wait_for_line("serving")
    assert len({os.getpid(), os.getpgid(0), *(os.getsid(one.pid) for one in running)}) >= 3
    running[0].freeze()
    assert running[0].alive
    assert running[0].kill().code == -signal.SIGKILL
    assert running[1].alive
    assert running[1].terminate().code == 0
    assert processes.run("redeem", "a@example.com", "-", feed="TEAM-1\n", USHER_CONFIG=made["config"]).code == 1


@pytest.mark.slow
def test_what_is_copied_ends_with_whoever_started_it(tmp_path: Path):
    owner = (
        "from pathlib import Path\n"
        "from tests.support import forking, processes\n"
        f"started = processes.Processes(Path({str(tmp_path)!r}))\n"
        "copy = started.start('sandbox', '--port', '0')\n"
        "copy.wait_for_line('ready')\n"
        "print('at', forking.forker(started.environment)._process.pid, copy.pid, flush=True)\n"
        "input()\n"
    )
    with Processes(tmp_path) as processes:
        running = processes.start_python("-c", owner, feed=None)
        there = [psutil.Process(int(number)) for number in running.wait_for_line("^at ").split()[1:]]
        assert len(there) == 2
        running.kill()
        _until(lambda: all(not one.is_running() or one.status() == psutil.STATUS_ZOMBIE for one in there))


@pytest.mark.slow
def test_a_process_is_read_frozen_and_ended(processes: Processes):
    script = "import time\nprint('ready', flush=True)\nwhile True: time.sleep(0.05)"
    running = processes.start_python("-c", script)
    assert running.wait_for_line("^ready") == "ready"
    running.freeze()
    assert running.alive
    running.thaw()
    assert running.terminate().code == -15


@pytest.mark.slow
def test_a_line_that_never_comes_fails_with_everything_that_was_said(processes: Processes):
    running = processes.start_python("-c", "import sys; print('one'); print('two', file=sys.stderr)")
    with pytest.raises(AssertionError, match=r"(?s)no line like.*one.*two"):
        running.wait_for_line("three")


@pytest.mark.slow
async def test_waiting_for_a_process_leaves_the_loop_free(processes: Processes):
    running = processes.start_python("-c", "import time; time.sleep(0.3); print('done')")
    turns = 0
    waiting = asyncio.ensure_future(asyncio.to_thread(running.wait_for_line, "done"))
    while not waiting.done():
        turns += 1
        await asyncio.sleep(0.01)
    assert turns > 5


def _until(condition) -> None:
    import time

    deadline = time.monotonic() + 240
    while not condition():
        assert time.monotonic() < deadline, "it did not happen within 20 s"
        time.sleep(0.05)


def test_what_is_mutated_has_the_tests_that_are_to_notice():
    missing = {
        (path, test)
        for path, tests in targets.tests_of().items()
        for test in tests
        if not (targets.REPOSITORY / test).exists()
    }
    assert missing == set()
